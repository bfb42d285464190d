"""Ticks every 10 ms by absolute deadlines, and how late they were. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

TICK = 0.01
REPORT_TICKS = 500
"""Every five seconds."""
LOST = 1.0
"""After a longer delay (the machine slept) time goes on from now."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of some ticks, in milliseconds."""

    ticks: int
    p50_ms: float
    p99_ms: float
    most_ms: float


class Pace:
    """Of one row of ticks that begins at `start`."""

    def __init__(self, start: float) -> None:
        self._next = start
        self._late: list[float] = []

    def wait(self, now: float) -> float:
        """Seconds until the next tick, 0 when it is due already."""
        self._next += TICK
        if now - self._next > LOST:
            self._next = now
        return max(0.0, self._next - now)

    def began(self, now: float) -> None:
        """The tick that was waited for begins."""
        self._late.append(max(0.0, now - self._next))

    def report(self) -> Lateness | None:
        """Now and then, how late we were since the last time."""
        if len(self._late) < REPORT_TICKS:
            return None
        late = sorted(self._late)
        self._late = []
        at = [1000 * late[int(share * (len(late) - 1))] for share in (0.5, 0.99, 1.0)]
        return Lateness(len(late), *(round(one, 2) for one in at))
