"""Where a call came to, and whether that is where it should have. Pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.events import CallEnded, Event, HandOff, Outcome, PromptStarted, Say, Transferred
from ivr.handover import Reason
from ivr.trials.judge import detail_of

_ANSWER = ".answer."
_GAVE_UP = {Reason.NOT_UNDERSTOOD, Reason.NO_INPUT, Reason.TROUBLE}


class Verdict(enum.StrEnum):
    """What became of a simulated call."""

    RIGHT = "right place"
    WRONG = "wrong transfer"
    """Passed on, put into a queue or sent away as somebody who wants something else."""
    PERSON = "person instead"
    """The desk gave up and let a person settle it: a delay for the caller, no error."""
    UNSERVED = "not served"
    """The caller heard something else than what they wanted, or left."""
    BROKEN = "broken off"
    """The call could not be held to its end."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call came to.

    detail   the route of a transfer, the queue of a handoff
    answers  of which intents the caller heard an answer
    gave_up  a person was called because the desk did not understand, or reached a limit
    """

    outcome: Outcome
    detail: str
    answers: frozenset[str]
    gave_up: bool = False

    def __str__(self) -> str:
        if self.outcome is Outcome.ANSWERED:
            return f"{self.outcome} {' and '.join(sorted(self.answers))}".strip()
        return f"{self.outcome} {self.detail}".strip()


def place_of(ended: CallEnded, events: Sequence[Event]) -> Place:
    """The place in which the events of a whole call ended."""
    handoffs = [event.request for event in events if isinstance(event, HandOff)]
    gave_up = bool(handoffs) and handoffs[-1].reason in _GAVE_UP
    answers = {
        event.name.split(".")[1]
        for event in events
        if isinstance(event, PromptStarted | Say)
        and event.name.startswith("intents.")
        and _ANSWER in event.name
    }
    routed = next((e.route for e in reversed(events) if isinstance(e, Transferred) and e.accepted), "")
    detail = routed if ended.outcome is Outcome.ROUTED and routed else detail_of(ended, events)
    return Place(ended.outcome, detail, frozenset(answers), gave_up)


def verdict(wanted: Place, reached: Place) -> Verdict:
    """Whether a call that should have come to `wanted` did; what else became of it."""
    if reached.gave_up and not wanted.gave_up:
        return Verdict.PERSON
    if reached.outcome is wanted.outcome:
        if wanted.outcome is Outcome.ANSWERED:
            return Verdict.RIGHT if wanted.answers <= reached.answers else Verdict.UNSERVED
        if reached.detail == wanted.detail:
            return Verdict.RIGHT
    if reached.outcome in (Outcome.ROUTED, Outcome.HANDED_OFF, Outcome.SCREENED_OUT):
        return Verdict.WRONG
    return Verdict.UNSERVED
