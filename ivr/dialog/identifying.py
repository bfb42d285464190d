"""Who is calling: facts are asked for until the customer file knows the caller, or does not.

What is known after an answer is not decided here: every answer goes to the lookup with all answers before it
(`ivr.identifying`), which says what to ask for next.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from ivr.dialog.calling_back import call_back
from ivr.dialog.flow import run
from ivr.dialog.interrupt import interrupt, urgent
from ivr.dialog.keys import CLEAR, OPERATOR
from ivr.dialog.language import Note
from ivr.dialog.manner import adapt
from ivr.dialog.missed import goodbye
from ivr.dialog.states import Identifying, LookingUp
from ivr.dialog.task import Readings
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import (
    Heard,
    HungUp,
    Input,
    KeyPressed,
    LimitReached,
    LookedUp,
    LookUp,
    LookupResult,
    NoInput,
    Understood,
)
from ivr.handover import Reason
from ivr.inquiry import Customers
from ivr.meaning import Command, Match, SlotValue

_QUESTIONS = MappingProxyType(
    {
        "postcode": Standard.IDENTIFY_POSTCODE,
        "name": Standard.IDENTIFY_NAME,
        "dob": Standard.IDENTIFY_BIRTHDAY,
    }
)


def customer(turn: Turn, state: LookingUp, event: LookedUp) -> None:
    """What the customer file makes of the answers: another question, one customer, or nobody.

    What came of it holds for the rest of the call: an identified caller is not asked again, and whoever was
    refused does not get more attempts.
    """
    before: tuple[Readings, ...] | None = turn.session.looked_up.get(state.step.lookup)
    if before is None and event.result is LookupResult.ASK:
        _ask(turn, Identifying(state.task, state.step, state.rest, event.rows[0][0].value, state.answers))
        return
    if before is None:
        before = event.rows if event.result is LookupResult.FOUND else ()
        known = {**turn.session.looked_up, state.step.lookup: before}
        turn.session = replace(turn.session, looked_up=MappingProxyType(known))
        for value in before[0] if before else ():
            turn.remember(replace(value, name=f"{state.step.lookup}.{value.name}"))
    if before:
        run(turn, state.task, (*state.step.found, *state.rest))
    elif state.step.none:
        run(turn, state.task, state.step.none)  # and nothing of what follows: that is for customers
    else:
        turn.note(Note.UNIDENTIFIED)
        turn.last_words(turn.desk.standard[Standard.IDENTIFY_REFUSED][:1])
        turn.hand_off(Reason.DESK_RULE)


def identifies(turn: Turn, state: LookingUp) -> bool:
    """Whether the lookup is a customer file."""
    return isinstance(turn.desk.lookups[state.step.lookup].source, Customers)


def identifying(turn: Turn, state: Identifying, event: Input) -> None:
    """A fact was asked for."""
    match event:
        case HungUp():
            turn.left("the caller hung up")
        case LimitReached():
            turn.last_words(turn.desk.standard[Standard.LIMIT][:1])
            turn.hand_off(Reason.DESK_RULE)
        case KeyPressed(key=key) if key == OPERATOR:
            turn.hand_off(Reason.ASKED)
        case KeyPressed(key=key) if key == CLEAR:
            _again(turn, state)
        case NoInput():
            _silent(turn, state)
        case Understood() if (alarm := urgent(turn, event.matches, state.task)) is not None:
            turn.session = replace(turn.session, words=event.heard.text)
            interrupt(turn, alarm)
        case Understood() if not event.heard.text.strip():
            _silent(turn, state)
        case Understood():
            turn.session = replace(turn.session, words=event.heard.text, turns=turn.session.turns + 1)
            turn.understood()
            _heard(turn, state, event.heard, event.matches)
        case _:
            pass


def _heard(turn: Turn, state: Identifying, heard: Heard, matches: tuple[Match, ...]) -> None:
    best = matches[0] if matches else None
    sure = best is not None and best.score >= turn.desk.thresholds.accept
    match best.meaning if best is not None and sure else None:
        case Command.OPERATOR:
            turn.hand_off(Reason.ASKED)
        case Command.GOODBYE:
            goodbye(turn)
        case Command.WAIT:
            turn.standard(Standard.WAIT, repeatable=False)
            turn.listen(state, waiting=True)
        case Command.MUSING:
            turn.listen(state)
        case Command.CALL_BACK:
            call_back(turn, state)
        case Command.SLOWER | Command.LOUDER as what:
            adapt(turn, what)
            _again(turn, state)
        case Command.REPEAT | Command.HELP | Command.HELLO | Command.THANKS | Command.WHO | Command.EXPLAIN:
            _again(turn, state)
        case _:
            tries = {one.said for one in state.answers if one.name == state.item}
            answer = tuple(
                SlotValue(state.item, one.text, str(len(tries)), one.confidence, sensitive=True)
                for one in heard.hypotheses
                if one.text.strip()
            )
            answers = (*state.answers, *answer)
            turn.look_up(
                LookUp(state.step.lookup, answers), LookingUp(state.task, state.step, state.rest, answers)
            )


def _silent(turn: Turn, state: Identifying) -> None:
    turn.session = replace(turn.session, silences=turn.session.silences + 1)
    if turn.session.silences < turn.desk.limits.no_input:
        turn.standard(Standard.SORRY, repeatable=False)
        _again(turn, state)
        return
    turn.note(Note.SILENT)
    turn.hand_off(Reason.NO_INPUT)


def _ask(turn: Turn, state: Identifying) -> None:
    turn.standard(_QUESTIONS[state.item])
    turn.listen(state)


def _again(turn: Turn, state: Identifying) -> None:
    turn.actions.extend(turn.session.last)
    turn.listen(state)
