"""How values are said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialog.language import Language, load_language
from ivr.dialog.spoken import groups, is_value, spoken
from ivr.meaning import Choice, SlotSpec, SlotType

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def english() -> Language:
    return load_language("en-US")


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (SlotType.DIGITS, "482913", "four eight two, nine one three"),
        (SlotType.DIGITS, "007", "zero zero seven"),
        (SlotType.DATE, "2026-05-03", "Sunday, May third"),
        (SlotType.DATE, "2027-05-21", "Friday, May twenty-first, twenty twenty-seven"),
        (SlotType.TIME, "15:30", "three thirty p.m."),
        (SlotType.TIME, "09:00", "nine a.m."),
        (SlotType.TIME, "12:05", "twelve oh five p.m."),
        (SlotType.TIME, "00:15", "twelve fifteen a.m."),
        (SlotType.NUMBER, "12", "twelve"),
        (SlotType.NUMBER, "-3.5", "minus three point five"),
        (SlotType.YES_NO, "no", "no"),
        (SlotType.NAME, "Anna Berg", "Anna Berg"),
        (SlotType.TEXT, "my door is stuck", "my door is stuck"),
        (SlotType.DIGITS, "not digits", "not digits"),
        (SlotType.DATE, "2026-02-30", "2026-02-30"),
    ],
)
def test_english(english: Language, kind: SlotType, value: str, words: str) -> None:
    assert spoken(SlotSpec("x", kind), value, english, TODAY) == words


def test_a_language_without_a_file_says_values_as_written() -> None:
    assert spoken(SlotSpec("x", SlotType.DIGITS), "123", load_language("tlh")) == "123"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (SlotType.DIGITS, ["1", "0" * 64], ["", "1a", "١", "1" * 65, "-1"]),
        (SlotType.YES_NO, ["yes", "no"], ["", "maybe"]),
        (SlotType.DATE, ["2026-02-28"], ["2026-02-30", "20260228", "2026-W09-1", ""]),
        (SlotType.TIME, ["00:00", "23:59"], ["24:00", "9:00", "", "09:00:00", "09:00+01:00"]),
        (SlotType.NUMBER, ["1", "-2.5", "1e3"], ["", "NaN", "Infinity", "1e30", "9" * 31, "x"]),
        (SlotType.NAME, ["Anna"], ["", " "]),
        (SlotType.TEXT, ["a"], ["", "\t"]),
    ],
)
def test_canonical_values(kind: SlotType, good: list[str], bad: list[str]) -> None:
    spec = SlotSpec("x", kind)
    assert [value for value in good if not is_value(spec, value)] == []
    assert [value for value in bad if is_value(spec, value)] == []


def test_lengths_and_choices_are_kept() -> None:
    assert not is_value(SlotSpec("x", SlotType.DIGITS, length=(3, 4)), "12")
    assert is_value(SlotSpec("x", SlotType.DIGITS, length=(3, 4)), "1234")
    size = SlotSpec("x", SlotType.CHOICE, choices=(Choice("small", ("little",)),))
    assert is_value(size, "small")
    assert not is_value(size, "little")


@given(st.text(alphabet="0123456789", min_size=1, max_size=64))
def test_groups_keep_every_digit(digits: str) -> None:
    parts = groups(digits)
    assert "".join(parts) == digits
    assert all(2 <= len(part) <= 4 for part in parts) or len(digits) <= 4


ENGLISH = load_language("en")


@given(st.sampled_from(list(SlotType)), st.text(max_size=40))
def test_any_value_can_be_said(kind: SlotType, value: str) -> None:
    assert isinstance(spoken(SlotSpec("x", kind), value, ENGLISH, TODAY), str)
