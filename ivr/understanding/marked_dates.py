"""Dates whose parts are marked as year, month, day: "십이월 이십오일", "下个月三号", "다음 주 월요일"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ivr.understanding.calendar_days import EARLIEST, LATEST, day_of, months_on
from ivr.understanding.numbers import cardinals
from ivr.understanding.token import Token
from ivr.understanding.word_lists import DateWords
from ivr.understanding.words import Words

_SURE, _COMING, _THIS_MONTH = 0.97, 0.93, 0.85
_OTHER_WEEKDAY = 0.75
_YEARS = 9
"""29 February may be eight years away."""


def marked_dates(
    tokens: tuple[Token, ...], at: int, words: Words, today: date
) -> Iterator[tuple[date, int, float]]:
    """(day, end, score) for every date of this kind that begins at a token."""
    if not words.dates.day_marks:
        return
    for when, end, score in _dates(tokens, at, words, today):
        weekday = next(
            (n for n, names in enumerate(words.dates.weekdays) if _word(tokens, end) in names), None
        )
        if weekday is None:
            yield when, end, score
        else:  # "오월 십일 월요일"
            yield when, end + 1, _SURE if when.weekday() == weekday else _OTHER_WEEKDAY


def _dates(
    tokens: tuple[Token, ...], at: int, words: Words, today: date
) -> Iterator[tuple[date, int, float]]:
    yield from _of_a_week(tokens, at, words.dates, today)
    for year, place in (*_years(tokens, at, words), (0, at)):
        for month, end in _marked(tokens, place, words, words.dates.month_marks, 12):
            for day, last in _marked(tokens, end, words, words.dates.day_marks, 31):
                yield from _day(year, month, day, last, today)
    start = at + 1 if _word(tokens, at) in words.dates.next_month else at
    first = months_on(today.replace(day=1), start - at)
    for day, last in _marked(tokens, start, words, words.dates.day_marks, 31):
        if start > at and (when := day_of(first.year, first.month, day)):
            yield when, last, _SURE
        elif start == at and (when := _next_such(day, today)):
            yield when, last, _THIS_MONTH


def _years(tokens: tuple[Token, ...], at: int, words: Words) -> Iterator[tuple[int, int]]:
    for year, end in cardinals(tokens, at, words.numbers):
        if EARLIEST <= year < LATEST and _word(tokens, end) in words.dates.year_marks:
            yield year, end + 1
    digits = "".join(str(words.numbers.units.get(_word(tokens, at + n), "")) for n in range(4))
    if len(digits) == 4 and _word(tokens, at + 4) in words.dates.year_marks:  # "二零二六年"
        yield int(digits), at + 5


def _marked(
    tokens: tuple[Token, ...], at: int, words: Words, marks: tuple[str, ...], most: int
) -> Iterator[tuple[int, int]]:
    if marks == words.dates.month_marks:
        for month, names in enumerate(words.dates.months, start=1):
            if _word(tokens, at) in names:
                yield month, at + 1
    for value, end in cardinals(tokens, at, words.numbers):
        if 1 <= value <= most and _word(tokens, end) in marks:
            yield value, end + 1


def _day(year: int, month: int, day: int, end: int, today: date) -> Iterator[tuple[date, int, float]]:
    if year:
        if when := day_of(year, month, day):
            yield when, end, _SURE
        return
    for coming in range(today.year, today.year + _YEARS):
        if (when := day_of(coming, month, day)) and when >= today:
            yield when, end, _COMING
            return


def _of_a_week(
    tokens: tuple[Token, ...], at: int, dates: DateWords, today: date
) -> Iterator[tuple[date, int, float]]:
    """ "다음 주 월요일", "下周一": of the week that begins next Monday; "이번 주" of this one."""
    weeks = next(
        (
            number
            for number, names in enumerate((dates.this_week, dates.next_week))
            if _word(tokens, at) in names
        ),
        None,
    )
    for day, names in enumerate(dates.weekdays):
        if weeks is not None and _word(tokens, at + 1) in names:
            monday = today - timedelta(days=today.weekday())
            yield monday + timedelta(weeks=weeks, days=day), at + 2, _SURE


def _next_such(day: int, today: date) -> date | None:
    for months in range(13):
        first = months_on(today.replace(day=1), months)
        if (when := day_of(first.year, first.month, day)) and when >= today:
            return when
    return None


def _word(tokens: tuple[Token, ...], at: int) -> str:
    return tokens[at].text if at < len(tokens) else ""
