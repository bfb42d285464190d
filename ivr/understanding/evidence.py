"""What speaks for each meaning of an utterance: parts that score all targets, each of which can be left out.

A part fills columns with numbers from 0 to about 1, one row a target; `calibration` turns the rows into
probabilities. A statistical model over examples joins as one more part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import Command
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


_NEARLY = 0.99
"""Most that a phrase with a slot for any words is worth: it is never the words of the phrase alone."""


class WordEvidence:
    """Phrases in whole or in part, word by word, in any order.

    heard    share of the utterance, in worth, that the best phrase explains
    keys     content words and values that only this target has, in worth, 1 for two or more
    strange  content words that the target never uses, in worth, 1 for four or more
    command  1 for the commands of the language, 0 for the intents of the desk
    aside    `strange` for commands: "I need a repeat prescription" is no wish to hear something again
    """

    columns = ("heard", "keys", "strange", "command", "aside")

    def __init__(self, book: PhraseBook) -> None:
        closed = {reader.label for reader in book.readers.values() if not reader.open_ended}
        self._slotted = frozenset(
            int(row) for label in closed & set(book.label_rows) for row in book.label_rows[label]
        )
        self._commands = np.array([isinstance(target.meaning, Command) for target in book.targets])

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        out = np.zeros((len(self._commands), 5))
        target_of = query.book.target_of
        for row in query.best_rows(query.overlap, _FEW):
            target = target_of[row]
            if out[target, 0] == 0.0:  # the best phrase of a target comes first
                own = query.total - query.explained[target] + query.slot_worth[row]
                heard = min(1.0, query.matched[row] / max(own, 1e-6))
                if row in self._slotted and query.slot_worth[row] == 0.0:
                    # "{person} please" without a person: what was said of it is next to nothing.
                    heard *= min(1.0, _ENOUGH * query.matched[row] / query.book.total[row])
                out[target, 0] = heard
        out[:, 1] = np.minimum(query.keys, 2.0) / 2.0
        out[:, 2] = np.minimum(query.strange, 4.0) / 4.0
        out[:, 3] = self._commands
        out[:, 4] = out[:, 2] * self._commands
        return out


class WholeEvidence:
    """A whole phrase of the word graph: 1 when nothing but a lead-in of everyday words ("I would like to")
    stands before it and polite ones after it, 0.6 when everyday words follow.

    A phrase with a slot for any words counts as much as the words around the slot say.
    """

    columns = ("whole",)

    def __init__(self, book: PhraseBook) -> None:
        self._targets = len(book.targets)
        self._words = book.words
        self._open = book.open_labels

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        out = np.zeros((self._targets, 1))
        texts = query.texts
        denial = self._words.corrections.not_
        polite = [text in self._words.polite for text in texts]
        light = [text in self._words.polite | self._words.light and text not in denial for text in texts]
        for whole in query.walked[0]:
            if not all(light[: whole.start]) or not all(light[whole.end :]):
                continue
            score = 1.0 if all(polite[whole.end :]) else 0.6
            if any(label in self._open for label, _, _ in whole.slots):
                inside = {at for _, start, end in whole.slots for at in range(start, end)}
                fixed = [at for at in range(whole.start, whole.end) if at not in inside]
                score *= min(_NEARLY, sum(query.book.weight_of(texts[at]) for at in fixed))
            out[whole.target, 0] = max(out[whole.target, 0], score)
        return out


class LetterEvidence:
    """TF-IDF cosine of words, word pairs and letter runs with the nearest phrase or example."""

    columns = ("letters",)

    def __init__(self, book: PhraseBook) -> None:
        self._index = NgramIndex([letter_grams(_words(phrase.words)) for phrase in book.phrases])

    def __call__(self, query: Query) -> Columns:
        """See Evidence."""
        scores = self._index.scores(letter_grams(query.texts))
        if query.without_values is not None:
            scores = np.maximum(scores, self._index.scores(letter_grams(query.without_values[0])))
        return query.by_target(scores)[:, None]


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
        if query.without_values is not None:
            cosines = np.maximum(cosines, self._index.scores(sound_grams(query.without_values[1])))
        out = np.zeros((len(query.book.targets), 2))
        out[:, 0] = query.by_target(cosines)
        rows = np.array(self._likely(query, cosines), dtype=np.intp)
        if len(rows):
            for row, fit in zip(rows, self._fit(query, rows), strict=True):
                target = query.book.target_of[row]
                out[target, 1] = max(out[target, 1], fit)
        return out

    def _likely(self, query: Query, cosines: NDArray[np.float64]) -> list[int]:
        """The phrases worth aligning: the best of each of the likeliest targets, by sound and by words."""
        out: dict[tuple[int, bool], int] = {}
        for by_sound, scores in ((True, cosines), (False, query.overlap)):
            for row in query.best_rows(scores, _FEW):
                if len(self._codes[row]) >= _SHORTEST:
                    out.setdefault((int(query.book.target_of[row]), by_sound), int(row))
                if len(out) == (_ALIGNED // 2 if by_sound else _ALIGNED):
                    break
        return list(dict.fromkeys(out.values()))

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


_ENOUGH = 2.0
_FEW = 24
_ALIGNED = 12
_SHORTEST = 2
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
