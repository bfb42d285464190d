"""What speaks for each meaning of an utterance: parts that score all targets, each of which can be left out.

A part fills columns with numbers from 0 to about 1, one row a target; `calibration` turns the rows into
probabilities. A statistical model over examples joins as one more part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.ngrams import NgramIndex, letter_grams, sound_grams
from ivr.understanding.phonemes import GAP, Codes, encode, find
from ivr.understanding.phrases import PhraseBook
from ivr.understanding.query import Query

Columns = NDArray[np.float64]
"""Shape (targets, columns of the part)."""


class Evidence(Protocol):
    """One part of the evidence, made once a desk."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, the keys of `calibration.WEIGHTS`."""

    def __call__(self, query: Query) -> Columns:
        """The scores of all targets."""


class WordEvidence:
    """Phrases in whole or in part, word by word, in any order.

    overlap  what the best phrase and the utterance share (Dice over the worth of words)
    said     share of the best phrase that was heard, in worth
    heard    share of the utterance that the best phrase explains
    """

    columns = ("overlap", "said", "heard")

    def __init__(self, book: PhraseBook) -> None:
        self._targets = len(book.targets)

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        out = np.zeros((self._targets, 3))
        out[:, 0] = query.by_target(query.overlap)
        book = query.book
        for row in query.best_rows(query.overlap, _FEW):
            target = book.target_of[row]
            if out[target, 1] == 0.0:
                own = query.total - query.explained[target] + query.slot_worth[row]
                out[target, 1] = min(1.0, query.matched[row] / book.total[row])
                out[target, 2] = min(1.0, query.matched[row] / max(own, 1e-6))
        return out


class WholeEvidence:
    """A whole phrase of the word graph: 1 when only polite words stand around it, 0.6 for light ones.

    A phrase with a slot for any words counts as much as the words around the slot say.
    """

    columns = ("whole",)

    def __init__(self, book: PhraseBook) -> None:
        self._targets = len(book.targets)
        self._words = book.words
        self._open = {reader.label for reader in book.readers.values() if reader.open_ended}

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        out = np.zeros((self._targets, 1))
        texts = query.texts
        polite = [text in self._words.polite for text in texts]
        light = [polite[at] or text in self._words.light for at, text in enumerate(texts)]
        for whole in query.walked[0]:
            around = (*range(whole.start), *range(whole.end, len(texts)))
            score = (
                1.0 if all(polite[at] for at in around) else 0.6 if all(light[at] for at in around) else 0.0
            )
            if score and any(label in self._open for label, _, _ in whole.slots):
                inside = {at for _, start, end in whole.slots for at in range(start, end)}
                fixed = [at for at in range(whole.start, whole.end) if at not in inside]
                score *= min(1.0, sum(query.book.weight_of(texts[at]) for at in fixed))
            out[whole.target, 0] = max(out[whole.target, 0], score)
        return out


class LetterEvidence:
    """TF-IDF cosine of words, word pairs and letter runs with the nearest phrase or example."""

    columns = ("letters",)

    def __init__(self, book: PhraseBook) -> None:
        self._index = NgramIndex([letter_grams(_words(phrase.words)) for phrase in book.phrases])

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        return query.by_target(self._index.scores(letter_grams(query.texts)))[:, None]


class SoundEvidence:
    """How the utterance sounds beside the phrases.

    sounds  TF-IDF cosine of runs of sounds with the nearest phrase
    fit     how well the best of the likely phrases can be found in the sounds of the utterance, times the
            share of the utterance that lies in that place
    """

    columns = ("sounds", "fit")

    def __init__(self, book: PhraseBook) -> None:
        spoken = [book.sounds.phrase(_words(phrase.words)) for phrase in book.phrases]
        self._index = NgramIndex([sound_grams(phonemes) for phonemes in spoken])
        self._codes: list[Codes] = [encode(phonemes) for phonemes in spoken]

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        cosines = self._index.scores(sound_grams(query.heard.phonemes))
        out = np.zeros((len(query.book.targets), 2))
        out[:, 0] = query.by_target(cosines)
        rows = np.unique(
            np.concatenate([query.best_rows(cosines, _FEW // 2), query.best_rows(query.overlap, _FEW // 2)])
        )
        rows = np.array([row for row in rows if len(self._codes[row]) >= 2], dtype=np.intp)
        if len(rows):
            for row, fit in zip(rows, self._fit(query, rows), strict=True):
                target = query.book.target_of[row]
                out[target, 1] = max(out[target, 1], fit)
        return out

    def _fit(self, query: Query, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        heard = query.heard
        lengths = np.array([len(self._codes[row]) for row in rows], dtype=np.intp)
        padded = np.zeros((len(rows), int(lengths.max())), dtype=np.uint8)
        for number, row in enumerate(rows):
            padded[number, : lengths[number]] = self._codes[row]
        places = find(heard.codes[:_MOST_SOUNDS], padded, lengths)
        likeness = np.maximum(0.0, 1.0 - places.cost / (GAP * lengths))
        worth = np.concatenate([[0.0], np.cumsum(query.weights)])
        first = np.searchsorted(heard.bounds, places.start, side="right") - 1
        last = np.searchsorted(heard.bounds, places.end, side="left")
        total = np.maximum(query.total - query.explained[query.book.target_of[rows]], 1e-6)
        inside = np.clip((worth[last] - worth[first]) / total, 0.0, 1.0)
        fit: NDArray[np.float64] = np.maximum(0.0, (likeness - 0.4) / 0.6) * inside
        return fit


_FEW = 24
_MOST_SOUNDS = 240

PARTS: dict[str, Callable[[PhraseBook], Evidence]] = {
    "words": WordEvidence,
    "whole": WholeEvidence,
    "letters": LetterEvidence,
    "sounds": SoundEvidence,
}
"""Every part by the name under which it can be left out."""


def _words(sentence: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in sentence if word[:1] != "{")
