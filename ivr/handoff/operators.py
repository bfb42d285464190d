"""The operators, what each does now, and in which order a queue rings them. Pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.handoff.rules import URGENT, Strategy
from ivr.handoff.waiting import Entry


class Doing(enum.StrEnum):
    """What an operator does."""

    AWAY = "away"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAPPING_UP = "wrapping up"


@dataclass(slots=True)
class Operator:
    """An operator who has signed on.

    number     counts the signing on: the order of round-robin
    since      when what they do now began
    idle       when their last work ended: an offer to somebody else does not end their rest
    handoff    the one they are rung for, talk to or write up, None otherwise
    until      when wrapping up ends by itself, None for never
    calls      conversations since they signed on
    missed     offers in a row they let ring
    leaving    away as soon as the present caller is done with
    reason     why they are away
    """

    name: str
    number: int
    queues: frozenset[str] | None
    skills: frozenset[str] | None
    since: float
    idle: float = 0.0
    doing: Doing = Doing.AWAY
    handoff: int | None = None
    until: float | None = None
    calls: int = 0
    missed: int = 0
    leaving: bool = False
    reason: str = ""

    def serves(self, queue: str) -> bool:
        """Whether callers of `queue` are theirs."""
        return self.queues is None or queue in self.queues

    def fits(self, entry: Entry) -> bool:
        """Whether they may take this caller."""
        return self.serves(entry.queue) and (self.skills is None or entry.skills <= self.skills)

    def free_for(self, entry: Entry) -> bool:
        """Whether they can be rung for this caller now: an emergency also ends wrapping up."""
        urgent = entry.priority == URGENT and self.doing is Doing.WRAPPING_UP and not self.leaving
        return self.fits(entry) and (self.doing is Doing.READY or urgent)

    @property
    def at_work(self) -> bool:
        """Whether they take callers, now or after the present one."""
        return self.doing is not Doing.AWAY and not self.leaving

    def turn_to(self, doing: Doing, now: float, handoff: int | None = None) -> None:
        """Begin something else."""
        self.doing, self.since, self.handoff, self.until = doing, now, handoff, None


def in_turn(free: Sequence[Operator], strategy: Strategy, last: int) -> list[Operator]:
    """The operators to ring at once: all, or the one whose turn it is.

    last  `number` of the operator whom the queue rang last, for round-robin
    """
    if not free:
        return []
    match strategy:
        case Strategy.RING_ALL:
            return sorted(free, key=lambda one: one.number)
        case Strategy.LONGEST_IDLE:
            return [min(free, key=lambda one: (one.idle, one.number))]
        case Strategy.FEWEST_CALLS:
            return [min(free, key=lambda one: (one.calls, one.idle, one.number))]
        case Strategy.ROUND_ROBIN:
            return [min(free, key=lambda one: (one.number <= last, one.number))]
