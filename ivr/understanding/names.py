"""Values found by their sound: names of a directory, choices of a list, and names said freely.

Every way to say a value is looked for in the sounds of the whole utterance (see phonemes.find). How sure a
place is grows with the number of its sounds and falls with the cost of fitting them: "Wei Chen" fits many
words by chance, "Bartholomew" none. The values compete with each other and with "none of them" in a
conditional logit.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.meaning import Choice
from ivr.understanding.ngrams import NgramIndex, sound_grams
from ivr.understanding.normalize import plain_words
from ivr.understanding.numbers import Found
from ivr.understanding.phonemes import Sounds, encode, find, pad
from ivr.understanding.utterance import Utterance
from ivr.understanding.words import Words

_ALIGNED_AT_MOST = 24
"""Of longer lists only the options that share most sounds with the utterance are aligned."""

_MOST_FOUND = 6
_MOST_WORDS_OF_FREE_NAME = 4
_CERTAIN = 12.0
_OTHER_NAME = -1.5
"""Most log-odds of a first or last name beside which another name seems to stand; set by hand."""
_EXACT = 0.97
"""Chance of a value whose very words a held reading has, shared by namesakes."""
_ALONE = 1.5
"""Log-odds added to an answer that is nothing but the value; set by hand."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """Weights of the logit: log-odds of a value against nothing of the kind having been said.

    bias    for any value; `asked` is added when the caller was asked for it
    sound   for each sound of the option, `cost` for each unit of alignment cost
    inside  for each end of the place that lies inside a word
    exact   when the words are those of the option
    common  when all words of the place are ones that everybody says ("will", "can")
    """

    bias: float
    sound: float
    cost: float
    inside: float
    exact: float
    common: float
    asked: float = 1.7

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights of `Place.columns`."""
        return np.array([self.bias, self.sound, self.cost, self.inside, self.exact, self.common])


# Fitted by bench/calibrate.py on made-up names and orders, read aloud and recognized by Moonshine at 8 kHz,
# with and without noise. In an answer 85 of 100 callers say what they were asked for, not 50: 1.7 more.
NAMES = Sureness(-4.97, 1.00, -2.20, -1.04, 3.02, -1.24)
CHOICES = Sureness(-1.65, 0.94, -2.84, -0.33, 1.16, -0.76)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to say a value; `share` is the chance that these words mean this value and no other."""

    value: str
    words: tuple[str, ...]
    share: float = 1.0
    rest: int = 0
    """For part of a name, where the rest of it would stand: 1 after these words, -1 before them."""


def options_of_names(
    choices: tuple[Choice, ...], spoken: dict[str, list[tuple[str, ...]]], words: Words
) -> list[Option]:
    """Full names, and first and last names alone as far as they tell people apart and are no common word.

    spoken  the ways to say each value, in matching form
    """
    options = [
        Option(choice.value, way, rest=_rest(way, plain_words(choice.value, words)))
        for choice in choices
        for way in spoken[choice.value]
    ]
    common = words.light | words.polite | words.fillers
    parts = {
        choice.value: {
            ((part,), rest)
            for way in spoken[choice.value]
            if len(way) > 1
            for part, rest in ((way[0], 1), (way[-1], -1))
            if part not in common
        }
        for choice in choices
    }
    bearers = Counter(part for some in parts.values() for part in some)
    whole = {option.words for option in options}
    options.extend(
        Option(value, part[0], 0.85 / bearers[part], part[1])
        for value, some in parts.items()
        for part in sorted(some)
        if part[0] not in whole
    )
    return options


def _rest(way: tuple[str, ...], name: tuple[str, ...]) -> int:
    """Where the rest of a name stands beside its first or last word, 0 when the words are more than that."""
    if len(name) < 2 or (name[0] in way and name[-1] in way):
        return 0
    return 1 if way[-1] == name[0] else -1 if way[-1] == name[-1] else 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an option may have been said: tokens start to end.

    columns  what speaks for it: 1, sounds, cost, ends inside words, same words, everyday words
    prior    log-odds that are known without fitting
    beside   whether another name seems to stand where the rest of this one would
    """

    option: Option
    start: int
    end: int
    columns: tuple[float, ...]
    prior: float
    beside: bool


class OptionReader:
    """Finds the options of one slot in utterances."""

    def __init__(self, options: list[Option], sounds: Sounds, words: Words, sure: Sureness) -> None:
        self._sure = sure
        self._weights = sure.weights
        self._around = frozenset(
            word for phrase in (*words.names.before, *words.names.after) for word in phrase.split()
        )
        self._common = words.light | words.polite | words.fillers
        spelled = [(option, sounds.phrase(option.words)) for option in options if option.words]
        self._options = [option for option, phonemes in spelled if phonemes]
        spoken = [phonemes for _, phonemes in spelled if phonemes]
        self._padded, self._lengths = pad([encode(phonemes) for phonemes in spoken])
        self._index = NgramIndex(list(map(sound_grams, spoken))) if len(spoken) > _ALIGNED_AT_MOST else None
        self._by_words: defaultdict[tuple[str, ...], list[Option]] = defaultdict(list)
        for option in options:
            self._by_words[option.words].append(option)
        self._rows: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, option in enumerate(self._options):
            self._rows[option.words].append(row)
        self._lengths_in_words = sorted({len(words) for words in self._by_words if words}, reverse=True)

    def exact(self, heard: Utterance) -> tuple[Found, ...]:
        """Every place that has the very words of an option and is no part of a longer one, longest first.

        For readings held to the grammar, whose words are the grammar's: "medium roast, medium" says both.
        """
        found: list[Found] = []
        many = len(heard.texts)
        for length in self._lengths_in_words:
            for start in range(many - length + 1):
                end = start + length
                inside = any(o.start <= start and end <= o.end and o.end - o.start > length for o in found)
                options = () if inside else self._by_words.get(heard.texts[start:end], ())
                found.extend(Found(o.value, start, end, _EXACT * min(1.0, o.share)) for o in options)
        return tuple(found)

    def read(self, heard: Utterance, asked: bool) -> tuple[Found, ...]:
        """The best places of different values, best first; their scores add up to less than 1."""
        best: dict[str, tuple[float, Place]] = {}
        for place in self.places(heard):
            z = float(self._weights @ place.columns) + place.prior
            if asked:
                around = (*heard.texts[: place.start], *heard.texts[place.end :])
                z += self._sure.asked + _ALONE * all(word in self._common for word in around)
            if place.beside:
                z = min(z, _OTHER_NAME)
            value = place.option.value
            if value not in best or z > best[value][0]:
                best[value] = (z, place)
        odds = {value: math.exp(min(z, _CERTAIN)) for value, (z, _) in best.items()}
        none = 1.0 + sum(odds.values())
        found = (
            Found(value, place.start, place.end, odds[value] / none) for value, (_, place) in best.items()
        )
        return tuple(sorted(found, key=lambda one: -one.score)[:_MOST_FOUND])

    def _word_for_word(self, texts: Sequence[str]) -> list[int]:
        """The options that are said word for word: those of two sounds ("no") share few with anything."""
        spans = (
            texts[start : start + length]
            for length in self._lengths_in_words
            for start in range(len(texts) - length + 1)
        )
        return [row for span in spans for row in self._rows.get(tuple(span), ())]

    def places(self, heard: Utterance) -> list[Place]:
        """The likeliest places of options, several for one value perhaps."""
        if not self._options or not len(heard.codes):
            return []
        some = np.arange(len(self._options))
        if self._index is not None:
            some = self._index.best(sound_grams(heard.phonemes), _ALIGNED_AT_MOST)
            some = np.union1d(some, self._word_for_word(heard.texts)).astype(np.intp)
        if not len(some):
            return []
        lengths = self._lengths[some]
        found = find(heard.codes, self._padded[some][:, : lengths.max()], lengths)
        bounds = heard.bounds
        inside = (~np.isin(found.start, bounds)).astype(np.float64) + ~np.isin(found.end, bounds)
        rough = self._weights[1] * lengths + self._weights[2] * found.cost + self._weights[3] * inside
        middles = (bounds[:-1] + bounds[1:]) / 2.0
        # Words with most of their sounds in the place; at least one, also where it lies in the middle of one.
        begins = np.minimum(np.searchsorted(middles, found.start), len(middles) - 1)
        ends = np.maximum(np.searchsorted(middles, found.end), begins + 1)
        likeliest = np.argsort(-rough)[: 4 * _MOST_FOUND]
        out = []
        for row in likeliest:
            option, start, end = self._options[some[row]], int(begins[row]), int(ends[row])
            said = heard.texts[start:end]
            columns = (
                1.0,
                float(lengths[row]),
                float(found.cost[row]),
                float(inside[row]),
                float(said == option.words),
                float(all(word in self._common for word in said)),
            )
            beside = self._other_name(heard, option, start, end)
            out.append(Place(option, start, end, columns, math.log(option.share), beside))
        return out

    def _other_name(self, heard: Utterance, option: Option, start: int, end: int) -> bool:
        """Whether a word that may be another first or last name stands where the rest of a name would."""
        at = end if option.rest > 0 else start - 1
        if not option.rest or not 0 <= at < len(heard.texts):
            return False
        word = heard.texts[at]
        return not (word in self._common or word in self._around or heard.tokens[at].numeral)


def read_free_name(heard: Utterance, words: Words, asked: bool) -> tuple[Found, ...]:
    """A name nobody knows beforehand: after "my name is", before "speaking", or the whole short answer."""
    texts = heard.texts
    start, end, led = 0, len(texts), False
    for phrase in sorted(words.names.before, key=len, reverse=True):
        pieces = tuple(phrase.split())
        at = next((i for i in range(len(texts)) if texts[i : i + len(pieces)] == pieces), -1)
        if at >= 0 and at + len(pieces) < len(texts):
            start, led = at + len(pieces), True
            break
    for phrase in sorted(words.names.after, key=len, reverse=True):
        pieces = tuple(phrase.split())
        at = next((i for i in range(start + 1, len(texts)) if texts[i : i + len(pieces)] == pieces), -1)
        if at >= 0:
            end, led = min(end, at), led or phrase not in words.polite
    skipped = words.fillers | words.polite
    while start < end and texts[start] in skipped:
        start += 1
    while end > start and texts[end - 1] in skipped:
        end -= 1
    name = texts[start:end]
    if not name or not (asked or led) or any(word in words.names.never for word in name):
        return ()
    if len(name) > _MOST_WORDS_OF_FREE_NAME or all(word in words.light for word in name):
        return ()
    light = sum(word in words.light for word in name)
    score = (0.85 if led else 0.75) * 0.5**light * (0.9 if len(name) > 1 else 0.8) / 0.9
    value = " ".join(_capitalised(part) for part in heard.said(start, end).split())
    return (Found(value.strip(" .,;:!?\"'"), start, end, score),)


def _capitalised(word: str) -> str:
    return word if any(char.isupper() for char in word[1:]) else word[:1].upper() + word[1:]
