"""How often a wrong password may be tried. Pure: time is an argument, in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

FREE = 5
"""Wrong passwords in a row that cost nothing."""
FIRST, LONGEST = 2.0, 900.0
"""Seconds of waiting after the first that costs, which double up to the longest."""
MOST = 10_000
"""Names and addresses remembered: a storm from many must not fill the memory."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


@dataclass(slots=True)
class Throttle:
    """Counts failures by key: an account's name, an address. A success forgets the key."""

    _failures: dict[str, _Failures] = field(default_factory=dict)

    def wait(self, key: str, now: float) -> float:
        """Seconds until `key` may try again, 0.0 for now."""
        found = self._failures.get(key)
        return 0.0 if found is None else max(0.0, found.until - now)

    def failed(self, key: str, now: float) -> None:
        """One more wrong password."""
        found = self._failures.pop(key, None) or _Failures()
        self._failures[key] = found  # the latest last
        found.count += 1
        if found.count > FREE:
            found.until = now + min(LONGEST, FIRST * 2 ** min(20, found.count - FREE - 1))
        if len(self._failures) > MOST:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, key: str) -> None:
        """Start counting from nothing."""
        self._failures.pop(key, None)
