"""Dates as people say them: "the day after tomorrow", "next Monday", "third of May", "a week from Friday".

What is left open is filled in towards the future: "the third" is the next third, "May 3rd" the next one.
Where a phrase means two days to different people ("next Friday" on a Monday), both are returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ivr.understanding.calendar_days import EARLIEST, LATEST, day_of, month_end, months_on
from ivr.understanding.date_figures import in_figures, short_year, short_years
from ivr.understanding.marked_dates import marked_dates
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, ordinals
from ivr.understanding.words import Words


class _Day(NamedTuple):
    """A reading: the day, where its words end, and how often such words mean it."""

    when: date
    end: int
    score: float


def read_date(
    tokens: tuple[Token, ...], words: Words, today: date, language: str, asked: bool
) -> tuple[Found, ...]:
    """Dates said anywhere as ISO 8601 days, best first; of readings at one place the longest win.

    language  BCP 47 tag: "en-US" reads 05/03 as May 3rd, others as March 5th
    asked     whether a date was asked for: "two weeks" is then a date, two weeks from today
    """
    reader = _Reader(tokens, words, today, language, asked)
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        readings = list(reader.readings(at))
        end = max((reading.end for reading in readings), default=at)
        best: dict[date, float] = {}
        for reading in readings:
            if reading.end == end:
                best[reading.when] = max(reading.score, best.get(reading.when, 0.0))
        found.extend(Found(when.isoformat(), at, end, score) for when, score in best.items())
        # "Thirty first of November" is no date, and its "first of November" neither.
        compound = ordinals(tokens, at, words.numbers)
        at = max(end, at + 1, compound[0][1] if compound else 0)
    return tuple(sorted(found, key=lambda one: (-one.score, one.start))[:6])


def unfinished_date(tokens: tuple[Token, ...], words: Words) -> bool:
    """Whether words that are no date yet stop inside one: "third of", "next", "the day after", "May"."""
    texts = [token.text for token in tokens]
    dates = words.dates
    opening = {*dates.next, *dates.last, *dates.in_, *dates.of, *dates.from_, *sum(dates.months, ()), "the"}
    whole = {tuple(phrase.split()) for phrase in dates.relative}
    begun = {phrase[:size] for phrase in whole for size in range(1, len(phrase))} - whole
    return texts[-1:] != [] and (
        texts[-1] in opening or any(tuple(texts[-size:]) in begun for size in range(1, len(texts) + 1))
    )


class _Reader:
    def __init__(
        self, tokens: tuple[Token, ...], words: Words, today: date, language: str, asked: bool
    ) -> None:
        self.asked = asked
        self.tokens = tokens
        self.texts = [token.text for token in tokens]
        self.words = words
        self.dates = words.dates
        self.today = today
        self.month_first = language.replace("_", "-").lower() in {"en", "en-us"}
        self.weekday = {word: day for day, names in enumerate(self.dates.weekdays) for word in names}
        self.month = {word: month for month, names in enumerate(self.dates.months, start=1) for word in names}

    def readings(self, at: int) -> Iterator[_Day]:
        """Every date whose words begin at a token."""
        yield from self._numeral(at)
        yield from self._relative(at)
        yield from self._named(at)
        yield from self._counted(at)
        yield from self._weekday(at)
        yield from self._next_unit(at)
        yield from self._calendar_day(at)
        marked = marked_dates(self.tokens, at, self.words, self.today)
        yield from (_Day(*reading) for reading in marked)
        figures = in_figures(
            self.tokens, at, self.words, self.today, self.month_first, self.asked, self._year
        )
        yield from (_Day(*reading) for reading in figures)

    def word(self, at: int) -> str:
        return self.texts[at] if 0 <= at < len(self.texts) else ""

    def skip(self, at: int, *words: str) -> int:
        return at + (self.word(at) in words)

    # --- one kind of phrase each

    def _numeral(self, at: int) -> Iterator[_Day]:
        numeral = self.tokens[at].numeral
        parts = re.split(r"[-/.]", numeral)
        if len(parts) != 3 or (at > 0 and self.tokens[at - 1].start == self.tokens[at].start):
            return
        end = at
        while end < len(self.tokens) and self.tokens[end].start == self.tokens[at].start:
            end += 1
        first, second, third = (int(part) for part in parts)
        if len(parts[0]) == 4:
            orders = [(first, second, third, 0.97)]
        else:
            year = third if len(parts[2]) == 4 else short_year(third, self.today)
            month_first, day_first = (year, first, second), (year, second, first)
            if self.month_first and "/" in numeral:
                orders = [(*month_first, 0.85), (*day_first, 0.12)]
            else:
                orders = [(*day_first, 0.85), (*month_first, 0.12)]
        valid = [(when, score) for *ymd, score in orders if (when := day_of(*(int(part) for part in ymd)))]
        for when, score in valid:
            yield _Day(when, end, 0.95 if len(valid) == 1 else score)

    def _relative(self, at: int) -> Iterator[_Day]:
        for phrase, days in self.dates.relative.items():
            size = phrase.count(" ") + 1
            if self.texts[at : at + size] == phrase.split():
                when = self.today + timedelta(days=days)
                yield _Day(when, at + size, 0.97)
                if self.dates.units.get(self.word(at + size)) == 7:  # "tomorrow week"
                    yield _Day(when + timedelta(weeks=1), at + size + 1, 0.9)

    def _named(self, at: int) -> Iterator[_Day]:
        """ "Christmas Day", "the end of the month", "the last day of March"."""
        for phrase, named in self.dates.days.items():
            size = phrase.count(" ") + 1
            if self.texts[at : at + size] == phrase.split():
                month, day = map(int, named.split("-"))
                yield from self._complete(day, month, at + size)
        for phrase in self.dates.ends:
            size = phrase.count(" ") + 1
            if self.texts[at : at + size] != phrase.split():
                continue
            place = self.skip(at + size, "the", *self.dates.this, *self.dates.next)
            first = self.today.replace(day=1)
            if self.word(place) in self.dates.month_units:
                later = self.word(place - 1) in self.dates.next
                yield _Day(month_end(months_on(first, int(later))), place + 1, 0.9)
            elif (named_month := self.month.get(self.word(place))) is not None:
                ahead = (named_month - first.month) % 12
                yield _Day(month_end(months_on(first, ahead)), place + 1, 0.9)

    def _weekday(self, at: int) -> Iterator[_Day]:
        word = self.word(at)
        place = self.skip(at, *self.dates.this, *self.dates.next, *self.dates.last)
        day = self.weekday.get(self.word(place))
        if day is None:
            return
        # "Monday the third of May": the day of the month says more than the weekday.
        for exact in self._calendar_day(self.skip(place + 1, "the")):
            yield _Day(exact.when, exact.end, 0.97 if exact.when.weekday() == day else 0.75)
        ahead = (day - self.today.weekday()) % 7
        coming = self.today + timedelta(days=ahead or 7)
        following_week = self.today + timedelta(days=7 - self.today.weekday() + day)
        end = place + 1
        if word in self.dates.last:
            yield _Day(self.today - timedelta(days=7 - ahead), end, 0.9)
        elif word in self.dates.next and coming != following_week:
            yield _Day(following_week, end, 0.65)
            yield _Day(coming, end, 0.3)
        else:
            yield _Day(coming, end, 0.95 if ahead else 0.65)
            if not ahead and word not in self.dates.next:
                yield _Day(self.today, end, 0.3)
            if self.word(end) in self.dates.from_ and self.word(end + 1) in self.dates.next:
                yield _Day(coming + timedelta(weeks=1), end + 2, 0.45)  # "the Friday after next"
                yield _Day(following_week + timedelta(weeks=1), end + 2, 0.5)
            for weeks, past in self._weeks_after(end):
                yield _Day(coming + timedelta(weeks=weeks), past, 0.9)

    def _weeks_after(self, at: int) -> Iterator[tuple[int, int]]:
        """ "Monday week", "Monday in two weeks"."""
        if self.dates.units.get(self.word(at)) == 7:
            yield 1, at + 1
        if self.word(at) in self.dates.in_:
            for count, end in self._count(at + 1):
                if self.dates.units.get(self.word(end)) == 7:
                    yield count, end + 1

    def _counted(self, at: int) -> Iterator[_Day]:
        """ "in two weeks", "three days ago", "a week from Friday", "a fortnight from now"."""
        start = self.skip(at, *self.dates.in_)
        inside = start > at
        for count, place in self._count(start):
            if self.word(place) in self.dates.month_units and count <= 24:
                if inside:
                    yield _Day(months_on(self.today, count), place + 1, 0.9)
                continue
            days = self.dates.units.get(self.word(place), 0) * min(count, 1000)
            if not days:
                continue
            if inside:
                yield _Day(self.today + timedelta(days=days), place + 1, 0.95)
            elif self.word(place + 1) in self.dates.ago[:1]:
                yield _Day(self.today - timedelta(days=days), place + 2, 0.95)
            elif self.word(place + 1) in self.dates.from_:
                for base in (*self._relative(place + 2), *self._weekday(place + 2)):
                    yield _Day(base.when + timedelta(days=days), base.end, base.score)
            else:
                if self.word(place + 1) not in {*self.dates.last, *self.dates.next}:
                    for base in (*self._relative(place + 1), *self._weekday(place + 1)):
                        if base.when > self.today:  # "a week on Friday", "a week tomorrow"
                            yield _Day(base.when + timedelta(days=days), base.end, base.score)
                if self.asked:
                    yield _Day(self.today + timedelta(days=days), place + 1, 0.6)

    def _count(self, at: int) -> Iterator[tuple[int, int]]:
        if self.word(at) in {"a", "an", "one"}:
            yield 1, at + 1
        if self.word(at) == "a" and self.word(at + 2) == "of":
            yield self.words.numbers.more.get(self.word(at + 1), 1), at + 3
        yield from cardinals(self.tokens, at, self.words.numbers)

    def _next_unit(self, at: int) -> Iterator[_Day]:
        if self.word(at) not in self.dates.next:
            return
        if self.dates.units.get(self.word(at + 1)) == 7:
            yield _Day(self.today + timedelta(days=7 - self.today.weekday()), at + 2, 0.5)
            yield _Day(self.today + timedelta(days=7), at + 2, 0.3)
        elif self.word(at + 1) in self.dates.month_units:
            yield _Day(months_on(self.today.replace(day=1), 1), at + 2, 0.5)

    def _calendar_day(self, at: int) -> Iterator[_Day]:
        """ "third of May", "the 3rd", "May 3rd 2026", "3 May"."""
        if self.dates.day_marks:
            return  # see `marked_dates`
        month = self.month.get(self.word(at))
        if month is not None:
            for day, end in self._day_number(self.skip(at + 1, "the")):
                yield from self._complete(day, month, end)
            return
        start = self.skip(at, "the")
        for day, end in self._day_number(start):
            place = self.skip(end, *self.dates.of)
            named = self.month.get(self.word(place))
            if named is not None:
                yield from self._complete(day, named, place + 1)
            elif start > at and (day, end) in ordinals(self.tokens, start, self.words.numbers):
                yield from self._next_such_day(day, end)

    def _day_number(self, at: int) -> Iterator[tuple[int, int]]:
        for value, end in (
            *ordinals(self.tokens, at, self.words.numbers),
            *cardinals(self.tokens, at, self.words.numbers),
        ):
            if 1 <= value <= 31:
                yield value, end

    def _complete(self, day: int, month: int, at: int) -> Iterator[_Day]:
        """A day and month with the year said after it, or the next one."""
        for year, end in self._year(at):
            if when := day_of(year, month, day):
                yield _Day(when, end, 0.97)
        for year, end in short_years(self.tokens, at, self.words, self.today) if self.asked else ():
            if when := day_of(year, month, day):
                yield _Day(when, end, 0.9)
        for year in range(self.today.year, self.today.year + 9):  # 29 February may be eight years away
            if (when := day_of(year, month, day)) and when >= self.today:
                yield _Day(when, at, 0.93)
                return

    def _year(self, at: int) -> Iterator[tuple[int, int]]:
        """ "2026", "twenty twenty six", "nineteen oh five", "two thousand and six"."""
        for head, place in cardinals(self.tokens, at, self.words.numbers):
            if EARLIEST <= head < LATEST:
                yield head, place
            if head in {19, 20}:
                for rest, end in cardinals(self.tokens, place, self.words.numbers):
                    if 10 <= rest < 100:
                        yield head * 100 + rest, end
                unit = self.words.numbers.units.get(self.word(place + 1), 0)
                if self.words.digits.words.get(self.word(place)) == 0 and 0 < unit < 10:
                    yield head * 100 + unit, place + 2

    def _next_such_day(self, day: int, end: int) -> Iterator[_Day]:
        for months in range(13):
            first = months_on(self.today.replace(day=1), months)
            if (when := day_of(first.year, first.month, day)) and when >= self.today:
                yield _Day(when, end, 0.85)
                return
