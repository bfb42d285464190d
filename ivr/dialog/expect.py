"""What may be said in each state, for the matcher and the recognizer."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from ivr.dialog.attempts import earlier
from ivr.dialog.desk import Desk
from ivr.dialog.references import CALL_BACK
from ivr.dialog.states import (
    Asking,
    Checking,
    Choosing,
    Confirming,
    Identifying,
    Listening,
    Main,
    Offering,
    pending,
)
from ivr.dialog.task import Task
from ivr.events import Listen
from ivr.meaning import Command, Expect, SlotSpec, SlotType

ALWAYS = Expect().commands | {Command.THANKS, Command.MUSING, Command.WHO, Command.EXPLAIN}
YES_NO = frozenset({Command.YES, Command.NO})
SAFETY = frozenset({Command.REPEAT, Command.SLOWER, Command.LOUDER, Command.OPERATOR, Command.WAIT})
"""Where safety is asked for: a farewell or a greeting is no answer."""
ASKED_NAME = "name"
"""What the name of a caller who is to be identified is called."""
FACTS = {
    "postcode": SlotSpec("postcode", SlotType.POSTCODE),
    ASKED_NAME: SlotSpec(ASKED_NAME, SlotType.TEXT),
    "dob": SlotSpec("dob", SlotType.DATE),
}
"""What a caller who is to be identified is asked for."""
NONE: frozenset[Command] = frozenset()
_ANSWERS = MappingProxyType({SlotType.YES_NO: YES_NO, SlotType.TEXT: NONE, SlotType.PLACE: NONE})
"""What answers a question by its type. "That is wrong" is a no to one for a yes, and may be a text."""
ONE_OF_TWO = frozenset({Command.FIRST, Command.SECOND, Command.NEITHER, Command.NO})


def expect(state: Listening, desk: Desk) -> Expect:
    """What makes sense now: any intent, except while a text is dictated or safety asked for."""
    wanted = _expect(state, desk)
    dictated = wanted.slot is not None and (wanted.slot.type.dictated or wanted.slot.safe)
    if desk.calls_back and not dictated and wanted.about != CALL_BACK:
        wanted = replace(wanted, commands=wanted.commands | {Command.CALL_BACK})
    return replace(wanted, told=desk.told)


def _expect(state: Listening, desk: Desk) -> Expect:
    match state:
        case Main():
            likely = state.question.likely if state.question is not None else ()
            commands = ALWAYS | YES_NO if state.after_answer else ALWAYS
            if state.after_answer or state.question is not None:  # else nothing was said that may be wrong
                commands |= {Command.WRONG}
            return Expect(likely=likely, commands=commands, more=state.after_answer)
        case Confirming():
            likely = (state.guess.intent.flow.name,)
            return Expect(likely=likely, slot=pending_spec(state), commands=ALWAYS | YES_NO)
        case Offering():
            both = (state.first.intent.flow.name, state.second.intent.flow.name)
            return Expect(likely=both, slot=pending_spec(state), commands=ALWAYS | ONE_OF_TWO)
        case Choosing():
            return Expect(
                likely=_intent(state.task, desk),
                slot=state.slot.spec,
                commands=ALWAYS | ONE_OF_TWO,
                earlier=earlier(state.task, state.slot.name),
                about=state.task.flow.name,
            )
        case Checking():
            return Expect(
                likely=_intent(state.task, desk),
                slot=state.slot.spec,
                commands=ALWAYS | YES_NO,
                earlier=earlier(state.task, state.slot.name, state.value.value),
                about=state.task.flow.name,
            )
        case Identifying():
            return Expect(intents=False, slot=FACTS[state.item], commands=ALWAYS, about=state.task.flow.name)
        case Asking():
            spec = state.slot.spec
            return Expect(
                intents=not spec.type.dictated and not spec.safe,
                likely=_intent(state.task, desk),
                slot=spec,
                commands=(SAFETY if spec.safe else ALWAYS) | _ANSWERS.get(spec.type, {Command.WRONG}),
                earlier=earlier(state.task, state.slot.name),
                about=state.task.flow.name,
            )


def pending_spec(state: Confirming | Offering) -> SlotSpec | None:
    """What the caller may still answer, who was asked whether they want something else instead."""
    slot = pending(state)
    spec = slot.spec if slot is not None else None
    if spec is None or spec.type.dictated or spec.type is SlotType.YES_NO or spec.sensitive:
        return None
    return spec


def listen(state: Listening, desk: Desk, waiting: bool = False) -> Listen:
    """Listening as the state needs it; `waiting` after the caller asked for a moment."""
    limits = desk.limits
    seconds = limits.wait if waiting else limits.no_input_after
    if isinstance(state, Main) and state.question is not None and state.question.stay is not None:
        seconds = state.question.stay
    if isinstance(state, Asking) and state.slot.wait is not None:
        seconds = max(seconds, state.slot.wait)
    if isinstance(state, Main | Asking) and state.keys:
        seconds = limits.keys_after
    return Listen(expect(state, desk), seconds)


def _intent(task: Task, desk: Desk) -> tuple[str, ...]:
    return (task.flow.name,) if task.flow.name in desk.intents else ()
