"""How far the learned model can be trusted: cross-validation, the calibrated chance and the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.learned_linear import fit, ridge, softmax, targets
from ivr.understanding.sentences import Floats

OUT_OF_SCOPE_SHARE = 0.06
"""The share of utterances that no intent covers, as the calibrated chance and the threshold assume."""

_PARTS = 5
"""A fifth of the sentences is held out, or a fifth of the intents is left out, in each fold."""
_MANY = 5000
"""From so many sentences on, one fold of each kind is enough; below it there are three and two."""
_FEWEST_INTENTS = 5
_HURRY = 0.7
"""Effort spent on the fold of left-out intents there."""
_WIDEST = 12.0
_SOFT = 6.0
"""Sharpness of the least squares as probabilities."""
_PRIOR = 4.0
"""Cases by which the calibration is drawn to "the model's own chance is right"."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What cross-validation saw of each case, in parallel arrays.

    odds      the model's log-odds of its first intent
    right     whether that intent was right
    in_scope  False for sentences of intents that the model had not seen
    """

    odds: NDArray[np.float64]
    right: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]


VECTOR = np.float32(1.5)
"""Weight of the encoder's vector beside the grams, whose length is 1."""
WAVE = np.float32(1.5)
"""The same for the waves."""
BENT = np.float32(10.0)
"""Weight of the least squares beside the logistic regression: targets 1 apart beside log-odds."""
PENALTY = 0.5


@dataclass(frozen=True, slots=True)
class Columns:
    """Sentences as numbers: shapes (sentences, landmarks), (sentences, 384), (sentences, waves)."""

    grams: Floats
    vectors: Floats
    waves: Floats

    @property
    def straight(self) -> Floats:
        """Grams beside vectors."""
        return np.asarray(np.hstack([self.grams, VECTOR * self.vectors]), dtype=np.float32)

    @property
    def bent(self) -> Floats:
        """Grams beside waves."""
        return np.asarray(np.hstack([self.grams, WAVE * self.waves]), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Weights:
    """Of both models, for grams beside unweighted vectors or waves.

    A logistic regression over what is linear, least squares over what is not: their errors differ.
    """

    straight: Floats
    bent: Floats

    @classmethod
    def of(cls, columns: Columns, straight: Floats, bent: Floats) -> Weights:
        """From weights for `Columns.straight` and `Columns.bent`."""
        grams = columns.grams.shape[1]
        straight, bent = straight.copy(), bent.copy()
        straight[grams:] *= VECTOR
        bent[grams:] *= WAVE
        return cls(straight, bent)


def fit_both(columns: Columns, labels: NDArray[np.intp], classes: int, seed: int = 0) -> Weights:
    """Fit both models to all sentences."""
    bent = columns.bent
    squares = ridge(bent.T @ bent, bent.T @ targets(labels, classes), PENALTY)
    return Weights.of(columns, fit(columns.straight, labels, classes, seed), squares)


def decide(straight: Floats, bent: Floats) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The first intent of each row and the share of every intent, from the scores of both models.

    The product of both ranks, the mean of both says how sure they are: one that doubts is enough to doubt.
    """
    first = (straight + BENT * bent).argmax(axis=1)
    share = (softmax(straight.astype(np.float64)) + softmax(_SOFT * bent.astype(np.float64))) / 2
    return first, share


def log_odds(first: NDArray[np.intp], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds of the first intent of each row against all others together."""
    best = np.clip(share[np.arange(len(share)), first], 1e-6, 1 - 1e-6)
    return np.asarray(np.log(best / (1 - best)), dtype=np.float64)


def simulate(columns: Columns, labels: NDArray[np.intp], examples: int, seed: int = 0) -> Trial:
    """Cross-validation: held-out sentences with every intent known, then sentences of left-out intents.

    Rows from `examples` on are names of intents: they are trained on, never tested. The columns were fitted
    on all rows, but know no labels.
    """
    random = np.random.default_rng(seed)
    classes = int(labels.max()) + 1
    folds, hurry = (1, _HURRY) if examples >= _MANY else (3, 1.0)
    sentence_part = random.permutation(len(labels)) % _PARTS
    sentence_part[examples:] = -1
    unseen = [(sentence_part == fold, 1.0) for fold in range(folds)]
    if classes >= _FEWEST_INTENTS:
        class_part = random.permutation(classes) % _PARTS
        unseen += [(class_part[labels] == fold, hurry) for fold in range(min(folds, 2))]
    straight, bent = columns.straight, columns.bent
    gram = bent.T @ bent
    odds, right, in_scope = [], [], []
    for test, effort in unseen:
        kept, compact = np.unique(labels[~test], return_inverse=True)
        weights = fit(straight[~test], compact, len(kept), seed, effort)
        rest = gram - bent[test].T @ bent[test]
        squares = ridge(rest, bent[~test].T @ targets(compact, len(kept)), PENALTY)
        cases = np.flatnonzero(test & (sentence_part >= 0))
        first, share = decide(straight[cases] @ weights, bent[cases] @ squares)
        odds.append(log_odds(first, share))
        right.append(kept[first] == labels[cases])
        in_scope.append(np.isin(labels[cases], kept))
    return Trial(np.concatenate(odds), np.concatenate(right), np.concatenate(in_scope))


@dataclass(frozen=True, slots=True)
class Trust:
    """The chance that the first intent is right is logistic(slope * log-odds + bias) (Platt 1999)."""

    slope: float
    bias: float
    threshold: float

    @classmethod
    def fit(cls, trial: Trial) -> Trust:
        """Cases out of scope weigh OUT_OF_SCOPE_SHARE together.

        The threshold is where a right intent and a sentence out of scope are equally likely: rejecting the
        one and accepting the other are errors of the same size, and a wrong intent is one either way.
        Without cases out of scope it is 0.
        """
        inside, outside = trial.in_scope, ~trial.in_scope
        share = OUT_OF_SCOPE_SHARE if outside.any() else 0.0
        weight = inside * (1 - share) / max(inside.sum(), 1) + outside * share / max(outside.sum(), 1)
        slope, bias = _platt(trial.odds, trial.right, weight)
        fitted = cls(slope, bias, 0.0)
        if not outside.any():
            return fitted
        costly = trial.right | outside
        steep, shift = _platt(trial.odds[costly], trial.right[costly], weight[costly])
        return cls(slope, bias, float(fitted.chance(np.array([-shift / max(steep, 0.1)]))[0]))

    def chance(self, odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance that the first intent is right."""
        return _logistic(self.slope * np.clip(odds, -_WIDEST, _WIDEST) + self.bias)


def _platt(
    odds: NDArray[np.float64], target: NDArray[np.bool_], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Slope and bias of weighted logistic regression by Newton's method, drawn a little to (1, 0)."""
    x = np.stack([np.clip(odds, -_WIDEST, _WIDEST), np.ones(len(odds))], axis=1)
    start = np.array([1.0, 0.0])
    ridge = np.eye(2) * _PRIOR / (len(odds) + _PRIOR) / 10
    w = start
    for _ in range(30):
        chance = _logistic(x @ w)
        slope = x.T @ (weight * (chance - target)) + ridge @ (w - start)
        curve = (x * (weight * chance * (1 - chance))[:, None]).T @ x + ridge
        w = w - np.linalg.solve(curve, slope)
    return float(w[0]), float(w[1])


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -40, 40))), dtype=np.float64)
