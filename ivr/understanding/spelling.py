"""Letters and digits said one by one: "e c six", "Charlie", "b as in bravo", "double l", "see", "IMA".

A word heard among letters has several readings, each with a cost: the letter whose name it is, the letter of
the alphabet it stands for or sounds like, letters that a recognizer wrote together, digits. Symbols that a
telephone line hardly tells apart cost little to be taken for each other (`Alphabet.costs`).
"""

from __future__ import annotations

import functools
import string
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.align import Codes, prefix_costs, table
from ivr.understanding.alike import Alike
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import cardinals, numeral_end
from ivr.understanding.phonemes import COSTS, GAP, Sounds, encode
from ivr.understanding.words import Words

SYMBOLS = string.ascii_lowercase + string.digits + string.ascii_uppercase
"""Capitals are letters said by a word ("Charlie"), which are not mistaken for what sounds like their name."""

CODE = {symbol: code for code, symbol in enumerate(SYMBOLS, start=1)}
"""Symbols as codes for `align`; 0 pads."""

# Costs in the unit of phonemes.COSTS: 1 for another sound altogether. Set by hand in the order in which the
# readings are believed.
ADDED = 0.75
LEFT_OUT = 0.7
_CONFUSED = 0.35
_OTHER = 1.0
_FIRM = 1.4
_NAMED = 0.1  # "see" as c
_MISHEARD = 0.3  # "for" as 4
_TOGETHER = 0.08  # for each letter of "IMA" as i, m, a
_SOUNDS = 0.25  # beside the distance, for "Polo" as papa
_FIRST = 0.5  # "kangaroo" as k
_SKIPPED = 0.8
_DROPPED = 1.2  # a letter said clearly
_LIKE_AT_MOST = 0.5
_LETTER_SOUNDS = {"a": "A", "w": "dʌbᵊlju", "0": "O"}

MOST_TOKENS = 40
_LONGEST_TOGETHER = 6
_BEAM = 12


class Reading(NamedTuple):
    """Symbols read from the tokens up to `end` (not included); "" for words that say none."""

    symbols: str
    end: int
    cost: float


class Spelled(NamedTuple):
    """A whole run of tokens read as symbols."""

    symbols: str
    cost: float


def encode_symbols(text: str) -> Codes:
    """Letters and digits as codes, capitals as letters said by a word; other characters are left out."""
    return np.array([CODE[char] for char in text if char in CODE], dtype=np.uint8)


class Alphabet:
    """The letters and digits of one language as they are said. Make it with `alphabet`."""

    def __init__(self, words: Words, sounds: Sounds) -> None:
        self._words = words
        self._sounds = sounds
        letters = words.letters
        self.names: dict[tuple[str, ...], str] = {
            tuple(way.split()): letter for letter, ways in letters.names.items() for way in ways if way
        }
        self.alphabet: dict[tuple[str, ...], str] = {
            tuple(way.split()): letter for way, letter in letters.alphabet.items()
        }
        self._digit_names: dict[tuple[str, ...], str] = {
            (name,): str(value) for name, value in {**words.numbers.units, **words.digits.words}.items()
        }
        named = [(letter, sounds.phrase(way)) for way, letter in self.alphabet.items()]
        named += [(letter, sounds.phrase(way)) for way, letter in self.names.items()]
        named += [(digit, sounds.phrase(way)) for way, digit in self._digit_names.items()]
        spoken_for = [(letter, spoken) for letter, spoken in named if len(spoken) > 1]
        self._spoken_for = Alike(spoken_for, beside=_SOUNDS, at_most=_LIKE_AT_MOST)
        self.costs = self._confusions()
        self._like = functools.lru_cache(maxsize=5_000)(self._sounds_like)

    def _confusions(self) -> NDArray[np.float32]:
        """costs[a, b] of hearing symbol code a for b, shape (63, 63), from how the names of both sound."""
        spoken = [
            _LETTER_SOUNDS.get(symbol) or self._sounds.word(symbol) or symbol
            for symbol in string.ascii_lowercase
        ]
        digits = {value: name for name, value in self._words.numbers.units.items() if value < 10}
        spoken += [
            _LETTER_SOUNDS.get(str(value)) or self._sounds.word(digits.get(value, str(value))) or str(value)
            for value in range(10)
        ]
        codes = [encode(one) for one in spoken]
        lengths = np.array([max(1, len(one)) for one in spoken])
        all_names = table(codes)
        out = np.full((len(SYMBOLS) + 1, len(SYMBOLS) + 1), _OTHER, dtype=np.float32)
        for row, one in enumerate(codes, start=1):
            apart = prefix_costs(one, all_names, COSTS, GAP, GAP)[-1]
            out[row, 1 : len(codes) + 1] = np.minimum(
                _OTHER, apart / (GAP * np.maximum(lengths, lengths[row - 1]))
            )
        for group in self._words.letters.confused:
            places = [CODE[char] for char in group if char in CODE]
            inside = np.ix_(places, places)
            out[inside] = np.minimum(out[inside], _CONFUSED)
        np.fill_diagonal(out, 0.0)
        out = np.minimum(out, out.T)
        firm = len(codes) + 1
        out[firm:, :] = np.maximum(_FIRM, np.vstack([out[1:27, :]]))
        for letter in string.ascii_lowercase:
            out[CODE[letter.upper()], [CODE[letter], CODE[letter.upper()]]] = 0.0
        return out

    # --- one place

    def readings(self, tokens: tuple[Token, ...], at: int) -> Iterator[Reading]:
        """Every reading of the tokens from `at` on."""
        yield from self.named(tokens, at)
        if not tokens[at].numeral:
            yield from self._like_words(tokens, at)
            yield Reading("", at + 1, self._silence(tokens, at))

    def named(self, tokens: tuple[Token, ...], at: int) -> Iterator[Reading]:
        """The readings of the tokens from `at` on that need no likeness of sounds."""
        token, words = tokens[at], self._words
        text = token.text
        if token.numeral:
            digits = "".join(char for char in token.numeral if char.isascii() and char.isdigit())
            if digits:
                yield Reading(digits, numeral_end(tokens, at), 0.0)
            return
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        repeated = bool(following) and following not in words.digits.repeats
        repeated = repeated and (text, following) not in self.names  # "double you" is a letter
        if (times := words.digits.repeats.get(text)) and repeated:
            for symbols, end, cost in self.named(tokens, at + 1):
                if symbols:
                    yield Reading(symbols[0] * (times - 1) + symbols, end, cost)
        if (as_in := self._as_in(tokens, at)) is not None:
            yield as_in
        for size in (1, 2):
            said = tuple(one.text for one in tokens[at : at + size])
            if len(said) < size:
                break
            if said in self.alphabet:
                yield Reading(self.alphabet[said].upper(), at + size, 0.0)
            if said in self.names:
                yield Reading(self.names[said], at + size, _NAMED)
            if said in self._digit_names:
                yield Reading(self._digit_names[said], at + size, _NAMED / 2 if len(text) == 1 else 0.0)
        for value, end in cardinals(tokens, at, words.numbers) if text != "a" else ():
            yield Reading(str(value), end, 0.0)
        if text in words.digits.misheard:
            yield Reading(str(words.digits.misheard[text]), at + 1, _MISHEARD)
        if len(text) == 1 and text in CODE:
            yield Reading(text, at + 1, 0.0)
        elif len(text) <= _LONGEST_TOGETHER and text.isascii() and text.isalpha():
            yield Reading(text, at + 1, _TOGETHER * len(text) + self._is_word(text))

    def _is_word(self, text: str) -> float:
        """What it costs to take a word that says something else for letters written together."""
        if (text,) in self.alphabet or (text,) in self._digit_names or text in self._words.digits.repeats:
            return _DROPPED
        return _MISHEARD if (text,) in self.names or text in self._words.light else 0.0

    def _as_in(self, tokens: tuple[Token, ...], at: int) -> Reading | None:
        """ "b as in bravo", "m for mother": the letter, if the word begins with it."""
        texts = [token.text for token in tokens[at : at + 5]]
        letter = texts[0] if len(texts[0]) == 1 else self.names.get((texts[0],), "")
        for phrase in self._words.letters.as_in:
            size = phrase.count(" ") + 1
            if letter and texts[1 : 1 + size] == phrase.split() and len(texts) > 1 + size:
                word = texts[1 + size]
                if len(word) > 2 and (word[0] == letter or self.alphabet.get((word,)) == letter):
                    return Reading(letter.upper(), at + 2 + size, 0.0)
                if len(word) > 2 and (word,) in self.alphabet:  # the word is heard better than the letter
                    return Reading(self.alphabet[word,].upper(), at + 2 + size, _NAMED)
        return None

    def _like_words(self, tokens: tuple[Token, ...], at: int) -> Iterator[Reading]:
        """Words that sound like one of the alphabet, alone or two together; words for their first letter."""
        text = tokens[at].text
        if len(text) >= 3 and (text,) not in self.alphabet:
            for letter, cost in self._like((text,)):
                yield Reading(letter, at + 1, cost)
            if len(text) >= 4 and text[0] in CODE:
                yield Reading(text[0], at + 1, _FIRST)
        if at + 1 < len(tokens) and not tokens[at + 1].numeral:
            pair = (text, tokens[at + 1].text)
            if 5 <= len(pair[0]) + len(pair[1]) <= 14 and pair not in self.alphabet:
                for letter, cost in self._like(pair):
                    yield Reading(letter, at + 2, cost + _NAMED)

    def _sounds_like(self, said: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
        return self._spoken_for.of(encode(self._sounds.phrase(said)))

    def _silence(self, tokens: tuple[Token, ...], at: int) -> float:
        """The cost of taking a word for none of the symbols."""
        text, words = tokens[at].text, self._words
        silent = {*words.letters.capital, *words.letters.space, "dash", "hyphen"}
        if (text in words.fillers and len(text) > 1 and text not in words.digits.words) or text in silent:
            return 0.0
        if text in words.polite:
            return 0.2
        letter = (len(text) == 1 and text not in words.light) or (text,) in self.alphabet
        return _DROPPED if letter else _SKIPPED

    # --- whole runs

    def spelled(self, tokens: tuple[Token, ...], most: int = 8) -> tuple[Spelled, ...]:
        """The likeliest readings of all tokens (40 at most), best first; () when none says a symbol."""
        tokens = tokens[:MOST_TOKENS]
        states: list[dict[str, float]] = [{} for _ in range(len(tokens) + 1)]
        states[0][""] = 0.0
        for at in range(len(tokens)):
            here = sorted(states[at].items(), key=lambda item: item[1])[:_BEAM]
            for symbols, end, cost in self.readings(tokens, at) if here else ():
                later = states[end]
                for said, so_far in here:
                    whole = (said + symbols)[:MOST_TOKENS]
                    if so_far + cost < later.get(whole, 1e9):
                        later[whole] = so_far + cost
        best = sorted((cost, said) for said, cost in states[-1].items() if said)
        return tuple(Spelled(said, cost) for cost, said in best[:most])


@functools.lru_cache(maxsize=8)
def alphabet(words: Words, sounds: Sounds) -> Alphabet:
    """The alphabet of a language, made once."""
    return Alphabet(words, sounds)
