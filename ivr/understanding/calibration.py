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
TEXT_ASKED = -3.0
"""An intent or command while any words are an answer: they have to be unmistakable."""
ANSWER = 1.0
"""An answer to the question that was asked."""
BESIDE, MOST_BESIDE = 0.9, 4
"""Taken off an answer for every content word beside its value, up to so many: "order past ten" for a time."""
DOUBT = 1.0
"""Taken off a meaning when the recognizer's confidence is 0 instead of 1."""

WORD_FOR_WORD = 3.0
"""A phrase of the target and, but for courtesy, nothing else: certain unless shared; set by hand."""

MOST = 0.99


# A held reading (`Hypothesis.fit`); set by hand between the fits of orders and of other speech.
HELD, HELD_FIT, HELD_STEP, LEAST_HELD = 10.0, -1.2, 0.1, 0.5
"""What a held reading that fits weighs, a free one being 1; the fit of half of it; how steeply it falls; the
trust below which it is nothing: it is a whole phrase always, whose odds would outweigh any small trust."""


def held_weight(fit: float) -> float:
    """The weight of a reading held to the grammar; 0 where the grammar does not hold what was said."""
    if not math.isfinite(fit):
        return 0.0
    trust = 1.0 / (1.0 + math.exp(min(50.0, (HELD_FIT - fit) / HELD_STEP)))
    return HELD * trust if trust >= LEAST_HELD else 0.0


def weight_of(hypothesis: Hypothesis, rank: int) -> tuple[float, float]:
    """What a reading counts beside the others of its utterance, and the doubt to take off its meanings."""
    given = hypothesis.confidence
    confidence = min(1.0, max(0.0, given)) if math.isfinite(given) else 0.0
    if hypothesis.fit is None:
        return max(confidence, 0.05) * 0.8**rank, DOUBT * (1.0 - confidence)
    return confidence * held_weight(hypothesis.fit), 0.0


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
