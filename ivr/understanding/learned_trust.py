"""How far the learned model can be trusted: cross-validation, the calibrated chance and the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.learned_linear import fit, softmax
from ivr.understanding.learned_squares import Squares, squares
from ivr.understanding.sentences import Floats

OUT_OF_SCOPE_SHARE = 0.025
"""The share of utterances that no intent covers, as the calibrated chance and the threshold assume."""

_PARTS = 5
"""A fifth of the sentences is held out, or a fifth of the intents is left out, in each fold."""
_MANY = 5000
"""From so many sentences on one fold is enough, which leaves out a tenth of the intents too; below it there
are three with every intent, and two with a fifth of the intents left out."""
_TENTH = 10
_FEWEST_INTENTS = 3
"""To leave out one and still have two to choose from."""
_WIDEST = 12.0
_SOFT = 6.0
"""Sharpness of the least squares as probabilities."""
_PRIOR = 4.0
"""Cases by which the calibration is drawn to `COMMON` in any case."""
USUAL, USUAL_THRESHOLD = (1.0, 1.2, 1.5), 0.3
"""Slopes and threshold where there are too few intents to leave one out; set by hand."""
COMMON = (1.27, 0.9, 1.48)
"""Slopes that desks with few sentences have in common, fitted by `python -m bench.calibrate_trust`: of their
callers one in four is taken to say what fits nothing."""
_FEW, _SHRINK = 25, 0.75
"""Sentences, near copies counted once, of which a desk's own cross-validation tells little, and how much its
calibration is drawn to `COMMON` there; with twice as many a quarter as much. Chosen on the desks of
bench/data/desks.yaml marked `use: fit`, each with the calibration of the others."""
_NEAR, _SPREAD = 0.7, 0.15
"""About the mean and deviation of the likeness to the nearest sentence: brings both clues to one scale."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What tells how far the first intent can be trusted, in parallel arrays.

    odds     the model's log-odds of its first intent
    nearest  cosine of the sentence with the most alike sentence of that intent: a model of differences
             between intents is sure of much that is far from all of them
    """

    odds: NDArray[np.float64]
    nearest: NDArray[np.float64]

    @property
    def rows(self) -> NDArray[np.float64]:
        """Shape (cases, 3): both on one scale, and 1."""
        odds = np.clip(self.odds, -_WIDEST, _WIDEST)
        return np.stack([odds, (self.nearest - _NEAR) / _SPREAD, np.ones(len(odds))], axis=1)


@dataclass(frozen=True, slots=True)
class Trial:
    """What cross-validation saw of each case, in parallel arrays.

    right     whether the first intent was right
    in_scope  False for sentences of intents that the model had not seen
    """

    clues: Clues
    right: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]


VECTOR = np.float32(1.5)
"""Weight of the encoder's vector beside the grams, whose length is 1."""
BENT = np.float32(10.0)
"""Weight of the least squares beside the logistic regression: targets 1 apart beside log-odds."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Sentences as numbers: shapes (sentences, landmarks), (sentences, 384).

    squares  what is fitted over that which is not linear
    """

    grams: Floats
    vectors: Floats
    squares: Squares

    @classmethod
    def of(cls, grams: Floats, vectors: Floats, bend: float = 1.0) -> Columns:
        """Of grams and vectors; `bend` 0 leaves out what is not linear."""
        return cls(grams, vectors, squares(grams, vectors, bend))


@dataclass(frozen=True, slots=True)
class Weights:
    """Of both models: a logistic regression over what is linear, least squares over what is not. Their errors
    differ.

    straight, bent  for grams, shapes (landmarks, intents)
    vectors         shape (384, intents)
    beside          for waves or for the likeness to each sentence, see `learned_squares`
    """

    straight: Floats
    vectors: Floats
    bent: Floats
    beside: Floats


class Stacked:
    """Columns side by side as the logistic regression is fitted to them, made once."""

    def __init__(self, columns: Columns) -> None:
        self.grams = columns.grams.shape[1]
        self.vectors = columns.vectors
        self.squares = columns.squares
        self.straight = np.hstack([columns.grams, VECTOR * columns.vectors], dtype=np.float32)


def fit_both(columns: Stacked, labels: NDArray[np.intp], classes: int, seed: int = 0) -> Weights:
    """Fit both models to all sentences; nothing can be fitted to the columns after it."""
    straight = fit(columns.straight, labels, classes, seed)
    bent, beside = columns.squares.fitted(labels, classes)
    return Weights(straight[: columns.grams], VECTOR * straight[columns.grams :], bent, beside)


def decide(straight: Floats, bent: Floats, intents: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The first intent of each row and the share of every intent, from the scores of both models.

    The product of both ranks, the mean of both says how sure they are: one that doubts is enough to doubt. A
    column beyond those of the `intents` is "none of them": never first, but it takes its share.
    """
    first = (straight + BENT * bent)[:, :intents].argmax(axis=1)
    share = (softmax(straight.astype(np.float64)) + softmax(_SOFT * bent.astype(np.float64))) / 2
    return first, share[:, :intents]


def log_odds(first: NDArray[np.intp], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of the first intent of each row against all others together; "none of them" is left aside."""
    best = np.clip(share[np.arange(len(share)), first] / share.sum(axis=1), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(best / (1 - best)), dtype=np.float64)


def nearest(vectors: Floats, first: NDArray[np.intp], known: Floats, labels: NDArray[np.intp]) -> Floats:
    """Cosine of each vector with the most alike of the `known` sentences of its first intent."""
    out = np.zeros(len(vectors), dtype=np.float32)
    for intent in np.unique(first):
        mine = np.flatnonzero(first == intent)
        out[mine] = (vectors[mine] @ known[labels == intent].T).max(axis=1)
    return out


def simulate(
    columns: Stacked,
    labels: NDArray[np.intp],
    kin: NDArray[np.intp],
    examples: int,
    classes: int,
    seed: int = 0,
) -> Trial:
    """Cross-validation: held-out sentences of known intents, and sentences of left-out intents.

    Rows of the same number in `kin` are held out together. Rows from `examples` on are names of intents, and
    sentences of none, whose label is `classes`: they are trained on, never tested. The columns were fitted on
    all rows, but know no labels.
    """
    random = np.random.default_rng(seed)
    wanted = labels < classes
    sentence_part = (random.permutation(int(kin.max()) + 1) % _PARTS)[kin]
    sentence_part[examples:] = -1
    class_part = np.append(random.permutation(classes), 0)
    if examples >= _MANY and classes >= _TENTH:
        unseen = [(sentence_part == 0) | (wanted & (class_part[labels] % _TENTH == 0))]
    else:
        unseen = [sentence_part == fold for fold in range(3)]
        if classes >= _FEWEST_INTENTS:
            unseen += [wanted & (class_part[labels] % _PARTS == fold) for fold in range(2)]
    odds, near, right, in_scope = [], [], [], []
    for test in unseen:
        rest = ~test
        kept, compact = np.unique(labels[rest], return_inverse=True)
        weights = fit(columns.straight[rest], compact, len(kept), seed)
        cases = np.flatnonzero(test & (sentence_part >= 0))
        bent = columns.squares.left_out(test, compact, len(kept), cases)
        first, share = decide(columns.straight[cases] @ weights, bent, int((kept < classes).sum()))
        odds.append(log_odds(first, share))
        near.append(nearest(columns.vectors[cases], first, columns.vectors[rest], compact))
        right.append(kept[first] == labels[cases])
        in_scope.append(np.isin(labels[cases], kept))
    clues = Clues(np.concatenate(odds), np.concatenate(near).astype(np.float64))
    return Trial(clues, np.concatenate(right), np.concatenate(in_scope))


@dataclass(frozen=True, slots=True)
class Trust:
    """The chance that the first intent is right: a logistic curve over the clues (Platt 1999).

    slopes     of the log-odds, of the nearest sentence, and the bias
    threshold  see LearnedModel
    """

    slopes: tuple[float, float, float]
    threshold: float

    @classmethod
    def fit(cls, trial: Trial, sentences: int) -> Trust:
        """Cases out of scope weigh OUT_OF_SCOPE_SHARE together. `sentences` counts near copies once.

        The threshold is where a right intent and a sentence out of scope are equally likely: rejecting the
        one and accepting the other are errors of the same size, and a wrong intent is one either way.
        Without cases out of scope, curve and threshold are the usual ones.
        """
        inside, outside = trial.in_scope, ~trial.in_scope
        if not outside.any():
            return cls(USUAL, USUAL_THRESHOLD)
        share = OUT_OF_SCOPE_SHARE
        weight = inside * (1 - share) / max(inside.sum(), 1) + outside * share / max(outside.sum(), 1)
        rows = trial.clues.rows
        ridge = _PRIOR / (len(rows) + _PRIOR) / 10 + _SHRINK * (_FEW / sentences) ** 2
        slopes = _platt(rows, trial.right, weight, np.array(COMMON), ridge)
        costly = trial.right | outside
        scores = np.stack([rows[costly] @ slopes, np.ones(int(costly.sum()))], axis=1)
        steep, shift = _platt(scores, trial.right[costly], weight[costly], np.array([1.0, 0.0]), ridge)
        threshold = float(_logistic(np.array([-shift / max(steep, 0.1)]))[0])
        return cls((float(slopes[0]), float(slopes[1]), float(slopes[2])), threshold)

    def chance(self, clues: Clues) -> NDArray[np.float64]:
        """The chance that the first intent is right."""
        return _logistic(clues.rows @ np.array(self.slopes))


def _platt(
    rows: NDArray[np.float64],
    target: NDArray[np.bool_],
    weight: NDArray[np.float64],
    start: NDArray[np.float64],
    ridge: float,
) -> NDArray[np.float64]:
    """Weighted logistic regression, drawn to `start` by `ridge`."""

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z, away = rows @ w, w - start
        value = float(weight @ (np.logaddexp(0.0, z) - target * z) + ridge * (away @ away) / 2)
        return value, rows.T @ (weight * (_logistic(z) - target)) + ridge * away

    from scipy import optimize  # noqa: PLC0415 - 14 MB that only training needs

    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-8})
    return np.asarray(found.x, dtype=np.float64)


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -40, 40))), dtype=np.float64)
