"""What is spelled: runs of letters and digits, and the slot types `spelled` and `postcode`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

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

_EVERYDAY, _OUTSIDE, _OUTSIDE_AT_MOST = 0.1, 0.3, 0.5
_LEAST, _LEAST_ASKED = 0.2, 0.05
_POSTCODE_SURE = 0.95


def read_spelled(tokens: tuple[Token, ...], words: Words, sounds: Sounds, asked: bool) -> tuple[Found, ...]:
    """Letters and digits said one by one, as capitals without spaces ("SMITH", "B12"), best first."""
    letters = alphabet(words, sounds)
    tokens, places = _put_right(tokens, letters, words)
    found: list[Found] = []
    for start, end in spelled_runs(tokens, letters, words, asked):
        readings: dict[str, float] = {}
        for one in letters.spelled(tokens[start:end]):
            said = one.symbols.upper()
            readings[said] = min(readings.get(said, math.inf), one.cost + _ODD * _odd(said))
        found.extend(Found(said, start, end, score) for said, score in _scores(readings.items(), _SURE))
    best = sorted(found, key=lambda one: (one.start - one.end, -one.score))[:_MOST_FOUND]
    return tuple(_as_said(one, places) for one in best)


def read_postcode(
    tokens: tuple[Token, ...], words: Words, sounds: Sounds, language: str, asked: bool
) -> tuple[Found, ...]:
    """Postcodes in canonical form, best first: "EC6 7GJ"; for a language of the United States "12345".

    A language without a region reads both kinds.
    """
    region = language.replace("_", "-").upper().partition("-")[2].rpartition("-")[2]
    found: list[Found] = []
    if region != "US":
        right, places = _put_right(tokens, alphabet(words, sounds), words)
        found.extend(_as_said(one, places) for one in _uk(right, words, sounds, asked))
    if region != "GB":
        found.extend(_zip(tokens, words, asked or region == "US"))
    return tuple(sorted(found, key=lambda one: -one.score)[:_MOST_FOUND])


def _put_right(
    tokens: tuple[Token, ...], letters: Alphabet, words: Words
) -> tuple[tuple[Token, ...], tuple[int, ...]]:
    """The tokens without symbols that the caller took back, and the places of those that are left.

    "A B C, no, D" is A B D: what follows the correction stands for as many symbols before it.
    """
    texts = [token.text for token in tokens]
    for at in range(len(tokens) - 1, 0, -1):
        size = max((n for n, some in _phrases(words) if texts[at : at + n] == some), default=0)
        after = _symbols(tokens, at + size, len(tokens), letters, words) if size else []
        if not after:
            continue
        start = at
        while start > 0 and _letter(tokens, start - 1, letters, words)[0] > start - 1:
            start -= 1
        before = _symbols(tokens, start, at, letters, words)
        if before:
            cut = before[-len(after)] if len(after) <= len(before) else before[0]
            kept = (*range(cut), *range(at + size, len(tokens)))
            return tuple(tokens[place] for place in kept), kept
    return tokens, tuple(range(len(tokens)))


def _phrases(words: Words) -> list[tuple[int, list[str]]]:
    return [(phrase.count(" ") + 1, phrase.split()) for phrase in words.corrections.words]


def _symbols(tokens: tuple[Token, ...], start: int, stop: int, letters: Alphabet, words: Words) -> list[int]:
    """Where the symbols begin that follow each other from a place on."""
    found: list[int] = []
    while start < stop and (end := _letter(tokens, start, letters, words)[0]) > start:
        found.append(start)
        start = end
    return found


def _as_said(found: Found, places: tuple[int, ...]) -> Found:
    """With its place among the tokens that were said."""
    return replace(found, start=places[found.start], end=places[found.end - 1] + 1)


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
        runs.extend(_trimmed(tokens, start, at, sure, words, asked))
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
        (one for one in letters.named(tokens, at) if one.symbols), key=lambda one: one.cost, default=None
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
    if not piece or text in words.light or text in words.polite:
        return at, False
    return at + 1, len(text) < _LONGEST_PIECE or not set(text) & set("aeiou")


def _trimmed(
    tokens: tuple[Token, ...], start: int, end: int, sure: int, words: Words, asked: bool
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
    everyday = words.light | words.polite | words.fillers
    readings: dict[str, tuple[float, int, int]] = {}
    for start, end in dict.fromkeys(runs):
        if not any(_says_digit(token, words) for token in tokens[start:end]):
            continue
        # In an answer every word should be part of the postcode.
        beside = (tokens[:start] + tokens[end:]) if asked else ()
        outside = min(
            _OUTSIDE_AT_MOST, sum(_EVERYDAY if one.text in everyday else _OUTSIDE for one in beside)
        )
        for symbols, cost in letters.spelled(tokens[start:end], _MOST_RUNS):
            for postcode, repaired in uk_readings(symbols, letters, 3):
                reading = (cost + repaired + outside, start, end)
                readings[postcode] = min(readings.get(postcode, reading), reading)
    costs = {postcode: cost for postcode, (cost, _, _) in readings.items()}
    found = [
        Found(canonical(postcode), *readings[postcode][1:], score)
        for postcode, score in _scores(costs.items(), _POSTCODE_SURE)
    ]
    return [one for one in found if one.score >= (_LEAST_ASKED if asked else _LEAST)]


def _says_digit(token: Token, words: Words) -> bool:
    """Whether a word may say one of the two digits that every postcode has."""
    named = token.text in words.numbers.units or token.text in words.numbers.tens
    return (
        bool(token.numeral)
        or named
        or token.text in words.digits.words
        or token.text in words.digits.misheard
    )


def _zip(tokens: tuple[Token, ...], words: Words, asked: bool) -> list[Found]:
    if not asked:
        return []
    short = read_digits(tokens, words, (_ZIP, _ZIP), asked)
    long = read_digits(tokens, words, (_ZIP_LONG, _ZIP_LONG), asked)
    written = [Found(f"{one.value[:_ZIP]}-{one.value[_ZIP:]}", one.start, one.end, one.score) for one in long]
    return [*written, *short]


def _scores(costs: Iterable[tuple[str, float]], sure: float) -> list[tuple[str, float]]:
    """Readings with the chance of each, best first."""
    some = list(costs)
    total = sum(math.exp(-_NATS * cost) for _, cost in some)
    scored = [
        (value, sure * math.exp(-_NATS * cost) / total * math.exp(-0.6 * cost))
        for value, cost in some
        if total > 0.0
    ]
    return sorted(scored, key=lambda one: -one[1])[:_MOST_FOUND]
