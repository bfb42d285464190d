"""Opening hours and holidays, as desks and queues write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_ANY_YEAR = 2000  # a leap year, so that 02-29 can be a yearly holiday

STEP = timedelta(minutes=5)
"""How exactly opening time is counted."""
LONGEST_CLOSED = timedelta(days=60)

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_CLOSED = re.compile(
    r"(?:(?P<year>\d{4})-)?(?P<month>\d{2})-(?P<day>\d{2})(?:/(?P<last>\d{4}-\d{2}-\d{2})|\s+(?P<span>\S.*))?"
)


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """Open on `days` (0 is Monday) from minute `start` of the day to `end`, beyond 1440 the next morning."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClosedSpan:
    """Closed from minute `start` to `end` on the days from `first` to `last`; `yearly`: of every year."""

    first: date
    last: date
    yearly: bool = False
    start: int = 0
    end: int = _DAY

    def holds(self, day: date) -> bool:
        """Whether the day is one of these."""
        if self.yearly:
            return (day.month, day.day) == (self.first.month, self.first.day)
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk or queue is open, in its own time zone."""

    timezone: ZoneInfo
    open: tuple[OpenSpan, ...]
    closed: tuple[ClosedSpan, ...] = ()

    def is_open(self, when: datetime) -> bool:
        """Whether the desk is open at `when` (with a time zone, any)."""
        local = when.astimezone(self.timezone)
        minute = local.hour * 60 + local.minute
        if any(span.holds(local.date()) and span.start <= minute < span.end for span in self.closed):
            return False
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        return any(
            (today in span.days and span.start <= minute < span.end)
            or (yesterday in span.days and minute + _DAY < span.end)
            for span in self.open
        )

    def after(self, when: datetime, span: timedelta) -> datetime:
        """The moment at which `span` of opening time has gone by since `when`, to full `STEP`s, rounded up.

        Where nothing is open for `LONGEST_CLOSED`, all time counts.
        """
        at, left = _stepped_up(when.astimezone(self.timezone)), span
        closed_since = at
        while left > timedelta():
            if self.is_open(at):
                left, closed_since = left - STEP, at + STEP
            elif at - closed_since > LONGEST_CLOSED:
                return at + left
            # Steps of real time: an hour that the clock leaves out or repeats is none more or less.
            at = (at.astimezone(UTC) + STEP).astimezone(self.timezone)
        return at

    def end_of(self, day: date) -> datetime:
        """When the desk closes on a day for the last time; the midnight at its end where it is not open."""
        midnight = datetime.combine(day + timedelta(days=1), time(), self.timezone)
        at = midnight - STEP
        while at.date() == day:
            if self.is_open(at):
                return at + STEP
            at -= STEP
        return midnight

    def opens_within(self, first: date, days: int) -> bool:
        """Whether there is an open quarter of an hour in the `days` days from `first`."""
        start = datetime(first.year, first.month, first.day, tzinfo=self.timezone)
        quarters = (start + timedelta(minutes=15 * n) for n in range(days * 96))
        return any(self.is_open(when) for when in quarters)


def _stepped_up(when: datetime) -> datetime:
    """The next full step, or `when` itself."""
    over = timedelta(minutes=when.minute % 5, seconds=when.second, microseconds=when.microsecond)
    return when if not over else when - over + STEP


def parse_open(text: str) -> OpenSpan:
    """Read ``mon-fri 09:00-18:00``. Raises ValueError that says what is wrong."""
    names, _, span = text.strip().lower().partition(" ")
    days: set[int] = set()
    for part in names.split(","):
        first, _, last = part.partition("-")
        for name in filter(None, (first, last)):
            if name not in DAYS:
                raise ValueError(f"no such day {name!r} in {text!r} (write mon-fri 09:00-18:00)")
        if not first:
            raise ValueError(f"a day is missing in {text!r} (write mon-fri 09:00-18:00)")
        begin = DAYS.index(first)
        length = (DAYS.index(last or first) - begin) % 7
        days.update((begin + n) % 7 for n in range(length + 1))
    start, end = _minutes(span, text)
    return OpenSpan(frozenset(days), start, end if end > start else end + _DAY)


def parse_closed(text: str) -> ClosedSpan:
    """Read ``12-25``, ``2026-12-25``, ``2026-12-24 12:00-24:00`` or ``2026-12-24/2027-01-02``.

    Raises ValueError that says what is wrong.
    """
    match = _CLOSED.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a day (write 2026-12-25, 12-25 or 2026-12-24 12:00-24:00)")
    yearly = match["year"] is None
    try:
        first = date(_ANY_YEAR if yearly else int(match["year"]), int(match["month"]), int(match["day"]))
        last = date.fromisoformat(match["last"]) if match["last"] else first
    except ValueError:
        raise ValueError(f"{text!r} names a day that does not exist") from None
    if match["last"] and (yearly or last < first):
        raise ValueError(f"{text!r} must run from an earlier day to a later one, both with their year")
    start, end = _minutes(match["span"], text) if match["span"] else (0, _DAY)
    if end <= start:
        raise ValueError(f"{text!r} ends before it begins")
    return ClosedSpan(first, last, yearly, start, end)


def _minutes(span: str, text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(span.strip())
    if match is None:
        raise ValueError(f"no times like 09:00-18:00 in {text!r}")
    hour, minute, last_hour, last_minute = (int(part) for part in match.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or start >= _DAY or end > _DAY:
        raise ValueError(f"{text!r} has a time that does not exist")
    if start == end:
        raise ValueError(f"{text!r} opens and closes at the same minute")
    return start, end
