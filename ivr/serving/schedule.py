"""When a report is due, daily and weekly: pure. Of those that were missed only the latest is made."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Every(enum.StrEnum):
    """How often a report is made."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a report is made: every day at `at`, or on that weekday (0 is Monday)."""

    every: Every
    at: time
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report over the days from `first` to `last`, both counted."""

    every: Every
    first: date
    last: date

    @property
    def name(self) -> str:
        """Of its file, without an ending: daily-2026-11-28, weekly-2026-W48 (ISO 8601)."""
        if self.every is Every.DAILY:
            return f"{self.every}-{self.last.isoformat()}"
        year, week, _ = self.last.isocalendar()
        return f"{self.every}-{year}-W{week:02}"


def latest(moment: Moment, now: datetime) -> DueReport:
    """The last report whose moment has come by `now` (local time): of the day, or of the seven days, before.

    A weekly report made on another day than Monday still is of the last whole week from Monday to Sunday.
    """
    day = now.date() if now.time() >= moment.at else now.date() - _DAY
    if moment.every is Every.DAILY:
        return DueReport(moment.every, day - _DAY, day - _DAY)
    made = day - timedelta(days=(day.weekday() - moment.weekday) % 7)
    monday = made - timedelta(days=made.weekday())
    return DueReport(moment.every, monday - _WEEK, monday - _DAY)


def parse_moment(every: Every, text: str) -> Moment:
    """``06:00`` for a daily report, ``mon 06:00`` for a weekly one. ValueError says what is wrong."""
    words = text.lower().split()
    weekday = 0
    if every is Every.WEEKLY:
        if len(words) != 2 or words[0] not in DAYS:
            raise ValueError(f'{text!r} is no day and time: write it as "mon 06:00"')
        weekday = DAYS.index(words.pop(0))
    try:
        (clock,) = words
        at = datetime.strptime(clock, "%H:%M").time()
    except ValueError:
        raise ValueError(f'{text!r} is no time of day: write it as "06:00"') from None
    return Moment(every, at, weekday)


def due(moments: tuple[Moment, ...], now: datetime, made: frozenset[str]) -> Iterator[DueReport]:
    """The reports to make at `now`; `made` are the names of those that are there."""
    for moment in moments:
        report = latest(moment, now)
        if report.name not in made:
            yield report
