"""Days counted from other days: "in two weeks", "a month ago", "the day before Christmas"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

from ivr.understanding.calendar_days import EARLIEST, LATEST, months_on
from ivr.understanding.date_tokens import DateTokens, Day
from ivr.understanding.normalize import Token
from ivr.understanding.words import Words

Base: TypeAlias = Callable[[int], Iterator[Day]]
_MOST_DAYS = 1000
_MOST_MONTHS = 1200


class AnchoredDates(DateTokens):
    """Reads them; `base` reads the days that others are counted from."""

    def __init__(self, tokens: tuple[Token, ...], words: Words, today: date, base: Base, asked: bool) -> None:
        """`asked`: whether a date was asked for: "two weeks" is then a date."""
        super().__init__(tokens, words, today)
        self._base = base
        self._asked = asked

    def readings(self, at: int) -> Iterator[Day]:
        """Every date of this kind whose words begin at a token."""
        yield from self._counted(at)
        yield from self._beside(at)

    def _counted(self, at: int) -> Iterator[Day]:
        """ "in two weeks", "three days ago", "a week from Friday", "a fortnight from now", "in a year"."""
        start = self.skip(at, *self.dates.in_)
        for count, place in self.count(start):
            if (step := self._step(count, place)) is None:
                continue
            days, months = step
            end = place + 1
            if start > at:
                yield from self._on(self.today, days, months, end, 0.95)
            elif self.word(end) in self.dates.ago:
                yield from self._on(self.today, -days, -months, end + 1, 0.95)
            elif self.word(end) in {*self.dates.from_, *self.dates.before}:
                sign = -1 if self.word(end) in self.dates.before else 1
                for base in self._base(end + 1):
                    yield from self._on(base.when, sign * days, sign * months, base.end, base.score)
            elif days:
                if self.word(end) not in {*self.dates.last, *self.dates.next}:
                    for base in self._base(end):  # "a week on Friday", "a week tomorrow", "a week today"
                        if base.when > self.today or self.word(base.end - 1) in self.dates.today:
                            yield Day(base.when + timedelta(days=days), base.end, base.score)
                if self._asked:
                    yield Day(self.today + timedelta(days=days), end, 0.6)

    def _step(self, count: int, at: int) -> tuple[int, int] | None:
        """So many of the unit at a place, as days and months."""
        word = self.word(at)
        if word in self.dates.month_units:
            return 0, min(count, _MOST_MONTHS)
        if word in self.words.durations.years:
            return 0, min(12 * count, _MOST_MONTHS)
        days = self.dates.units.get(word, 0) * min(count, _MOST_DAYS)
        return (days, 0) if days else None

    def _on(self, day: date, days: int, months: int, end: int, score: float) -> Iterator[Day]:
        when = months_on(day, months) + timedelta(days=days)
        if EARLIEST <= when.year < LATEST:
            yield Day(when, end, score)

    def _beside(self, at: int) -> Iterator[Day]:
        """ "the day before Christmas", "the Monday after Easter"."""
        place = self.skip(at, "the")
        day = self.weekdays.get(self.word(place))
        if self.dates.units.get(self.word(place)) != 1 and day is None:
            return
        after, before = self.word(place + 1) in self.dates.from_, self.word(place + 1) in self.dates.before
        if not after and not before:
            return
        sign = 1 if after else -1
        for base in self._base(place + 2):
            away = 1 if day is None else sign * (day - base.when.weekday()) % 7 or 7
            yield Day(base.when + timedelta(days=sign * away), base.end, base.score)
