"""Opening hours and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.hours import Hours, parse_closed, parse_open

PARIS = ZoneInfo("Europe/Paris")


def hours(*spans: str, closed: tuple[str, ...] = ()) -> Hours:
    return Hours(PARIS, tuple(map(parse_open, spans)), tuple(map(parse_closed, closed)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_open_from_the_first_minute_to_before_the_last() -> None:
    desk = hours("mon-fri 09:00-18:00", "sat 10:00-13:00")
    days = {
        "2026-11-23T08:59": False,
        "2026-11-23T09:00": True,
        "2026-11-23T17:59": True,
        "2026-11-23T18:00": False,
    }
    days |= {"2026-11-28T12:00": True, "2026-11-28T13:30": False, "2026-11-29T12:00": False}
    assert {day: desk.is_open(at(day)) for day in days} == days


def test_the_time_zone_of_the_desk_counts_and_summer_time_with_it() -> None:
    desk = hours("mon-fri 09:00-18:00")
    assert desk.is_open(datetime(2026, 11, 23, 8, 30, tzinfo=UTC))  # 09:30 in Paris
    assert not desk.is_open(datetime(2026, 7, 20, 6, 30, tzinfo=UTC))  # 08:30 in summer
    assert desk.is_open(datetime(2026, 7, 20, 7, 30, tzinfo=UTC))


def test_past_midnight() -> None:
    desk = hours("fri 22:00-02:00")
    assert desk.is_open(at("2026-11-27T23:00"))
    assert desk.is_open(at("2026-11-28T01:59"))
    assert not desk.is_open(at("2026-11-28T02:00"))
    assert not desk.is_open(at("2026-11-27T01:00"))


def test_week_ends_may_be_written_across_sunday() -> None:
    desk = hours("sat-mon 10:00-12:00", "wed,thu 10:00-12:00")
    assert [desk.is_open(at(f"2026-11-{day}T11:00")) for day in range(23, 30)] == [
        True,  # Monday
        False,
        True,
        True,
        False,
        True,
        True,
    ]


def test_holidays() -> None:
    desk = hours(
        "mon-sun 00:00-24:00",
        closed=("12-25", "2026-12-24 12:00-24:00", "2026-12-28/2027-01-02", "2026-11-23"),
    )
    closed = [
        "2026-12-25T10:00",
        "2031-12-25T10:00",
        "2026-12-24T12:00",
        "2027-01-02T23:59",
        "2026-11-23T00:00",
    ]
    opened = [
        "2026-12-24T11:59",
        "2027-12-24T12:00",
        "2027-01-03T00:00",
        "2026-11-24T00:00",
        "2026-12-27T10:00",
    ]
    assert [desk.is_open(at(text)) for text in closed] == [False] * 5
    assert [desk.is_open(at(text)) for text in opened] == [True] * 5


def test_whether_a_desk_ever_opens() -> None:
    assert hours("mon 09:00-10:00").opens_within(date(2026, 11, 24), 7)
    assert not hours("mon 09:00-10:00").opens_within(date(2026, 11, 24), 6)
    never = hours("mon 09:00-10:00", closed=("2026-01-01/2030-01-01",))
    assert not never.opens_within(date(2026, 11, 23), 366)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("monday 09:00-18:00", "no such day 'monday'"),
        ("mon-fri", "no times"),
        ("mon-fri 9-18", "no times"),
        ("mon-fri 09:00-25:00", "does not exist"),
        ("mon-fri 09:61-18:00", "does not exist"),
        ("mon-fri 24:00-25:00", "does not exist"),
        ("mon 09:00-09:00", "same minute"),
        ("09:00-18:00", "no such day"),
        (",mon 09:00-18:00", "a day is missing"),
        ("", "a day is missing"),
    ],
)
def test_broken_hours(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_open(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("christmas", "is not a day"),
        ("2026-02-30", "does not exist"),
        ("13-01", "does not exist"),
        ("2026-12-28/2026-12-01", "earlier day"),
        ("12-28/2026-12-30", "earlier day"),
        ("2026-12-28/2026-13-30", "does not exist"),
        ("2026-12-24 noon", "no times"),
        ("2026-12-24 14:00-12:00", "ends before"),
    ],
)
def test_broken_holidays(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_closed(text)


def test_a_leap_day_may_be_a_yearly_holiday() -> None:
    assert parse_closed("02-29").holds(date(2028, 2, 29))
