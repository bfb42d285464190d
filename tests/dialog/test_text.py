"""Sentences with values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialog.text import Ref, Text, parse_text


def test_values_are_put_in() -> None:
    text = parse_text("Order {order_number} is with {person.department}.")
    assert text.refs == (Ref("order_number"), Ref("person", "department"))
    assert not text.fixed
    values = {"{order_number}": "one two", "{person.department}": ""}
    assert text.render(lambda ref: values[str(ref)]) == "Order one two is with."  # no blank before the point


def test_a_sentence_that_is_only_an_unknown_value_is_not_said() -> None:
    def nothing(ref: Ref) -> str:
        return ""

    assert parse_text("{place}. What has happened?").render(nothing) == "What has happened?"
    assert parse_text("Noted. {place}. Is anybody hurt?").render(nothing) == "Noted. Is anybody hurt?"
    assert parse_text("{place}。发生了什么事？").render(nothing) == "发生了什么事？"
    assert parse_text("For {person}: call back").render(nothing) == "For: call back"


def test_texts_without_values_are_fixed() -> None:
    assert parse_text("No values.").fixed
    assert str(parse_text("a {b.c} d")) == "a {b.c} d"


def test_some_values_can_be_filled_in_beforehand() -> None:
    text = parse_text("To {route}, {name}.").filled({"route": parse_text("the desk of {person}")})
    assert str(text) == "To the desk of {person}, {name}."


@pytest.mark.parametrize("text", ["{", "a } b", "{Slot}", "{a b}", "{}", "{a.b.c}", "{1}", "{{a}}"])
def test_broken_braces(text: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        parse_text(text)


@given(st.text(alphabet="ab{}. _1", max_size=30))
def test_what_is_read_is_written_the_same(source: str) -> None:
    try:
        text = parse_text(source)
    except ValueError:
        return
    assert str(text) == source
    assert isinstance(text, Text)
