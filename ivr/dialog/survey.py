"""The survey at the end of a call: how satisfied the caller is, by voice or key. Nobody is pressed to it."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.flow import advance
from ivr.dialog.references import SURVEY
from ivr.dialog.states import State, task_of
from ivr.dialog.task import Task
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Outcome

SURVEY_SECONDS = 120.0
"""What a survey may take after a conversation with a person, however long that was."""


def surveying(state: State) -> bool:
    """Whether the survey is under way."""
    task = task_of(state)
    return task is not None and task.flow.name == SURVEY


def survey(turn: Turn) -> bool:
    """Ask, once, whoever was answered, by the desk or a person; False where nobody is asked."""
    flow = turn.desk.flows.get(SURVEY)
    served = turn.session.answered or turn.session.person
    if not turn.desk.survey or flow is None or turn.session.surveyed or not served:
        return False
    turn.session = replace(turn.session, surveyed=True)
    turn.understood()
    advance(turn, Task(flow))
    return True


def person_done(turn: Turn, name: str) -> None:
    """A person has ended the conversation: the caller is asked, never in an emergency, or it is the end."""
    asked = not turn.session.alarmed
    turn.session = replace(turn.session, person=name, parted=turn.now)
    if not (asked and name and survey(turn)):
        turn.hang_up(Outcome.HANDED_OFF, name)


def out_of_time(turn: Turn) -> bool:
    """Whether the survey after a conversation takes too long: its time and turns count from there."""
    return bool(turn.session.person) and turn.now >= turn.session.parted + SURVEY_SECONDS


def leave(turn: Turn) -> None:
    """Who does not answer has said goodbye."""
    turn.last_words(turn.desk.standard[Standard.GOODBYE][:1])
    turn.hang_up(turn.session.outcome_if_over, "the caller did not answer the survey")
