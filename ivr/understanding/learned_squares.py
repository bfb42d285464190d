"""Least squares over what is not linear in a sentence's vector: the second of the two learned models.

With up to `EXACT` sentences it is kernel ridge regression (Saunders et al. 1998): the likeness of a sentence
to each that was learned from, in grams and as a Gaussian of its vector. Its time grows with the cube of their
number; beyond, random waves stand for the Gaussian (Rahimi and Recht 2007), which costs 0.5 points of
BANKING77 in cross-validation on its training file.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from ivr.understanding.learned_features import waves
from ivr.understanding.learned_linear import ridge, targets
from ivr.understanding.sentences import Floats

EXACT = 9_000
"""Sentences: the matrix of their likeness takes 320 MB while they are learned."""
PENALTY = 0.5
WIDTH = np.float32(1.5)
"""Of the Gaussian: it falls to half at a cosine of about 0.7."""
WEIGHT = np.float32(2.25)
"""Of the Gaussian beside the grams, whose length is 1."""

_BLOCK = 512


class Squares(Protocol):
    """One of the two, made once of all sentences; `grams` of shape (sentences, landmarks)."""

    def left_out(
        self, test: NDArray[np.bool_], labels: NDArray[np.intp], classes: int, cases: NDArray[np.intp]
    ) -> Floats:
        """Scores of the rows `cases`, fitted to the rows that are not in `test`, which have these labels."""
        ...

    def fitted(self, labels: NDArray[np.intp], classes: int) -> tuple[Floats, Floats]:
        """Weights for grams, and for what the vector gives: waves, or the Gaussian to each sentence."""
        ...


def squares(grams: Floats, vectors: Floats, bend: float = 1.0) -> Squares:
    """The one that so many sentences can be fitted with; `bend` 0 leaves out what is not linear."""
    many = len(grams) > EXACT
    return _Waves(grams, vectors, bend) if many else _Kernel(grams, vectors, bend)


def gaussian(cosines: Floats) -> Floats:
    """The likeness of sentences whose vectors have these cosines."""
    return np.asarray(np.exp(WIDTH * WIDTH * (cosines - 1)), dtype=np.float32)


class _Waves:
    def __init__(self, grams: Floats, vectors: Floats, bend: float) -> None:
        self.grams = grams.shape[1]
        self.weight = np.float32(bend) * np.sqrt(WEIGHT)
        self.rows = np.hstack([grams, self.weight * waves(vectors)], dtype=np.float32)
        self.gram = self.rows.T @ self.rows

    def left_out(
        self, test: NDArray[np.bool_], labels: NDArray[np.intp], classes: int, cases: NDArray[np.intp]
    ) -> Floats:
        out = self.rows[test]
        products = self.rows[~test].T @ targets(labels, classes)
        return np.asarray(self.rows[cases] @ ridge(self.gram - out.T @ out, products, PENALTY))

    def fitted(self, labels: NDArray[np.intp], classes: int) -> tuple[Floats, Floats]:
        weights = ridge(self.gram, self.rows.T @ targets(labels, classes), PENALTY)
        return weights[: self.grams], self.weight * weights[self.grams :]


class _Kernel:
    def __init__(self, grams: Floats, vectors: Floats, bend: float) -> None:
        self.grams = grams
        self.weight = np.float32(bend) * WEIGHT
        self.alike = grams @ grams.T
        for start in range(0, len(grams), _BLOCK):
            some = slice(start, start + _BLOCK)
            self.alike[some] += self.weight * gaussian(vectors[some] @ vectors.T)

    def left_out(
        self, test: NDArray[np.bool_], labels: NDArray[np.intp], classes: int, cases: NDArray[np.intp]
    ) -> Floats:
        rest = np.flatnonzero(~test)
        found = _solved(self.alike[np.ix_(rest, rest)], targets(labels, classes))
        return np.asarray(self.alike[np.ix_(cases, rest)] @ found)

    def fitted(self, labels: NDArray[np.intp], classes: int) -> tuple[Floats, Floats]:
        """The matrix is used up: it is the last that is asked for."""
        found = _solved(self.alike, targets(labels, classes))
        return self.grams.T @ found, self.weight * found


def _solved(alike: Floats, wanted: Floats) -> Floats:
    """Weights of the sentences; `alike`, which is symmetric, is overwritten."""
    alike[np.diag_indices(len(alike))] += np.float32(PENALTY)
    factor = linalg.cho_factor(alike.T, lower=False, overwrite_a=True, check_finite=False)
    return np.asarray(linalg.cho_solve(factor, wanted, check_finite=False), dtype=np.float32)
