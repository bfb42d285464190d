"""How likely what was heard is, when a caller says or spells a certain full name.

A name is its first and its last word. What was heard is laid beside both at once, by its sounds and, where it
is spelled, by its letters: the first name takes the beginning, the last name the rest, and either may be
missing. First names also go by their short forms ("Bob" for Robert).
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.align import Codes, Costs, Table, prefix_costs, table
from ivr.understanding.facts import Attempt, Facts, Heard, ranked
from ivr.understanding.normalize import Token, normalize, plain_words
from ivr.understanding.phonemes import COSTS, GAP, Sounds, encode
from ivr.understanding.spelling import ADDED, LEFT_OUT, Alphabet, encode_symbols
from ivr.understanding.words import Words

_NATS_SOUND = 3.5
_NATS_LETTER = 4.0
_NOISE_SOUND, _NOISE_LETTER = 0.2, 0.25
_PART = 1.6  # nats for saying the first or the last name alone
_SHORT = 1.0  # nats for a short form
_UNHEARD_OF = 2e-5
"""Share of callers who have a certain first or last name that the file lacks."""
_RARE = math.log(_UNHEARD_OF) * 2.0
_OTHERS, _USUAL = 1_000, 5e-4
"""A file of few customers says little of how common its names are: so many other people count with it, who
have each of its names as often as the second says."""
_MOST_LITERAL = 4
_MOST_SPELLED = 4
_MOST_SOUNDS = 40
_LEAST_SPELLED = 3


class Names(Facts):
    """The full names of a customer file, in matching form: words with one space between them."""

    def __init__(
        self, values: Sequence[str], counts: Sequence[int], words: Words, sounds: Sounds, alphabet: Alphabet
    ) -> None:
        """`counts` tells how many customers have each name."""
        self.values = tuple(values)
        self._words = words
        self._sounds = sounds
        self._alphabet = alphabet
        self._common = words.light | words.polite | words.fillers
        parts = [_parts(value) for value in values]
        self._firsts: Counter[str] = Counter()
        self._lasts: Counter[str] = Counter()
        for (first, last), count in zip(parts, counts, strict=True):
            self._firsts[first] += count
            self._lasts[last] += count
        self._layout = _Layout(parts, self)
        self.log_prior = self.log_prior_of(self.values)

    def hear(self, nbest: Sequence[str]) -> Attempt | None:
        """See Facts."""
        heard: dict[tuple[str, bool], float] = {}
        literal: dict[str, None] = {}
        for text, penalty in ranked(nbest):
            said, spelled = self._split(normalize(text, self._words))
            phonemes = self._sounds.phrase(said)[:_MOST_SOUNDS]
            if phonemes:
                heard.setdefault((phonemes, False), penalty)
                literal.setdefault(f"{said[0]} {said[-1]}" if len(said) > 1 else said[0])
            for symbols, cost in self._alphabet.spelled(spelled, 2) if len(spelled) else ():
                letters = "".join(char for char in symbols if char.isalpha())
                if letters and sum(1 for _, is_spelled in heard if is_spelled) < _MOST_SPELLED:
                    heard.setdefault((letters, True), penalty + _NATS_LETTER * cost)
                    literal.setdefault(letters.lower())
        if not heard:
            return None
        readings = tuple(Heard(text, cost, spelled) for (text, spelled), cost in heard.items())
        noise = _RARE - min(
            len(one.text) * (_NATS_LETTER * _NOISE_LETTER if one.spelled else _NATS_SOUND * _NOISE_SOUND)
            for one in readings
        )
        return Attempt(readings, self._layout.fit(readings), tuple(literal)[:_MOST_LITERAL], noise)

    def likelihood(self, attempt: Attempt, values: Sequence[str]) -> NDArray[np.float64]:
        """See Facts."""
        return _Layout([_parts(value) for value in values], self).fit(attempt.heard)

    def log_prior_of(self, values: Sequence[str]) -> NDArray[np.float64]:
        """See Facts."""
        everybody = self._firsts.total()

        def share(count: int) -> float:
            return (
                max(_UNHEARD_OF, (count + _OTHERS * _USUAL) / (everybody + _OTHERS)) if count else _UNHEARD_OF
            )

        parts = (_parts(value) for value in values)
        return np.array(
            [
                math.log(share(self._firsts[first]) if first else 1.0) + math.log(share(self._lasts[last]))
                for first, last in parts
            ]
        )

    def letters(self, word: str) -> Codes:
        """A word as codes of letters."""
        return encode_symbols(word)

    def sounds(self, word: str) -> Codes:
        """A word as codes of phonemes."""
        return encode(self._sounds.word(word)) if word else encode("")

    @property
    def confusions(self) -> NDArray[np.float32]:
        """Costs of letters."""
        return self._alphabet.costs

    def short_forms(self, first: str) -> tuple[str, ...]:
        """What people with a first name are also called."""
        return self._words.names.short.get(first, ())

    def _split(self, tokens: tuple[Token, ...]) -> tuple[tuple[str, ...], tuple[Token, ...]]:
        """The words of an answer that are said as words, and the run that is spelled."""
        tokens = self._without_lead_in(tokens)
        single = [self._letterlike(token) for token in tokens]
        if sum(single) >= _LEAST_SPELLED and sum(single) * 3 >= len(tokens) * 2:
            return (), tokens
        for start in range(len(tokens) - _LEAST_SPELLED):  # "Smith, s m i t h"
            if all(single[start:]) and start:
                return self._plain(tokens[:start]), tokens[start:]
        return self._plain(tokens), ()

    def _letterlike(self, token: Token) -> bool:
        text = token.text
        return (
            len(text) <= 2
            or (text,) in self._alphabet.alphabet
            or (len(text) == 3 and (text,) in self._alphabet.names)
            or bool(token.numeral)
            or text in self._words.letters.space
            or text in self._words.digits.repeats
        )

    def _without_lead_in(self, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
        texts = tuple(token.text for token in tokens)
        for phrase in sorted(self._words.names.before, key=len, reverse=True):
            pieces = tuple(phrase.split())
            for at in range(min(6, len(texts) - len(pieces)) if len(pieces) > 1 else 0):
                if texts[at : at + len(pieces)] == pieces:
                    return tokens[at + len(pieces) :]
        return tokens

    def _plain(self, tokens: tuple[Token, ...]) -> tuple[str, ...]:
        texts = [token.text for token in tokens if token.text not in self._words.fillers]
        while len(texts) > 1 and texts[0] in self._words.polite:
            del texts[0]
        return tuple(texts[:8])


class _Rows(NamedTuple):
    """The different first or last names; several rows for a name that has short forms.

    begins  the first row of each name; `extra` nats of each row
    """

    sounds: Table
    letters: Table
    begins: NDArray[np.intp]
    extra: NDArray[np.float32]


class _Layout:
    """Names laid out for alignment."""

    def __init__(self, parts: Sequence[tuple[str, str]], names: Names) -> None:
        self._names = names
        firsts = list(dict.fromkeys(first for first, _ in parts))
        lasts = list(dict.fromkeys(last for _, last in parts))
        first_place, last_place = _place(firsts), _place(lasts)
        self._first_of = np.array([first_place[first] for first, _ in parts], dtype=np.intp)
        self._last_of = np.array([last_place[last] for _, last in parts], dtype=np.intp)
        self._firsts = self._rows([(first, *names.short_forms(first)) for first in firsts], False)
        self._lasts = self._rows([(last,) for last in lasts], True)

    def _rows(self, ways: Sequence[tuple[str, ...]], backwards: bool) -> _Rows:
        flat = list(itertools.chain.from_iterable(ways))
        step = -1 if backwards else 1
        begins = np.cumsum([0, *map(len, ways)])[:-1].astype(np.intp)
        extra = np.array(
            [_SHORT * (number > 0) for some in ways for number in range(len(some))], dtype=np.float32
        )
        return _Rows(
            table([self._names.sounds(word)[::step] for word in flat]),
            table([self._names.letters(word)[::step] for word in flat]),
            begins,
            extra,
        )

    def fit(self, heard: Iterable[Heard]) -> NDArray[np.float64]:
        """Log-likelihood of each name: the best of its readings."""
        best = np.full(len(self._first_of), -np.inf)
        if not len(best):
            return best
        for one in heard:
            codes = encode_symbols(one.text) if one.spelled else encode(one.text)
            nats = _NATS_LETTER if one.spelled else _NATS_SOUND
            first = self._beginnings(codes, self._firsts, one.spelled, nats)
            last = self._beginnings(codes[::-1], self._lasts, one.spelled, nats)[::-1]
            cost = np.minimum(first[-1][self._first_of], last[0][self._last_of]) + _PART
            for place in range(len(codes) + 1):
                np.minimum(cost, first[place][self._first_of] + last[place][self._last_of], out=cost)
            np.maximum(best, -cost - one.cost, out=best)
        return best

    def _beginnings(self, heard: Codes, rows: _Rows, spelled: bool, nats: float) -> Costs:
        if spelled:
            costs = prefix_costs(heard, rows.letters, self._names.confusions, ADDED, LEFT_OUT)
        else:
            costs = prefix_costs(heard, rows.sounds, COSTS, GAP, GAP)
        out: Costs = np.minimum.reduceat(costs * np.float32(nats) + rows.extra, rows.begins, axis=1)
        return out


def full_name(text: str, words: Words) -> str:
    """A name in matching form."""
    return " ".join(plain_words(text, words))


def _parts(name: str) -> tuple[str, str]:
    """The first and the last word of a name; a single word is a last name."""
    first, _, last = name.partition(" ")
    return (first, last.rpartition(" ")[2]) if last else ("", first)


def _place(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}
