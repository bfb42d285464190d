"""Asking other systems: what they are asked with, and what is done with their answer."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from ivr.dialog.flow import begin, run
from ivr.dialog.identifying import customer, identifies
from ivr.dialog.interrupt import interrupt, urgent
from ivr.dialog.keys import OPERATOR
from ivr.dialog.meanwhile import sure
from ivr.dialog.missed import goodbye
from ivr.dialog.states import LookingUp
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import (
    Decided,
    Decision,
    HungUp,
    Input,
    KeyPressed,
    LimitReached,
    LookedUp,
    LookupResult,
    Understood,
)
from ivr.handover import Reason
from ivr.meaning import Command


def looking(turn: Turn, state: LookingUp, event: Input) -> None:
    """What happens while another system is asked: a person is reached, another want is followed."""
    match event:
        case LookedUp() if _identified(turn, state, event):
            customer(turn, state, event)
        case LookedUp(lookup=name) if name == state.step.lookup:
            answered(turn, state, event)
        case HungUp():
            turn.left("the caller hung up")
        case LimitReached():
            turn.last_words(turn.desk.standard[Standard.LIMIT][:1])
            turn.hand_off(Reason.DESK_RULE)
        case KeyPressed(key=key) if key == OPERATOR:
            turn.hand_off(Reason.ASKED)
        case Understood() if (alarm := urgent(turn, event.matches, state.task)) is not None:
            turn.session = replace(turn.session, words=event.heard.text)
            interrupt(turn, alarm)
        case Understood() if event.matches:
            best = event.matches[0]
            accept = turn.desk.thresholds.accept
            if best.meaning is Command.OPERATOR and best.score >= accept:
                turn.hand_off(Reason.ASKED)
            elif best.meaning is Command.GOODBYE and best.score >= accept:
                goodbye(turn)
            elif (guess := sure(turn, event, state.task)) is not None:
                turn.session = replace(turn.session, words=event.heard.text)
                turn.actions.append(Decided(Decision.ACCEPT, guess.intent.flow.name, guess.score))
                begin(turn, guess)
        case _:
            pass


def _identified(turn: Turn, state: LookingUp, event: LookedUp) -> bool:
    """Whether it is an answer of the customer file."""
    mine = event.lookup == state.step.lookup and event.result is not LookupResult.FAILED
    return mine and identifies(turn, state)


def answered(turn: Turn, state: LookingUp, event: LookedUp) -> None:
    """The answer is there: remember it and go on."""
    step = state.step
    rows = event.rows if event.result is LookupResult.FOUND else ()
    turn.session = replace(
        turn.session, looked_up=MappingProxyType({**turn.session.looked_up, step.lookup: rows})
    )
    for value in rows[0] if rows else ():
        turn.remember(replace(value, name=f"{step.lookup}.{value.name}"))
    match event.result:
        case LookupResult.FOUND:
            run(turn, state.task, (*step.found, *state.rest))
        case LookupResult.NONE:
            run(turn, state.task, (*step.none, *state.rest))
        case LookupResult.FAILED if step.failed:
            run(turn, state.task, (*step.failed, *state.rest))
        case _:
            turn.last_words(turn.desk.standard[Standard.LOOKUP_FAILED][:1])
            turn.hand_off(Reason.TROUBLE)
