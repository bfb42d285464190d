"""Numbers as they count something: "twelve", "two and a half", "1.5 million", "a couple of", "a dozen"."""

from __future__ import annotations

from decimal import Decimal

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import cardinals, numeral_end
from ivr.understanding.words import Words

_MOST_DECIMALS = 9
_MOST_CHARACTERS = 18
_PAIR = 2


def amounts(tokens: tuple[Token, ...], at: int, words: Words) -> tuple[tuple[Decimal, int], ...]:
    """All readings of a number, whole or not, that begins at a token, as (value, end), the longest first."""
    if at >= len(tokens):
        return ()
    found: dict[tuple[Decimal, int], None] = {}
    for value, end in _plain(tokens, at, words):
        found[value, end] = None
        for more, after in _with_fraction(tokens, value, end, words):
            found[more, after] = None
    longest = max((end for _, end in _plain(tokens, at, words)), default=at)
    for value, end in list(found):
        if end < longest:
            continue  # "two thousand five" of "two thousand five hundred", which is a number already
        scale = words.numbers.scales.get(_word(tokens, end))
        if scale:  # "two and a half thousand", "1.5 million"
            found[value * scale, end + 1] = None
        dozens = words.numbers.more.get(_word(tokens, end), 0)
        if dozens > _PAIR and value:  # "two dozen"
            found[value * dozens, end + 1] = None
    return tuple(sorted(found, key=lambda reading: -reading[1]))


def _plain(tokens: tuple[Token, ...], at: int, words: Words) -> list[tuple[Decimal, int]]:
    numeral = tokens[at].numeral.replace(",", "")
    if numeral:
        inside = at > 0 and tokens[at - 1].numeral and tokens[at - 1].start == tokens[at].start
        figures = numeral.isascii() and numeral.replace(".", "", 1).isdigit()
        if inside or not figures:
            return []
        return [(Decimal(numeral[:_MOST_CHARACTERS]), numeral_end(tokens, at))]
    out = [(Decimal(value), end) for value, end in cardinals(tokens, at, words.numbers)]
    start = at + (_word(tokens, at) in words.durations.one)
    if words.numbers.half and _word(tokens, start) == words.numbers.half:  # "half a million", "half a dozen"
        after = start + 1 + (_word(tokens, start + 1) in words.durations.one)
        many = {**words.numbers.more, **words.numbers.scales}.get(_word(tokens, after), 0)
        if many > _PAIR:
            out.append((Decimal(many) / 2, after + 1))
    counted = words.numbers.more.get(_word(tokens, start))
    if counted:
        out.append((Decimal(counted), start + 1))
        if _word(tokens, start + 1) in words.dates.of:  # "a couple of"
            out.append((Decimal(counted), start + 2))
    return out


def _with_fraction(
    tokens: tuple[Token, ...], value: Decimal, end: int, words: Words
) -> list[tuple[Decimal, int]]:
    numbers = words.numbers
    out = []
    if numbers.half and _word(tokens, end) == numbers.joiner:
        after = end + 1 + (_word(tokens, end + 1) in words.durations.one)
        if after > end + 1 and _word(tokens, after) == numbers.half:  # "and a half"
            out.append((value + Decimal("0.5"), after + 1))
        if after > end + 1 and _word(tokens, after) in words.durations.quarter:
            out.append((value + Decimal("0.25"), after + 1))
    if numbers.point and _word(tokens, end) == numbers.point and not tokens[end].numeral:
        decimals, place = "", end + 1
        named = {**numbers.units, **words.digits.words}
        while 0 <= (digit := named.get(_word(tokens, place), -1)) < 10 and len(decimals) < _MOST_DECIMALS:
            decimals += str(digit)
            place += 1
        if decimals:
            out.append((value + Decimal(f"0.{decimals}"), place))
    return out


def _word(tokens: tuple[Token, ...], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
