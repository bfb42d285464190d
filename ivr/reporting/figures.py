"""The figures of a period, from its rows alone, so that a day can be counted by hand. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.events import Outcome
from ivr.reporting.rows import Row

SETTLED_BY_THE_DESK = frozenset({Outcome.ANSWERED, Outcome.SCREENED_OUT, Outcome.ROUTED})
"""Nobody had to take the call out of a queue."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of `n` seconds; None without any. Percentiles are values that occurred."""

    n: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Matter:
    """What callers wanted: how often now, and in the period before."""

    name: str
    calls: int
    before: int

    @property
    def growth(self) -> int:
        """How many more than before."""
        return self.calls - self.before


@dataclass(frozen=True, slots=True)
class Figures:
    """A period from `first` to `last`, both included.

    by_hour      calls answered in each hour of the day, of all days together
    by_day       calls answered on each day
    outcomes     calls by how they ended
    matters      what callers wanted, the most frequent first; a call with two matters counts in both
    containment  share of the calls that nobody had to take out of a queue, of those not abandoned or failed
    not_understood  share of the callers' utterances that were not understood
    replies      seconds from the end of a caller's words to the reply
    person       seconds until a person took a call out of a queue
    satisfaction mean of what callers answered after the call; None while nobody was asked
    call_backs   asked for, and how many of them were made
    screened     unwanted calls that were turned away
    follow_ups   what was to be done after calls: how much, how much was done in time, how much was not
    """

    first: date
    last: date
    calls: int
    before: int
    seconds: float
    by_hour: tuple[int, ...]
    by_day: tuple[tuple[date, int], ...]
    outcomes: tuple[tuple[Outcome, int], ...]
    matters: tuple[Matter, ...]
    containment: float | None
    not_understood: float | None
    replies: Spread
    person: Spread
    satisfaction: float | None
    call_backs: tuple[int, int]
    screened: int
    follow_ups: tuple[int, int, int] = (0, 0, 0)

    def to_json(self) -> dict[str, object]:
        """Stable keys."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "calls": self.calls,
            "calls_before": self.before,
            "minutes": round(self.seconds / 60, 1),
            "by_hour": list(self.by_hour),
            "by_day": {day.isoformat(): count for day, count in self.by_day},
            "outcomes": {outcome.value: count for outcome, count in self.outcomes},
            "matters": [
                {"matter": one.name, "calls": one.calls, "before": one.before, "growth": one.growth}
                for one in self.matters
            ],
            "containment": _rounded(self.containment),
            "not_understood_rate": _rounded(self.not_understood),
            "reply_wait": {"n": self.replies.n, "p50": self.replies.p50, "p95": self.replies.p95},
            "person_wait": {"n": self.person.n, "p50": self.person.p50, "p95": self.person.p95},
            "satisfaction": _rounded(self.satisfaction),
            "call_backs": {"asked": self.call_backs[0], "kept": self.call_backs[1]},
            "screened_out": self.screened,
            "follow_ups": dict(zip(("made", "kept", "broken"), self.follow_ups, strict=True)),
        }


def figures(first: date, last: date, rows: Sequence[Row], before: Sequence[Row]) -> Figures:
    """The figures of `rows`; `before` are those of as many days right before."""
    outcomes = Counter(row.result for row in rows)
    ended = [row for row in rows if row.result not in (Outcome.ABANDONED, Outcome.FAILED)]
    settled = sum(row.result in SETTLED_BY_THE_DESK for row in ended)
    turns = sum(row.turns for row in rows)
    days = Counter(row.started.date() for row in rows)
    hours = Counter(row.started.hour for row in rows)
    answers = [row.satisfaction for row in rows if row.satisfaction is not None]
    return Figures(
        first=first,
        last=last,
        calls=len(rows),
        before=len(before),
        seconds=sum(row.seconds for row in rows),
        by_hour=tuple(hours[hour] for hour in range(24)),
        by_day=tuple((day, days[day]) for day in _days(first, last)),
        outcomes=tuple((outcome, outcomes[outcome]) for outcome in Outcome),
        matters=_matters(rows, before),
        containment=settled / len(ended) if ended else None,
        not_understood=sum(row.not_understood for row in rows) / turns if turns else None,
        replies=spread([wait for row in rows for wait in row.waits]),
        person=spread([row.queue_wait for row in rows if row.queue_wait is not None]),
        satisfaction=sum(answers) / len(answers) if answers else None,
        call_backs=(sum(row.call_back for row in rows), sum(row.kept for row in rows)),
        screened=outcomes[Outcome.SCREENED_OUT],
        follow_ups=_added(row.follow_ups for row in rows),
    )


def spread(values: Sequence[float]) -> Spread:
    """Nearest-rank percentiles: the smallest value that so many do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return Spread(0, None, None)

    def rank(share: float) -> float:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3)

    return Spread(len(ordered), rank(0.5), rank(0.95))


def period_before(first: date, last: date) -> tuple[date, date]:
    """As many days, right before."""
    length = last - first + timedelta(days=1)
    return first - length, first - timedelta(days=1)


def _added(counts: Iterable[tuple[int, int, int]]) -> tuple[int, int, int]:
    made, kept, broken = (sum(column) for column in zip((0, 0, 0), *counts, strict=True))
    return made, kept, broken


def _matters(rows: Sequence[Row], before: Sequence[Row]) -> tuple[Matter, ...]:
    now = Counter(name for row in rows for name in dict.fromkeys(row.matters))
    then = Counter(name for row in before for name in dict.fromkeys(row.matters))
    found = (Matter(name, now[name], then[name]) for name in now.keys() | then.keys())
    return tuple(sorted(found, key=lambda one: (-one.calls, -one.before, one.name)))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
