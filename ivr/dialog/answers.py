"""Answers to the question for a slot: a value, perhaps with others, a correction, or nothing of use."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog import attempts
from ivr.dialog.decide import about_flow, certain, readings
from ivr.dialog.filling import fill, take, undoubted
from ivr.dialog.flow import advance
from ivr.dialog.missed import missed, one_more_miss
from ivr.dialog.questions import ask
from ivr.dialog.safety import go_on_assuming
from ivr.dialog.states import Asking, Checking, Choosing
from ivr.dialog.staying import stays
from ivr.dialog.task import Task
from ivr.dialog.turn import Turn
from ivr.events import Heard
from ivr.meaning import Command, Match, SlotValue


def answered(
    turn: Turn, state: Asking | Checking | Choosing, matches: tuple[Match, ...], words: Heard | None = None
) -> None:
    """The caller answered a question for a slot, perhaps with more than was asked.

    words  what was heard, to be remembered when it does not settle the slot; None when it tells nothing more
    """
    task, slot = state.task, state.slot
    if words is not None:
        task = attempts.attempted(task, slot.name, words.hypotheses)
    heard = readings((m for m in matches if m.slots and about_or_command(m, task, slot.name)), task.flow)
    offered = {value.value for value in _offered(state)}
    said = next((values for values in heard if values[0].name == slot.name), None)
    if said is not None and said[0].value in offered and said[0].score >= turn.desk.thresholds.offer:
        others = tuple(values for values in heard if values is not said)
        settled(turn, take(turn, task, others), said[0])
        return
    check = slot if isinstance(state, Checking | Choosing) else None  # a correction is read back
    after = take(turn, task, heard, check=check)
    after = attempts.doubted(after, (values for values in after.doubted if values[0].name != slot.name))
    doubted = any(values[0].name == slot.name for values in after.doubted)
    if after.value(slot.name) is None and not doubted:
        missed(turn, replace(state, task=after), 0.0)
        return
    if doubted and isinstance(state, Checking) and attempts.often(after, slot.name):
        wrong(turn, replace(state, task=undoubted(after, slot.name)))  # its other wording tells of the keys
        return
    if not doubted:
        turn.understood()
    advance(turn, after)


def put_right(
    state: Asking | Checking | Choosing, matches: tuple[Match, ...]
) -> Asking | Checking | Choosing:
    """The state once a "no, ..." has said that what was read back is wrong, whatever follows it.

    matches  all of the utterance, also what is too unlikely to act on
    """
    if not isinstance(state, Checking) or not any(match.meaning is Command.NO for match in matches):
        return state
    best = next((slot for match in matches for slot in match.slots if slot.name == state.slot.name), None)
    if best is None or best.value == state.value.value:
        return state
    return replace(state, task=attempts.denied(state.task, state.value))


def about_or_command(match: Match, task: Task, slot: str) -> bool:
    """Matches whose values count for the task; a "no" may carry the correction."""
    return isinstance(match.meaning, Command) or about_flow(match, task.flow, slot)


def _offered(state: Asking | Checking | Choosing) -> tuple[SlotValue, ...]:
    match state:
        case Checking():
            return (state.value,)
        case Choosing():
            return (state.first, state.second)
        case Asking():
            return ()


def settled(turn: Turn, task: Task, value: SlotValue) -> None:
    """The caller has said that a value is right."""
    turn.understood()
    advance(turn, fill(turn, task, certain(value)))


def wrong(turn: Turn, state: Checking | Choosing) -> None:
    """A value was heard wrongly: a misunderstanding, ask again; a desk that never ends a call goes on without
    it at last."""
    if one_more_miss(turn):
        return
    if stays(turn) and turn.session.misses >= turn.desk.limits.no_match:
        go_on_assuming(turn, Asking(state.task, state.slot))
    else:
        ask(turn, state.task, state.slot)
