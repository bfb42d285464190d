"""A desk that never ends a call: it stays with the caller until they hang up or a person comes.

What is not understood or not said costs nothing here: a fact that cannot be had is left out, and the desk
goes on with what it can do. Who listens in has every word in the transcript.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.filling import fill
from ivr.dialog.flow import advance
from ivr.dialog.questions import again
from ivr.dialog.safety import go_on_assuming
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn


def stays(turn: Turn) -> bool:
    """Whether the desk never ends a call."""
    return turn.desk.stay is not None


def go_on(turn: Turn, state: Talking, tries: int) -> None:
    """Nothing was said, or nothing that fits, for the `tries`-th time in a row."""
    assert turn.desk.stay is not None
    enough = tries >= turn.desk.limits.no_match
    match state:
        case Main(question=question) if question is not None and question.stay is not None:
            turn.stay(question)
        case Asking() if enough:
            go_on_assuming(turn, state)
        case Checking(task=task, value=value) if enough:
            turn.understood()
            advance(turn, fill(turn, task, value))
        case Choosing(task=task, first=first) if enough:
            turn.understood()
            advance(turn, fill(turn, task, first))
        case Main() | Confirming() | Offering() if enough:
            turn.understood()
            turn.stay(turn.desk.stay)
        case _:
            turn.standard(Standard.SORRY, repeatable=False)
            again(turn, state)


def keep(turn: Turn, state: Talking) -> None:
    """The caller takes leave, or asks for a person: somebody is being called; the desk goes on."""
    turn.understood()
    turn.standard(Standard.STAY, repeatable=False)
    match state:
        case Main(question=question) if question is not None and question.after:
            turn.stay(question)  # who works to a rhythm must not lose it for a word
        case Main(question=question) if question is not None and question.stay is not None:
            turn.listen(replace(state, keys=""))
        case _:
            again(turn, state)
