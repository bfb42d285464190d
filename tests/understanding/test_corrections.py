"""A part of what was read back, corrected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.meaning import SlotSpec, SlotType
from ivr.understanding.corrections import corrected
from ivr.understanding.numbers import Found
from ivr.understanding.phonemes import Sounds
from ivr.understanding.utterance import utterance
from ivr.understanding.words import load_words

ENGLISH, SOUNDS = load_words("en-GB"), Sounds("en-GB")
SIX = SlotSpec("number", SlotType.DIGITS, (6, 6))
POSTCODE = SlotSpec("code", SlotType.POSTCODE)
SPELLED = SlotSpec("name", SlotType.SPELLED)
DAY = SlotSpec("day", SlotType.DATE)


def correct(value: str, spec: SlotSpec, text: str) -> tuple[Found, ...]:
    return corrected(value, spec, utterance(text, ENGLISH, SOUNDS), ENGLISH, SOUNDS)


@pytest.mark.parametrize(
    ("value", "spec", "text", "wanted"),
    [
        ("482513", SIX, "no, nine not five", "482913"),
        ("482513", SIX, "it's nine, not five", "482913"),
        ("482513", SIX, "no not five, nine", "482913"),
        ("482513", SIX, "no, not five but nine", "482913"),
        ("482513", SIX, "that should be nine instead of five please", "482913"),
        ("482513", SIX, "no 9 not 5", "482913"),
        ("482513", SIX, "no, nine one not five one", "482913"),
        ("482913", SIX, "no, one four at the end", "482914"),
        ("482513", SIX, "sorry, nine one three", "482913"),
        ("EC6 7GJ", POSTCODE, "no, t not g", "EC6 7TJ"),
        ("EC6 7GJ", POSTCODE, "no, t for tango not g for golf", "EC6 7TJ"),
        ("90210", POSTCODE, "no, four not two", "90410"),
        ("SMITH", SPELLED, "no, y not i", "SMYTH"),
        ("SMITH", SPELLED, "no, b as in bravo not s", "BMITH"),
        ("2026-05-03", DAY, "no, the fourth", "2026-05-04"),
        ("2026-05-03", DAY, "no, the twenty first", "2026-05-21"),
        ("2026-05-03", DAY, "the 4th, not the 3rd", "2026-05-04"),
        ("2026-05-03", DAY, "no, June", "2026-06-03"),
        ("2026-05-03", DAY, "June not May", "2026-06-03"),
    ],
)
def test_a_part_is_put_in_its_place(value: str, spec: SlotSpec, text: str, wanted: str) -> None:
    found = correct(value, spec, text)
    assert found[0].value == wanted
    assert found[0].score >= 0.4


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        ("482513", SIX, "no"),
        ("482513", SIX, "yes that's right"),
        ("482513", SIX, "no, it's four eight two nine one three"),
        ("482513", SIX, "nine not seven"),
        ("482513", SIX, ""),
        ("SMITH", SPELLED, "s m y t h e"),
        ("2026-05-03", DAY, "no, next friday"),
        ("2026-05-03", DAY, "the fourth of june"),
        ("2026-05-31", DAY, "no, june"),
        ("", SIX, "nine not five"),
        ("yes", SlotSpec("sure", SlotType.YES_NO), "nine not five"),
    ],
)
def test_what_names_no_part_corrects_nothing(value: str, spec: SlotSpec, text: str) -> None:
    assert correct(value, spec, text) == ()


def test_a_digit_that_stands_twice_may_be_either() -> None:
    found = correct("482582", SIX, "nine not two")
    assert {one.value for one in found} == {"489582", "482589"}
    assert found[0].score == pytest.approx(0.45)


TEXTS = st.lists(
    st.sampled_from(
        [
            "no",
            "not",
            "nine",
            "five",
            "b",
            "as in",
            "bravo",
            "double",
            "the",
            "fourth",
            "june",
            "12",
            "3rd",
            "é",
        ]
    ),
    max_size=30,
).map(" ".join)


@given(
    value=st.sampled_from(["482513", "EC6 7GJ", "90210-1234", "SMITH", "2026-02-28", "x|y", "é"]),
    kind=st.sampled_from(SlotType),
    text=TEXTS | st.text(max_size=60),
)
def test_any_words_give_values_of_the_same_kind_or_none(value: str, kind: SlotType, text: str) -> None:
    found = correct(value, SlotSpec("slot", kind), text)
    assert all(one.value and one.value != value and 0.0 < one.score <= 1.0 for one in found)
