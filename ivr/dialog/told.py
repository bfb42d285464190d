"""Facts that callers tell of their own accord: where they are, while they are asked what has happened."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.filling import fill
from ivr.dialog.spoken import spoken
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Offering, Talking
from ivr.dialog.task import Task
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.dialog.values import Values
from ivr.events import SlotFilled
from ivr.meaning import Answer, Match, SlotValue

CERTAIN = 0.95
"""Chance from which a fact replaces the one that is known: an address with its number."""


def told(turn: Turn, state: Talking, matches: tuple[Match, ...]) -> tuple[Talking, bool]:
    """Keep what is told unasked, and say so; the state with it, and whether there was something."""
    asked = state.slot.name if isinstance(state, Asking | Checking | Choosing) else ""
    specs = {spec.name: spec for spec in turn.desk.told if spec.name != asked}
    any_words = isinstance(state, Asking | Checking | Choosing) and state.slot.spec.type.dictated
    for match in matches:
        if not isinstance(match.meaning, Answer) or match.meaning.slot not in specs:
            continue
        for value in match.slots:
            known = next((fact.value for fact in turn.session.facts if fact.name == value.name), "")
            if known and value.score < CERTAIN and _whole(turn, value) and not _same(value.value, known):
                value = _nearer(value, known)
            least = CERTAIN if known and not value.value.startswith(known) else turn.desk.thresholds.accept
            beside = bool(known) and any_words and not _whole(turn, value)
            if value.score < least or beside or _same(value.value, known):
                continue
            state = _with(turn, state, value)
            aloud = spoken(specs[value.name], value.value, turn.desk.words, turn.today)
            turn.say_next(turn.desk.standard[Standard.NOTED], _value(aloud), repeatable=False)
            return state, True
    return state, False


def nothing_else(turn: Turn, state: Talking, matches: tuple[Match, ...], text: str) -> bool:
    """Whether a place is all that was said where something else was asked: no want that sounds alike."""
    asked = state.slot.name if isinstance(state, Asking | Checking | Choosing) else ""
    names = {spec.name for spec in turn.desk.told} - {asked}
    told_ones = (
        match for match in matches if isinstance(match.meaning, Answer) and match.meaning.slot in names
    )
    return any(_plain(value.said) == _plain(text) for match in told_ones for value in match.slots)


def _whole(turn: Turn, value: SlotValue) -> bool:
    """Whether a fact is all that was said: some of any words that are an answer may sound like an address."""
    return _plain(value.said) == _plain(turn.session.words)


def _nearer(value: SlotValue, known: str) -> SlotValue:
    """What was said alone where a place is known is more about it: "on the motorway", "near exit twelve"."""
    return replace(value, value=f"{known}, {value.value}")


def _plain(text: str) -> str:
    return text.strip(" .,;!?").lower()


def _value(text: str) -> Values:
    return lambda _: text


def _same(one: str, other: str) -> bool:
    return _plain(other).endswith(_plain(one))


def _with(turn: Turn, state: Talking, value: SlotValue) -> Talking:
    """The state whose task knows the fact, where it has use for it."""

    def filled(task: Task) -> Task:
        if task.flow.slot(value.name) is None:
            return task
        return replace(fill(turn, task, value), asked=task.asked)

    match state:
        case Asking() | Checking() | Choosing() if state.task.flow.slot(value.name) is not None:
            return replace(state, task=filled(state.task))
        case Confirming() | Offering() if state.back is not None and state.back.flow.slot(value.name):
            return replace(state, back=filled(state.back))
        case _:
            turn.actions.append(SlotFilled(value))
            turn.remember(value)
            return state
