"""How likely what was heard is, when a caller says a certain date of birth.

A date is said as day, month and year ("3rd of January 2002", "03 01 02"), or month first. What was heard is a
string of digits and month names, in which it does not matter what a recognizer ran together or tore apart
("24091 930", "1960 6th"). It is laid beside every day of the last 120 years at once: day and month take its
beginning, the year its end.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.align import Codes, Costs, Table, prefix_costs, table
from ivr.understanding.alike import Alike
from ivr.understanding.facts import Attempt, Facts, Heard, ranked
from ivr.understanding.normalize import Token, normalize
from ivr.understanding.numbers import cardinals, numeral_end, ordinals
from ivr.understanding.phonemes import Sounds, encode
from ivr.understanding.spelling import CODE, Alphabet
from ivr.understanding.words import Words

_YEARS = 120
_NATS = 5.0
_NOISE = 0.25
_ADDED, _LEFT_OUT = 0.7, 0.8
_MONTHS = "ABCDEFGHIJKL"
"""Months said by name, beside digits, in the strings that are compared."""

_CODES = {char: number for number, char in enumerate("0123456789" + _MONTHS, start=1)}

# Costs in the unit of phonemes.COSTS, set by hand.
_ORDER = 0.8  # the order of day and month that the language does not use, both said as numbers
_SHORT_YEAR = 0.15  # "84"
_TEENS = 0.4  # thirteen for thirty
_MISSING = 0.8  # the year, or the day, not said
_MISHEARD = 0.3
_SOUNDS = 0.3
_LIKE_AT_MOST = 0.5
_SKIPPED = 0.3
_MOST_STRINGS = 5
_MOST_SYMBOLS = 16
_MOST_TOKENS = 16
_BEAM = 6

_TEEN = {f"1{n}": f"{n}0" for n in range(3, 10)} | {f"{n}0": f"1{n}" for n in range(3, 10)}


class _Ways(NamedTuple):
    """Ways to say values: the strings, what each costs to choose, the first of each value."""

    strings: Table
    costs: Costs
    begins: NDArray[np.intp]


class Birthdays(Facts):
    """Every day from `first` to `last`, as ISO 8601."""

    def __init__(
        self, first: date, last: date, words: Words, sounds: Sounds, alphabet: Alphabet, language: str
    ) -> None:
        self._words = words
        self._sounds = sounds
        self._month_first = language.replace("_", "-").lower() == "en-us"
        self._costs = _confusions(alphabet)
        years = range(min(first.year, last.year - _YEARS), last.year + 1)
        self._days = _ways([self._day_and_month(d, m) for m in range(1, 13) for d in range(1, 32)], 1)
        self._months = _ways([[(_MONTHS[m], 0.0), (str(m + 1), 0.0)] for m in range(12)], 1)
        self._years = _ways([_year(year) for year in years], -1)
        cells = [
            (day, (day.month - 1) * 31 + day.day - 1, year)
            for year, month, number in itertools.product(range(len(years)), range(1, 13), range(1, 32))
            if (day := _day(years[year], month, number)) is not None and day <= last
        ]
        self.values = tuple(day.isoformat() for day, _, _ in cells)
        self._cell = np.array([day * len(years) + year for _, day, year in cells], dtype=np.intp)
        self.log_prior = np.full(len(cells), -math.log(max(1, len(cells))))
        self._sayable = Alike(self._sayable_words(), beside=_SOUNDS, at_most=_LIKE_AT_MOST)
        self._like = functools.lru_cache(maxsize=5_000)(self._sounds_like)

    def hear(self, nbest: Sequence[str]) -> Attempt | None:
        """See Facts."""
        strings: dict[str, float] = {}
        for text, penalty in ranked(nbest):
            for said, cost in self._strings(normalize(text, self._words)):
                strings[said] = min(strings.get(said, math.inf), _NATS * cost + penalty)
        heard = tuple(
            Heard(said, cost)
            for cost, said in sorted((cost, said) for said, cost in strings.items())[:_MOST_STRINGS]
        )
        if not heard:
            return None
        noise = float(self.log_prior[0]) - _NATS * _NOISE * max(2, min(len(one.text) for one in heard))
        fits = (self._fit(one) for one in heard)
        return Attempt(heard, functools.reduce(np.maximum, fits), (), noise)

    def likelihood(self, attempt: Attempt, values: Sequence[str]) -> NDArray[np.float64]:
        """See Facts; no day is missing here."""
        return np.zeros(len(values))

    def log_prior_of(self, values: Sequence[str]) -> NDArray[np.float64]:
        """See Facts."""
        return np.zeros(len(values))

    def _fit(self, heard: Heard) -> NDArray[np.float64]:
        codes = np.array([_CODES[char] for char in heard.text], dtype=np.uint8)
        days = self._beginnings(codes, self._days)
        months = np.repeat(self._beginnings(codes, self._months), 31, axis=1)
        years = self._beginnings(codes[::-1], self._years)[::-1]
        days = np.minimum(days, months + _MISSING)
        best = days[0][:, None] + years[0][None, :]
        buffer = np.empty_like(best)
        for place in range(1, len(codes) + 1):
            np.add(days[place][:, None], years[place][None, :], out=buffer)
            np.minimum(best, buffer, out=best)
        np.minimum(best, days[-1][:, None] + _MISSING, out=best)
        out: NDArray[np.float64] = -_NATS * best.ravel()[self._cell].astype(np.float64) - heard.cost
        return out

    def _beginnings(self, heard: Codes, ways: _Ways) -> Costs:
        costs = prefix_costs(heard, ways.strings, self._costs, _ADDED, _LEFT_OUT) + ways.costs
        out: Costs = np.minimum.reduceat(costs, ways.begins, axis=1)
        return out

    def _day_and_month(self, day: int, month: int) -> list[tuple[str, float]]:
        days = [(str(day), 0.0), (f"{day:02d}", 0.0)] if day < 10 else [(str(day), 0.0)]
        days += [(_TEEN[str(day)], _TEENS)] if str(day) in _TEEN else []
        named, number = _MONTHS[month - 1], [(str(month), 0.0), (f"{month:02d}", 0.0)]
        out = []
        for said, cost in days:
            out += [(said + named, cost), (named + said, cost)]
            for figure, _ in number if month < 10 else number[:1]:
                out.append((said + figure, cost + _ORDER * self._month_first))
                out.append((figure + said, cost + _ORDER * (not self._month_first)))
        return out

    # --- from words to strings

    def _strings(self, tokens: tuple[Token, ...]) -> list[tuple[str, float]]:
        """The likeliest readings of all tokens as digits and months, with their costs."""
        tokens = tokens[:_MOST_TOKENS]
        states: list[dict[str, float]] = [{} for _ in range(len(tokens) + 1)]
        states[0][""] = 0.0
        for at in range(len(tokens)):
            here = sorted(states[at].items(), key=lambda item: item[1])[:_BEAM]
            for symbols, end, cost in self._readings(tokens, at) if here else ():
                for said, so_far in here:
                    whole = _joined(said, symbols)[:_MOST_SYMBOLS]
                    if so_far + cost < states[end].get(whole, math.inf):
                        states[end][whole] = so_far + cost
        return [
            (said, cost) for said, cost in sorted(states[-1].items(), key=lambda item: item[1])[:3] if said
        ]

    def _readings(self, tokens: tuple[Token, ...], at: int) -> Iterator[tuple[str, int, float]]:
        token, words = tokens[at], self._words
        text = token.text
        if token.numeral:
            digits = "".join(char for char in token.numeral if char.isascii() and char.isdigit())
            end = numeral_end(tokens, at)
            yield digits, end, 0.0
            if len(digits) == 1:  # "the 8th" where nothing but "the" was said
                yield "", end, _SKIPPED + 0.2
            return
        month = next((n for n, names in enumerate(words.dates.months) if text in names), None)
        if month is not None:
            yield _MONTHS[month], at + 1, 0.0
        numbers = [*ordinals(tokens, at, words.numbers), *cardinals(tokens, at, words.numbers)]
        for value, end in numbers if text != "a" else ():
            yield str(value), end, 0.0
        if text in words.digits.words:
            yield str(words.digits.words[text]), at + 1, 0.0
        if text in words.digits.misheard:
            yield str(words.digits.misheard[text]), at + 1, _MISHEARD
        if not numbers and month is None:
            silent = text in words.light or text in words.polite or text in words.fillers
            yield "", at + 1, 0.0 if silent else _SKIPPED
            for symbols, cost in self._like(text) if not silent or len(text) > 3 else ():
                yield symbols, at + 1, cost

    def _sayable_words(self) -> list[tuple[str, str]]:
        numbers, dates = self._words.numbers, self._words.dates
        said = [
            (str(value), name)
            for name, value in {**numbers.ordinals, **numbers.units, **numbers.tens}.items()
        ]
        said += [(_MONTHS[month], names[0]) for month, names in enumerate(dates.months) if names]
        spoken = [(symbols, self._sounds.word(name)) for symbols, name in said]
        return [(symbols, phonemes) for symbols, phonemes in spoken if phonemes]

    def _sounds_like(self, word: str) -> tuple[tuple[str, float], ...]:
        spoken = encode(self._sounds.word(word))
        return self._sayable.of(spoken) if len(spoken) > 1 else ()


def _joined(said: str, symbols: str) -> str:
    """ "1960" and "6" as 1966, "2000" and "12" as 2012; "20" and "3" stay apart, only years are torn."""
    if (
        len(symbols) == 1
        and symbols in "123456789"
        and len(said) >= 4
        and said[-1] == "0"
        and said[-4:].isdigit()
    ):
        return said[:-1] + symbols
    if len(symbols) == 2 and said[-4:] in {"1900", "2000"}:
        return said[:-2] + symbols
    return said + symbols


def _year(year: int) -> list[tuple[str, float]]:
    short = f"{year % 100:02d}"
    out = [(str(year), 0.0), (short, _SHORT_YEAR)]
    if short in _TEEN:
        out += [(f"{year // 100}{_TEEN[short]}", _TEENS), (_TEEN[short], _SHORT_YEAR + _TEENS)]
    return out


def _ways(values: Sequence[Sequence[tuple[str, float]]], step: int) -> _Ways:
    flat = list(itertools.chain.from_iterable(values))
    strings = [np.array([_CODES[char] for char in said[::step]], dtype=np.uint8) for said, _ in flat]
    costs = np.array([cost for _, cost in flat], dtype=np.float32)
    return _Ways(table(strings), costs, np.cumsum([0, *map(len, values)])[:-1].astype(np.intp))


def _confusions(alphabet: Alphabet) -> NDArray[np.float32]:
    """Costs of taking one digit or month for another."""
    size = len(_CODES) + 1
    out = np.full((size, size), 1.0, dtype=np.float32)
    digits = [CODE[digit] for digit in "0123456789"]
    out[1:11, 1:11] = alphabet.costs[np.ix_(digits, digits)]
    out[11:, 1:11] = out[1:11, 11:] = 1.5  # a month's name is no number
    np.fill_diagonal(out, 0.0)
    return out


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
