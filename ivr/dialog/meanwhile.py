"""What callers say while somebody else is at work for them: the line that passes them on, another system."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.decide import guesses
from ivr.dialog.flow import begin
from ivr.dialog.interrupt import interrupt, urgent
from ivr.dialog.possible import usable
from ivr.dialog.recalled import recall, recalls
from ivr.dialog.states import Main, Transferring
from ivr.dialog.task import Guess, Task
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision, Understood
from ivr.meaning import Intent


def said_meanwhile(turn: Turn, state: Transferring, event: Understood) -> None:
    """Words while the call is being passed on: another want that is sure is followed ("... his name is Kim"),
    and a no stops it.

    What only goes on about the same matter, or is not sure, changes nothing.
    """
    if not turn.session.alarmed and (guess := urgent(turn, event.matches)) is not None:
        turn.session = replace(turn.session, words=event.heard.text)
        interrupt(turn, guess)
    elif (best := sure(turn, event, state.task)) is not None:
        turn.session = replace(turn.session, words=event.heard.text)
        turn.actions.append(Decided(Decision.ACCEPT, best.intent.flow.name, best.score))
        begin(turn, best)
    elif recalls(turn, state, event):
        recall(turn, state, event)


def sure(turn: Turn, event: Understood, task: Task) -> Guess | None:
    """Another want than the task's, when it is sure."""
    if not event.matches or not isinstance(event.matches[0].meaning, Intent):
        return None
    ranked = guesses(usable(Main(), event.matches, turn.desk, turn.session.denied), turn.desk)
    if not ranked or ranked[0].score < turn.desk.thresholds.accept:
        return None
    return ranked[0] if ranked[0].intent.flow.name != task.flow.name else None
