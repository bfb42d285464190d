"""Slot filling: which facts of a task are certain, which were heard but are to be confirmed, which are none.

Every function gives the task back with what it changed; what is certain is told to the call as it is filled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ivr.dialog.attempts import forgotten
from ivr.dialog.decide import decide
from ivr.dialog.desk import Slot
from ivr.dialog.spoken import is_value
from ivr.dialog.task import Guess, Readings, Task
from ivr.dialog.terms import Check
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision, SlotFilled
from ivr.meaning import SlotType, SlotValue

_SPELLED_OUT = frozenset({SlotType.DIGITS, SlotType.POSTCODE, SlotType.SPELLED})
READ_BACK = 0.12
"""Chance from which a string is read back, however many others are nearly as likely: who hears it puts right
what is wrong, and another reading alone is as unclear as the first."""


def known(turn: Turn, task: Task) -> Task:
    """The task with what need not be asked: facts of the call, and the number it comes from."""
    number = "".join(filter(str.isdigit, turn.session.caller))
    for slot in task.flow.slots:
        fact = next((fact for fact in turn.session.facts if fact.name == slot.name), None)
        usable = fact is not None and (not fact.value or is_value(slot.spec, fact.value))
        if task.value(slot.name) is None and slot.once and fact is not None and usable:
            task = replace(task, values=(*task.values, fact))
        elif task.value(slot.name) is None and slot.caller and is_value(slot.spec, number):
            task = fill(turn, task, SlotValue(slot.name, number, "", 1.0))
    return task


def take(turn: Turn, task: Task, heard: Iterable[Readings], *, check: Slot | None = None) -> Task:
    """The task with the facts that were heard: certain, to be confirmed, or left out."""
    for readings in heard:
        slot = task.flow.slot(readings[0].name)
        if slot is None:
            continue
        second = readings[1].score if len(readings) > 1 else 0.0
        best = readings[0]
        decision = decide(best.score, second, turn.desk.thresholds, slot.read_back)
        if slot is check and decision is Decision.ACCEPT:
            decision = Decision.CONFIRM
        if not slot.confirm and decision is not Decision.ACCEPT:
            decision = Decision.REPROMPT  # of a guide: its answers have no names that callers know
        elif (decision is Decision.OFFER and not slot.spec.choices) or (
            decision is Decision.REPROMPT and slot.spec.type in _SPELLED_OUT and best.score >= READ_BACK
        ):
            decision = Decision.CONFIRM
        if slot.spec.safe:  # doubt is never read back: "I heard yes" would be answered with "okay" again
            plain = best.value == slot.spec.safe and decision is Decision.ACCEPT
            sure = plain and second < turn.desk.thresholds.offer
            unsafe = best.value != slot.spec.safe and best.score >= turn.desk.thresholds.offer
            decision = Decision.ACCEPT if sure or unsafe else Decision.REPROMPT
        match decision:
            case Decision.ACCEPT:
                turn.actions.append(Decided(Decision.ACCEPT, slot.name, best.score))
                task = fill(turn, task, best)
            case Decision.OFFER:
                task = replace(undoubted(task, slot.name), doubted=(*task.doubted, readings[:2]))
            case Decision.CONFIRM:
                task = replace(undoubted(task, slot.name), doubted=(*task.doubted, readings[:1]))
            case _:
                pass
    return task


def fill(turn: Turn, task: Task, value: SlotValue) -> Task:
    """The task with a certain value."""
    turn.actions.append(SlotFilled(value))
    turn.remember(value)
    others = tuple(other for other in task.values if other.name != value.name)
    task = forgotten(undoubted(task, value.name), value.name)
    return replace(task, values=(*others, value), asked=0)


def undoubted(task: Task, name: str) -> Task:
    """The task without the values of a slot that are to be confirmed."""
    """The task with nothing to be confirmed of a slot."""
    return replace(task, doubted=tuple(readings for readings in task.doubted if readings[0].name != name))


def anew(task: Task, names: tuple[str, ...]) -> Task:
    """The task without facts that were wrong, to be asked for again."""
    for name in names:
        task = taken_back(task, name)
    return replace(task, anew=task.anew + 1)


def taken_back(task: Task, name: str) -> Task:
    """The task without a fact, which is to be asked for again."""
    kept = tuple(value for value in task.values if value.name != name)
    return replace(forgotten(task, name), values=kept, asked=0)


def own_words(guess: Guess) -> Slot | None:
    """A slot heard with the guess whose question confirms the intent as well: "Anna Berg, is that right?"."""
    heard = {readings[0].name for readings in guess.values}
    slots = (slot for slot in guess.intent.flow.slots if slot.name in heard and slot.confirm_given)
    return next((slot for slot in slots if slot.read_back is not Check.NEVER), None)
