"""Persons: the durable queue."""
