"""The questions a desk asks, each in its next wording, and listening for the answer."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.desk import Slot
from ivr.dialog.language import Note
from ivr.dialog.spoken import spoken
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking
from ivr.dialog.task import Task
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision


def ask(turn: Turn, task: Task, slot: Slot) -> None:
    """Ask for a slot, in the next wording."""
    if slot.ask:
        turn.say((slot.ask[min(task.asked, len(slot.ask) - 1)],), turn.values(task))
    turn.listen(Asking(replace(task, asked=task.asked + 1, trail=()), slot))


def check_value(turn: Turn, state: Checking) -> None:
    """Ask whether a value is right."""
    turn.actions.append(Decided(Decision.CONFIRM, state.slot.name, state.value.score))
    turn.say_next(state.slot.confirm, turn.values(state.task, state.value))
    turn.listen(replace(state, task=replace(state.task, trail=())))


def choose(turn: Turn, state: Choosing) -> None:
    """Ask which of two values is right."""
    turn.actions.append(Decided(Decision.OFFER, state.slot.name, state.first.score))
    names = {
        place: spoken(state.slot.spec, value.value, turn.desk.words, turn.today)
        for place, value in (("first", state.first), ("second", state.second))
    }
    turn.note(Note.OFFERED, **names)
    turn.say_next(turn.desk.standard[Standard.OFFER], lambda ref: names.get(ref.name, ""))
    turn.listen(replace(state, task=replace(state.task, trail=())))


def confirm(turn: Turn, state: Confirming) -> None:
    """Ask whether the guess is right."""
    turn.say_next(state.guess.intent.flow.confirm)
    turn.listen(state)


def offer(turn: Turn, state: Offering) -> None:
    """Ask which of two guesses is right."""
    names = {"first": state.first.intent.flow.label, "second": state.second.intent.flow.label}
    turn.note(Note.OFFERED, **names)
    turn.say_next(turn.desk.standard[Standard.OFFER], lambda ref: names.get(ref.name, ""))
    turn.listen(state)


def greet(turn: Turn, state: Talking) -> None:
    """Answer a greeting. What was missed before counts on: it is no progress."""
    if state == Main():
        turn.standard(Standard.HELLO)
    again(turn, state)


def again(turn: Turn, state: Talking) -> None:
    """The state's question in its next wording, or nothing where the question was the greeting."""
    match state:
        case Main():
            if state.question is not None:
                turn.say_next(state.question.ladder)
                turn.say(state.question.after)
            elif state.after_answer:
                turn.standard(Standard.ANYTHING_ELSE)
            turn.listen(replace(state, keys=""))
        case Confirming():
            confirm(turn, state)
        case Offering():
            offer(turn, state)
        case Choosing():
            choose(turn, state)
        case Asking():
            ask(turn, state.task, state.slot)
        case Checking():
            check_value(turn, state)
