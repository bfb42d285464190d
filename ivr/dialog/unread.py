"""Sounds that a recognizer wrote words for, none of which it believes: people in the background, a radio.

Who is held to a grammar reads something of it into everything: where nothing at all was read freely, that has
to fit well. Where one of some choices is asked for, any words are like one of them ("thank you" like "I see
it"), and the caller who does something with their hands at a step of a guide says nothing for long.
"""

from __future__ import annotations

from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking
from ivr.events import Heard, Understood
from ivr.meaning import Hypothesis, SlotType

UNSURE = 0.45
"""Confidence of a free reading below which it tells nothing of which choice was meant: in 504 simulated calls
four choices were taken from such words, all of them wrong."""
HELD, FITS = 0.3, -1.0
"""Share and fit (nats a token) from which a reading held to the grammar is believed all the same."""
FITS_ALONE = -0.5
"""Fit from which it is believed where nothing was read freely: people behind the caller were read as "the
operator" (-1.5 to -2.3), "perfect" (-0.8) and "that is ridiculous" (-0.9)."""


def unread(state: Talking, heard: Heard) -> bool:
    """Whether what was heard is no answer to the question for a choice, whatever it resembles."""
    if not isinstance(state, Asking) or state.slot.spec.type is not SlotType.CHOICE:
        return False
    free = _free(heard)
    return free is not None and free.confidence < UNSURE and not any(fit > FITS for fit in _fits(heard))


def overheard(state: Talking, event: Understood) -> bool:
    """Whether nothing is read but what may be said, and that does not fit, in sound that began while the desk
    was speaking: people behind the caller. Where a yes or a no was asked, it is weighed with what was asked.

    In 1,680 simulated calls all such utterances that began over a prompt were babble, and nearly all that
    began after it were the caller.
    """
    heard = event.heard
    answering = isinstance(state, Confirming | Offering | Checking | Choosing)
    if not event.over or answering or state == Main(after_answer=True):
        return False
    nothing = bool(heard.hypotheses) and _free(heard) is None
    return nothing and max(_fits(heard), default=FITS_ALONE - 1.0) < FITS_ALONE


def _free(heard: Heard) -> Hypothesis | None:
    return next((one for one in heard.hypotheses if one.fit is None and one.text.strip()), None)


def _fits(heard: Heard) -> list[float]:
    return [one.fit for one in heard.hypotheses if one.fit is not None and one.confidence >= HELD]
