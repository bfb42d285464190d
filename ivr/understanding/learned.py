"""A linear model of what callers say, trained when a desk loads from its labelled sentences.

It ranks intents by word and letter grams together with the sentence encoder's vectors, and says how sure it
is: the chance that the first intent is right, learned by cross-validation that also leaves out whole intents,
so that what no intent covers gets a low chance (out of scope as in Larson et al. 2019). Everyday sentences of
the language stand beside the intents as "none of them": a model of intents alone gives all that people say,
and all that a recognizer makes of noise, to the intent that is most like talk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.learned_features import SparseFeatures, waves
from ivr.understanding.learned_squares import EXACT, gaussian
from ivr.understanding.learned_trust import Clues, Trust, decide, log_odds
from ivr.understanding.sentences import Floats, SentenceEncoder

MOST_LIKELY = 12
"""Intents whose chances are weighed against each other; fewer than the targets that a matcher reads."""

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model makes of one sentence.

    first  the number of the intent that comes first
    share  of every intent, shape (intents,), before calibration; the rest of 1 is "none of them"
    clues  of this one sentence
    """

    first: int
    share: NDArray[np.float64]
    clues: Clues


class LearnedModel:
    """Ranks intents; made by `learned_training` or read from the cache. Safe to share between threads.

    intents    the labels, sorted; classes are these and, where there is anything of none, that
    gram_weights  of every gram, for the regression and beside it for the least squares: shape
                  (grams, 2 * classes)
    vector_weights  of the encoder's vector, for the regression: shape (384, classes)
    said       vectors of the sentences learned from, intent by intent, those of none last: shape
               (sentences, 384)
    beside     weights of the least squares: of the likeness to each of `said`, but of waves over a vector
               where more than `EXACT` sentences were learned from
    starts     where the sentences of each intent start in `said`, and the end: shape (intents + 1,)
    threshold  the probability below which the first intent is rejected, chosen without any other data
    """

    def __init__(
        self,
        intents: tuple[str, ...],
        grams: SparseFeatures,
        encoder: SentenceEncoder,
        gram_weights: Floats,
        vector_weights: Floats,
        beside: Floats,
        said: NDArray[np.float16] | Floats,
        starts: NDArray[np.intp],
        trust: Trust,
    ) -> None:
        self.intents = intents
        self.grams = grams
        self.encoder = encoder
        self.gram_weights = gram_weights
        self.vector_weights = vector_weights
        self.beside = beside
        self.exact = len(said) <= EXACT
        self.said = said.astype(np.float32) if self.exact else said  # quicker to multiply
        self.starts = starts
        self.trust = trust

    @property
    def threshold(self) -> float:
        """See the class."""
        return self.trust.threshold

    def judge(self, text: str, words: Sequence[str]) -> Judgement:
        """What the model makes of a sentence, which has words."""
        columns, values = self.grams.row(words)
        vector = self.encoder.of([text])
        both = values @ self.gram_weights[columns].astype(np.float32)
        many = self.vector_weights.shape[1]
        straight = both[None, :many] + vector @ self.vector_weights
        # Not by "@": its threads wait for each other 20 ms where calls share the processors.
        cosines = np.einsum("ij,j->i", self.said, vector[0]) if self.exact else None
        if cosines is None:
            beside = waves(vector) @ self.beside
        else:
            beside = np.einsum("i,ij->j", gaussian(cosines), self.beside)[None, :]
        first, shares = decide(straight, both[None, many:] + beside, len(self.intents))
        best = int(first[0])
        own = slice(int(self.starts[best]), int(self.starts[best + 1]))
        near = cosines[own] if cosines is not None else self.said[own].astype(np.float32) @ vector[0]
        nearest = np.array([near.max()], dtype=np.float64)
        return Judgement(best, shares[0], Clues(log_odds(first, shares), nearest))

    def chances(self, text: str, words: Sequence[str]) -> NDArray[np.float64]:
        """The chance of every intent, shape (intents,); their sum is below 1, the rest is "none of them".

        The highest is calibrated as if it had to be an intent, the others share what remains in proportion to
        their scores; all have what "none of them" leaves.
        """
        if not words:
            return np.zeros(len(self.intents))
        found = self.judge(text, words)
        known = max(float(found.share.sum()), _LEAST)
        share, best = found.share / known, found.first
        wanted = known**2 / (known**2 + max(0.0, 1.0 - known) ** 2)  # the mean of two models is less sure
        chance = float(self.trust.chance(found.clues)[0])
        left = max(1.0 - float(share[best]), _LEAST)
        out = share * min(chance / max(float(share[best]), _LEAST), (1.0 - chance) / left)
        out[best] = chance
        return np.asarray(wanted * np.minimum(out, chance))

    def log_odds(self, text: str, words: Sequence[str]) -> NDArray[np.float64]:
        """Log-odds of every intent against "none of them", as the matcher weighs targets.

        The matcher reads only the likeliest: the many small chances beyond `MOST_LIKELY` belong to "none",
        or the likely ones would look surer than they are.
        """
        chances = self.chances(text, words)
        likely = np.sort(chances)[-MOST_LIKELY:]
        none = max(1.0 - float(likely.sum()), 1e-3)
        return np.asarray(np.log(np.maximum(chances, _LEAST) / none))


def places(intents: Sequence[str], names: Sequence[str | None]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the same intents stand: places in `intents`, and in `names`; None is no intent."""
    place = {intent: number for number, intent in enumerate(intents)}
    pairs = [(place[name], number) for number, name in enumerate(names) if name in place]
    both = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return both[:, 0], both[:, 1]
