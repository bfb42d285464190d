"""How far the learned model can be trusted: cross-validation, the calibrated chance and the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.learned_linear import fit, softmax
from ivr.understanding.learned_words import Floats

OUT_OF_SCOPE_SHARE = 0.05
"""The share of utterances that no intent covers, as the calibrated chance and the threshold assume."""

_PARTS = 5
"""A fifth of the sentences is held out, or a fifth of the intents is left out, in each fold."""
_MANY = 5000
"""From so many sentences on, one fold of each kind is enough; below it there are three and two."""
_FEWEST_INTENTS = 5
_HURRY = 0.7
"""Effort spent on the fold of left-out intents there."""
_WIDEST = 30.0
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


def log_odds(scores: Floats) -> NDArray[np.float64]:
    """Log-odds of the best intent of each row against all others together."""
    best = np.clip(softmax(scores.astype(np.float64)).max(axis=1), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(best / (1 - best)), dtype=np.float64)


def simulate(columns: Floats, labels: NDArray[np.intp], examples: int, seed: int = 0) -> Trial:
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
    odds, right, in_scope = [], [], []
    for test, effort in unseen:
        kept, compact = np.unique(labels[~test], return_inverse=True)
        weights = fit(columns[~test], compact, len(kept), seed, effort)
        cases = np.flatnonzero(test & (sentence_part >= 0))
        scores = columns[cases] @ weights
        odds.append(log_odds(scores))
        right.append(kept[scores.argmax(axis=1)] == labels[cases])
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
