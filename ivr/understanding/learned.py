"""A linear model of what callers say, trained when a desk loads from its labelled sentences.

It ranks intents by word and letter grams together with the sentence encoder's vectors, and says how sure it
is: the chance that the first intent is right, learned by cross-validation that also leaves out whole intents,
so that what no intent covers gets a low chance (out of scope as in Larson et al. 2019, without any such
sentence).
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import Vocabulary
from ivr.understanding.learned_features import MAX_WORDS, SparseFeatures, landmark_map, waves
from ivr.understanding.learned_trust import Columns, Trust, decide, fit_both, log_odds, simulate
from ivr.understanding.normalize import plain_words
from ivr.understanding.sentences import Floats, SentenceEncoder
from ivr.understanding.words import load_words

LEAST_INTENTS = 2
LEAST_SENTENCES = 4
"""Mean sentences an intent below which templates and letters know more than statistics."""

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence, as written and in matching form (`normalize.plain_words`)."""

    text: str
    words: tuple[str, ...]
    intent: str


class LearnedModel:
    """Ranks intents; made by `train` or read from the cache. Safe to share between threads.

    intents    the labels, sorted
    threshold  the probability below which the first intent is rejected, chosen without any other data
    """

    def __init__(
        self,
        intents: tuple[str, ...],
        grams: SparseFeatures,
        encoder: SentenceEncoder,
        gram_weights: Floats,
        vector_weights: Floats,
        wave_weights: Floats,
        trust: Trust,
    ) -> None:
        self.intents = intents
        self.grams = grams
        self.encoder = encoder
        self.gram_weights = gram_weights
        self.vector_weights = vector_weights
        self.wave_weights = wave_weights
        self.trust = trust

    @property
    def threshold(self) -> float:
        """See the class."""
        return self.trust.threshold

    def chances(self, text: str, words: Sequence[str]) -> NDArray[np.float64]:
        """The chance of every intent, shape (intents,); their sum is below 1, the rest is "none of them".

        The highest is calibrated, the others share what remains in proportion to their scores.
        """
        if not words:
            return np.zeros(len(self.intents))
        row = self.grams.of([words[:MAX_WORDS]])
        vector = self.encoder.of([text])
        both = row.data @ self.gram_weights[row.indices].astype(np.float32)
        many = len(self.intents)
        straight = both[None, :many] + vector @ self.vector_weights
        bent = both[None, many:] + waves(vector) @ self.wave_weights
        first_of, shares = decide(straight, bent)
        first = float(self.trust.chance(log_odds(first_of, shares))[0])
        best, share = int(first_of[0]), shares[0]
        left = max(1.0 - float(share[best]), _LEAST)
        out = share * min(first / max(float(share[best]), _LEAST), (1.0 - first) / left)
        out[best] = first
        return np.asarray(np.minimum(out, first))

    def log_odds(self, text: str, words: Sequence[str]) -> dict[str, float]:
        """Log-odds of every intent against "none of them", as the matcher weighs targets."""
        chances = self.chances(text, words)
        none = math.log(max(1.0 - float(chances.sum()), 1e-3))
        return {
            intent: math.log(max(float(chance), _LEAST)) - none
            for intent, chance in zip(self.intents, chances, strict=True)
        }


def trainable(examples: Sequence[Example]) -> bool:
    """Whether there are enough intents and sentences to learn from; sentences without words do not count."""
    usable = [example.intent for example in examples if example.words]
    intents = len(set(usable))
    return intents >= LEAST_INTENTS and len(usable) >= LEAST_SENTENCES * intents


def train(examples: Sequence[Example], encoder: SentenceEncoder, seed: int = 0) -> LearnedModel:
    """Fit the model; seconds for 150 intents of 100 sentences. Same input, same model.

    The name of an intent counts as one more sentence of it. ValueError unless `trainable`.
    """
    if not trainable(examples):
        raise ValueError("too few intents or sentences to learn from")
    examples = [example for example in examples if example.words]
    intents = tuple(sorted({example.intent for example in examples}))
    index = {intent: i for i, intent in enumerate(intents)}
    names = [_name(intent) for intent in intents]
    sentences = [e.words for e in examples] + names
    labels = np.array([index[e.intent] for e in examples] + list(range(len(intents))), dtype=np.intp)
    vectors = encoder.of([e.text for e in examples] + [" ".join(name) for name in names])
    grams = SparseFeatures.fit(sentences)
    rows = grams.of(sentences)
    landmarks, basis = landmark_map(rows, seed)
    columns = Columns((rows @ landmarks.T).toarray() @ basis, vectors, waves(vectors))
    weights = fit_both(columns, labels, len(intents), seed)
    trust = Trust.fit(simulate(columns, labels, len(examples), seed))
    kept = basis.shape[1]
    gram_weights = landmarks.T @ (basis @ np.hstack([weights.straight[:kept], weights.bent[:kept]]))
    return LearnedModel(
        intents,
        grams,
        encoder,
        np.asarray(gram_weights, dtype=np.float16),
        weights.straight[kept:],
        weights.bent[kept:],
        trust,
    )


def examples_of(vocabulary: Vocabulary) -> tuple[Example, ...]:
    """The labelled sentences of a vocabulary, in its order."""
    words = load_words(vocabulary.language)
    return tuple(
        Example(text, plain_words(text, words), intent.name)
        for intent in vocabulary.intents
        for text in intent.examples
    )


def without_examples(vocabulary: Vocabulary, learned: frozenset[str]) -> Vocabulary:
    """The vocabulary with templates alone for the intents that are learned."""
    intents = tuple(
        dataclasses.replace(intent, examples=()) if intent.name in learned else intent
        for intent in vocabulary.intents
    )
    return dataclasses.replace(vocabulary, intents=intents)


def _name(intent: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in re.findall(r"[^\W_]+", intent)) or (intent,)
