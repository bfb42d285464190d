"""Bad input in the log: counted always, written at most once in a while, so that a flood is one line.

Pure, time as an argument. The first offence of a kind is written at once; those that follow within `PERIOD`
are only counted, and the next line says how many there were.
"""

from __future__ import annotations

from collections import Counter

PERIOD = 10.0
"""Seconds between two lines about the same kind of offence."""
MOST_KINDS = 100


class Offences:
    """Those of one listener. `counts` are all since the start, by kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._told: dict[str, tuple[float, int]] = {}

    def note(self, kind: str, who: str, now: float) -> str | None:
        """One more of `kind` by the address `who`; the line to write, None while they are only counted.

        `kind` is one of our own phrases, never the peer's words: those could fill the log and the memory.
        """
        if kind not in self.counts and len(self.counts) >= MOST_KINDS:
            kind = "other bad input"
        self.counts[kind] += 1
        at, before = self._told.get(kind, (-PERIOD, 0))
        if now - at < PERIOD:
            return None
        self._told[kind] = (now, self.counts[kind])
        more = self.counts[kind] - before - 1
        also = f", and {more} more since the last such line" if more and before else ""
        return f"{kind}, from {who}{also}"
