"""The caller says that the desk is wrong: an answer that is not what they asked, a question beside the point.

It is no leave: whoever hears "goodbye" for "that's wrong" calls again, angry. They are asked what they meant;
who says it of a second answer gets a person.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.filling import taken_back
from ivr.dialog.flow import advance
from ivr.dialog.language import Note
from ivr.dialog.missed import missed
from ivr.dialog.states import Asking, Main, Talking
from ivr.dialog.staying import stays
from ivr.dialog.steps import GuideStep
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision
from ivr.handover import Reason

MOST_DISPUTES = 2
"""Answers that were wrong until a person is asked."""


def disputed(turn: Turn, state: Talking, score: float) -> None:
    """Something is not what the caller meant."""
    match state:
        case Main(after_answer=True):
            _answer(turn)
        case Asking(task=task) if not (stays(turn) or task.anew or _guided(state)):
            _question(turn, state)
        case _:
            missed(turn, state, score)


def _answer(turn: Turn) -> None:
    """The last answer is wrong: what did they want to know? The second time a person tells them."""
    turn.session = replace(turn.session, disputed=turn.session.disputed + 1, silences=0, noises=0)
    if turn.session.answered:
        turn.note(Note.DENIED, intent=turn.session.answered[-1])
    if turn.session.disputed >= MOST_DISPUTES:
        turn.actions.append(Decided(Decision.HAND_OFF, turn.session.words, 0.0))
        turn.last_words(turn.desk.standard[Standard.NOT_UNDERSTOOD][:1])
        turn.hand_off(Reason.NOT_UNDERSTOOD)
        return
    turn.standard(Standard.WRONG_ANSWER)
    turn.listen(Main())


def _question(turn: Turn, state: Asking) -> None:
    """The question comes from something wrong: the last fact, which is asked for again, or the matter."""
    task = state.task
    own = [value.name for value in task.values if value.said]
    if own:
        turn.standard(Standard.SORRY, repeatable=False)
        advance(turn, taken_back(task, own[-1]))
        return
    turn.note(Note.DENIED, intent=task.flow.label)
    turn.session = replace(turn.session, denied=turn.session.denied | {task.flow.name})
    turn.standard(Standard.DENIED)
    turn.listen(Main())


def _guided(state: Asking) -> bool:
    """Whether a step of a guide was asked about."""
    return any(isinstance(step, GuideStep) for step in state.task.flow.steps)
