"""TF-IDF similarity of short texts in letters or sounds, from an inverted index in NumPy arrays."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.phonemes import classes

_PRUNED_FROM, _MOST_DOCUMENTS = 400, 0.12


class NgramIndex:
    """Documents as bags of grams (any strings), compared by the cosine of their TF-IDF vectors."""

    def __init__(self, documents: Sequence[Iterable[str]]) -> None:
        self.size = len(documents)
        self._ids: dict[str, int] = {}
        rows: list[int] = []
        grams: list[int] = []
        counts: list[int] = []
        for row, document in enumerate(documents):
            for gram, count in Counter(document).items():
                rows.append(row)
                grams.append(self._ids.setdefault(gram, len(self._ids)))
                counts.append(count)
        row_of, gram_of = np.array(rows, dtype=np.intp), np.array(grams, dtype=np.intp)
        frequency = np.bincount(gram_of, minlength=len(self._ids))
        idf = np.log((1 + self.size) / (1 + frequency)) + 1.0
        counted = np.array(counts, dtype=np.float64)
        if self.size >= _PRUNED_FROM:  # what many documents have tells little and costs most
            idf[frequency > _MOST_DOCUMENTS * self.size] = 0.0
            kept = idf[gram_of] > 0.0
            row_of, gram_of, counted = row_of[kept], gram_of[kept], counted[kept]
            frequency = np.bincount(gram_of, minlength=len(self._ids))
        weights = (1.0 + np.log(counted)) * idf[gram_of]
        norms = np.sqrt(np.bincount(row_of, weights**2, minlength=self.size))
        order = np.argsort(gram_of, kind="stable")
        self._rows = row_of[order]
        self._weights = (weights / np.maximum(norms[row_of], 1e-9))[order].astype(np.float32)
        self._weight_of: list[float] = idf.tolist()
        self._starts = np.concatenate([[0], np.cumsum(frequency)]).tolist()

    def scores(self, document: Iterable[str]) -> NDArray[np.float64]:
        """Cosine with every document, shape (documents,)."""
        rows: list[NDArray[np.intp]] = []
        weights: list[NDArray[np.float32]] = []
        own: list[float] = []
        norm = 0.0
        unseen = math.log(1 + self.size) + 1.0
        for gram, count in Counter(document).items():
            gram_id = self._ids.get(gram)
            weight = (1.0 + math.log(count)) * (unseen if gram_id is None else self._weight_of[gram_id])
            norm += weight * weight
            if gram_id is not None and weight:
                place = slice(self._starts[gram_id], self._starts[gram_id + 1])
                rows.append(self._rows[place])
                weights.append(self._weights[place])
                own.append(weight)
        if not rows:
            return np.zeros(self.size)
        values = np.concatenate(weights) * np.repeat(own, [len(some) for some in rows])
        return np.bincount(np.concatenate(rows), values, minlength=self.size) / math.sqrt(norm)

    def best(self, document: Iterable[str], many: int) -> NDArray[np.intp]:
        """The most similar documents, in no order; at most `many`, all with a gram in common."""
        scores = self.scores(document)
        if many < self.size:
            some = np.argpartition(-scores, many)[:many]
            return some[scores[some] > 0.0]
        return np.flatnonzero(scores > 0.0)


def letter_grams(words: Sequence[str]) -> list[str]:
    """Words, pairs of words, and runs of 3 and 4 letters inside words."""
    grams = [f"={word}" for word in words]
    grams.extend(f"{first} {second}" for first, second in itertools.pairwise(words))
    for word in words:
        padded = f"<{word}>"
        grams.extend(padded[at : at + 3] for at in range(len(padded) - 2))
        grams.extend(padded[at : at + 4] for at in range(len(padded) - 3))
    return grams


def sound_grams(phonemes: str) -> list[str]:
    """Pairs and triples of sounds, and triples with easily confused sounds taken for one."""
    coarse = classes(phonemes)
    grams = [phonemes[at : at + 2] for at in range(len(phonemes) - 1)]
    grams.extend(phonemes[at : at + 3] for at in range(len(phonemes) - 2))
    grams.extend(f"~{coarse[at : at + 3]}" for at in range(len(coarse) - 2))
    return grams
