"""Urgent wants: what is heard of danger, in any state of any desk, comes before everything else."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.decide import guesses
from ivr.dialog.flow import begin
from ivr.dialog.task import Guess, Task
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision, Understood
from ivr.meaning import Intent, Match


def urgent(
    turn: Turn, matches: tuple[Match, ...], task: Task | None = None, least: float | None = None
) -> Guess | None:
    """The urgent want that is likely enough to be acted on; more about the one that `task` is, is none.

    least  chance from which it is; None: that of the desk
    """
    least = turn.desk.thresholds.urgent if least is None else least
    alarms = (
        match
        for match in matches
        if match.urgent
        and isinstance(match.meaning, Intent)
        and (intent := turn.desk.intents.get(match.meaning.name)) is not None
        and intent.flow.urgent
        and match.score >= least
        and (task is None or task.flow != intent.flow)
    )
    return next(iter(guesses(alarms, turn.desk)), None)


def interrupt(turn: Turn, guess: Guess) -> None:
    """Whatever was going on, this comes first."""
    turn.actions.append(Decided(Decision.ACCEPT, guess.intent.flow.name, guess.score))
    begin(turn, guess)


def alarmed(turn: Turn, event: Understood) -> None:
    """Words of a caller whom nothing is asked, on hold or during the last words: only danger counts."""
    if not turn.session.alarmed and (guess := urgent(turn, event.matches)) is not None:
        turn.session = replace(turn.session, words=event.heard.text)
        interrupt(turn, guess)
