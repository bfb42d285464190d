"""One reading of an utterance against the phrases of a desk: what all parts of the evidence share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.graph import Open, Whole
from ivr.understanding.numbers import Found
from ivr.understanding.phrases import LIGHT, POLITE, Phrase, PhraseBook, Target
from ivr.understanding.slots import SlotReader, choose
from ivr.understanding.utterance import Utterance

LEAST_SURE = 0.3
"""Values of slots inside a sentence are taken from here on."""

_LONGEST_OPEN = 12


@dataclass(frozen=True)
class Query:
    """Computed when first asked for; `book` and `heard` never change.

    exact  whether the words are those of the grammar (a held reading)
    """

    book: PhraseBook
    heard: Utterance
    now: datetime
    exact: bool = False

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """The tokens that are no fillers; all where there is nothing else ("uh huh")."""
        fillers = self.heard.words.fillers
        kept = tuple(at for at, text in enumerate(self.heard.texts) if text not in fillers)
        return kept or tuple(range(len(self.heard.texts)))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words without fillers."""
        return tuple(self.heard.texts[at] for at in self.kept)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """What each token is worth, fillers nothing unless there is nothing else."""
        weights = np.array([self.book.weight_of(text) for text in self.heard.texts])
        return weights if weights.any() else np.full(len(weights), POLITE)

    @cached_property
    def total(self) -> float:
        """What all tokens are worth."""
        return float(self.weights.sum())

    # --- slots

    @cached_property
    def _chosen(self) -> dict[tuple[str, ...], list[tuple[SlotReader, Found]]]:
        return {}

    @cached_property
    def found(self) -> dict[str, tuple[Found, ...]]:
        """Values inside the sentence, by the label of their slot."""
        return {
            reader.label: tuple(
                one for one in reader.read(self.heard, self.now, False, self.exact) if one.score >= LEAST_SURE
            )
            for reader in self.book.readers.values()
        }

    def values(self, target: Target) -> list[tuple[SlotReader, Found]]:
        """The best values of a target's slots that do not overlap."""
        if not target.readers:
            return []
        key = tuple(reader.label for reader in target.readers.values())
        if key not in self._chosen:
            pairs = ((reader, self.found[reader.label]) for reader in target.readers.values())
            self._chosen[key] = choose(pairs, LEAST_SURE)
        return self._chosen[key]

    def rivals(self, reader: SlotReader, best: Found) -> list[Found]:
        """Other values the same words may mean, at least half as sure: "David", when there are two."""
        others = (one for one in self.found[reader.label] if one.value != best.value)
        return [
            one
            for one in others
            if one.score >= 0.5 * best.score and one.start < best.end and best.start < one.end
        ]

    @cached_property
    def without_values(self) -> tuple[tuple[str, ...], str] | None:
        """The words and the sounds outside all values of slots, None when there is no value."""
        readers = self.book.readers.values()
        spans = choose(((reader, self.found[reader.label]) for reader in readers if reader.tells), LEAST_SURE)
        if not spans:
            return None
        inside = {at for _, one in spans for at in range(one.start, one.end)}
        bounds, phonemes = self.heard.bounds, self.heard.phonemes
        sounds = "".join(
            phonemes[bounds[at] : bounds[at + 1]] for at in range(len(self.heard.texts)) if at not in inside
        )
        return tuple(self.heard.texts[at] for at in self.kept if at not in inside), sounds

    # --- words

    @cached_property
    def stems(self) -> dict[int, float]:
        """The stems of the desk that were heard, and how surely."""
        heard: dict[int, float] = {}
        for text in self.texts:
            if (near := self.book.nearest(text)) is not None:
                heard[near[0]] = max(near[1], heard.get(near[0], 0.0))
        return heard

    @cached_property
    def keys(self) -> NDArray[np.float64]:
        """For each target, the worth of its own words and values that were heard, a part of shared ones."""
        out = np.zeros(len(self.book.targets))
        for stem, likeness in self.stems.items():
            if self.book.is_content(stem):
                users = self.book.users_of[stem]
                out[users] += self.book.worth(stem) * likeness / len(users)
        for number, target in self.book.slotted:
            for reader, one in self.values(target):
                out[number] += reader.tells * one.score / (1 + self._other_users(number, one))
        return out

    def _other_users(self, number: int, value: Found) -> int:
        """How many other targets have all content words of a value among their own words."""
        users: set[int] | None = None
        for text in self.heard.texts[value.start : value.end]:
            stem = self.book.stem_ids.get(self.book.stem(text))
            if stem is not None and self.book.is_content(stem):
                own = set(self.book.users_of[stem].tolist())
                users = own if users is None else users & own
        return len((users or set()) - {number})

    @cached_property
    def strange(self) -> NDArray[np.float64]:
        """For each target, the worth of content words of the utterance that it never uses."""
        out = np.full(len(self.book.targets), 0.0)
        content = 0.0
        for at, text in zip(self.kept, self.texts, strict=True):
            if (worth := float(self.weights[at])) > LIGHT:
                content += worth
                if (near := self.book.nearest(text)) is not None:
                    out[self.book.users_of[near[0]]] -= worth * near[1]
        return np.maximum(out + content - self.explained, 0.0)

    @cached_property
    def matched(self) -> NDArray[np.float64]:
        """For each phrase, the worth of its words and slots that were heard."""
        book = self.book
        out = np.zeros(len(book.phrases))
        for stem, likeness in self.stems.items():
            out[book.rows_of[stem]] += book.worth(stem) * likeness
        for label, found in self.found.items():
            if found and label in book.label_rows:
                out[book.label_rows[label]] += found[0].score
        return out

    @cached_property
    def explained(self) -> NDArray[np.float64]:
        """For each target, the worth of the words that are values of its slots."""
        out = np.zeros(len(self.book.targets))
        for number, target in self.book.slotted:
            for _, one in self.values(target):
                out[number] += one.score * float(self.weights[one.start : one.end].sum())
        return out

    @cached_property
    def slot_worth(self) -> NDArray[np.float64]:
        """For each phrase, the worth of its slots that have a value."""
        out = np.zeros(len(self.book.phrases))
        for label, found in self.found.items():
            if found and label in self.book.label_rows:
                out[self.book.label_rows[label]] += found[0].score
        return out

    @cached_property
    def overlap(self) -> NDArray[np.float64]:
        """For each phrase, twice the worth it shares with the utterance over that of both (Dice), 0 to 1."""
        own = np.maximum(self.total - self.explained, 0.0)[self.book.target_of] + self.slot_worth
        return np.minimum(1.0, 2.0 * self.matched / np.maximum(self.book.total + own, 1e-6))

    def best_rows(self, scores: NDArray[np.float64], many: int) -> NDArray[np.intp]:
        """The phrases of the highest scores, best first, none of score 0."""
        some = np.argpartition(-scores, many)[:many] if many < len(scores) else np.arange(len(scores))
        some = some[scores[some] > 0.0]
        return some[np.argsort(-scores[some], kind="stable")]

    def by_target(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The highest score of each target's phrases."""
        return np.maximum.reduceat(scores, self.book.starts)

    def best_phrase(self, target: int) -> Phrase:
        """The phrase of a target that shares most with the utterance."""
        first = int(self.book.starts[target])
        last = first + int(np.count_nonzero(self.book.target_of == target))
        best: Phrase = self.book.phrases[first + int(np.argmax(self.overlap[first:last]))]
        return best

    # --- whole phrases

    @cached_property
    def walked(self) -> tuple[list[Whole], list[Open]]:
        """Whole and unfinished phrases; their places count the words without fillers."""
        ends: dict[str, dict[int, tuple[int, ...]]] = {}
        place = {at: number for number, at in enumerate(self.kept)}
        many = len(self.kept)
        for reader in self.book.readers.values():
            spans: dict[int, list[int]] = {}
            if reader.open_ended:
                for start in range(many):
                    spans[start] = [*range(start + 1, min(many, start + _LONGEST_OPEN) + 1), many]
            for one in self.found[reader.label]:
                inside = [place[at] for at in range(one.start, one.end) if at in place]
                if inside:
                    spans.setdefault(inside[0], []).append(inside[-1] + 1)
            ends[reader.label] = {start: tuple(dict.fromkeys(some)) for start, some in spans.items()}
        return self.book.graph.walk(self.texts, ends)
