"""The floor at work: the rules of distribution with a clock and the durable queue."""
