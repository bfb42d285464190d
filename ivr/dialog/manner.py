"""Callers who ask to be spoken to slower or louder: so for the rest of the call, and what was said again."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.turn import Turn
from ivr.events import Say
from ivr.meaning import Command

MOST_SLOWER = 2
"""Steps: slower than that, words fall apart."""


def adapt(turn: Turn, what: Command) -> None:
    """Speak as the caller asks from now on."""
    manner = turn.session.manner
    if what is Command.SLOWER:
        manner = replace(manner, slower=min(MOST_SLOWER, manner.slower + 1))
    elif what is Command.LOUDER:
        manner = replace(manner, louder=True)
    turn.session = replace(turn.session, manner=manner)


def say_so(turn: Turn) -> None:
    """All that is said in this step is said as the caller asked."""
    manner = turn.session.manner
    turn.actions = [
        replace(action, manner=manner) if isinstance(action, Say) else action for action in turn.actions
    ]
