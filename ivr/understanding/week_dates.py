"""Weekdays: "next Monday", "Thursday of next week", "the last Friday of the month", "Saturday week"."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

from ivr.understanding.calendar_days import month_end, months_on
from ivr.understanding.date_tokens import DateTokens, Day
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import ordinals
from ivr.understanding.words import Words

CalendarDay: TypeAlias = Callable[[int], Iterator[Day]]
_MOST_A_MONTH = 5


class WeekDates(DateTokens):
    """Reads them; `calendar_day` reads days of a month ("the third of May")."""

    def __init__(
        self, tokens: tuple[Token, ...], words: Words, today: date, calendar_day: CalendarDay
    ) -> None:
        super().__init__(tokens, words, today)
        self._calendar_day = calendar_day
        self._monday = today - timedelta(days=today.weekday())

    def readings(self, at: int) -> Iterator[Day]:
        """Every date of this kind whose words begin at a token."""
        yield from self.weekday(at)
        yield from self._of_a_week(at)
        yield from self._of_a_month(at)
        yield from self._weekend(at)
        yield from self._next_unit(at)

    def weekday(self, at: int) -> Iterator[Day]:
        """ "Monday", "next Monday", "Monday week", "Monday the third of May"."""
        word = self.word(at)
        place = self.skip(at, *self.dates.this, *self.dates.next, *self.dates.last)
        day = self.weekdays.get(self.word(place))
        if day is None:
            return
        # "Monday the third of May": the day of the month says more than the weekday.
        for exact in self._calendar_day(self.skip(place + 1, "the")):
            yield Day(exact.when, exact.end, 0.97 if exact.when.weekday() == day else 0.75)
        ahead = (day - self.today.weekday()) % 7
        coming = self.today + timedelta(days=ahead or 7)
        following_week = self._monday + timedelta(days=7 + day)
        past = self.today - timedelta(days=7 - ahead)
        end = place + 1
        if word in self.dates.last:
            yield Day(past, end, 0.9)
            return
        if word in self.dates.next and coming != following_week:
            yield Day(following_week, end, 0.65)
            yield Day(coming, end, 0.3)
            return
        yield Day(coming, end, 0.95 if ahead else 0.65)
        if not ahead and word not in self.dates.next:
            yield Day(self.today, end, 0.3)
        if (gone := self.phrase(end, *self.dates.gone)) > end:  # "Wednesday just gone"
            yield Day(past, gone, 0.9)
        if self.word(end) in self.dates.next and not self._unit(end + 1):  # "Thursday next"
            yield Day(following_week if following_week > coming else coming, end + 1, 0.5)
            yield Day(coming, end + 1, 0.45)
        if self.word(end) in self.dates.from_ and self.word(end + 1) in self.dates.next:
            yield Day(coming + timedelta(weeks=1), end + 2, 0.45)  # "the Friday after next"
            yield Day(following_week + timedelta(weeks=1), end + 2, 0.5)
        for weeks, stop in self._weeks_after(end):
            yield Day(coming + timedelta(weeks=weeks), stop, 0.9)

    def _unit(self, at: int) -> bool:
        return self.is_week(at) or self.word(at) in self.dates.month_units

    def _weeks_after(self, at: int) -> Iterator[tuple[int, int]]:
        """ "Monday week", "Monday in two weeks"."""
        if self.is_week(at):
            yield 1, at + 1
        if self.word(at) in self.dates.in_:
            for count, end in self.count(at + 1):
                if self.is_week(end):
                    yield count, end + 1

    def _of_a_week(self, at: int) -> Iterator[Day]:
        """ "Thursday of next week", "next week on Thursday", "Monday the week after next"."""
        day = self.weekdays.get(self.word(at))
        if day is not None:
            for weeks, end in self._week(self.skip(at + 1, *self.dates.of, *self.dates.in_)):
                yield Day(self._monday + timedelta(weeks=weeks, days=day), end, 0.95)
            return
        for weeks, end in self._week(at):
            place = self.skip(end, *self.dates.this)
            day = self.weekdays.get(self.word(place))
            if day is not None:
                yield Day(self._monday + timedelta(weeks=weeks, days=day), place + 1, 0.95)

    def _week(self, at: int) -> Iterator[tuple[int, int]]:
        """How many weeks from this one, and where the words end: "next week", "the week after next"."""
        at = self.skip(at, "the")
        for words, weeks in ((self.dates.this, 0), (self.dates.next, 1), (self.dates.last, -1)):
            if self.word(at) in words and self.is_week(at + 1):
                yield weeks, at + 2
        if self.is_week(at):
            beside, further = self.word(at + 1), self.word(at + 2)
            if beside in self.dates.from_ and further in self.dates.next:
                yield 2, at + 3
            if beside in self.dates.before and further in self.dates.last:
                yield -2, at + 3

    def _of_a_month(self, at: int) -> Iterator[Day]:
        """ "the first Monday of December", "the last Friday of the month"."""
        place = self.skip(at, "the")
        numbered = [*ordinals(self.tokens, place, self.words.numbers)[:1]]
        if self.word(place) in self.dates.last:
            numbered.append((-1, place + 1))
        for number, end in numbered:
            day = self.weekdays.get(self.word(end))
            if day is None or number > _MOST_A_MONTH:
                continue
            if self.word(end + 1) not in {*self.dates.of, *self.dates.in_}:
                continue
            for first, ahead, stop in self._month(end + 2):
                found = (_of_month(months_on(first, n), day, number) for n in ahead)
                some = [when for when in found if when is not None]
                when = next((one for one in some if one >= self.today), some[0] if some else None)
                if when is not None:
                    yield Day(when, stop, 0.95)

    def _month(self, at: int) -> Iterator[tuple[date, range, int]]:
        """The first day of a month, how many months later it may be as well, and where the words end."""
        this = self.today.replace(day=1)
        place = self.skip(at, "the")
        if (month := self.months.get(self.word(place))) is not None:
            yield months_on(this, (month - this.month) % 12), range(0, 13, 12), place + 1
        elif place > at and self.word(place) in self.dates.month_units:
            yield this, range(2), place + 1
        for words, months in ((self.dates.this, 0), (self.dates.next, 1), (self.dates.last, -1)):
            if self.word(place) in words and self.word(place + 1) in self.dates.month_units:
                yield months_on(this, months), range(1), place + 2

    def _weekend(self, at: int) -> Iterator[Day]:
        """ "At the weekend": its Saturday and its Sunday."""
        place = self.skip(at, "the")
        word = self.word(place)
        end = self.skip(place, *self.dates.this, *self.dates.next, *self.dates.last)
        if self.word(end) not in self.dates.weekend:
            return
        saturday = max(self._monday + timedelta(days=5), self.today)
        sunday = self._monday + timedelta(days=6)
        if word in self.dates.last:
            yield Day(sunday - timedelta(days=8), end + 1, 0.5)
            yield Day(sunday - timedelta(days=7), end + 1, 0.4)
        elif word in self.dates.next:
            yield Day(sunday + timedelta(days=6), end + 1, 0.4)
            yield Day(sunday + timedelta(days=7), end + 1, 0.25)
            yield Day(saturday, end + 1, 0.25)
        else:
            yield Day(saturday, end + 1, 0.55)
            if sunday > saturday:
                yield Day(sunday, end + 1, 0.35)

    def _next_unit(self, at: int) -> Iterator[Day]:
        """ "Next week", "next month": some day of it."""
        if self.word(at) not in self.dates.next:
            return
        if self.is_week(at + 1):
            yield Day(self._monday + timedelta(days=7), at + 2, 0.5)
            yield Day(self.today + timedelta(days=7), at + 2, 0.3)
        elif self.word(at + 1) in self.dates.month_units:
            yield Day(months_on(self.today.replace(day=1), 1), at + 2, 0.5)


def _of_month(first: date, weekday: int, number: int) -> date | None:
    """The first, second, ... (-1: last) such weekday of the month that begins at `first`."""
    days = itertools.takewhile(
        lambda day: day <= month_end(first),
        (first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * n) for n in range(_MOST_A_MONTH)),
    )
    some = list(days)
    return some[-1] if number == -1 else some[number - 1] if number <= len(some) else None
