"""What is spelled: runs of letters and digits, and the slot types `spelled` and `postcode`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ivr.understanding.digits import read_digits
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found
from ivr.understanding.phonemes import Sounds
from ivr.understanding.postcodes import canonical, uk_readings
from ivr.understanding.spelling import MOST_TOKENS, Alphabet, alphabet
from ivr.understanding.words import Words

_NATS = 4.0
_SURE = 0.92
_MOST_RUNS = 4
_MOST_FOUND = 6
_FEWEST = 2
_ODD = 0.3
_LONGEST_PIECE = 3
_ZIP, _ZIP_LONG = 5, 9

_LEAST, _LEAST_ASKED = 0.2, 0.05
_POSTCODE_SURE = 0.95


def read_spelled(tokens: tuple[Token, ...], words: Words, sounds: Sounds, asked: bool) -> tuple[Found, ...]:
    """Letters and digits said one by one, as capitals without spaces ("SMITH", "B12"), best first."""
    letters = alphabet(words, sounds)
    found: list[Found] = []
    for start, end in spelled_runs(tokens, letters, words, asked):
        readings: dict[str, float] = {}
        for one in letters.spelled(tokens[start:end]):
            said = one.symbols.upper()
            readings[said] = min(readings.get(said, math.inf), one.cost + _ODD * _odd(said))
        found.extend(_ranked(readings.items(), start, end, _SURE))
    return tuple(sorted(found, key=lambda one: (one.start - one.end, -one.score))[:_MOST_FOUND])


def read_postcode(
    tokens: tuple[Token, ...], words: Words, sounds: Sounds, language: str, asked: bool
) -> tuple[Found, ...]:
    """Postcodes in canonical form, best first: "EC6 7GJ"; for a language of the United States "12345".

    A language without a region reads both kinds.
    """
    region = language.replace("_", "-").upper().partition("-")[2].rpartition("-")[2]
    found: list[Found] = []
    if region != "US":
        found.extend(_uk(tokens, words, sounds, asked))
    if region != "GB":
        found.extend(_zip(tokens, words, asked or region == "US"))
    return tuple(sorted(found, key=lambda one: -one.score)[:_MOST_FOUND])


def spelled_runs(
    tokens: tuple[Token, ...], letters: Alphabet, words: Words, asked: bool
) -> list[tuple[int, int]]:
    """Where letters and digits are said one after another, the longest runs first."""
    runs: list[tuple[int, int]] = []
    start, sure = 0, 0
    at = 0
    while at <= len(tokens):
        end, plain = _letter(tokens, at, letters, words) if at < len(tokens) else (at, False)
        if end > at:
            sure += plain
            at = end
            continue
        runs.extend(_trimmed(tokens, start, at, sure, letters, words, asked))
        start, sure = at + 1, 0
        at += 1
    return sorted(runs, key=lambda run: run[0] - run[1])[:_MOST_RUNS]


def _odd(said: str) -> bool:
    """Whether "oh" is read as the only digit among letters, or as the only letter among digits."""
    others = said.replace("0", "").replace("O", "")
    return ("0" in said and others.isalpha()) or ("O" in said and others.isdigit())


def _letter(tokens: tuple[Token, ...], at: int, letters: Alphabet, words: Words) -> tuple[int, bool]:
    """Where a letter or digit said at a token ends, `at` if none is; whether it can be nothing else."""
    text = tokens[at].text
    said = tokens[at : at + 2]
    pair = tuple(token.text for token in said)
    best = min(
        (one for one in letters.readings(tokens, at) if one.symbols), key=lambda one: one.cost, default=None
    )
    if best is not None and best.end > at + 2:  # "b as in bravo"
        return best.end, True
    if len(pair) == 2 and (pair in letters.alphabet or pair in letters.names):
        return at + 2, True
    if tokens[at].numeral or text in words.digits.repeats or (text,) in letters.alphabet:
        return at + 1, True
    if best is not None and best.symbols.isdigit() and best.cost == 0.0:
        return (best.end, True) if text not in words.digits.words else (at + 1, False)
    if len(text) == 1 and text.isascii() and text.isalnum():
        return at + 1, text not in {"a", "i"}
    if (text,) in letters.names or text in words.letters.capital or text in words.letters.space:
        return at + 1, False
    if text in words.fillers or text in words.digits.misheard:
        return at + 1, False
    piece = len(text) <= _LONGEST_PIECE and text.isascii() and text.isalpha()
    return (at + 1, True) if piece and text not in words.light | words.polite else (at, False)


def _trimmed(
    tokens: tuple[Token, ...], start: int, end: int, sure: int, letters: Alphabet, words: Words, asked: bool
) -> list[tuple[int, int]]:
    """A run without the everyday words at its ends that need not be letters."""
    if sure < _FEWEST and not (asked and end - start == len(tokens)):
        return []

    def everyday(at: int) -> bool:
        text = tokens[at].text
        filler = text in words.fillers and text not in words.digits.words
        named = len(text) > 1 and not asked and text in words.light | words.polite
        return not tokens[at].numeral and (filler or named or text in words.letters.capital)

    while start < end and everyday(start):
        start += 1
    while end > start and everyday(end - 1):
        end -= 1
    return [(start, min(end, start + MOST_TOKENS))] if end > start else []


def _uk(tokens: tuple[Token, ...], words: Words, sounds: Sounds, asked: bool) -> list[Found]:
    letters = alphabet(words, sounds)
    runs = spelled_runs(tokens, letters, words, True)
    if asked and len(tokens) <= MOST_TOKENS // 2:
        runs.append((0, len(tokens)))
    found: list[Found] = []
    for start, end in dict.fromkeys(runs):
        costs: dict[str, float] = {}
        for symbols, cost in letters.spelled(tokens[start:end]):
            for postcode, repaired in uk_readings(symbols, letters, 3):
                costs[postcode] = min(costs.get(postcode, math.inf), cost + repaired)
        written = ((canonical(postcode), cost) for postcode, cost in costs.items())
        found.extend(_ranked(written, start, end, _POSTCODE_SURE))
    found = [one for one in found if one.score >= (_LEAST_ASKED if asked else _LEAST)]
    best: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: -one.score):
        best.setdefault(one.value, one)
    return list(best.values())


def _zip(tokens: tuple[Token, ...], words: Words, asked: bool) -> list[Found]:
    if not asked:
        return []
    short = read_digits(tokens, words, (_ZIP, _ZIP), asked)
    long = read_digits(tokens, words, (_ZIP_LONG, _ZIP_LONG), asked)
    written = [Found(f"{one.value[:_ZIP]}-{one.value[_ZIP:]}", one.start, one.end, one.score) for one in long]
    return [*written, *short]


def _ranked(readings: Iterable[tuple[str, float]], start: int, end: int, sure: float) -> list[Found]:
    """Readings of one place with their costs as values with their chances."""
    costs = list(readings)
    total = sum(math.exp(-_NATS * cost) for _, cost in costs)
    found = [
        Found(value, start, end, sure * math.exp(-_NATS * cost) / total * math.exp(-0.6 * cost))
        for value, cost in costs
        if total > 0.0
    ]
    return sorted(found, key=lambda one: -one.score)[:_MOST_FOUND]
