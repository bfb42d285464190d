"""Labelled cases: what is read, and what is refused with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.errors import UnknownError
from ivr.evaluation.cases import Labels, read_cases, read_examples
from ivr.evaluation.jsonl import CaseError
from ivr.meaning import Choice, Command, IntentSpec, SlotSpec, SlotType, Vocabulary
from tests.evaluation.conftest import WriteLines


def test_sentences_and_recordings(lines: WriteLines, tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.wav").write_bytes(b"")
    path = lines(
        {"text": "hello", "intent": "greet"},
        "",
        {"text": "the weather", "intent": None, "more": [1, 2]},
        {"audio": "clips/a.wav", "intent": "order", "slots": {"size": "small", "shots": 2}},
        {"audio": "clips/a.wav", "transcript": "zero", "speaker": "x"},
        {"audio": "clips/a.wav", "transcript": None},
    )
    greet, weather, order, zero, unknown = read_cases(path)
    assert (greet.text, greet.intent, greet.in_scope, greet.audio) == ("hello", "greet", True, None)
    assert (weather.intent, weather.judged, weather.in_scope) == (None, True, False)
    assert order.audio == tmp_path / "clips" / "a.wav"
    assert order.name == "clips/a.wav"
    assert dict(order.slots or {}) == {"size": "small", "shots": "2"}
    assert (zero.judged, zero.transcript) == (False, "zero")
    assert (unknown.judged, unknown.transcript) == (False, None)
    assert [case.place for case in (greet, weather, order)] == [f"{path}:{n}" for n in (1, 3, 4)]


def test_the_text_of_a_recording_is_its_transcript(lines: WriteLines, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    (case,) = read_cases(lines({"audio": "a.wav", "text": "two teas", "intent": "order"}))
    assert (case.text, case.transcript) == ("", "two teas")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{not json", "not JSON: Expecting property name"),
        ("[" * 5_000, "nested too deeply"),
        ("[1, 2]", "no JSON object"),
        ('{"text": "a", "intent": "b", "slots": {"c": NaN}}', "NaN is not JSON"),
        ('{"text": "a", "intent": "b", "intent": "c"}', "'intent' is given twice"),
        ('{"text": "a", "intent": "b", "slots": {"c": "d", "c": "e"}}', "'c' is given twice"),
        ('{"text": "a", "int', "not JSON: Unterminated string starting at column 15"),
        ({"intent": "a"}, "neither `text` nor `audio`"),
        ({"text": 5, "intent": "a"}, "'text' is no text"),
        ({"text": "a"}, "no `intent`"),
        ({"text": "a", "transcript": "a"}, "no `intent`"),
        ({"text": "a", "intent": 5}, "'intent' is no text"),
        ({"text": "a", "intent": "b", "slots": ["c"]}, "`slots` is no object"),
        ({"text": "a", "intent": "b", "slots": {"c": None}}, "the slot 'c' has no text"),
        ({"text": "a", "intent": "b", "slots": {"c": True}}, "the slot 'c' has no text"),
        ({"text": "a", "intent": None, "slots": {"c": "d"}}, "`slots` without an intent"),
        ({"audio": "missing.wav", "intent": "a"}, "no such recording: missing.wav"),
        ({"audio": "a\0b", "intent": "a"}, "no such recording"),
        ({"audio": ".", "intent": "a"}, "no such recording"),
        ({"audio": 1, "intent": "a"}, "'audio' is no text"),
    ],
)
def test_a_broken_line_is_named(lines: WriteLines, row: object, message: str) -> None:
    path = lines({"text": "fine", "intent": "a"}, row)
    with pytest.raises(CaseError) as error:
        read_cases(path)
    assert error.value.place == f"{path}:2"
    assert message in error.value.what
    assert error.value.remedy
    assert error.value.exit_code == 2


def test_several_broken_lines_are_counted(lines: WriteLines) -> None:
    path = lines("x", {"text": "fine", "intent": "a"}, "y", "z")
    with pytest.raises(CaseError, match=r"cases\.jsonl:1: not JSON.*\(2 more lines are broken\)"):
        read_cases(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no cases"),
        (b"\n \n", "holds no cases"),
        (b'{"text": "\xff", "intent": "a"}', "not UTF-8"),
        (b'{"text": "' + b"a" * 1_000_001 + b'", "intent": "a"}', "longer than 1000 kB"),
    ],
)
def test_bytes_that_are_no_cases(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(data)
    with pytest.raises(CaseError, match=message):
        read_cases(path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a", "intent": "b"}')
    assert read_cases(path)[0].text == "a"


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_files_that_are_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(CaseError):
        read_cases(tmp_path / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(data)
    for read in (read_cases, lambda path: read_examples(path, "en")):
        with pytest.raises(CaseError) as error:
            read(path)
        assert str(path) in error.value.place


_VALUES = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just({"a": "b"}) | st.just([])
_KEYS = st.sampled_from(["text", "audio", "intent", "slots", "transcript"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.dictionaries(_KEYS, _VALUES))
def test_any_object_is_a_case_or_refused(tmp_path: Path, row: dict[str, object]) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    try:
        (case,) = read_cases(path)
    except CaseError as error:
        assert error.place == f"{path}:1"
    else:
        assert case.judged or case.audio


# --- labels and examples ----------------------------------------------------------------------------


SIZE = SlotSpec("size", SlotType.CHOICE, choices=(Choice("small", ("small",)),))
DESK = Vocabulary(
    "en",
    (IntentSpec("order", ("a {size} tea",), (), (SIZE,)), IntentSpec("hours", ("when are you open",))),
    ((Command.OPERATOR, ("operator",)),),
)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x", "intent": "oder"}, "no intent is called 'oder'"),
        ({"text": "x", "intent": "order", "slots": {"sise": "small"}}, "'order' has no slot 'sise'"),
        ({"text": "x", "intent": "hours", "slots": {"size": "small"}}, "'hours' has no slot 'size'"),
    ],
)
def test_a_label_that_nothing_has(lines: WriteLines, row: object, message: str) -> None:
    path = lines({"text": "y", "intent": None}, row)
    with pytest.raises(UnknownError, match=message) as error:
        Labels.of(DESK).check(read_cases(path))
    assert error.value.place == f"{path}:2"


def test_labels_that_exist(lines: WriteLines) -> None:
    path = lines(
        {"text": "x", "intent": "order", "slots": {"size": "small"}},
        {"text": "x", "intent": "operator"},
        {"text": "x", "intent": None},
    )
    Labels.of(DESK).check(read_cases(path))


def test_slots_are_not_asked_of_labelled_sentences(lines: WriteLines) -> None:
    vocabulary = Vocabulary("en", (IntentSpec("order", (), ("tea please",)),))
    Labels.of(vocabulary).check(read_cases(lines({"text": "x", "intent": "order", "slots": {"a": "b"}})))


def test_examples_are_a_vocabulary(lines: WriteLines) -> None:
    path = lines(
        {"text": "tea please", "intent": "order"},
        {"text": "when are you open", "intent": "hours"},
        {"text": "coffee {please}", "intent": "order"},
        {"text": "tea please", "intent": "order"},
        {"text": "how tall is the moon", "intent": None},
    )
    vocabulary = read_examples(path, "en-GB")
    assert vocabulary.language == "en-GB"
    assert [(intent.name, intent.examples) for intent in vocabulary.intents] == [
        ("order", ("tea please", "coffee {please}")),
        ("hours", ("when are you open",)),
    ]
    assert not any(intent.templates for intent in vocabulary.intents)


@pytest.mark.parametrize(
    "row", [{"text": " ", "intent": "a"}, {"text": "a"}, {"text": "a", "intent": ""}, "x"]
)
def test_a_broken_example_is_named(lines: WriteLines, row: object) -> None:
    path = lines({"text": "fine", "intent": "a"}, row)
    with pytest.raises(CaseError) as error:
        read_examples(path, "en")
    assert error.value.place == f"{path}:2"


def test_no_examples(lines: WriteLines) -> None:
    with pytest.raises(CaseError, match="holds no examples"):
        read_examples(lines({"text": "a", "intent": None}), "en")
