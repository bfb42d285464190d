"""The rules of follow-ups: what was promised to callers, who does it, what is overdue. No clock, no storage.

A follow-up goes through *steps*; each leads to a *state*. One whose time has come and that is not settled is
*overdue*, and alarms once for each time that was promised.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from ivr.handover import FollowUpRequest


class FollowUpState(enum.StrEnum):
    """Where a follow-up stands."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    DONE = "done"
    MISSED = "missed"
    """It cannot be kept any more: nobody was reached, or the appointment is past."""
    CANCELLED = "cancelled"
    """The caller wants it no longer."""


class FollowUpStepKind(enum.StrEnum):
    """What can happen to a follow-up."""

    MADE = "made"
    TAKEN = "taken"
    REASSIGNED = "reassigned"
    NOTED = "noted"
    POSTPONED = "postponed"
    OVERDUE = "overdue"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


UNSETTLED = frozenset({FollowUpState.OPEN, FollowUpState.IN_PROGRESS})
SETTLED = frozenset(FollowUpState) - UNSETTLED

ALLOWED_FROM: Mapping[FollowUpStepKind, frozenset[FollowUpState]] = MappingProxyType(
    {
        FollowUpStepKind.MADE: frozenset(),
        FollowUpStepKind.TAKEN: UNSETTLED,
        FollowUpStepKind.REASSIGNED: UNSETTLED,
        FollowUpStepKind.NOTED: frozenset(FollowUpState),
        FollowUpStepKind.POSTPONED: UNSETTLED,
        FollowUpStepKind.OVERDUE: UNSETTLED,
        FollowUpStepKind.DONE: UNSETTLED,
        FollowUpStepKind.MISSED: UNSETTLED,
        FollowUpStepKind.CANCELLED: UNSETTLED,
        FollowUpStepKind.REOPENED: SETTLED,
    }
)
"""The states in which each step may happen; being made is the first step and happens in none."""

LEADS_TO: Mapping[FollowUpStepKind, FollowUpState] = MappingProxyType(
    {
        FollowUpStepKind.MADE: FollowUpState.OPEN,
        FollowUpStepKind.TAKEN: FollowUpState.IN_PROGRESS,
        FollowUpStepKind.REASSIGNED: FollowUpState.IN_PROGRESS,
        FollowUpStepKind.DONE: FollowUpState.DONE,
        FollowUpStepKind.MISSED: FollowUpState.MISSED,
        FollowUpStepKind.CANCELLED: FollowUpState.CANCELLED,
        FollowUpStepKind.REOPENED: FollowUpState.OPEN,
    }
)
"""The state after each step; those left out change none."""


@dataclass(frozen=True, slots=True)
class FollowUpStep:
    """Something that happened to a follow-up. `who` is the operator, "" for the desk."""

    kind: FollowUpStepKind
    at: datetime
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Something to be done for a caller, as the store keeps it.

    made, due  moments; `due` is None where no time was promised
    owner      the operator who does it, "" while nobody has taken it
    outcome    what came of it, "" until it is settled
    settled    when that was
    alarmed    when it was told that it is overdue; None: it was not yet
    handoff    the number under which the call waits, or waited, for a person; None without one
    """

    id: int
    request: FollowUpRequest
    made: datetime
    due: datetime | None
    state: FollowUpState
    owner: str = ""
    outcome: str = ""
    settled: datetime | None = None
    alarmed: datetime | None = None
    handoff: int | None = None


def is_overdue(one: FollowUp, now: datetime) -> bool:
    """Whether its time has come and nobody has settled it."""
    return one.state in UNSETTLED and one.due is not None and one.due <= now


def was_kept(one: FollowUp) -> bool:
    """Whether it was done, and by the time that was promised."""
    in_time = one.due is None or (one.settled is not None and one.settled <= one.due)
    return one.state is FollowUpState.DONE and in_time


def was_broken(one: FollowUp, now: datetime) -> bool:
    """Whether its time went by without it being done, or it was given up."""
    late = one.due is not None and (one.settled or now) > one.due
    return one.state is FollowUpState.MISSED or (one.state is not FollowUpState.CANCELLED and late)


def to_alarm(found: Iterable[FollowUp], now: datetime) -> tuple[FollowUp, ...]:
    """Those that are overdue and of which nobody was told yet, the longest overdue first."""
    return tuple(one for one in by_urgency(found) if is_overdue(one, now) and one.alarmed is None)


def by_urgency(found: Iterable[FollowUp]) -> tuple[FollowUp, ...]:
    """In the order in which they are to be done: what is not settled by its time, then what is settled."""

    def rank(one: FollowUp) -> tuple[bool, float, int]:
        if one.state in SETTLED:
            return (True, -(one.settled or one.made).timestamp(), one.id)
        return (False, float("inf") if one.due is None else one.due.timestamp(), one.id)

    return tuple(sorted(found, key=rank))
