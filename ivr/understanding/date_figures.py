"""Dates said in figures: "second of the third eighty five", "oh three oh one 1985", "24 09 1930"."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import date

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import cardinals, numeral_end, ordinals
from ivr.understanding.words import Words

_EARLIEST, _LATEST = 1900, 2100
_USUAL, _OTHER = 0.9, 0.08
_SURE = 0.96
_SHORT = 0.9
"""Of two digits of a year most mean the one that `short_year` takes."""

_RUN = 0.8


def in_figures(
    tokens: tuple[Token, ...],
    at: int,
    words: Words,
    today: date,
    month_first: bool,
    asked: bool,
    years: Callable[[int], Iterator[tuple[int, int]]],
) -> Iterator[tuple[date, int, float]]:
    """(day, end, score) of dates in figures whose words begin at a token.

    month_first  whether the language says the month before the day
    years        readings of a year of four digits that begins at a token: (year, end)
    """
    dates = words.dates
    led = at + (tokens[at].text == "the" and not tokens[at].numeral)
    for first, place, ordinal in _small(tokens, led, words):
        joined = place + (place < len(tokens) and tokens[place].text in dates.of)
        rest = joined + (joined < len(tokens) and tokens[joined].text == "the")
        for second, end, both in _small(tokens, rest, words):
            said_so = ordinal and both and joined > place
            after = end + (end < len(tokens) and tokens[end].text in {*dates.of, "in"})
            # Day and month as numbers alone could be anything, unless a date was asked for.
            several = [(year, stop, 1.0) for year, stop in years(after)]
            if asked and not several:
                several = [(year, stop, _SHORT) for year, stop in short_years(tokens, after, words, today)]
            for year, stop, sure in several:
                for day, share in _orders(first, second, year, month_first and not said_so):
                    yield day, stop, share * sure
            if said_so and not several and (coming := _next(first, second, today)) is not None:
                yield coming, end, _USUAL
    if asked:
        yield from _run(tokens, at, today, month_first)


def short_year(two_digits: int, today: date) -> int:
    """ "26" as the year within 20 years ahead of today or 79 before it."""
    year = today.year // 100 * 100 + two_digits
    return year - 100 if year > today.year + 20 else year


def short_years(tokens: tuple[Token, ...], at: int, words: Words, today: date) -> Iterator[tuple[int, int]]:
    """Years of two digits at the end of an answer."""
    for value, end, ordinal in _small(tokens, at, words, 99):
        rest = tokens[end:]
        last = not ordinal and all(token.text in words.polite | words.fillers for token in rest)
        if last and (value >= 10 or end - at > 1 or tokens[at].numeral[:1] == "0"):
            yield short_year(value, today), end


def _small(
    tokens: tuple[Token, ...], at: int, words: Words, most: int = 31
) -> Iterator[tuple[int, int, bool]]:
    """Numbers up to `most` that begin at a token: (value, end, whether it is an ordinal)."""
    if at >= len(tokens):
        return
    numeral = tokens[at].numeral
    if numeral:
        digits = numeral.rstrip("stndrh")
        first = at == 0 or tokens[at - 1].start != tokens[at].start
        if first and digits.isascii() and digits.isdigit() and len(digits) <= 2 and int(digits) <= most:
            yield int(digits), numeral_end(tokens, at), digits != numeral
        return
    for value, end in ordinals(tokens, at, words.numbers):
        yield value, end, True
    for value, end in cardinals(tokens, at, words.numbers) if tokens[at].text != "a" else ():
        if 0 < value <= most:
            yield value, end, False
    unit = words.numbers.units.get(tokens[at + 1].text, 0) if at + 1 < len(tokens) else 0
    zero = words.digits.words.get(tokens[at].text, words.numbers.units.get(tokens[at].text))
    if zero == 0 and 0 < unit < 10:
        yield unit, at + 2, False


def _run(
    tokens: tuple[Token, ...], at: int, today: date, month_first: bool
) -> Iterator[tuple[date, int, float]]:
    """Eight or six figures that were written together: "24091930", "2409 1930"."""
    digits, end = "", at
    while end < len(tokens) and len(digits) < 8:
        numeral = tokens[end].numeral
        if not (numeral.isascii() and numeral.isdigit()) or (end == at > 0 and _inside(tokens, at)):
            break
        digits += numeral
        end = numeral_end(tokens, end)
    if len(digits) == 8:
        year = int(digits[4:])
    elif len(digits) == 6:
        year = short_year(int(digits[4:]), today)
    else:
        return
    for day, share in _orders(int(digits[:2]), int(digits[2:4]), year, month_first):
        yield day, end, share * _RUN


def _inside(tokens: tuple[Token, ...], at: int) -> bool:
    return tokens[at - 1].start == tokens[at].start


def _orders(first: int, second: int, year: int, month_first: bool) -> Iterator[tuple[date, float]]:
    """Both orders of day and month, with their shares, as far as they are days."""
    usual, other = _day(year, second, first), _day(year, first, second)
    if month_first:
        usual, other = other, usual
    if usual is None or other is None or usual == other:
        day = usual or other
        if day is not None:
            yield day, _SURE if usual is not None else _USUAL - 0.1
        return
    yield usual, _USUAL
    yield other, _OTHER


def _next(day: int, month: int, today: date) -> date | None:
    for year in range(today.year, today.year + 9):
        if (when := _day(year, month, day)) is not None and when >= today:
            return when
    return None


def _day(year: int, month: int, day: int) -> date | None:
    if not (_EARLIEST <= year < _LATEST and 1 <= month <= 12):
        return None
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None
