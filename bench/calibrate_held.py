"""Fit the trust in readings held to a grammar on what `bench.held_speech` made, and print how well it does.

`python -m bench.calibrate_held` prints the weights to put into ivr/understanding/held_trust.py, and how they
do on fifths of the data that they were not fitted on.
"""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from bench.calibrate import NOW, OUT_OF_SCOPE
from bench.held_speech import FILE, vocabularies
from bench.logit import Sample, calibration_error, fit
from ivr.meaning import Expect, Hypothesis, Intent
from ivr.understanding.calibration import log_odds
from ivr.understanding.held_trust import columns
from ivr.understanding.matcher import Matcher
from ivr.understanding.mixture import BEYOND, MOST_WORDS
from ivr.understanding.phonemes import Sounds
from ivr.understanding.words import load_words

FOLDS = 5
WANTED = ("phrase", "command", "digit", "caller")
"""What callers say who want something of the desk; all the rest but danger is `OUT_OF_SCOPE`."""
DANGER = 0.005
"""The share of words of danger."""
RISING = ("fit", "likelihood", "alike")
"""Columns that can only speak for a held reading."""


def samples() -> tuple[list[str], NDArray[np.float64], NDArray[np.bool_], list[str]]:
    """Names of columns, columns of every held reading, whether one of its kind is what was said, its kind."""
    words, sounds = load_words("en"), Sounds("en")
    matchers = {name: Matcher(vocabulary) for name, (vocabulary, _) in vocabularies().items()}
    names: list[str] = []
    features, right, kinds = [], [], []
    with FILE.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if not row["held"]:
                continue
            text, share, fitted, likelihood = row["held"][0]
            first = Hypothesis(text, share, fit=fitted, likelihood=likelihood)
            free = next((Hypothesis(*one) for one in row["free"]), None)
            kind = matchers[row["desk"]].kind(first, Expect(), NOW)
            some = columns(first, free, kind, words, sounds)
            names = list(some)
            features.append(list(some.values()))
            right.append(any(one.lower() == row["said"].lower() for one, *_ in row["held"]))
            kinds.append(row["kind"])
    return names, np.array(features), np.array(right), kinds


def beyond_samples() -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Of what the grammar does not hold, by its free reading alone: the columns of `mixture.BEYOND`, whether
    the best meaning is what the caller wanted, and weights that make callers as many as others."""
    matchers = {name: Matcher(vocabulary) for name, (vocabulary, _) in vocabularies().items()}
    features, right, callers = [], [], []
    with FILE.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            free = tuple(Hypothesis(*one) for one in row["free"])
            best = next(iter(matchers[row["desk"]].match(free, Expect(), NOW)), None)
            if row["inside"] or best is None:
                continue
            words = min(MOST_WORDS, len(free[0].text.split()))
            features.append([1.0, log_odds(best.score), not isinstance(best.meaning, Intent), words])
            callers.append(row.get("intent") is not None)
            right.append(callers[-1] and best.meaning == Intent(row["intent"]))
    caller = np.array(callers)
    weights = np.where(caller, 0.5 / caller.mean(), 0.5 / (1.0 - caller.mean()))
    return np.array(features, dtype=np.float64), np.array(right), weights


def fitted(
    names: list[str], features: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights of the columns."""
    rows: list[Sample] = [
        (some[None, :], 0 if yes else -1, float(weight))
        for some, yes, weight in zip(features, right, weights, strict=True)
    ]
    least = np.array([0.0 if name in RISING else -np.inf for name in names])
    return fit(rows, least)


def main() -> None:
    """Fit and report."""
    beyond, meant, weight = beyond_samples()
    rows: list[Sample] = [
        (some[None, :], 0 if yes else -1, share)
        for some, yes, share in zip(beyond, meant, weight, strict=True)
    ]
    bound = {"command": BEYOND["command"]}
    least = np.array([bound.get(name, -np.inf) for name in BEYOND])
    most = np.array([bound.get(name, np.inf) for name in BEYOND])
    for name, value in zip(BEYOND, fit(rows, least, most), strict=True):
        print(f'BEYOND "{name}": {value:.2f}')
    names, features, right, kinds = samples()
    wanted = np.array([kind in WANTED for kind in kinds])
    danger = np.array([kind == "danger" for kind in kinds])
    other = ~wanted & ~danger
    shares = wanted * (1.0 - OUT_OF_SCOPE - DANGER) / wanted.sum()
    shares += danger * DANGER / danger.sum() + other * OUT_OF_SCOPE / other.sum()
    for name, weight in zip(names, fitted(names, features, right, shares), strict=True):
        print(f'        "{name}": {weight:.2f},')
    fold = np.arange(len(right)) % FOLDS
    chance = np.zeros(len(right))
    for one in range(FOLDS):
        weights = fitted(names, features[fold != one], right[fold != one], shares[fold != one])
        chance[fold == one] = 1.0 / (1.0 + np.exp(-features[fold == one] @ weights))
    likelihood = np.log(np.where(right, chance, 1.0 - chance)).mean()
    print(f"{len(right)} held readings, {right.mean():.2f} right, log-likelihood {likelihood:.3f}")
    print(f"expected calibration error {calibration_error(chance, right):.3f}")
    groups: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for kind, yes, some in zip(kinds, right, chance, strict=True):
        groups[kind, bool(yes)].append(some)
    for (kind, yes), some in sorted(groups.items()):
        line = f"{kind:12}{'right' if yes else 'wrong'} n={len(some):4}"
        for threshold in (0.25, 0.5, 0.75):
            line += f"  above {threshold}: {np.mean(np.array(some) > threshold):.2f}"
        print(line)


if __name__ == "__main__":
    main()
