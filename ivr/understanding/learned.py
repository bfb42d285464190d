"""A linear model of what callers say, trained when a desk loads from its labelled sentences.

It ranks intents by word and letter grams together with the sentence encoder's vectors, and says how sure it
is: the chance that the first intent is right, learned by cross-validation that also leaves out whole intents,
so that what no intent covers gets a low chance (out of scope as in Larson et al. 2019). Everyday sentences of
the language stand beside the intents as "none of them": a model of intents alone gives all that people say,
and all that a recognizer makes of noise, to the intent that is most like talk.
"""

from __future__ import annotations

import dataclasses
import functools
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
EVERYDAY = 8
"""Everyday sentences that are learned of one template, spread over all that it stands for."""
MOST_LIKELY = 12
"""Intents whose chances are weighed against each other; fewer than the targets that a matcher reads."""

_NEAR = 0.6
"""Cosine with a sentence of the desk from which an everyday sentence may be one that callers say to it."""
_ASIDE = 0.1
"""Everyday sentences beside those of all intents together, as far as there are so many. Of 0.03, 0.05 and 0.1
the last kept most of what callers were heard to say where 5 or 2 % of nonsense passes (decision 12)."""

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence, as written and in matching form (`normalize.plain_words`).

    intent  None: of none of them
    kin     sentences of one template: they are near copies, so that one must not be tried on the others. ""
            has none
    """

    text: str
    words: tuple[str, ...]
    intent: str | None
    kin: str = ""


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
    """Ranks intents; made by `train` or read from the cache. Safe to share between threads.

    intents    the labels, sorted
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


def trainable(examples: Sequence[Example]) -> bool:
    """Whether there are enough intents and sentences to learn from; sentences without words do not count."""
    usable = [example.intent for example in examples if example.words and example.intent is not None]
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
    wanted = [(e, e.intent) for e in examples if e.words and e.intent is not None]
    aside = [example for example in examples if example.words and example.intent is None]
    intents = tuple(sorted({intent for _, intent in wanted}))
    index = {intent: i for i, intent in enumerate(intents)}
    names = [_name(intent) for intent in intents]
    sentences = [e.words for e, _ in wanted] + names + [e.words for e in aside]
    texts = [e.text for e, _ in wanted] + [" ".join(name) for name in names] + [e.text for e in aside]
    labels = np.array(
        [index[intent] for _, intent in wanted] + list(range(len(intents))) + [len(intents)] * len(aside),
        dtype=np.intp,
    )
    with ThreadPoolExecutor(1) as pool:  # the encoder leaves the interpreter lock to what takes one processor
        encoding = pool.submit(encoder.of, texts)
        grams, rows = SparseFeatures.fit(sentences)
        dense, landmarks, basis = landmark_map(rows, seed)
        vectors = encoding.result()
    foreign = _foreign(vectors, labels < len(intents))
    dense, vectors, labels = dense[foreign], vectors[foreign], labels[foreign]
    kept = {name: np.float32(name not in without) for name in LEARNED_PARTS}
    dense *= kept["grams"]
    columns = Stacked(
        Columns(dense, kept["vectors"] * vectors, squares(dense, vectors, float(kept["waves"])))
    )
    kin = [example.kin or str(number) for number, (example, _) in enumerate(wanted)]
    trial = simulate(columns, labels, _numbered(kin, len(labels)), len(wanted), len(intents), seed)
    trust = Trust.fit(trial, len(set(kin)))
    classes = int(labels.max()) + 1
    weights = fit_both(columns, labels, classes, seed)
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
        np.searchsorted(labels[order], np.arange(classes + 1)),
        trust,
    )


def _foreign(vectors: Floats, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows to learn from: all of the intents, and others from all over the list, but none that is near to
    what a caller of this desk says."""
    out = wanted.copy()
    most = round(_ASIDE * int(wanted.sum()))
    if not wanted.all():
        far = np.flatnonzero(~wanted)[(vectors[~wanted] @ vectors[wanted].T).max(axis=1) < _NEAR]
        out[far[np.linspace(0, len(far) - 1, min(len(far), most)).astype(np.intp)]] = True
    return out


def _numbered(kin: Sequence[str], rows: int) -> NDArray[np.intp]:
    """The kin as numbers in the order they first appear; rows beyond have none."""
    known: dict[str, int] = {}
    numbers = [known.setdefault(name, len(known)) for name in kin]
    return np.array([*numbers, *range(len(known), len(known) + rows - len(kin))], dtype=np.intp)


def examples_of(vocabulary: Vocabulary) -> tuple[Example, ...]:
    """What a vocabulary has to learn from, in its order: labelled sentences, and phrases of its templates,
    and everyday sentences of its language, which are no want of anybody.

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
    if not vocabulary.is_corpus:  # one knows its wants well enough: see decision 12
        taught += [Example(text, plain_words(text, words), None) for text in everyday(words)]
    return tuple(taught)


@functools.cache
def everyday(words: Words) -> tuple[str, ...]:
    """Everyday sentences of a language, `EVERYDAY` of each of its templates."""
    out: list[str] = []
    for template in words.everyday:
        parsed = parse(template, lambda text: plain_words(text, words))
        every = [" ".join(sentence) for sentence in parsed.sentences(parsed.count)]
        out += every[:: max(1, len(every) // EVERYDAY)][:EVERYDAY]
    return tuple(out)


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
