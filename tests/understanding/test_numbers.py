from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from ivr.understanding.amounts import read_number
from ivr.understanding.normalize import normalize
from ivr.understanding.numbers import cardinals, ordinals
from ivr.understanding.words import load_words

ENGLISH = load_words("en")


def numbers(text: str, asked: bool = True) -> list[str]:
    return [found.value for found in read_number(normalize(text, ENGLISH), ENGLISH, asked)]


@given(st.integers(0, 999_999))
def test_every_number_that_is_spelled_is_read(value: int) -> None:
    assert numbers(num2words(value)) == [str(value)]
    tokens = normalize(num2words(value), ENGLISH)
    assert cardinals(tokens, 0, ENGLISH.numbers)[0] == (value, len(tokens))


@given(st.integers(1, 39))
def test_every_day_of_a_month_is_read(value: int) -> None:
    tokens = normalize(num2words(value, to="ordinal"), ENGLISH)
    assert ordinals(tokens, 0, ENGLISH.numbers)[:1] == ((value, len(tokens)),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("it is twelve", "12"),
        ("a hundred and five", "105"),
        ("a thousand", "1000"),
        ("two point five", "2.5"),
        ("two and a half", "2.5"),
        ("minus five", "-5"),
        ("a dozen", "12"),
        ("a couple of boxes", "2"),
        ("3.5", "3.5"),
        ("1,200", "1200"),
        ("$300", "300"),
        ("250,000 please", "250000"),
    ],
)
def test_numbers_in_an_answer(text: str, value: str) -> None:
    assert numbers(text) == [value]


def test_the_last_of_several_numbers_comes_first_and_all_are_less_sure() -> None:
    found = read_number(normalize("three no four", ENGLISH), ENGLISH, True)
    assert [one.value for one in found] == ["4", "3"]
    assert max(one.score for one in found) < 0.7


def test_the_word_one_alone_is_no_number_inside_a_sentence() -> None:
    assert numbers("the other one", asked=False) == []
    assert numbers("twenty one of them", asked=False) == ["21"]
    assert numbers("nothing of the kind here", asked=True) == ["0"]
