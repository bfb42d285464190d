"""Several answers to one question: what they say together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.meaning import SlotType, SlotValue
from ivr.understanding.combine import combine
from ivr.understanding.phonemes import Sounds
from ivr.understanding.words import load_words

ENGLISH, SOUNDS = load_words("en-GB"), Sounds("en-GB")


def said(*values: tuple[str, float]) -> tuple[SlotValue, ...]:
    return tuple(SlotValue("slot", value, value, score) for value, score in values)


def six(value: str) -> str:
    return value if len(value) == 6 else ""


def together(
    kind: SlotType, *answers: tuple[SlotValue, ...], denied: tuple[str, ...] = ()
) -> dict[str, float]:
    form = six if kind is SlotType.DIGITS else str
    return {one.value: one.score for one in combine(kind, answers, ENGLISH, SOUNDS, denied, form=form)}


def test_two_doubtful_answers_that_agree_are_certain() -> None:
    once = said(("482913", 0.5), ("482930", 0.3))
    assert together(SlotType.DIGITS, once)["482913"] == pytest.approx(0.5, abs=0.1)
    assert together(SlotType.DIGITS, once, once)["482913"] < 0.8
    assert together(SlotType.DIGITS, once, said(("482913", 0.6)))["482913"] > 0.9


def test_answers_wrong_in_different_places_meet_in_a_third_value() -> None:
    # "nine" for "five" and "five" for "nine": neither answer was right.
    found = together(SlotType.DIGITS, said(("582913", 0.6)), said(("982513", 0.6)))
    assert {"982913", "582513"} <= set(found)


def test_a_value_that_was_wrong_gives_way_to_what_sounds_like_it() -> None:
    first, second = said(("482913", 0.7)), said(("482513", 0.5), ("482913", 0.45))
    assert max(together(SlotType.DIGITS, first, second), key=str) == "482913"
    found = together(SlotType.DIGITS, first, second, denied=("482913",))
    assert max(found, key=lambda value: found[value]) == "482513"


def test_half_a_number_is_evidence_and_never_a_value() -> None:
    found = together(SlotType.DIGITS, said(("48291", 0.4)), said(("482913", 0.5), ("462913", 0.45)))
    assert list(found)[0] == "482913"
    assert "48291" not in found


def test_a_number_begun_in_one_answer_and_ended_in_the_next() -> None:
    found = together(SlotType.DIGITS, said(("482", 0.45)), said(("913", 0.45)))
    assert list(found) == ["482913"]
    assert 0.45 <= found["482913"] < 0.75  # enough to ask, never to act
    assert not together(SlotType.DIGITS, said(("482", 0.45)), said(("91", 0.45)))


def test_names_that_sound_alike_speak_for_each_other() -> None:
    found = together(
        SlotType.NAME,
        said(("Lisa Brooks", 0.4), ("Lisa Cox", 0.4)),
        said(("Lisa Brookes", 0.5), ("Tanya Hill", 0.4)),
    )
    assert list(found)[0] in {"Lisa Brooks", "Lisa Brookes"}
    assert found["Lisa Cox"] < 0.3


def test_nothing_heard_is_nothing() -> None:
    assert combine(SlotType.DATE, [(), ()], ENGLISH, SOUNDS) == ()


VALUES = st.lists(
    st.tuples(st.text(alphabet="0123456789", min_size=1, max_size=70), st.floats(0.01, 0.99)), max_size=12
)


@given(kind=st.sampled_from(SlotType), answers=st.lists(VALUES, max_size=4))
def test_scores_are_chances_best_first(kind: SlotType, answers: list[list[tuple[str, float]]]) -> None:
    found = combine(kind, [said(*values) for values in answers], ENGLISH, SOUNDS)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 0.99 for score in scores)
    assert sum(scores) <= 1.0 + 1e-9
