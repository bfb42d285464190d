"""Everything that may be said to a desk, compiled once: its phrases, their words and what each word is worth.

A template's sentences are written out up to a number, the shortest one through each of its words first; the
word graph has them all. Words are compared by their stems. A word is worth the more the fewer intents use it,
polite and everyday words little (see `weight_of`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from ivr.errors import DeskError
from ivr.meaning import Command, Intent, SlotSpec, Vocabulary
from ivr.understanding.grammar import Sentence, Template, parse
from ivr.understanding.graph import WordGraph
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds
from ivr.understanding.slots import SlotReader
from ivr.understanding.words import Words

MAX_PHRASES = 24_000
"""Sentences written out for one desk, beside its examples."""

_MOST_A_TEMPLATE, _FEWEST_A_TEMPLATE = 24, 4

POLITE, LIGHT = 0.1, 0.25
_UNKNOWN = 0.7
_SLOT, _OPEN_SLOT = 1.0, 0.2
_LEAST_IDF = 0.4


@dataclass(frozen=True, slots=True)
class Target:
    """What phrases mean, and the readers of its slots by name."""

    meaning: Intent | Command
    readers: dict[str, SlotReader]


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence of a target; slots stand in it as ``{number of the reader}``. `source` is as written."""

    target: int
    words: Sentence
    source: str


class PhraseBook:
    """The compiled vocabulary of a desk. Phrases of a target follow each other."""

    def __init__(self, vocabulary: Vocabulary, words: Words, sounds: Sounds) -> None:
        """Raises DeskError (TemplateError) for a template that cannot be read, naming the intent."""
        self.words = words
        self.sounds = sounds
        self.language = vocabulary.language
        self.graph = WordGraph()
        self.targets: list[Target] = []
        self.readers: dict[SlotSpec, SlotReader] = {}
        self.phrases: list[Phrase] = []
        templates = sum(len(intent.templates) for intent in vocabulary.intents)
        templates += sum(len(texts) for _, texts in vocabulary.commands)
        self._limit = min(_MOST_A_TEMPLATE, max(_FEWEST_A_TEMPLATE, MAX_PHRASES // max(1, templates)))
        for intent in vocabulary.intents:
            readers = {spec.name: self.reader(spec) for spec in intent.slots}
            self._add(Target(Intent(intent.name), readers), intent.templates, intent.examples, intent.name)
        for command, texts in vocabulary.commands:
            self._add(Target(command, {}), texts, (), command.value)
        self.slotted = [(number, target) for number, target in enumerate(self.targets) if target.readers]
        self.target_of = np.array([phrase.target for phrase in self.phrases], dtype=np.intp)
        self.starts = np.searchsorted(self.target_of, np.arange(len(self.targets)))
        self._index_words()

    def reader(self, spec: SlotSpec) -> SlotReader:
        """The reader of a slot, made once."""
        if spec not in self.readers:
            label = f"{{{len(self.readers)}}}"
            self.readers[spec] = SlotReader(spec, label, self.words, self.sounds, self.language)
        return self.readers[spec]

    def parse(self, text: str) -> Template:
        """A template in the desk's language. Raises TemplateError."""
        return parse(text, lambda literal: plain_words(literal, self.words))

    # --- phrases

    def _add(self, target: Target, templates: tuple[str, ...], examples: tuple[str, ...], name: str) -> None:
        number = len(self.targets)
        self.targets.append(target)
        sentences: dict[Sentence, str] = {}
        for text in templates:
            try:
                template = self.parse(text)
            except DeskError as error:
                place = f"{name}: {text!r}, {error.place}"
                raise DeskError(error.what, place=place, remedy=error.remedy) from None
            for slot in template.slots:
                if slot not in target.readers:
                    remedy = f"Describe {slot!r} under the slots of {name!r}"
                    raise DeskError(
                        f"{{{slot}}} is no slot of {name!r}", place=f"{name}: {text!r}", remedy=remedy
                    )
            labels = {f"{{{slot}}}": target.readers[slot].label for slot in template.slots}
            self.graph.add(number, template, labels)
            for sentence in template.sentences(self._limit):
                sentences.setdefault(tuple(labels.get(word, word) for word in sentence), text)
        for example in examples:
            sentences.setdefault(plain_words(example, self.words), example)
        sentences.pop((), None)
        if not sentences:  # an intent that only keys or other intents lead to
            sentences[("",)] = ""
        self.phrases.extend(Phrase(number, sentence, source) for sentence, source in sentences.items())

    # --- words

    def _index_words(self) -> None:
        self.stem_ids: dict[str, int] = {}
        rows: defaultdict[int, list[int]] = defaultdict(list)
        users: defaultdict[int, set[int]] = defaultdict(set)
        spoken: dict[int, str] = {}
        self.open_labels = {reader.label for reader in self.readers.values() if reader.open_ended}
        """Of the slots that any words may fill."""
        self.label_rows: dict[str, NDArray[np.intp]] = {}
        label_rows: defaultdict[str, list[int]] = defaultdict(list)
        for row, phrase in enumerate(self.phrases):
            for word in dict.fromkeys(phrase.words):
                if word[:1] == "{":
                    label_rows[word].append(row)
                    continue
                stem = self.stem_ids.setdefault(self.stem(word), len(self.stem_ids))
                spoken.setdefault(stem, word)
                rows[stem].append(row)
                users[stem].add(phrase.target)
        many = math.log(1 + len(self.targets))
        self._worth = np.array(
            [
                self._class_of(spoken[stem])
                or _LEAST_IDF + (1.0 - _LEAST_IDF) * (1.0 - math.log(len(users[stem])) / many)
                for stem in range(len(self.stem_ids))
            ]
        )
        self.users_of = [np.array(sorted(users[stem]), dtype=np.intp) for stem in range(len(self.stem_ids))]
        self.rows_of = [np.unique(rows[stem]) for stem in range(len(self.stem_ids))]
        self.label_rows = {label: np.array(some, dtype=np.intp) for label, some in label_rows.items()}
        self.total = np.zeros(len(self.phrases))
        for stem, some in enumerate(self.rows_of):
            self.total[some] += self._worth[stem]
        for label, some in self.label_rows.items():
            self.total[some] += _OPEN_SLOT if label in self.open_labels else _SLOT
        self.total = np.maximum(self.total, 1e-3)
        self._stem_sounds = [self.sounds.word(spoken[stem]) for stem in range(len(self.stem_ids))]
        self._content = [stem for stem in range(len(self.stem_ids)) if not self._class_of(spoken[stem])]
        self._content_set = frozenset(self._content)
        self._content_sounds = [self._stem_sounds[stem] for stem in self._content]
        self._near: dict[str, tuple[int, float] | None] = {}

    def _class_of(self, word: str) -> float:
        if word in self.words.polite:
            return POLITE
        return LIGHT if word in self.words.light else 0.0

    def weight_of(self, word: str) -> float:
        """What a word of the caller is worth, 0 to 1."""
        if word in self.words.fillers:
            return 0.0
        if fixed := self._class_of(word):
            return fixed
        stem = self.stem_ids.get(self.stem(word))
        return _UNKNOWN if stem is None else float(self._worth[stem])

    def is_content(self, stem: int) -> bool:
        """Whether the words of a stem are neither polite nor light."""
        return stem in self._content_set

    def worth(self, stem: int) -> float:
        """What the words of a stem are worth in phrases."""
        return float(self._worth[stem])

    def stem(self, word: str) -> str:
        """A word without the endings of its language, so that "invoices" is "invoice"."""
        for ending in self.words.endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
                word = word[: -len(ending)]
                if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
                    word = word[:-1]
                break
        return word[:-1] if len(word) > 3 and word[-1] == "e" else word

    def nearest(self, word: str) -> tuple[int, float] | None:
        """The stem a word means: its own, or for a word the desk lacks the one that sounds most like it."""
        stem = self.stem_ids.get(self.stem(word))
        if stem is not None:
            return stem, 1.0
        if word not in self._near:
            if len(self._near) > 20_000:
                self._near.clear()
            self._near[word] = self._sounds_like(word)
        return self._near[word]

    def _sounds_like(self, word: str) -> tuple[int, float] | None:
        if self._class_of(word) or len(word) < 4:
            return None
        sound = self.sounds.word(word)
        best = process.extractOne(
            sound, self._content_sounds, scorer=Indel.normalized_similarity, score_cutoff=0.66
        )
        if best is None:
            return None
        return self._content[best[2]], float(best[1]) - 0.25
