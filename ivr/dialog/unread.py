"""Sounds that a recognizer wrote words for, none of which it believes: people in the background, a radio.

Who is held to a grammar reads something of it into everything: where nothing at all was read freely, that has
to fit well. Where one of some choices is asked for, any words are like one of them ("thank you" like "I see
it"), and the caller who does something with their hands at a step of a guide says nothing for long.
"""

from __future__ import annotations

from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking
from ivr.events import Heard
from ivr.meaning import SlotType

UNSURE = 0.45
"""Confidence of a free reading below which it tells nothing of which choice was meant: in 504 simulated calls
four choices were taken from such words, all of them wrong."""
HELD, FITS = 0.3, -1.0
"""Share and fit (nats a token) from which a reading held to the grammar is believed all the same."""
FITS_ALONE = -0.5
"""Fit from which it is believed where nothing was read freely: people behind the caller were read as "the
operator" (-1.5 to -2.3), "perfect" (-0.8) and "that is ridiculous" (-0.9)."""


def unread(state: Talking, heard: Heard) -> bool:
    """Whether what was heard says nothing here, whatever it resembles: sound in which nothing is read but
    what may be said, or no answer to the question for a choice.
    """
    free = next((one for one in heard.hypotheses if one.fit is None and one.text.strip()), None)
    held = [one.fit for one in heard.hypotheses if one.fit is not None and one.confidence >= HELD]
    if free is None:
        if isinstance(state, Confirming | Offering | Checking | Choosing) or state == Main(after_answer=True):
            return False  # a short answer is expected, and weighed with what the question says
        return bool(heard.hypotheses) and max(held, default=FITS_ALONE - 1.0) < FITS_ALONE
    if not isinstance(state, Asking) or state.slot.spec.type is not SlotType.CHOICE:
        return False
    return free.confidence < UNSURE and not any(fit > FITS for fit in held)
