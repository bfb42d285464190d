"""Spoken whole numbers: every way to read number words from a place on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.understanding.normalize import Token
from ivr.understanding.positional import positional
from ivr.understanding.word_lists import NumberWords


@dataclass(frozen=True, slots=True)
class Found:
    """A value of a slot in what was heard.

    start, end  the tokens it was taken from, end not included
    score       chance that this is what the caller said, given that they said a value of this kind
    """

    value: str
    start: int
    end: int
    score: float


def cardinals(tokens: tuple[Token, ...], at: int, words: NumberWords) -> tuple[tuple[int, int], ...]:
    """All readings of whole numbers that begin at a token, as (value, end), the longest first."""
    found = dict.fromkeys(
        positional(tokens, at, words) if words.positional else _thousands(tokens, at, words)
    )
    return tuple(sorted(found, key=lambda reading: -reading[1]))


def ordinals(tokens: tuple[Token, ...], at: int, words: NumberWords) -> tuple[tuple[int, int], ...]:
    """Readings like "third" and "twenty first" that begin at a token, as (value, end), the longest first."""
    word = _word(tokens, at)
    if word in words.ordinals:
        return ((words.ordinals[word], at + 1),)
    unit = words.ordinals.get(_word(tokens, at + 1), 99)
    if word in words.tens and unit < 10:
        return ((words.tens[word] + unit, at + 2),)
    return ()


def numeral_end(tokens: tuple[Token, ...], at: int) -> int:
    """One past the last token spelled from the same numeral as the token at `at`."""
    end = at + 1
    while end < len(tokens) and tokens[end].numeral and tokens[end].start == tokens[at].start:
        end += 1
    return end


def _word(tokens: tuple[Token, ...], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _below_hundred(tokens: tuple[Token, ...], at: int, words: NumberWords) -> Iterator[tuple[int, int]]:
    word = _word(tokens, at)
    if word in words.units:
        yield words.units[word], at + 1
    elif word in words.tens:
        yield words.tens[word], at + 1
        if 0 < (unit := words.units.get(_word(tokens, at + 1), 0)) < 10:
            yield words.tens[word] + unit, at + 2


def _scaled(
    tokens: tuple[Token, ...], at: int, words: NumberWords, scale: int, head: int
) -> Iterator[tuple[int, int]]:
    """What may follow `head` when the word at `at` is the scale: "hundred", "hundred and five"."""
    if words.scales.get(_word(tokens, at)) != scale:
        return
    yield head * scale, at + 1
    rest = at + 1 + (_word(tokens, at + 1) == words.joiner != "")
    below = _below_hundred if scale == 100 else _hundreds
    for value, end in below(tokens, rest, words):
        if 0 < value < scale:
            yield head * scale + value, end


def _hundreds(tokens: tuple[Token, ...], at: int, words: NumberWords) -> Iterator[tuple[int, int]]:
    heads = list(_below_hundred(tokens, at, words))
    if _word(tokens, at) == "a":
        heads.append((1, at + 1))
    for value, end in heads:
        if _word(tokens, at) != "a":
            yield value, end
        if value:
            yield from _scaled(tokens, end, words, 100, value)


def _thousands(tokens: tuple[Token, ...], at: int, words: NumberWords) -> Iterator[tuple[int, int]]:
    heads = list(_hundreds(tokens, at, words))
    yield from heads
    if _word(tokens, at) == "a":
        heads.append((1, at + 1))
    for scale in sorted(set(words.scales.values()) - {100}):
        for value, end in heads:
            if value:
                yield from _scaled(tokens, end, words, scale, value)
