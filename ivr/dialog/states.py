"""Where a conversation stands: the states of the dialog and everything it remembers, all frozen."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from ivr.dialog.desk import DeskIntent, DeskRoute, Flow, Slot
from ivr.dialog.steps import AskStep, LookupStep, Step
from ivr.events import Manner, Outcome, Say
from ivr.handover import FollowUpRequest
from ivr.meaning import Command, Hypothesis, Mood, SlotValue

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


@dataclass(frozen=True, slots=True)
class Waiting:
    """The call is not answered yet."""


@dataclass(frozen=True, slots=True)
class Main:
    """Any intent may be said.

    after_answer  "anything else?" was asked
    question      the step that asked, None when it was the greeting
    keys          keys pressed so far
    """

    after_answer: bool = False
    question: AskStep | None = None
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Confirming:
    """ "You would like X. Is that right?"

    back    the task that the guess would replace
    others  the next likely guesses from the same words, best first
    """

    guess: Guess
    back: Task | None = None
    others: tuple[Guess, ...] = ()


@dataclass(frozen=True, slots=True)
class Offering:
    """ "Did you mean X or Y?", two intents; the rest as in `Confirming`."""

    first: Guess
    second: Guess
    back: Task | None = None
    others: tuple[Guess, ...] = ()


@dataclass(frozen=True, slots=True)
class Choosing:
    """ "Did you mean X or Y?", two values of a slot."""

    task: Task
    slot: Slot
    first: SlotValue
    second: SlotValue


@dataclass(frozen=True, slots=True)
class Asking:
    """A slot was asked for; `keys` are the keys pressed so far."""

    task: Task
    slot: Slot
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Checking:
    """ "I heard X. Is that right?" """

    task: Task
    slot: Slot
    value: SlotValue


@dataclass(frozen=True, slots=True)
class Transferring:
    """The line is passing the call on."""

    route: DeskRoute
    label: str
    task: Task


@dataclass(frozen=True, slots=True)
class LookingUp:
    """Another system is asked; `rest` is done after the step's own steps.

    answers  what the caller said of who they are (see `Identifying`)
    """

    task: Task
    step: LookupStep
    rest: tuple[Step, ...]
    answers: Readings = ()


@dataclass(frozen=True, slots=True)
class Switching:
    """The desk of another language is being opened; `back` is where the conversation stood."""

    language: str
    back: State


@dataclass(frozen=True, slots=True)
class Identifying:
    """The caller was asked who they are, for the fact `item`.

    answers  readings of all answers so far, named by their facts, best first in each; `said` numbers the
             answers to one fact
    """

    task: Task
    step: LookupStep
    rest: tuple[Step, ...]
    item: str
    answers: Readings = ()


@dataclass(frozen=True, slots=True)
class Left:
    """The call is over; `handed_off` while the queue may still refuse it."""

    outcome: Outcome
    handed_off: bool = False


class HoldStage(enum.Enum):
    """What a caller on hold was asked last."""

    WAITING = "waiting"
    NUMBER = "number"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class OnHold:
    """The caller holds the line for a person.

    number  to be called back at, "" when none is known
    keys    pressed so far
    """

    stage: HoldStage = HoldStage.WAITING
    number: str = ""
    keys: str = ""


Talking: TypeAlias = Main | Confirming | Offering | Choosing | Asking | Checking
Listening: TypeAlias = Talking | Identifying
State: TypeAlias = Waiting | Listening | LookingUp | Switching | Transferring | OnHold | Left


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person was told of an emergency, and in which queue."""

    want: str
    queue: str | None
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """Everything a conversation remembers.

    turns     times the caller spoke, keyed in something or was silent
    misses    misunderstandings in a row; `silences` and `noises` (sound without words) likewise
    idle      thanks and sounds of thinking in the call that answered nothing
    used      how often each ladder of prompts was used
    last      what was said last, for "repeat"
    answered  labels of what was answered
    denied    intents the caller said no to since the last one that was accepted
    later     wishes that were named for sure beside the one that is dealt with, in order: they come after it
    wants     what the caller may want by all that was heard since then, best first; `guessed`: that was asked
              for because nothing else was left but a person
    disputed  how often the caller said that an answer was wrong
    facts     every value that was certain, the newest of each name
    tried     notes for the person who may take the call
    words     what the caller said last
    looked_up rows of the last answer of each lookup
    guided    steps of the guide that were begun, as flows
    keyed     whether the last key completed a number: a hash key behind it says nothing more
    surveyed  whether the caller was asked how satisfied they are
    mood      how the caller sounds now; `soothed`: something was said about it
    manner    how the caller wants to be spoken to
    person    who has spoken with the caller, once that is over, and `parted` when it was; "" before
    promises  what is to be done for the caller after the call
    alarm     what the person who was alerted was told; None while nobody was
    """

    state: State = field(default_factory=Waiting)
    when: datetime | None = None
    caller: str = ""
    turns: int = 0
    misses: int = 0
    silences: int = 0
    noises: int = 0
    idle: int = 0
    used: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    last: tuple[Say, ...] = ()
    answered: tuple[str, ...] = ()
    denied: frozenset[str] = frozenset()
    later: tuple[Later, ...] = ()
    wants: tuple[Guess, ...] = ()
    guessed: bool = False
    disputed: int = 0
    facts: Readings = ()
    tried: tuple[str, ...] = ()
    words: str = ""
    looked_up: Mapping[str, tuple[Readings, ...]] = field(default_factory=lambda: MappingProxyType({}))
    guided: tuple[str, ...] = ()
    keyed: bool = False
    surveyed: bool = False
    mood: Mood = Mood.CALM
    soothed: bool = False
    alarm: Alarm | None = None
    promises: tuple[FollowUpRequest, ...] = ()
    manner: Manner = field(default_factory=Manner)
    person: str = ""
    parted: float = 0.0

    @property
    def alarmed(self) -> bool:
        """Whether an urgent want was heard: a person has been alerted."""
        return self.alarm is not None


def pending(state: Confirming | Offering) -> Slot | None:
    """The fact that was asked for when the caller seemed to want something else; None where none was."""
    if state.back is None:
        return None
    open_ones = (slot for slot in state.back.flow.slots if not slot.optional)
    return next((slot for slot in open_ones if state.back.value(slot.name) is None), None)


def task_of(state: State) -> Task | None:
    """The task that the state is about."""
    match state:
        case Asking() | Checking() | Choosing() | Transferring() | LookingUp() | Identifying():
            return state.task
        case Confirming() | Offering():
            return state.back
        case Switching():
            return task_of(state.back)
        case _:
            return None
