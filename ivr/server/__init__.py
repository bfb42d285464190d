"""``ivr serve``: lines that wait for calls, desks that answer them, limits, drain, reload, health."""
