"""The handoffs that wait, and how long one more will have to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Entry:
    """A handoff in the line.

    arrived    when it entered first; this, within its priority, is its place
    since      when it entered its present queue
    number     for a call-back, "" when it is not known; None while the caller is on the line
    returned   its operator was lost: first in line of its priority
    attempts   call-backs that were not answered
    not_before when a call-back may be tried next
    ringing    the operators it is offered to, with the time the offer ends
    tried      operators who did not take it, and until when they are not asked again; all others come first
    news       when the caller next hears their position
    delayed    whether they were told that it takes longer
    """

    handoff: int
    queue: str
    priority: int
    arrived: float
    since: float
    skills: frozenset[str]
    number: str | None = None
    returned: bool = False
    attempts: int = 0
    not_before: float = 0.0
    ringing: dict[str, float] = field(default_factory=dict)
    tried: dict[str, float] = field(default_factory=dict)
    news: float = 0.0
    delayed: bool = False

    @property
    def on_line(self) -> bool:
        """Whether the caller holds the line, and not a promise."""
        return self.number is None

    @property
    def rank(self) -> tuple[int, bool, float, int]:
        """Sort key, the smallest first: urgency, then who was cut off, then who came first."""
        return (self.priority, not self.returned, self.arrived, self.handoff)


class Average:
    """A running mean of call lengths that forgets: each new one counts a tenth."""

    WEIGHT = 0.1

    def __init__(self, first: float) -> None:
        self.value = first

    def add(self, seconds: float) -> None:
        """One more call."""
        self.value += self.WEIGHT * (seconds - self.value)


def position(entry: Entry, entries: Iterable[Entry]) -> int:
    """The place of `entry` in its queue, from 1. Call-backs count: they are served in the same order."""
    return 1 + sum(other.queue == entry.queue and other.rank < entry.rank for other in entries)


def estimate(place: int, call: float, operators: int) -> float | None:
    """Seconds until the caller at `place` is served: with n operators at work, one is free every call/n.

    None when nobody is at work.
    """
    return None if operators <= 0 else place * call / operators
