"""Until when something that is promised to a caller is to be done."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from ivr.hours import Hours

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(?<!\d)\d{2}:\d{2}(?!\d)")


def due_at(text: str, now: datetime, hours: Hours | None) -> datetime | None:
    """The moment that "2026-05-03", "15:30", both, or an ISO 8601 time stand for; None for anything else.

    A day alone is over when the desk closes; a time alone is the next one.
    """
    here = now if hours is None else now.astimezone(hours.timezone)
    try:
        day = datetime.fromisoformat(found[0]).date() if (found := _DAY.search(text)) else None
        clock = time.fromisoformat(found[0]) if (found := _TIME.search(text)) else None
    except ValueError:
        return None
    if day is not None and clock is not None:
        return datetime.combine(day, clock, here.tzinfo)
    if day is not None:
        midnight = datetime.combine(day + timedelta(days=1), time(), here.tzinfo)
        return midnight if hours is None else hours.end_of(day)
    if clock is None:
        return None
    today = datetime.combine(here.date(), clock, here.tzinfo)
    return today if today > here else today + timedelta(days=1)


def later(span: timedelta, now: datetime, hours: Hours | None) -> datetime:
    """The moment at which so much opening time has gone by."""
    return now + span if hours is None else hours.after(now, span)
