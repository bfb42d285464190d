"""A linear model of what callers say, trained when a desk loads from its labelled sentences.

It ranks intents by word and letter grams together with the sentence encoder's vectors, and says how sure it
is: the chance that the first intent is right, learned by cross-validation that also leaves out whole intents,
so that what no intent covers gets a low chance (out of scope as in Larson et al. 2019, without any such
sentence).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import IntentSpec, Vocabulary
from ivr.understanding.grammar import parse
from ivr.understanding.learned_features import SparseFeatures, landmark_map, waves
from ivr.understanding.learned_squares import EXACT, gaussian, squares
from ivr.understanding.learned_trust import (
    Clues,
    Columns,
    Stacked,
    Trust,
    decide,
    fit_both,
    log_odds,
    simulate,
)
from ivr.understanding.normalize import plain_words
from ivr.understanding.sentences import Floats, SentenceEncoder
from ivr.understanding.words import Words, load_words

LEAST_INTENTS = 2
LEAST_SENTENCES = 4
"""Mean sentences an intent below which templates and letters know more than statistics."""
PHRASES = 10
"""Sentences that are learned of one template: the shortest through each of its words, then others."""
MOST_LIKELY = 12
"""Intents whose chances are weighed against each other; fewer than the targets that a matcher reads."""

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence, as written and in matching form (`normalize.plain_words`).

    kin  sentences of one template: they are near copies, so that one must not be tried on the others. "" has
         none
    """

    text: str
    words: tuple[str, ...]
    intent: str
    kin: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model makes of one sentence.

    first  the number of the intent that comes first
    share  of every intent, shape (intents,), before calibration
    clues  of this one sentence
    """

    first: int
    share: NDArray[np.float64]
    clues: Clues


class LearnedModel:
    """Ranks intents; made by `train` or read from the cache. Safe to share between threads.

    intents    the labels, sorted
    said       vectors of the sentences learned from, intent by intent, shape (sentences, 384)
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
        many = len(self.intents)
        straight = both[None, :many] + vector @ self.vector_weights
        # Not by "@": its threads wait for each other 20 ms where calls share the processors.
        cosines = np.einsum("ij,j->i", self.said, vector[0]) if self.exact else None
        if cosines is None:
            beside = waves(vector) @ self.beside
        else:
            beside = np.einsum("i,ij->j", gaussian(cosines), self.beside)[None, :]
        first, shares = decide(straight, both[None, many:] + beside)
        best = int(first[0])
        own = slice(int(self.starts[best]), int(self.starts[best + 1]))
        near = cosines[own] if cosines is not None else self.said[own].astype(np.float32) @ vector[0]
        nearest = np.array([near.max()], dtype=np.float64)
        return Judgement(best, shares[0], Clues(log_odds(first, shares), nearest))

    def chances(self, text: str, words: Sequence[str]) -> NDArray[np.float64]:
        """The chance of every intent, shape (intents,); their sum is below 1, the rest is "none of them".

        The highest is calibrated, the others share what remains in proportion to their scores.
        """
        if not words:
            return np.zeros(len(self.intents))
        found = self.judge(text, words)
        share, best = found.share, found.first
        chance = float(self.trust.chance(found.clues)[0])
        left = max(1.0 - float(share[best]), _LEAST)
        out = share * min(chance / max(float(share[best]), _LEAST), (1.0 - chance) / left)
        out[best] = chance
        return np.asarray(np.minimum(out, chance))

    def log_odds(self, text: str, words: Sequence[str]) -> NDArray[np.float64]:
        """Log-odds of every intent against "none of them", as the matcher weighs targets.

        The matcher reads only the likeliest: the many small chances beyond `MOST_LIKELY` belong to "none",
        or the likely ones would look surer than they are.
        """
        chances = self.chances(text, words)
        likely = np.sort(chances)[-MOST_LIKELY:]
        none = max(1.0 - float(likely.sum()), 1e-3)
        return np.asarray(np.log(np.maximum(chances, _LEAST) / none))


def trainable(examples: Sequence[Example]) -> bool:
    """Whether there are enough intents and sentences to learn from; sentences without words do not count."""
    usable = [example.intent for example in examples if example.words]
    return enough(len(set(usable)), len(usable))


def enough(intents: int, sentences: int) -> bool:
    """Whether so many intents with so many sentences together can be learned from."""
    return intents >= LEAST_INTENTS and sentences >= LEAST_SENTENCES * intents


LEARNED_PARTS = ("grams", "vectors", "waves")
"""What the model sees of a sentence, by the name under which it can be left out (for measurements)."""


def train(
    examples: Sequence[Example], encoder: SentenceEncoder, seed: int = 0, without: Collection[str] = ()
) -> LearnedModel:
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
    with ThreadPoolExecutor(1) as pool:  # the encoder leaves the interpreter lock to what takes one processor
        encoding = pool.submit(encoder.of, [e.text for e in examples] + [" ".join(name) for name in names])
        grams, rows = SparseFeatures.fit(sentences)
        dense, landmarks, basis = landmark_map(rows, seed)
        vectors = encoding.result()
    kept = {name: np.float32(name not in without) for name in LEARNED_PARTS}
    dense *= kept["grams"]
    columns = Stacked(
        Columns(dense, kept["vectors"] * vectors, squares(dense, vectors, float(kept["waves"])))
    )
    kin = [example.kin or str(number) for number, example in enumerate(examples)]
    trial = simulate(columns, labels, _numbered(kin, len(labels)), len(examples), seed)
    trust = Trust.fit(trial, len(set(kin)))
    weights = fit_both(columns, labels, len(intents), seed)
    gram_weights = landmarks.T @ (basis @ np.hstack([weights.straight, weights.bent]))
    order = np.argsort(labels, kind="stable")
    beside = weights.beside[order] if len(labels) <= EXACT else weights.beside
    return LearnedModel(
        intents,
        grams,
        encoder,
        np.asarray(gram_weights, dtype=np.float16),
        weights.vectors,
        beside,
        vectors[order].astype(np.float16),
        np.searchsorted(labels[order], np.arange(len(intents) + 1)),
        trust,
    )


def _numbered(kin: Sequence[str], rows: int) -> NDArray[np.intp]:
    """The kin as numbers in the order they first appear; rows beyond have none."""
    known: dict[str, int] = {}
    numbers = [known.setdefault(name, len(known)) for name in kin]
    return np.array([*numbers, *range(len(known), len(known) + rows - len(kin))], dtype=np.intp)


def examples_of(vocabulary: Vocabulary) -> tuple[Example, ...]:
    """What a vocabulary has to learn from, in its order: labelled sentences, and phrases of its templates.

    Where it has templates alone, people who write desks have said in them what callers want, and the model
    finds the wordings that they did not think of.
    """
    words = load_words(vocabulary.language)
    taught: list[Example] = []
    for intent in vocabulary.intents:
        taught += [Example(text, plain_words(text, words), intent.name) for text in intent.examples]
        for number, template in enumerate(intent.templates):
            for text in _phrases(template, intent, number, words):
                taught.append(Example(text, plain_words(text, words), intent.name, f"{intent.name} {number}"))
    return tuple(taught)


def _phrases(template: str, intent: IntentSpec, number: int, words: Words) -> Iterator[str]:
    """Some sentences of a template, with a value for each slot; none where a slot may hold anything."""
    values = {f"{{{slot.name}}}": [choice.value for choice in slot.choices] for slot in intent.slots}
    for turn, sentence in enumerate(
        parse(template, lambda text: plain_words(text, words)).sentences(PHRASES)
    ):
        filled = []
        for word in sentence:
            some = values.get(word, []) if word.startswith("{") else [word]
            filled.append(some[(7 * number + turn) % len(some)] if some else "")
        if all(filled):
            yield " ".join(filled)


def without_examples(vocabulary: Vocabulary, learned: frozenset[str]) -> Vocabulary:
    """The vocabulary with templates alone for the intents that are learned."""
    intents = tuple(
        dataclasses.replace(intent, examples=()) if intent.name in learned else intent
        for intent in vocabulary.intents
    )
    return dataclasses.replace(vocabulary, intents=intents)


def places(intents: Sequence[str], names: Sequence[str | None]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the same intents stand: places in `intents`, and in `names`; None is no intent."""
    place = {intent: number for number, intent in enumerate(intents)}
    pairs = [(place[name], number) for number, name in enumerate(names) if name in place]
    both = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _name(intent: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in re.findall(r"[^\W_]+", intent)) or (intent,)
