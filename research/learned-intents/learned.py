"""A linear model of what callers say, trained when a desk loads from its labelled sentences.

It ranks intents by word and letter grams together with static word vectors, and says how sure it is: the
chance that the first intent is right, learned by cross-validation that also leaves out whole intents, so that
what no intent covers gets a low chance (out of scope as in Larson et al. 2019, without any such sentence).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ivr.understanding.learned_features import DenseFeatures, SparseFeatures
from ivr.understanding.learned_linear import fit, landmark_projection, softmax
from ivr.understanding.learned_trust import Trust, log_odds, simulate
from ivr.understanding.learned_words import MAX_WORDS, Floats, WordVectors

LEAST_INTENTS = 2
LEAST_SENTENCES = 4
"""Mean sentences an intent below which templates and letters know more than statistics."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence in matching form (`normalize.plain_words`)."""

    words: tuple[str, ...]
    intent: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """An intent and the chance that it is meant, 0 to 1."""

    intent: str
    probability: float


class LearnedModel:
    """Ranks intents; made by `train` or read from the cache. Safe to share between threads.

    intents    the labels, sorted
    threshold  the probability below which the first intent is rejected, chosen without any other data
    """

    def __init__(
        self,
        intents: tuple[str, ...],
        grams: SparseFeatures,
        dense: DenseFeatures,
        gram_weights: Floats,
        dense_weights: Floats,
        trust: Trust,
    ) -> None:
        self.intents = intents
        self.grams = grams
        self.dense = dense
        self.gram_weights = gram_weights
        self.dense_weights = dense_weights
        self.trust = trust

    @property
    def threshold(self) -> float:
        """See the class."""
        return self.trust.threshold

    def rank(self, words: Sequence[str], many: int = 5) -> tuple[Ranked, ...]:
        """The likeliest intents for the words of one utterance, best first; nothing for no words.

        The first probability is calibrated, the rest share what remains in proportion to their scores.
        """
        if not words:
            return ()
        sentence = words[:MAX_WORDS]
        row = self.grams.of([sentence])
        dense = self.dense.of([sentence])
        scores = row.data @ self.gram_weights[row.indices] + (dense @ self.dense_weights)[0]
        share = softmax(scores[None])[0]
        order = np.argsort(-scores, kind="stable")[:many]
        first = float(self.trust.chance(log_odds(scores[None]))[0])
        best = float(share[order[0]])
        scale = min(first / max(best, 1e-6), (1 - first) / max(1 - best, 1e-6))
        rest = [min(first, float(share[i]) * scale) for i in order[1:]]
        return tuple(Ranked(self.intents[i], p) for i, p in zip(order.tolist(), [first, *rest], strict=True))


def trainable(examples: Sequence[Example]) -> bool:
    """Whether there are enough intents and sentences to learn from; sentences without words do not count."""
    usable = [example.intent for example in examples if example.words]
    intents = len(set(usable))
    return intents >= LEAST_INTENTS and len(usable) >= LEAST_SENTENCES * intents


def train(examples: Sequence[Example], vectors: WordVectors, seed: int = 0) -> LearnedModel:
    """Fit the model; about 10 s of one core for 150 intents of 100 sentences. Same input, same model.

    The name of an intent counts as one more sentence of it. ValueError unless `trainable`.
    """
    if not trainable(examples):
        raise ValueError("too few intents or sentences to learn from")
    examples = [example for example in examples if example.words]
    intents = tuple(sorted({example.intent for example in examples}))
    index = {intent: i for i, intent in enumerate(intents)}
    sentences = [e.words for e in examples] + [tuple(_name(intent)) for intent in intents]
    labels = np.array([index[e.intent] for e in examples] + list(range(len(intents))), dtype=np.intp)
    grams = SparseFeatures.fit(sentences)
    dense = DenseFeatures.fit(sentences, vectors)
    rows = grams.of(sentences)
    projection = landmark_projection(rows, seed)
    columns = np.hstack([np.asarray(rows @ projection, dtype=np.float32), dense.of(sentences)])
    weights = fit(columns, labels, len(intents), seed)
    trust = Trust.fit(simulate(columns, labels, len(examples), seed))
    kept = projection.shape[1]
    return LearnedModel(intents, grams, dense, projection @ weights[:kept], weights[kept:], trust)


def _name(intent: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W_]+", intent)]
