from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from ivr.understanding.normalize import normalize
from ivr.understanding.times import read_time, unfinished_time
from ivr.understanding.words import load_words

ENGLISH = load_words("en")


def times(text: str, asked: bool = True) -> list[str]:
    return [found.value for found in read_time(normalize(text, ENGLISH), ENGLISH, asked)]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("half past three", "15:30"),
        ("quarter to nine", "08:45"),
        ("a quarter past twelve", "12:15"),
        ("quarter to one", "12:45"),
        ("ten past four", "16:10"),
        ("twenty minutes to five", "16:40"),
        ("3 pm", "15:00"),
        ("5 p.m.", "17:00"),
        ("12 am", "00:00"),
        ("3:30", "15:30"),
        ("15:30", "15:30"),
        ("3.30 pm", "15:30"),
        ("three thirty", "15:30"),
        ("nine oh five", "09:05"),
        ("fourteen hundred", "14:00"),
        ("nine o'clock", "09:00"),
        ("nine", "09:00"),
        ("at nine in the evening", "21:00"),
        ("nine thirty in the morning", "09:30"),
        ("tomorrow afternoon at three", "15:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("half past midnight", "00:30"),
        ("quarter to midnight", "23:45"),
    ],
)
def test_spoken_times(text: str, time: str) -> None:
    assert times(text)[0] == time


def test_without_am_or_pm_the_working_day_comes_first() -> None:
    assert times("half past three") == ["15:30", "03:30"]
    assert times("nine o'clock") == ["09:00", "21:00"]
    assert times("at nine in the morning") == ["09:00"]


def test_a_number_inside_a_sentence_is_a_time_only_where_one_belongs() -> None:
    assert times("I have two dogs", asked=False) == []
    assert times("come at two please", asked=False)[0] == "14:00"
    assert times("two pm", asked=False) == ["14:00"]
    assert times("room twelve", asked=False) == []


@pytest.mark.parametrize(
    "text", ["25:61", "half past", "quarter", "", "thirteen o'clock hundred and five miles"]
)
def test_what_is_no_time(text: str) -> None:
    assert all(0 <= int(time[:2]) < 24 and 0 <= int(time[3:]) < 60 for time in times(text))
    assert times("99:99") == []


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_time_of_a_24_hour_clock_is_read(hour: int, minute: int) -> None:
    first = times(f"{hour:02d}:{minute:02d}")[0]
    assert first[3:] == f"{minute:02d}"
    assert int(first[:2]) % 12 == hour % 12
    if hour > 12:
        assert first == f"{hour:02d}:{minute:02d}"


@given(st.integers(1, 12), st.integers(10, 59), st.sampled_from(["am", "pm"]))
def test_every_time_that_is_spelled_is_read(hour: int, minute: int, half: str) -> None:
    text = f"{num2words(hour)} {num2words(minute)} {half}"
    assert times(text) == [f"{hour % 12 + 12 * (half == 'pm'):02d}:{minute:02d}"]


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [("half past", True), ("quarter to", True), ("at", True), ("half", True), ("nine", False), ("", False)],
)
def test_unfinished_times(text: str, unfinished: bool) -> None:
    assert unfinished_time(normalize(text, ENGLISH), ENGLISH) is unfinished
