"""The rules of the waiting line, without a clock and without storage.

A handoff goes through *steps*; each step leads to a *state*. Which waiting handoff comes next depends on its
priority, then on how long it has waited, and on whether the operator has the skills it needs.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from ivr.handover import HandoffRequest


class State(enum.StrEnum):
    """Where a handoff stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    """By an operator who works from the list, with a telephone of their own."""
    TALKING = "talking"
    WRAPPING_UP = "wrapping up"
    DONE = "done"
    ABANDONED = "abandoned"
    GIVEN_UP = "given up"


class StepKind(enum.StrEnum):
    """What can happen to a handoff."""

    ENTERED = "entered"
    OFFERED = "offered"
    DECLINED = "declined"
    MISSED = "missed"
    TAKEN = "taken"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    RETURNED = "returned"
    CALL_BACK = "call-back"
    PASSED_ON = "passed on"
    JOINED = "joined"
    HANDED_OVER = "handed over"
    NOT_REACHED = "not reached"
    GIVEN_UP = "given up"
    INFORMED = "informed"
    """More is known of an emergency."""
    MOVED = "moved"
    ABANDONED = "abandoned"
    ENDED = "ended"
    DONE = "done"


_WAITING, _TALKING = frozenset({State.WAITING}), frozenset({State.TALKING})

ALLOWED_FROM: Mapping[StepKind, frozenset[State]] = MappingProxyType(
    {
        StepKind.ENTERED: frozenset(),
        StepKind.OFFERED: _WAITING,
        StepKind.DECLINED: _WAITING,
        StepKind.MISSED: _WAITING,
        StepKind.TAKEN: _WAITING,
        StepKind.ACCEPTED: _WAITING,
        StepKind.CONNECTED: _TALKING,
        StepKind.RETURNED: _TALKING,
        StepKind.CALL_BACK: _WAITING,
        StepKind.PASSED_ON: _TALKING,
        StepKind.JOINED: _TALKING,
        StepKind.HANDED_OVER: _TALKING,
        StepKind.NOT_REACHED: _TALKING,
        StepKind.GIVEN_UP: _TALKING,
        StepKind.INFORMED: _WAITING,
        StepKind.MOVED: _WAITING,
        StepKind.ABANDONED: _WAITING,
        StepKind.ENDED: _TALKING,
        StepKind.DONE: frozenset({State.WAITING, State.TAKEN, State.TALKING, State.WRAPPING_UP}),
    }
)
"""The states in which each step may happen; entering is the first step and happens in none."""

LEADS_TO: Mapping[StepKind, State] = MappingProxyType(
    {
        StepKind.ENTERED: State.WAITING,
        StepKind.OFFERED: State.WAITING,
        StepKind.DECLINED: State.WAITING,
        StepKind.MISSED: State.WAITING,
        StepKind.TAKEN: State.TAKEN,
        StepKind.ACCEPTED: State.TALKING,
        StepKind.CONNECTED: State.TALKING,
        StepKind.RETURNED: State.WAITING,
        StepKind.CALL_BACK: State.WAITING,
        StepKind.PASSED_ON: State.WAITING,
        StepKind.JOINED: State.TALKING,
        StepKind.HANDED_OVER: State.TALKING,
        StepKind.NOT_REACHED: State.WAITING,
        StepKind.GIVEN_UP: State.GIVEN_UP,
        StepKind.INFORMED: State.WAITING,
        StepKind.MOVED: State.WAITING,
        StepKind.ABANDONED: State.ABANDONED,
        StepKind.ENDED: State.WRAPPING_UP,
        StepKind.DONE: State.DONE,
    }
)
"""The state after each step."""

SETTLED = frozenset({State.DONE, State.ABANDONED, State.GIVEN_UP})
"""The states that nothing follows."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a handoff. `who` is the operator, "" for the desk."""

    kind: StepKind
    at: datetime
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the waiting line: all that the rules need to know of a handoff."""

    id: int
    queue: str
    priority: int
    entered: datetime
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Handoff:
    """A request for a person as the queue keeps it.

    operator     who took it, "" while it waits
    disposition  what came of it and `notes` on it, "" until it is done
    call_back    the number to call back, "" when none was asked for
    attempts     call-backs that nobody answered
    not_before   when the next may be tried
    returned     the operator was lost in the middle: first in line of its priority
    """

    id: int
    request: HandoffRequest
    entered: datetime
    state: State
    operator: str = ""
    disposition: str = ""
    notes: str = ""
    call_back: str = ""
    attempts: int = 0
    not_before: datetime | None = None
    returned: bool = False

    @property
    def entered_local(self) -> datetime:
        """When it entered, at the desk's place."""
        return datetime.fromisoformat(self.request.entered)

    @property
    def answered_local(self) -> datetime:
        """When its call was answered, at the desk's place."""
        return self.entered_local - timedelta(seconds=self.request.waited)

    @property
    def place(self) -> Place:
        """Its place in the waiting line."""
        request = self.request
        return Place(self.id, request.queue, request.priority, self.entered, frozenset(request.skills))


def waited(entered: datetime, now: datetime) -> float:
    """Seconds in the queue; 0 when the clock was set back behind the moment of entering."""
    return max(0.0, (now - entered).total_seconds())


def rank(place: Place, now: datetime) -> tuple[int, float, int]:
    """Sort key: the smallest comes first. Priority 0 is the most urgent; then whoever waited longest."""
    return (place.priority, -waited(place.entered, now), place.id)


def fits(place: Place, *, queue: str | None = None, skills: AbstractSet[str] | None = None) -> bool:
    """Whether an operator of `queue` with `skills` may take it; None stands for every queue, every skill."""
    return (queue is None or place.queue == queue) and (skills is None or place.skills <= skills)


def line_up(
    places: Iterable[Place],
    now: datetime,
    *,
    queue: str | None = None,
    skills: AbstractSet[str] | None = None,
) -> tuple[Place, ...]:
    """The waiting line as an operator of `queue` with `skills` would take it, first the next."""
    fitting = (place for place in places if fits(place, queue=queue, skills=skills))
    return tuple(sorted(fitting, key=lambda place: rank(place, now)))
