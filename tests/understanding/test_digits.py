from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.understanding.digits import digits_heard, read_digits
from ivr.understanding.normalize import normalize
from ivr.understanding.words import load_words

ENGLISH = load_words("en")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def best(text: str, length: tuple[int, int] | None, asked: bool = True) -> str:
    found = read_digits(normalize(text, ENGLISH), ENGLISH, length, asked)
    return found[0].value if found else ""


@pytest.mark.parametrize(
    ("text", "length", "digits"),
    [
        ("four eight two nine one three", 6, "482913"),
        ("my number is 482913", 6, "482913"),
        ("it's 48 29 13", 6, "482913"),
        ("four eight twenty-nine", 4, "4829"),
        ("four eight twenty-nine", 5, "48209"),
        ("forty eight twenty nine thirteen", 6, "482913"),
        ("double five oh one two seven", 6, "550127"),
        ("triple seven double oh", 5, "77700"),
        ("double 529", 4, "5529"),
        ("four hundred and twenty nine", 3, "429"),
        ("four hundred twenty nine", 5, "40029"),
        ("eighteen hundred", 4, "1800"),
        ("two thousand and five", 4, "2005"),
        ("one twenty three", 3, "123"),
        ("uh it's four eight um two nine, one three please", 6, "482913"),
        ("555-123-4567", 10, "5551234567"),
        ("four eight two nine one five no nine not five", 6, "482919"),
        ("four eight two nine one five, sorry, three", 6, "482913"),
        ("four eight three no two nine one three", 6, "482913"),
        ("one two three four five six no four eight two nine one three", 6, "482913"),
        ("one two three start again four eight two nine one three", 6, "482913"),
        ("four five six I mean four five seven", 3, "457"),
        ("for eight to nine won three", 6, "482913"),
        ("I have three packages from order 482913", 6, "482913"),
    ],
)
def test_dictated_digits(text: str, length: int, digits: str) -> None:
    assert best(text, (length, length)) == digits


def test_without_a_length_the_usual_reading_comes_first() -> None:
    found = read_digits(normalize("four eight twenty nine", ENGLISH), ENGLISH, None, True)
    assert [one.value for one in found[:2]] == ["4829", "48209"]
    assert sum(one.score for one in found) < 1.0


def test_strings_of_another_length_are_not_taken() -> None:
    assert best("four eight two nine five", (6, 6)) == ""
    assert best("my order number is", (6, 6)) == ""
    assert best("four eight two nine five", (5, 7)) == "48295"


def test_digits_inside_a_sentence_are_found_where_they_are() -> None:
    tokens = normalize("track order 482913 please", ENGLISH)
    found = read_digits(tokens, ENGLISH, (6, 6), asked=False)
    assert [(one.value, one.start, one.end) for one in found] == [("482913", 2, 8)]
    assert read_digits(normalize("I want to go to bed", ENGLISH), ENGLISH, (1, 2), asked=False) == ()


@given(st.text(alphabet="0123456789", min_size=1, max_size=12), st.booleans())
def test_every_string_read_out_is_understood(digits: str, as_numeral: bool) -> None:
    spoken: list[str] = []
    at = 0
    while at < len(digits):
        if digits[at : at + 2] == digits[at] * 2:
            spoken.append(f"double {DIGITS[int(digits[at])]}")
            at += 2
        else:
            spoken.append("oh" if digits[at] == "0" and at % 2 else DIGITS[int(digits[at])])
            at += 1
    text = digits if as_numeral else " ".join(spoken)
    assert best(text, (len(digits), len(digits))) == digits


@pytest.mark.parametrize(
    ("text", "fewest", "most"),
    [("", 0, 0), ("my number is", 0, 0), ("four eight two", 3, 3), ("forty eight", 2, 3), ("4829", 4, 4)],
)
def test_digits_so_far(text: str, fewest: int, most: int) -> None:
    assert digits_heard(normalize(text, ENGLISH), ENGLISH) == (fewest, most)


def test_the_worst_sentence_takes_bounded_time() -> None:
    tokens = normalize("four eight twenty nine no five not " * 20, ENGLISH)[:120]
    begin = time.thread_time()
    read_digits(tokens, ENGLISH, (6, 12), True)
    assert time.thread_time() - begin < 0.5


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("oh eight hundred one two three four five six", "0800123456"),
        ("zero eight hundred eleven eleven", "08001111"),
        ("one eight hundred five five five one two one two", "18005551212"),
        ("oh seven seven hundred nine hundred one two three", "07700900123"),
        ("five six seven eight hundred and twelve", "567812"),
    ],
)
def test_hundreds_among_other_digits(text: str, digits: str) -> None:
    assert best(text, (5, 15)) == digits
