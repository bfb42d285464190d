"""Where a conversation stands: the states of the dialog, all frozen."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from ivr.dialog.desk import DeskRoute, Slot
from ivr.dialog.steps import AskStep, LookupStep, Step
from ivr.dialog.task import Guess, Readings, Task
from ivr.events import Outcome
from ivr.meaning import SlotValue


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
