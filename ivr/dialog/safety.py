"""Questions of which one answer is safe: any doubt about it is asked once more, and then counts as the other.

"Okay", "I think so" and silence are no yes to "are they breathing normally?": who takes them for one does
nothing for somebody who is dying.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.desk import Slot
from ivr.dialog.filling import fill
from ivr.dialog.flow import advance
from ivr.dialog.language import Note
from ivr.dialog.states import Asking, Talking
from ivr.dialog.turn import Turn
from ivr.meaning import SlotValue

MOST_ASKED = 2
ASSUMED = 0.5
"""Score of an answer that nobody has given."""


def assumed(slot: Slot) -> SlotValue:
    """What an answer that cannot be had counts as: the one that is not safe, or none."""
    unsafe = slot.spec.unsafe
    return SlotValue(slot.name, unsafe, "", ASSUMED if unsafe else 1.0)


def in_doubt(turn: Turn, state: Talking) -> bool:
    """Whether no plain answer came as often as it was asked: the desk has gone on with the other one."""
    if not isinstance(state, Asking) or not state.slot.spec.safe or state.task.asked < MOST_ASKED:
        return False
    go_on_assuming(turn, state)
    return True


def go_on_assuming(turn: Turn, state: Asking) -> None:
    """Go on without an answer; whoever takes the call reads that it was none."""
    turn.understood()
    value = assumed(state.slot)
    if value.value:
        turn.note(Note.ASSUMED, slot=state.slot.name, value=value.value)
    turn.session = replace(turn.session, state=state)
    advance(turn, fill(turn, state.task, value))
