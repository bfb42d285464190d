"""The rules of the waiting line, without a clock and without storage.

A handoff goes through *steps*; each step leads to a *state*. Which waiting handoff comes next depends on its
priority, then on how long it has waited, and on whether the operator has the skills it needs.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ivr.meaning import HandoffRequest


class State(enum.StrEnum):
    """Where a handoff stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"


class StepKind(enum.StrEnum):
    """What can happen to a handoff."""

    ENTERED = "entered"
    TAKEN = "taken"
    DONE = "done"


LEADS_TO: Mapping[StepKind, State] = MappingProxyType(
    {StepKind.ENTERED: State.WAITING, StepKind.TAKEN: State.TAKEN, StepKind.DONE: State.DONE}
)
"""The state after each step."""

ALLOWED_FROM: Mapping[StepKind, frozenset[State]] = MappingProxyType(
    {
        StepKind.ENTERED: frozenset(),
        StepKind.TAKEN: frozenset({State.WAITING}),
        StepKind.DONE: frozenset({State.TAKEN}),
    }
)
"""The states in which each step may happen; entering is the first step and happens in none."""


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
    """

    id: int
    request: HandoffRequest
    entered: datetime
    state: State
    operator: str = ""
    disposition: str = ""
    notes: str = ""

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
