"""What ``ivr serve`` is told: where calls come in, which desk answers them, and how many at once."""
