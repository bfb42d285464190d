"""The numbers, against ones worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.evaluation.cases import Case
from ivr.evaluation.judge import judge
from ivr.evaluation.measures import Confusion, measure
from ivr.meaning import Command, Hypothesis, Intent, Match, SlotValue
from ivr.understanding.words import load_words
from tests.evaluation.conftest import judged

EN = load_words("en")
KEYS = [
    "n", "in_scope_accuracy", "oos_recall", "accuracy", "command_acceptance", "slot_accuracy", "wer",
    "calibration_error", "match_ms", "recognize_ms", "confusions",
]  # fmt: skip


def test_accuracies_count_a_rejected_case_as_wrong() -> None:
    numbers = measure(
        [
            judged("a", "a", 0.9),
            judged("a", "a", 0.1, accepted=False),
            judged("b", "a", 0.8),
            judged("b", "", 0.0, accepted=False),
            judged(None, "a", 0.1, accepted=False),
            judged(None, "", 0.0, accepted=False),
            judged(None, "b", 0.7),
        ]
    )
    assert numbers.n == 7
    assert numbers.in_scope_accuracy == pytest.approx(1 / 4)
    assert numbers.oos_recall == pytest.approx(2 / 3)
    assert numbers.accuracy == pytest.approx(3 / 7)
    assert numbers.command_acceptance is None
    assert numbers.slot_accuracy is None
    assert numbers.wer is None
    assert numbers.recognize_ms is None
    assert numbers.confusions == (
        Confusion(None, "b", 1),
        Confusion("a", None, 1),
        Confusion("b", None, 1),
        Confusion("b", "a", 1),
    )


def test_confusions_come_worst_first() -> None:
    numbers = measure([judged("a", "b", 0.5), judged("b", "a", 0.5), judged("b", "a", 0.6)])
    assert [(one.expected, one.got, one.count) for one in numbers.confusions] == [
        ("b", "a", 2),
        ("a", "b", 1),
    ]


def test_a_command_needs_its_intent_and_every_labelled_slot() -> None:
    want = {"size": "small", "drink": "latte"}
    numbers = measure(
        [
            judged(
                "order",
                "order",
                0.9,
                slots=want,
                heard={"size": "Small", "drink": " latte ", "roast": "dark"},
            ),
            judged("order", "order", 0.9, slots=want, heard={"size": "large", "drink": "latte"}),
            judged("order", "order", 0.9, slots=want, heard={"drink": "latte"}),
            judged("order", "hours", 0.9, slots=want, heard=want),
            judged("order", "order", 0.1, slots=want, heard=want, accepted=False),
            judged("order", "order", 0.9, slots={}),
            judged("hours", "hours", 0.9),
        ]
    )
    assert numbers.command_acceptance == pytest.approx(3 / 7)
    assert numbers.slot_accuracy == pytest.approx(4 / 10)
    assert numbers.in_scope_accuracy == pytest.approx(5 / 7)


def test_wer_is_over_all_words_together() -> None:
    numbers = measure(
        [
            judged(None, "", 0.0, labelled=False, errors=1, words=2, recognize=0.1),
            judged(None, "", 0.0, labelled=False, errors=0, words=8, recognize=0.3),
            judged(None, "", 0.0, labelled=False, recognize=0.2),
        ]
    )
    assert numbers.wer == pytest.approx(0.1)
    assert numbers.accuracy is None
    assert numbers.calibration_error is None
    assert numbers.recognize_ms is not None
    assert numbers.recognize_ms.p50 == pytest.approx(200)


def test_calibration_error_is_the_mean_distance_in_ten_bins() -> None:
    some = [judged("a", "a", 0.75)] * 3 + [judged("a", "b", 0.79)]
    some += [judged("a", "a", 1.0)] * 4 + [judged("a", "", 0.0, accepted=False)]
    numbers = measure(some)
    assert numbers.calibration_error == pytest.approx(0.5 * abs(0.76 - 0.75) + 0.5 * 0.0)
    filled = [(one.low, one.n, one.right) for one in numbers.reliability if one.n]
    assert filled == [(0.7, 4, 0.75), (0.9, 4, 1.0)]


def test_a_rejected_right_answer_is_right_for_calibration() -> None:
    assert measure([judged("a", "a", 1.0, accepted=False)]).calibration_error == pytest.approx(0.0)
    assert measure([judged(None, "a", 1.0)]).calibration_error == pytest.approx(1.0)


def test_json_has_exactly_the_published_keys() -> None:
    data = measure([judged("a", "b", 0.123456, match=0.0123456)]).to_json()
    assert list(data) == KEYS
    assert data["confusions"] == [{"expected": "a", "got": "b", "count": 1}]
    assert data["match_ms"] == {"p50": 12.35, "p95": 12.35}
    assert data["calibration_error"] == 0.1235
    assert data["wer"] is None
    json.dumps(data, allow_nan=False)


@given(
    st.lists(
        st.builds(
            judged,
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["a", "b", ""]),
            st.floats(0.0, 1.0),
            accepted=st.booleans(),
            slots=st.sampled_from([None, {"s": "x"}]),
            heard=st.sampled_from([{"s": "x"}, {}]),
            labelled=st.booleans(),
        ),
        max_size=20,
    )
)
def test_shares_lie_between_0_and_1(cases: list) -> None:
    data = measure(cases).to_json()
    for key in KEYS[1:8]:
        value = data[key]
        assert value is None or (isinstance(value, float | int) and 0.0 <= value <= 1.0), key
    json.dumps(data, allow_nan=False)


# --- one case -----------------------------------------------------------------------------------------


CLIP = Path("a.wav")
SPOKEN = Case("cases.jsonl:1", audio=CLIP, name="a.wav", judged=True, intent="a", transcript="Twelve ounce.")


def heard(text: str) -> tuple[Hypothesis, ...]:
    return (Hypothesis(text, 0.9),)


def test_both_transcripts_are_brought_to_one_spelling() -> None:
    one = judge(SPOKEN, heard("12-ounce!"), (), 0.5, EN, match=0.0, recognize=0.1)
    assert (one.errors, one.words) == (0, 2)
    one = judge(SPOKEN, heard("the twelve of"), (), 0.5, EN, match=0.0, recognize=0.1)
    assert one.errors == 2
    assert judge(SPOKEN, (), (), 0.5, EN, match=0.0, recognize=0.1).errors == 2


def test_what_is_accepted() -> None:
    slots = (SlotValue("size", "small", "small", 0.9),)
    matches = (Match(Intent("a"), 0.5, slots), Match(Intent("b"), 0.2))
    one = judge(SPOKEN, heard("x"), matches, 0.5, EN, match=0.0, recognize=0.1)
    assert (one.taken_for, one.intent_right, one.slots) == ("a", True, {"size": "small"})
    one = judge(SPOKEN, heard("x"), matches, 0.51, EN, match=0.0, recognize=0.1)
    assert (one.taken_for, one.got, one.intent_right) == (None, "a", False)
    one = judge(SPOKEN, heard("x"), (), 0.0, EN, match=0.0, recognize=0.1)
    assert (one.taken_for, one.score) == (None, 0.0)
    one = judge(SPOKEN, heard("x"), (Match(Command.OPERATOR, 0.9),), 0.0, EN, match=0.0, recognize=0.1)
    assert one.taken_for == "operator"


def test_a_sentence_has_no_word_errors() -> None:
    case = Case("cases.jsonl:1", text="hello", judged=True, transcript="hello there")
    assert judge(case, heard("hello"), (), 0.5, EN, match=0.0, recognize=None).errors is None
