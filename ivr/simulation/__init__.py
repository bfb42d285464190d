"""Synthetic callers: voices, lines, wordings and goals that nobody had to record."""
