"""What a caller wants and what is done about it: guesses, tasks, the facts of each so far. All frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ivr.dialog.desk import DeskIntent, Flow
from ivr.meaning import Command, Hypothesis, SlotValue

Readings: TypeAlias = tuple[SlotValue, ...]
"""Different values heard for one slot, best first; never empty."""


@dataclass(frozen=True, slots=True)
class Via:
    """The route that could not take a call and led to something else (a message)."""

    label: str
    queue: str | None
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer to the question for a slot, as it was heard, that did not settle it."""

    slot: str
    heard: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """An intent being carried out.

    values   facts that are certain
    doubted  facts that were heard and must be confirmed before the task goes on
    asked    how often the question that is open now was asked
    via      the route that led here, None when none did
    trail    intents that led here since the caller last spoke (see `GoStep`)
    attempts answers that did not settle their slot, and `denied` values that were wrong (see `attempts`)
    anew     how often facts were asked for again (see `AgainStep`)
    """

    flow: Flow
    values: Readings = ()
    doubted: tuple[Readings, ...] = ()
    asked: int = 0
    via: Via | None = None
    trail: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    denied: Readings = ()
    anew: int = 0

    def value(self, name: str) -> SlotValue | None:
        """The certain value of a slot."""
        return next((value for value in self.values if value.name == name), None)


@dataclass(frozen=True, slots=True)
class Guess:
    """What the caller may want, with the facts heard in the same utterance."""

    intent: DeskIntent
    score: float
    values: tuple[Readings, ...] = ()


Later: TypeAlias = Guess | Command
"""A wish for later: an intent, or a person (`Command.OPERATOR`)."""
