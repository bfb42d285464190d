"""The complaint protocol: what a desk does for a caller who sounds upset, angry or distressed.

The trade's rule: let them finish (the call waits longer for more words), name the feeling, apologise once,
say what happens now, and offer a person early: one misunderstanding is enough.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Alert, HandOff, HangUp, Say, Transfer
from ivr.meaning import Mood


def patience(turn: Turn) -> int:
    """Misunderstandings in a row until the call goes to a person."""
    return turn.desk.limits.no_match if turn.session.mood is Mood.CALM else 1


def soothe(turn: Turn) -> None:
    """Say once that the desk understands, before what it says anyway.

    Not where a person comes at once: what is said of that is the desk's apology, and two are one too many.
    """
    if turn.session.mood is Mood.CALM or turn.session.soothed or turn.desk.stay is not None:
        return
    if any(isinstance(action, Alert | HandOff | Transfer | HangUp) for action in turn.actions):
        return
    first = next((n for n, action in enumerate(turn.actions) if isinstance(action, Say)), None)
    prompts = turn.desk.standard[
        Standard.COMFORT if turn.session.mood is Mood.DISTRESSED else Standard.SYMPATHY
    ]
    if first is None or not prompts:
        return
    turn.session = replace(turn.session, soothed=True)
    rest = turn.actions[first:]
    del turn.actions[first:]
    turn.say(prompts[:1], repeatable=False)
    turn.actions.extend(rest)
