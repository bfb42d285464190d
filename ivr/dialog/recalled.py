"""A caller who says no while they are told where they are put through to: they are not."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog import attempts
from ivr.dialog.decide import guesses
from ivr.dialog.filling import taken_back
from ivr.dialog.flow import advance
from ivr.dialog.missed import one_more_miss
from ivr.dialog.states import Confirming, Main, Transferring
from ivr.dialog.task import Guess
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.dialog.wants import denied
from ivr.events import Understood
from ivr.meaning import Command

_NOT_THERE = frozenset({Command.NO, Command.WRONG})


def recalls(turn: Turn, state: Transferring, event: Understood) -> bool:
    """Whether the words say that the call is passed on wrongly: nobody in danger is held up by it."""
    if not event.matches or event.matches[0].meaning not in _NOT_THERE or state.task.flow.urgent:
        return False
    both = sum(match.score for match in event.matches if match.meaning in _NOT_THERE)
    return both >= turn.desk.thresholds.accept  # "not there" is as much the one as the other


def recall(turn: Turn, state: Transferring, event: Understood) -> None:
    """The fact that led there is asked for again; where there is none, what the caller wants."""
    turn.session = replace(turn.session, words=event.heard.text)
    task = state.task
    intent = turn.desk.intents.get(task.flow.name)
    if task.values:
        value = task.values[-1]
        if not one_more_miss(turn):
            advance(turn, attempts.denied(taken_back(task, value.name), value))
    elif intent is not None:
        guess = Guess(intent, 1.0)
        denied(turn, Confirming(guess, None, guesses(event.matches, turn.desk)), guess)
    elif not one_more_miss(turn):
        turn.standard(Standard.DENIED)
        turn.listen(Main())
