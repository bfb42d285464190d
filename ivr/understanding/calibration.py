"""From evidence to probabilities: a conditional logit over the meanings an utterance may have, and none.

P(target) = exp(z) / (1 + sum of exp(z) over all targets), z a weighted sum of the columns of the evidence
with one set of weights for all desks. The 1 stands for "none of them": out of scope is an answer like any.
What the dialog knows is added to z as log-odds: a prior in the sense of Bayes.
"""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import Hypothesis

# Fitted by `python -m bench.calibrate` on the made-up desks marked `use: fit` in bench/data/desks.yaml, as
# typed and as recognized by Moonshine from speech at 8 kHz with and without noise; measured on other desks.
WEIGHTS = MappingProxyType(
    {
        "bias": -2.19,
        "heard": 1.97,
        "keys": 2.65,
        "strange": -1.80,
        "command": -2.15,
        "aside": -1.48,
        "whole": 3.00,
        "letters": 2.33,
        "sounds": 2.90,
        "fit": 3.09,
    }
)

# Log-odds that the state of the dialog adds; set by hand.
LIKELY = 1.0
"""An intent that the question named."""
SLOT_ASKED = -2.0
"""An intent while a fact was asked for and may have been heard: most callers answer the question."""
NOT_ANSWERED = -0.5
"""An intent while a fact was asked for, when nothing like an answer was heard."""
YES_OR_NO_FIRST = -3.0
"""An intent where a yes or no was asked for and the first word is one: what follows it tells more of that."""
TEXT_ASKED = -3.0
"""An intent or command while any words are an answer: they have to be unmistakable."""
ANSWER = 1.0
"""An answer to the question that was asked."""
TURNED_ROUND = -4.0
"""A yes or no by a phrase that denies where the caller did not, or the other way round; set by hand."""
OF_NOBODY = -12.0
"""A want by a phrase that tells of somebody, where the caller says it of nobody; set by hand."""
BESIDE, MOST_BESIDE = 0.9, 4
"""Taken off an answer for every content word beside its value, up to so many: "order past ten" for a time."""
DOUBT = 1.0
"""Taken off a meaning when the recognizer's confidence is 0 instead of 1."""

CLEAR, GARBLED, MOST_GARBLED = 0.75, 6.0, 2.0
"""Taken off an intent for each 1 of confidence below the first, and at most: what is misheard
still looks like some want. Of 235 sentences of simulated callers in noise, the likeliest want was right in 40
of 54 that had 0.45 to 0.75 and a confidence of 0.7 or more, and in 3 of 16 that had less confidence."""

ENTIRELY = -9.0
"""For an intent, when every word heard belongs to one of the choices that were asked for."""
WORD_FOR_WORD = 3.0
"""A phrase of the target and, but for courtesy, nothing else: certain unless shared; set by hand."""

MOST = 0.99


def doubt_of(hypothesis: Hypothesis) -> float:
    """What is taken off the meanings of a free reading."""
    return DOUBT * (1.0 - _confidence(hypothesis))


def _confidence(hypothesis: Hypothesis) -> float:
    given = hypothesis.confidence
    return min(1.0, max(0.0, given)) if math.isfinite(given) else 0.0


def garbled(hypothesis: Hypothesis) -> float:
    """What is taken off the intents of a free reading beside `doubt_of`."""
    return min(MOST_GARBLED, max(0.0, GARBLED * (CLEAR - _confidence(hypothesis))))


def logits(columns: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """z of every target from named columns of shape (targets,); columns without a weight count nothing."""
    out = np.full(len(next(iter(columns.values()))), WEIGHTS["bias"])
    for name, values in columns.items():
        out += WEIGHTS.get(name, 0.0) * values
    if "whole" in columns:
        out += WORD_FOR_WORD * (columns["whole"] >= 1.0)
    return out


def probabilities(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of every target; their sum is below 1."""
    top = max(0.0, float(z.max(initial=0.0)))
    odds = np.exp(z - top)
    return np.asarray(np.minimum(MOST, odds / (odds.sum() + np.exp(-top))))


def log_odds(probability: float) -> float:
    """z that a probability alone stands for; certainty is kept finite."""
    inside = min(max(probability, 1e-4), 1.0 - 1e-3)
    return float(np.log(inside / (1.0 - inside)))
