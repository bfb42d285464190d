"""Sentences as numbers for the learned model: two views, all of unit length.

Sparse: words, pairs of neighbouring words and letter grams, weighted by TF-IDF. Dense, from static word
vectors: their mean, their mean weighted by rarity, the same for the beginning and the end of the sentence,
and pairs of words up to three apart. The pairs are products of two random projections, which approximates the
bag of all *soft* word pairs (Kar and Karnick 2012), so "freeze account" is near "block card". Random ReLU
units over the means add what is not linear (Rahimi and Recht 2008).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ivr.understanding.learned_words import DIMENSIONS, MAX_WORDS, Floats, WordVectors, letter_grams

PAIRS = 768
UNITS = 512
GAP = 3
"""Words at most this far apart make a pair."""
DENSE = 4 * DIMENSIONS + PAIRS + UNITS

_RARE = 0.3
"""Added to every word's rarity, so that a word in every sentence still counts a little."""
_CHUNK = 500
_KINDS = 3
_WEIGHT = np.float32(1 / np.sqrt(_KINDS + 5))
"""Three sparse blocks and five dense ones share the unit length."""

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


class DenseFeatures:
    """Features from word vectors. `rarity` of a word is learned from the training sentences."""

    def __init__(self, vectors: WordVectors, rarity: dict[str, float], unseen: float, center: Floats) -> None:
        self._vectors = vectors
        self.rarity = rarity
        self.unseen = unseen
        self.center = center
        random = np.random.default_rng(0)
        project = random.standard_normal((2, DIMENSIONS, PAIRS), dtype=np.float32) / np.float32(16)
        self._first, self._second = project
        self._units = random.standard_normal((2 * DIMENSIONS, UNITS), dtype=np.float32)

    @classmethod
    def fit(cls, sentences: Sentences, vectors: WordVectors) -> DenseFeatures:
        """Rarity is log((n + 1) / (n with the word + 1)), plus a little."""
        count: dict[str, int] = {}
        for sentence in sentences:
            for word in set(sentence[:MAX_WORDS]):
                count[word] = count.get(word, 0) + 1
        total = len(sentences)
        rarity = {word: float(np.log((total + 1) / (n + 1))) + _RARE for word, n in count.items()}
        fitted = cls(vectors, rarity, float(np.log(total + 1)) + _RARE, np.zeros(2 * DIMENSIONS, np.float32))
        ids, words = _numbered(sentences)
        raw, weighted, _ = fitted._weighted(words)
        fitted.center = _means(_bag(ids, None, len(words)), raw, weighted).mean(axis=0)
        return fitted

    def of(self, sentences: Sentences) -> Floats:
        """Shape (sentences, DENSE), float32."""
        ids, words = _numbered(sentences)
        raw, weighted, root = self._weighted(words)
        first, second = root @ self._first, root @ self._second
        out = np.zeros((len(ids), DENSE), dtype=np.float32)
        for start in range(0, len(ids), _CHUNK):
            part = slice(start, start + _CHUNK)
            out[part] = self._block(ids[part], raw, weighted, first, second)
        return out

    def _weighted(self, words: list[str]) -> tuple[Floats, Floats, Floats]:
        """Vectors of words: as they are; of unit length by rarity; by the root of rarity."""
        raw = self._vectors.of(words)
        rarity = np.array([self.rarity.get(word, self.unseen) for word in words], dtype=np.float32)
        unit = _unit(raw)
        return raw, unit * rarity[:, None], unit * np.sqrt(rarity)[:, None]

    def _block(
        self, ids: list[NDArray[np.intp]], raw: Floats, weighted: Floats, first: Floats, second: Floats
    ) -> Floats:
        positions = [np.linspace(0, 1, len(i), dtype=np.float32) for i in ids]
        plain, end = _bag(ids, None, len(raw)), _bag(ids, positions, len(raw))
        late = end @ weighted
        halves = _unit(np.hstack([plain @ weighted - late, late]))
        means = _means(plain, raw, weighted)
        pairs = np.zeros((len(ids), PAIRS), dtype=np.float32)
        for row, i in enumerate(ids):
            for gap in range(1, min(GAP + 1, len(i))):
                pairs[row] += np.einsum("ij,ij->j", first[i[:-gap]], second[i[gap:]])
        units = _unit(np.maximum((means - self.center) @ self._units, 0))
        out: Floats = np.hstack([means, halves, _unit(pairs), units]) * _WEIGHT
        return out


def _numbered(sentences: Sentences) -> tuple[list[NDArray[np.intp]], list[str]]:
    """Sentences as numbers of distinct words, and these words."""
    place: dict[str, int] = {}
    ids = [
        np.array([place.setdefault(word, len(place)) for word in sentence[:MAX_WORDS]], dtype=np.intp)
        for sentence in sentences
    ]
    return ids, list(place)


def _means(bag: sparse.csr_matrix, raw: Floats, weighted: Floats) -> Floats:
    """The two mean vectors of each sentence, shape (sentences, 2 * DIMENSIONS)."""
    out: Floats = np.hstack([_unit(bag @ raw), _unit(bag @ weighted)])
    return out


def _bag(ids: list[NDArray[np.intp]], weights: list[Floats] | None, words: int) -> sparse.csr_matrix:
    starts = np.concatenate([[0], np.cumsum([len(i) for i in ids])])
    values = np.ones(starts[-1], dtype=np.float32) if weights is None else np.concatenate(weights)
    return sparse.csr_matrix((values, np.concatenate(ids), starts), shape=(len(ids), words))


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Floats = np.asarray(rows / np.maximum(length, np.float32(1e-9)), dtype=np.float32)
    return out
