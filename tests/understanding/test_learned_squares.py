"""Least squares over sentences: exact with few, by waves with many."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.understanding import learned_squares
from ivr.understanding.learned_features import waves
from ivr.understanding.learned_linear import targets
from ivr.understanding.learned_squares import Squares, gaussian, squares
from ivr.understanding.sentences import Floats

INTENTS = 3


@pytest.fixture(scope="module")
def some() -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Grams, vectors and labels of sixty sentences, the vectors of an intent near each other."""
    random = np.random.default_rng(1)
    labels = np.repeat(np.arange(INTENTS), 20)
    vectors = random.standard_normal((INTENTS, 384))[labels] + random.standard_normal((60, 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    grams = random.standard_normal((60, 9)) / 3
    return grams.astype(np.float32), vectors.astype(np.float32), labels


def scores(
    model: Squares, exact: bool, some: tuple[Floats, Floats, NDArray[np.intp]], at: slice
) -> NDArray[np.float64]:
    grams, vectors, labels = some
    weights, beside = model.fitted(labels, INTENTS)
    shown = gaussian(vectors[at] @ vectors.T) if exact else waves(vectors[at])
    return np.asarray(grams[at] @ weights + shown @ beside, dtype=np.float64)


def test_the_exact_solution_is_that_of_kernel_ridge_regression(
    some: tuple[Floats, Floats, NDArray[np.intp]],
) -> None:
    grams, vectors, labels = some
    alike = grams @ grams.T + learned_squares.WEIGHT * gaussian(vectors @ vectors.T)
    wanted = np.linalg.solve(alike + learned_squares.PENALTY * np.eye(60), targets(labels, INTENTS))
    found = scores(squares(grams, vectors), True, some, slice(0, 60))
    np.testing.assert_allclose(found, alike @ wanted, atol=1e-4)


def test_waves_come_near_to_it(
    some: tuple[Floats, Floats, NDArray[np.intp]], monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = scores(squares(*some[:2]), True, some, slice(0, 60))
    monkeypatch.setattr(learned_squares, "EXACT", 59)
    near = scores(squares(*some[:2]), False, some, slice(0, 60))
    assert 0.0 < np.abs(near - exact).max() < 0.2


@pytest.mark.parametrize("most", [9_000, 59])
def test_what_is_left_out_is_judged_by_the_others_alone(
    some: tuple[Floats, Floats, NDArray[np.intp]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grams, vectors, labels = some
    test = np.arange(60) % 4 == 0
    monkeypatch.setattr(learned_squares, "EXACT", most)
    left_out = squares(grams, vectors).left_out(test, labels[~test], INTENTS, np.flatnonzero(test))
    monkeypatch.setattr(learned_squares, "EXACT", 9_000 if most == 9_000 else 9)
    rest = (grams[~test], vectors[~test], labels[~test])
    weights, beside = squares(*rest[:2]).fitted(rest[2], INTENTS)
    shown = gaussian(vectors[test] @ rest[1].T) if most == 9_000 else waves(vectors[test])
    np.testing.assert_allclose(left_out, grams[test] @ weights + shown @ beside, atol=1e-3)


def test_without_what_is_not_linear_grams_decide(some: tuple[Floats, Floats, NDArray[np.intp]]) -> None:
    weights, beside = squares(*some[:2], bend=0.0).fitted(some[2], INTENTS)
    assert not beside.any() and weights.any()
