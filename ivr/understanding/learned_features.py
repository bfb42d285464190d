"""Sentences as numbers for the learned model: three views.

Sparse: words, pairs of neighbouring words and letter grams, weighted by TF-IDF; a kernel map on landmark
sentences (Nystrom, Williams and Seeger 2001) makes them dense. The sentence encoder's vector as it is. And
waves over that vector, whose products approximate a Gaussian kernel (Rahimi and Recht 2007), which adds what
is not linear.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
_CHUNK = 1024
_SHORTEST, _LONGEST = 2, 5
_OFTEN = 512
"""Columns of grams that nearly every sentence has one of."""
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
    def fit(cls, sentences: Sentences) -> tuple[SparseFeatures, sparse.csr_matrix]:
        """Columns for every gram, except letter grams that only one sentence has; and the sentences' rows."""
        blocks = list(zip(*(grams_of(sentence[:MAX_WORDS]) for sentence in sentences), strict=True))
        ids: list[dict[str, int]] = []
        idf: list[Floats] = []
        for number, block in enumerate(blocks):
            least = 2 if number == _KINDS - 1 else 1
            count = Counter(itertools.chain.from_iterable(map(set, block)))
            kept = sorted(gram for gram, many in count.items() if many >= least)
            start = sum(map(len, ids))
            ids.append({gram: start + place for place, gram in enumerate(kept)})
            frequency = np.array([count[gram] for gram in kept], dtype=np.float64)
            idf.append((np.log((1 + len(sentences)) / (1 + frequency)) + 1).astype(np.float32))
        features = cls(tuple(ids), np.concatenate(idf))
        return features, features._rows(blocks)

    def of(self, sentences: Sentences) -> sparse.csr_matrix:
        """Shape (sentences, columns), float32; every block of a row has the same length."""
        return self._rows(list(zip(*(grams_of(some[:MAX_WORDS]) for some in sentences), strict=True)))

    def row(self, words: Sequence[str]) -> tuple[NDArray[np.intp], Floats]:
        """Columns and values of one sentence, as `of` has them, in no order."""
        columns: list[int] = []
        values: list[float] = []
        for ids, grams in zip(self.ids, grams_of(words[:MAX_WORDS]), strict=True):
            count = Counter(number for gram in grams if (number := ids.get(gram)) is not None)
            some = [(1 + math.log(many)) * float(self.idf[number]) for number, many in count.items()]
            length = math.hypot(*some)
            columns += count
            values += [value / length * float(_WEIGHT) for value in some]
        return np.array(columns, dtype=np.intp), np.array(values, dtype=np.float32)

    def _rows(self, blocks: Sequence[Sequence[Sequence[str]]]) -> sparse.csr_matrix:
        """From the grams of all sentences, block by block."""
        if not blocks:
            return sparse.csr_matrix((0, len(self.idf)), dtype=np.float32)
        out = []
        for ids, block in zip(self.ids, blocks, strict=True):
            known = [[ids[gram] for gram in grams if gram in ids] for grams in block]
            starts = np.concatenate([[0], np.cumsum([len(some) for some in known])])
            columns = np.fromiter(itertools.chain.from_iterable(known), dtype=np.intp, count=int(starts[-1]))
            shape = (len(block), len(self.idf))
            counted = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)
            counted.sum_duplicates()
            counted.data = (1 + np.log(counted.data)) * self.idf[counted.indices]
            length = np.sqrt(np.asarray(counted.multiply(counted).sum(axis=1))).ravel()
            counted.data *= np.repeat(_WEIGHT / np.maximum(length, 1e-9), np.diff(counted.indptr))
            out.append(counted)
        return sparse.csr_matrix(sum(out[1:], start=out[0]), dtype=np.float32)


def landmark_map(rows: sparse.csr_matrix, seed: int = 0) -> tuple[Floats, sparse.csr_matrix, Floats]:
    """The dense columns of `rows`, landmark rows, and the matrix that makes them.

    Inner products with the landmarks times the matrix are the dense columns.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(rows.shape[0])[:LANDMARKS])
    landmarks = rows[chosen]
    products = _products(rows, landmarks)
    values, vectors = linalg.eigh(products[chosen], driver="evd", check_finite=False)
    keep = values > 1e-3 * values[-1]
    basis = np.asarray(vectors[:, keep] / np.sqrt(values[keep]), dtype=np.float32)
    return products @ basis, landmarks, basis


def _products(rows: sparse.csr_matrix, others: sparse.csr_matrix) -> Floats:
    """Inner products of the rows of both, shape (rows, others): what most sentences have is quicker dense."""
    many = min(_OFTEN, rows.shape[1])
    count = np.bincount(others.indices, minlength=rows.shape[1])
    place = np.full(rows.shape[1], -1, dtype=np.intp)
    place[np.argpartition(-count, many - 1)[:many]] = np.arange(many)
    often, seldom = _split(rows, place, many)
    other_often, other_seldom = _split(others, place, many)
    out = often @ other_often.T
    rest = seldom @ other_seldom.T
    out[np.repeat(np.arange(len(out)), np.diff(rest.indptr)), rest.indices] += rest.data
    return out


def _split(rows: sparse.csr_matrix, place: NDArray[np.intp], many: int) -> tuple[Floats, sparse.csr_matrix]:
    """Dense the columns that have a `place` below `many`, and the rest of `rows`."""
    at = place[rows.indices]
    number = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    dense = np.zeros((rows.shape[0], many), dtype=np.float32)
    dense[number[at >= 0], at[at >= 0]] = rows.data[at >= 0]
    starts = np.concatenate([[0], np.cumsum(np.bincount(number[at < 0], minlength=rows.shape[0]))])
    rest = (rows.data[at < 0], rows.indices[at < 0], starts)
    return dense, sparse.csr_matrix(rest, shape=rows.shape)


def waves(vectors: Floats) -> Floats:
    """Random Fourier features of sentence vectors: shape (sentences, WAVES), each row of length 1."""
    out = np.empty((len(vectors), WAVES), dtype=np.float32)
    frequencies = _frequencies()

    def fill(start: int) -> None:
        some = slice(start, start + _CHUNK)
        turned = vectors[some] @ frequencies
        np.cos(turned, out=out[some, : WAVES // 2])
        np.sin(turned, out=out[some, WAVES // 2 :])
        out[some] *= np.float32(1 / np.sqrt(WAVES / 2))

    starts = range(0, len(vectors), _CHUNK)
    if len(starts) <= 1:
        fill(0)
    else:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(fill, starts))
    return out


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
