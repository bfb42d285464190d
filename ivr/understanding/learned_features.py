"""Sentences as numbers for the learned model: three views.

Sparse: words, pairs of neighbouring words and letter grams, weighted by TF-IDF; a kernel map on landmark
sentences (Nystrom, Williams and Seeger 2001) makes them dense. The sentence encoder's vector as it is. And
waves over that vector, whose products approximate a Gaussian kernel (Rahimi and Recht 2007), which adds what
is not linear.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from ivr.understanding.sentences import DIMENSIONS, Floats

MAX_WORDS = 200
"""Of a longer utterance the first words are read, so that matching is bounded in time."""
LANDMARKS = 1200
WAVES = 2048

_WIDTH = np.float32(1.5)
"""Frequency of the waves: the Gaussian kernel falls to half at a cosine of about 0.7."""
_SHORTEST, _LONGEST = 2, 5
_KNOWN = 20_000
_KINDS = 3
_WEIGHT = np.float32(1 / np.sqrt(_KINDS))

Sentences = Sequence[Sequence[str]]


def grams_of(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Words, neighbouring pairs (joined by a space) and letter grams of a sentence."""
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return list(words), pairs, [gram for word in words for gram in letter_grams(word)]


@dataclass(frozen=True, slots=True)
class SparseFeatures:
    """TF-IDF of the grams seen in training: words, pairs and letters are blocks of one matrix.

    ids   per block, the column of each gram
    idf   inverse document frequency of each column, shape (columns,)
    """

    ids: tuple[dict[str, int], ...]
    idf: Floats

    @classmethod
    def fit(cls, sentences: Sentences) -> SparseFeatures:
        """Columns for every gram, except letter grams that only one sentence has."""
        counts: tuple[dict[str, int], ...] = ({}, {}, {})
        for sentence in sentences:
            for count, grams in zip(counts, grams_of(sentence[:MAX_WORDS]), strict=True):
                for gram in set(grams):
                    count[gram] = count.get(gram, 0) + 1
        ids: list[dict[str, int]] = []
        frequency: list[int] = []
        for block, count in enumerate(counts):
            least = 2 if block == _KINDS - 1 else 1
            column: dict[str, int] = {}
            for gram in sorted(count):
                if count[gram] >= least:
                    column[gram] = len(frequency)
                    frequency.append(count[gram])
            ids.append(column)
        idf = np.log((1 + len(sentences)) / (1 + np.array(frequency, dtype=np.float64))) + 1
        return cls(tuple(ids), idf.astype(np.float32))

    def of(self, sentences: Sentences) -> sparse.csr_matrix:
        """Shape (sentences, columns), float32; every block of a row has the same length."""
        starts = [0]
        columns: list[NDArray[np.intp]] = []
        values: list[Floats] = []
        for sentence in sentences:
            length = 0
            for ids, grams in zip(self.ids, grams_of(sentence[:MAX_WORDS]), strict=True):
                known = [ids[gram] for gram in grams if gram in ids]
                if not known:
                    continue
                column, count = np.unique(np.array(known, dtype=np.intp), return_counts=True)
                value = ((1 + np.log(count)) * self.idf[column]).astype(np.float32)
                columns.append(column)
                values.append(value * (_WEIGHT / np.float32(np.linalg.norm(value))))
                length += len(column)
            starts.append(starts[-1] + length)
        return sparse.csr_matrix(
            (
                np.concatenate([*values, np.zeros(0, np.float32)]),
                np.concatenate([*columns, np.zeros(0, np.intp)]),
                np.array(starts),
            ),
            shape=(len(sentences), len(self.idf)),
        )


def landmark_map(rows: sparse.csr_matrix, seed: int = 0) -> tuple[sparse.csr_matrix, Floats]:
    """Landmark rows, and a matrix: inner products with the landmarks times it are the dense columns."""
    chosen = np.sort(np.random.default_rng(seed).permutation(rows.shape[0])[:LANDMARKS])
    landmarks = rows[chosen]
    values, vectors = linalg.eigh((landmarks @ landmarks.T).toarray(), overwrite_a=True, check_finite=False)
    keep = values > 1e-3 * values[-1]
    return landmarks, np.asarray(vectors[:, keep] / np.sqrt(values[keep]), dtype=np.float32)


def waves(vectors: Floats) -> Floats:
    """Random Fourier features of sentence vectors: shape (sentences, WAVES), each row of length 1."""
    turned = vectors @ _frequencies()
    both = np.hstack([np.cos(turned), np.sin(turned)])
    return np.asarray(both / np.sqrt(WAVES / 2), dtype=np.float32)


@functools.cache
def _frequencies() -> Floats:
    random = np.random.default_rng(0)
    return random.standard_normal((DIMENSIONS, WAVES // 2), dtype=np.float32) * _WIDTH


@functools.lru_cache(maxsize=_KNOWN)
def letter_grams(word: str) -> tuple[str, ...]:
    """Runs of 2 to 5 letters of a word with its edges marked by spaces."""
    padded = f" {word} "
    return tuple(
        padded[start : start + size]
        for size in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(padded) - size + 1)
    )
