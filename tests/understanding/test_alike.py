"""Names by their sound."""

from __future__ import annotations

import pytest

from ivr.understanding.alike import Alike
from ivr.understanding.phonemes import encode

LETTERS = [("o", "oʊ"), ("0", "ziəroʊ"), ("0", "oʊ"), ("p", "pi"), ("b", "bi"), ("p", "pɑpə")]


@pytest.fixture
def alike() -> Alike:
    return Alike(LETTERS, beside=0.25, at_most=0.5)


def test_what_is_said_exactly_costs_only_that_it_was_found_by_sound(alike: Alike) -> None:
    assert alike.of(encode("pɑpə"))[0] == ("p", 0.25)


def test_each_thing_is_there_once_the_nearest_first(alike: Alike) -> None:
    found = alike.of(encode("pi"))
    assert found[0] == ("p", 0.25)
    assert [name for name, _ in found] == ["p", "b"]
    assert 0.25 < found[1][1] < 0.75


def test_what_is_too_far_is_left_out(alike: Alike) -> None:
    assert alike.of(encode("kwɛstʃən")) == ()
    assert [name for name, _ in Alike(LETTERS, beside=0.25, at_most=0.1).of(encode("pi"))] == ["p"]


def test_nothing_is_like_nothing(alike: Alike) -> None:
    assert alike.of(encode("")) == ()
    assert Alike([], beside=0.25, at_most=0.5).of(encode("pi")) == ()
