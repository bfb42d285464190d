"""Fitting the linear model of what callers say, when a desk loads: the same sentences give the same model."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_examples import Example
from ivr.understanding.learned_features import SparseFeatures, landmark_map
from ivr.understanding.learned_squares import EXACT, squares
from ivr.understanding.learned_trust import Columns, Stacked, Trust, fit_both, simulate
from ivr.understanding.sentences import Floats, SentenceEncoder

LEAST_INTENTS = 2
LEAST_SENTENCES = 4
"""Mean sentences an intent below which templates and letters know more than statistics."""
LEARNED_PARTS = ("grams", "vectors", "waves")
"""What the model sees of a sentence, by the name under which it can be left out (for measurements)."""
_NEAR = 0.6
"""Cosine with a sentence of the desk from which an everyday sentence may be one that callers say to it."""
_ASIDE = 0.1
"""Everyday sentences beside those of all intents together, as far as there are so many. Of 0.03, 0.05 and 0.1
the last kept most of what callers were heard to say where 5 or 2 % of nonsense passes (decision 12)."""


def trainable(examples: Sequence[Example]) -> bool:
    """Whether there are enough intents and sentences to learn from; sentences without words do not count."""
    usable = [example.intent for example in examples if example.words and example.intent is not None]
    return enough(len(set(usable)), len(usable))


def enough(intents: int, sentences: int) -> bool:
    """Whether so many intents with so many sentences together can be learned from."""
    return intents >= LEAST_INTENTS and sentences >= LEAST_SENTENCES * intents


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


def _name(intent: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in re.findall(r"[^\W_]+", intent)) or (intent,)
