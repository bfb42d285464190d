from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from ivr.understanding.dates import read_date, unfinished_date
from ivr.understanding.normalize import normalize
from ivr.understanding.words import load_words

ENGLISH = load_words("en")
WEDNESDAY = date(2026, 11, 25)
MONTHS = [names[0] for names in ENGLISH.dates.months]


def dates(text: str, today: date = WEDNESDAY, language: str = "en-US", asked: bool = False) -> list[str]:
    return [f.value for f in read_date(normalize(text, ENGLISH), ENGLISH, today, language, asked)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-25"),
        ("tomorrow morning", "2026-11-26"),
        ("the day after tomorrow", "2026-11-27"),
        ("monday", "2026-11-30"),
        ("on this friday", "2026-11-27"),
        ("last friday", "2026-11-20"),
        ("monday week", "2026-12-07"),
        ("monday in two weeks", "2026-12-14"),
        ("third of may", "2027-05-03"),
        ("the 3rd of May", "2027-05-03"),
        ("may third", "2027-05-03"),
        ("may the third twenty twenty eight", "2028-05-03"),
        ("May 3rd 2026", "2026-05-03"),
        ("3 May nineteen eighty five", "1985-05-03"),
        ("third of may nineteen oh five", "1905-05-03"),
        ("twenty first of december two thousand and six", "2006-12-21"),
        ("december twenty five", "2026-12-25"),
        ("29 February", "2028-02-29"),
        ("the third", "2026-12-03"),
        ("the twenty-sixth", "2026-11-26"),
        ("friday the 27th of november", "2026-11-27"),
        ("in two weeks", "2026-12-09"),
        ("in a couple of days", "2026-11-27"),
        ("in a month", "2026-12-25"),
        ("three days ago", "2026-11-22"),
        ("a week from friday", "2026-12-04"),
        ("two days after tomorrow", "2026-11-28"),
        ("a fortnight from today", "2026-12-09"),
        ("2026-05-03", "2026-05-03"),
        ("05/03/2026", "2026-05-03"),
        ("3.5.26", "2026-05-03"),
        ("may I come on monday", "2026-11-30"),
    ],
)
def test_spoken_dates(text: str, day: str) -> None:
    assert dates(text)[0] == day


def test_numerals_are_read_as_the_country_writes_them() -> None:
    assert dates("05/03/2026", language="en-GB") == ["2026-03-05", "2026-05-03"]
    assert dates("25/03/2026") == ["2026-03-25"]


@pytest.mark.parametrize(
    ("text", "both"),
    [("next friday", ["2026-12-04", "2026-11-27"]), ("wednesday", ["2026-12-02", "2026-11-25"])],
)
def test_what_people_mean_differently_is_given_twice(text: str, both: list[str]) -> None:
    assert dates(text) == both


@pytest.mark.parametrize(
    "text",
    [
        "thirty first of november",
        "the thirtieth of february",
        "31/02/2026",
        "may",
        "nothing",
        "two weeks",
        "",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert dates(text) == []


def test_a_bare_duration_answers_when() -> None:
    assert dates("two weeks", asked=True) == ["2026-12-09"]


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.integers(0, 3))
def test_every_day_with_its_year_is_read(day: date, form: int) -> None:
    month, ordinal = MONTHS[day.month - 1], num2words(day.day, to="ordinal")
    year = num2words(day.year, to="year")
    text = (
        f"the {ordinal} of {month} {year}",
        f"{month} {ordinal} {year}",
        f"{day.day} {month} {day.year}",
        day.isoformat(),
    )[form]
    assert dates(text) == [day.isoformat()]


@given(st.dates(date(2020, 1, 1), date(2080, 12, 31)), st.integers(0, 6))
def test_a_weekday_is_within_a_week(today: date, weekday: int) -> None:
    found = [date.fromisoformat(day) for day in dates(ENGLISH.dates.weekdays[weekday][0], today)]
    assert all(day.weekday() == weekday and timedelta(0) <= day - today <= timedelta(7) for day in found)
    assert found[0] > today


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("third of", True),
        ("next", True),
        ("the day after", True),
        ("in", True),
        ("may", True),
        ("the", True),
        ("tomorrow", False),
        ("monday", False),
        ("", False),
    ],
)
def test_unfinished_dates(text: str, unfinished: bool) -> None:
    assert unfinished_date(normalize(text, ENGLISH), ENGLISH) is unfinished
