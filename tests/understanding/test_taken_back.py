"""Of two values the one that a caller takes back counts little; where nothing is taken back, both stay."""

from __future__ import annotations

import pytest
from slot_reading import NOW, SOUNDS, WORDS, read

from ivr.meaning import Choice, SlotSpec, SlotType
from ivr.understanding.slots import SlotReader
from ivr.understanding.utterance import utterance

SIZES = SlotSpec("size", SlotType.CHOICE, choices=tuple(Choice(size, (size,)) for size in ("small", "large")))
SIZE = SlotReader(SIZES, "{size}", WORDS, SOUNDS, "en-GB")


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("small, no, large", "large"),
        ("large not small", "large"),
        ("not small, large", "large"),
        ("large rather than small", "large"),
        ("small instead of large", "small"),
    ],
)
def test_a_choice_is_taken_back(text: str, wanted: str, exact: bool) -> None:
    found = SIZE.read(utterance(text, WORDS, SOUNDS), NOW, True, exact)
    scores = {one.value: one.score for one in found}
    assert found[0].value == wanted and scores[wanted] > 3 * sum(scores.values()) / 4


def test_two_values_of_which_none_is_taken_back_stay() -> None:
    found = SIZE.read(utterance("small and large", WORDS, SOUNDS), NOW, True, True)
    assert {one.score for one in found} == {found[0].score} and len(found) == 2


def test_a_single_value_is_not_taken_back_by_what_stands_before_it() -> None:
    assert read(SlotType.DATE, "no, not before Monday") == ["2026-11-30"]
