"""Trying a desk: whole calls from call files, held and judged."""
