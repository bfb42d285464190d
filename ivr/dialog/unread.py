"""Sounds that a recognizer wrote words for, none of which it believes: people in the background, a radio.

Where one of some choices is asked for, any words are like one of them ("thank you" like "I see it"), and the
caller who does something with their hands at a step of a guide says nothing for long.
"""

from __future__ import annotations

from ivr.dialog.states import Asking, Talking
from ivr.events import Heard
from ivr.meaning import SlotType

UNSURE = 0.45
"""Confidence of a free reading below which it tells nothing of which choice was meant: in 504 simulated calls
four choices were taken from such words, all of them wrong."""
HELD, FITS = 0.3, -1.0
"""Share and fit (nats a token) from which a reading held to the grammar is believed all the same."""


def unread(state: Talking, heard: Heard) -> bool:
    """Whether what was heard is no answer to the question for a choice, whatever it resembles."""
    if not isinstance(state, Asking) or state.slot.spec.type is not SlotType.CHOICE:
        return False
    free = next((one for one in heard.hypotheses if one.fit is None), None)
    held = any(one.fit is not None and one.fit > FITS and one.confidence >= HELD for one in heard.hypotheses)
    return free is not None and free.confidence < UNSURE and not held
