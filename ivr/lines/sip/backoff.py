"""How long to wait before the next try at something that failed. Pure."""

from __future__ import annotations

FIRST, LONGEST = 2.0, 120.0


class Backoff:
    """Twice as long each time, and never quite the same as the others who wait.

    `chance` is a number in 0..1 for each wait: lines that lost one PBX together do not all come back at once.
    """

    def __init__(self) -> None:
        self.failures = 0

    def failed(self, chance: float) -> float:
        """Seconds until the next try."""
        self.failures += 1
        longest: float = min(LONGEST, FIRST * 2 ** (self.failures - 1))
        return longest * (0.5 + 0.5 * chance)

    def went_well(self) -> None:
        """The next failure is a first one."""
        self.failures = 0
