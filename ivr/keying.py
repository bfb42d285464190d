"""Keys on their way to the dialog. Pure; time is an argument.

Who says a wish and at once types the number that it needs means the number for the next question: a key waits
until what was said before it has been read.
"""

from __future__ import annotations

from collections import deque

PATIENCE = 1.5
"""Seconds for which a key waits at most: noise that is taken for speech must not hold it up for longer."""


class Keying:
    """The keys of one call that were pressed and not yet used."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, str]] = deque()

    def press(self, key: str, now: float) -> None:
        """The caller pressed it."""
        self._waiting.append((now, key))

    def next(self, now: float, *, busy: bool) -> str | None:
        """The key that can be used now; `busy`: somebody speaks, or what was said is still being read."""
        if not self._waiting or (busy and now - self._waiting[0][0] < PATIENCE - 1e-6):
            return None
        return self._waiting.popleft()[1]
