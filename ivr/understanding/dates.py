"""Dates as people say them: "the day after tomorrow", "next Monday", "third of May", "a week from Friday".

What is left open is filled in towards the future: "the third" is the next third, "May 3rd" the next one.
Where a phrase means two days to different people ("next Friday" on a Monday), both are returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ivr.understanding.anchored_dates import AnchoredDates
from ivr.understanding.calendar_days import EARLIEST, LATEST, day_of, easter, month_end, months_on
from ivr.understanding.date_figures import in_figures, short_year, short_years
from ivr.understanding.date_tokens import DateTokens, Day
from ivr.understanding.marked_dates import marked_dates
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, ordinals
from ivr.understanding.week_dates import WeekDates
from ivr.understanding.words import Words


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


class _Reader(DateTokens):
    def __init__(
        self, tokens: tuple[Token, ...], words: Words, today: date, language: str, asked: bool
    ) -> None:
        super().__init__(tokens, words, today)
        self.asked = asked
        self.month_first = language.replace("_", "-").lower() in {"en", "en-us"}
        self.weeks = WeekDates(tokens, words, today, self._calendar_day)
        self.anchored = AnchoredDates(tokens, words, today, self._anchors, asked)

    def readings(self, at: int) -> Iterator[Day]:
        """Every date whose words begin at a token."""
        yield from self._numeral(at)
        yield from self._relative(at)
        yield from self._named(at)
        yield from self.weeks.readings(at)
        yield from self.anchored.readings(at)
        yield from self._calendar_day(at)
        marked = marked_dates(self.tokens, at, self.words, self.today)
        yield from (Day(*reading) for reading in marked)
        figures = in_figures(
            self.tokens, at, self.words, self.today, self.month_first, self.asked, self._year
        )
        yield from (Day(*reading) for reading in figures)

    def _anchors(self, at: int) -> Iterator[Day]:
        """The days that others are counted from: "Christmas", "tomorrow", "the third of May", "Friday"."""
        yield from self._relative(at)
        yield from self._named(at)
        yield from self._calendar_day(at)
        yield from self.weeks.weekday(at)

    # --- one kind of phrase each

    def _numeral(self, at: int) -> Iterator[Day]:
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
            yield Day(when, end, 0.95 if len(valid) == 1 else score)

    def _relative(self, at: int) -> Iterator[Day]:
        for phrase, days in self.dates.relative.items():
            size = phrase.count(" ") + 1
            if self.texts[at : at + size] == phrase.split():
                when = self.today + timedelta(days=days)
                yield Day(when, at + size, 0.97)
                if self.dates.units.get(self.word(at + size)) == 7:  # "tomorrow week"
                    yield Day(when + timedelta(weeks=1), at + size + 1, 0.9)

    def _named(self, at: int) -> Iterator[Day]:
        """ "Christmas Day", "Easter Monday", "the end of the month", "the last day of March"."""
        for phrase, named in self.dates.days.items():
            if (end := self.phrase(at, phrase)) > at:
                month, day = map(int, named.split("-"))
                yield from self._complete(day, month, end)
        for phrase, days in self.dates.feasts.items():
            if (end := self.phrase(at, phrase)) > at:
                yield from self._feast(days, end)
        for phrases, last in ((self.dates.ends, True), (self.dates.starts, False)):
            if (end := self.phrase(at, *phrases)) > at:
                for first, stop in self._months(end, last):
                    yield Day(month_end(first) if last else first, stop, 0.9)

    def _feast(self, days: int, end: int) -> Iterator[Day]:
        """So many days after Easter Sunday, of the year said after it or the next one to come."""
        for year, stop in self._year(end):
            yield Day(easter(year) + timedelta(days=days), stop, 0.97)
        coming = (easter(year) + timedelta(days=days) for year in (self.today.year, self.today.year + 1))
        yield Day(next(when for when in coming if when >= self.today), end, 0.93)

    def _months(self, at: int, ends: bool) -> Iterator[tuple[date, int]]:
        """The first day of the month that words name ("the month" begins again next month), and their end."""
        place = self.skip(at, "the", *self.dates.this, *self.dates.next)
        this = self.today.replace(day=1)
        if self.word(place) in self.dates.month_units:
            over = not ends and self.today.day > 1 and self.word(place - 1) not in self.dates.this
            yield months_on(this, int(over or self.word(place - 1) in self.dates.next)), place + 1
        elif (named_month := self.months.get(self.word(place))) is not None:
            ahead = (named_month - this.month) % 12
            over = not ends and not ahead and self.today.day > 1
            yield months_on(this, 12 if over else ahead), place + 1

    def _calendar_day(self, at: int) -> Iterator[Day]:
        """ "third of May", "the 3rd", "May 3rd 2026", "3 May"."""
        if self.dates.day_marks:
            return  # see `marked_dates`
        month = self.months.get(self.word(at))
        if month is not None:
            for day, end in self._day_number(self.skip(at + 1, "the")):
                yield from self._complete(day, month, end)
            return
        start = self.skip(at, "the")
        for day, end in self._day_number(start):
            place = self.skip(end, *self.dates.of)
            named = self.months.get(self.word(place))
            if named is not None:
                yield from self._complete(day, named, place + 1)
            elif place > end and (stop := self._of_month(place)) is not None:
                first, last = stop
                if when := day_of(first.year, first.month, day):
                    yield Day(when, last, 0.93)
            elif start > at and (day, end) in ordinals(self.tokens, start, self.words.numbers):
                yield from self._next_such_day(day, end)

    def _of_month(self, at: int) -> tuple[date, int] | None:
        """The first day of "this month", "next month", and where the words end."""
        for words, months in ((self.dates.this, 0), (self.dates.next, 1), (self.dates.last, -1)):
            if self.word(at) in words and self.word(at + 1) in self.dates.month_units:
                return months_on(self.today.replace(day=1), months), at + 2
        return None

    def _day_number(self, at: int) -> Iterator[tuple[int, int]]:
        for value, end in (
            *ordinals(self.tokens, at, self.words.numbers),
            *cardinals(self.tokens, at, self.words.numbers),
        ):
            if 1 <= value <= 31:
                yield value, end

    def _complete(self, day: int, month: int, at: int) -> Iterator[Day]:
        """A day and month with the year said after it, or the next one."""
        for year, end in self._year(at):
            if when := day_of(year, month, day):
                yield Day(when, end, 0.97)
        for year, end in short_years(self.tokens, at, self.words, self.today) if self.asked else ():
            if when := day_of(year, month, day):
                yield Day(when, end, 0.9)
        for year in range(self.today.year, self.today.year + 9):  # 29 February may be eight years away
            if (when := day_of(year, month, day)) and when >= self.today:
                yield Day(when, at, 0.93)
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

    def _next_such_day(self, day: int, end: int) -> Iterator[Day]:
        for months in range(13):
            first = months_on(self.today.replace(day=1), months)
            if (when := day_of(first.year, first.month, day)) and when >= self.today:
                yield Day(when, end, 0.85)
                return
