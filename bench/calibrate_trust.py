"""Fit the trust of learned models with few sentences on the made-up desks marked `use: fit`.

`python -m bench.calibrate_trust` prints `COMMON` of ivr/understanding/learned_trust.py, and for each desk how
the trust of all others does on it. Each desk learns its phrases; its callers' sentences, typed and as a
recognizer heard them, say whether the first intent is right.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from bench.calibrate import OUT_OF_SCOPE, SHARE
from bench.logit import calibration_error
from bench.made_up import MadeUpDesk, desks
from ivr.config import load_settings
from ivr.meaning import Intent
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_examples import examples_of
from ivr.understanding.learned_training import train, trainable
from ivr.understanding.learned_trust import Clues
from ivr.understanding.normalize import plain_words
from ivr.understanding.sentences import SentenceEncoder, sentence_encoder
from ivr.understanding.words import load_words

RIDGE = 1e-3

Rows = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]
"""Clues, whether the first intent is right, and weights that add up to 1."""


def rows_of(desk: MadeUpDesk, encoder: SentenceEncoder) -> Rows | None:
    """What callers say to a desk; None where it has too little to learn from."""
    examples = examples_of(desk.vocabulary)
    return cases_of(desk, train(examples, encoder)) if trainable(examples) else None


def cases_of(desk: MadeUpDesk, model: LearnedModel) -> Rows:
    """See `rows_of`."""
    english = load_words("en")
    odds, near, right, weights, inside = [], [], [], [], []
    for case in desk.cases:
        words = plain_words(case.text, english)
        if words and case.kind != "heard command":
            judgement = model.judge(case.text, words)
            odds.append(judgement.clues.odds[0])
            near.append(judgement.clues.nearest[0])
            right.append(case.meaning == Intent(model.intents[judgement.first]))
            weights.append(SHARE[case.kind])
            inside.append(case.meaning is not None)
    weight, known = np.array(weights), np.array(inside)
    weight[known] *= (1 - OUT_OF_SCOPE) / weight[known].sum()
    weight[~known] *= OUT_OF_SCOPE / max(weight[~known].sum(), 1e-9)
    return Clues(np.array(odds), np.array(near)).rows, np.array(right), weight


def fitted(some: list[Rows]) -> NDArray[np.float64]:
    """Slopes of a logistic curve for all desks."""
    rows, right = (np.concatenate([one[part] for one in some]) for part in (0, 1))
    weight = np.concatenate([one[2] for one in some]) / len(some)

    def loss(slopes: NDArray[np.float64]) -> float:
        z = rows @ slopes
        return float(weight @ (np.logaddexp(0, z) - right * z) + RIDGE * (slopes @ slopes) / 2)

    return np.asarray(optimize.minimize(loss, np.ones(rows.shape[1])).x)


def main() -> None:
    """Fit and report."""
    encoder = sentence_encoder(load_settings().cache / "understanding")
    if encoder is None:
        sys.exit("bench.calibrate_trust needs the sentence encoder: run make setup")
    found = {desk.name: rows_of(desk, encoder) for desk in desks() if desk.use == "fit"}
    some = {name: rows for name, rows in found.items() if rows is not None}
    print("COMMON =", tuple(round(float(slope), 2) for slope in fitted(list(some.values()))))
    for name, (rows, right, _) in some.items():
        slopes = fitted([other for other_name, other in some.items() if other_name != name])
        chance = 1 / (1 + np.exp(-rows @ slopes))
        error = calibration_error(chance, right)
        print(f"{name:12} n={len(right):3} first right {right.mean():.3f} ECE {error:.3f}")


if __name__ == "__main__":
    main()
