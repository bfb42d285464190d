"""The survey at the end of a call: how satisfied the caller is, by voice or key. Nobody is pressed to it."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.flow import advance
from ivr.dialog.references import SURVEY
from ivr.dialog.states import State, Task, task_of
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn


def surveying(state: State) -> bool:
    """Whether the survey is under way."""
    task = task_of(state)
    return task is not None and task.flow.name == SURVEY


def survey(turn: Turn) -> bool:
    """Ask, once, whoever was answered; False where nobody is asked."""
    flow = turn.desk.flows.get(SURVEY)
    if not turn.desk.survey or flow is None or turn.session.surveyed or not turn.session.answered:
        return False
    turn.session = replace(turn.session, surveyed=True)
    turn.understood()
    advance(turn, Task(flow))
    return True


def leave(turn: Turn) -> None:
    """Who does not answer has said goodbye."""
    turn.last_words(turn.desk.standard[Standard.GOODBYE][:1])
    turn.hang_up(turn.outcome_if_over, "the caller did not answer the survey")
