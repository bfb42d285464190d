from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import math
import subprocess
import sys
import typing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ivr.events
from ivr.events import (
    ActionFailed,
    Answered,
    CallEnded,
    Event,
    Heard,
    HungUp,
    Listen,
    NoInput,
    Outcome,
    Say,
    Transfer,
    Understood,
)
from ivr.handover import Route
from ivr.meaning import Answer, Command, Expect, Hypothesis, Intent, Match, SlotValue
from ivr.records.codec import CodecError, codec, from_json, to_json
from ivr.records.encode import EVENTS, Entry, decode, encode, from_line, to_line

DISCOVERED = {
    name: kind
    for name, kind in inspect.getmembers(ivr.events, inspect.isclass)
    if kind.__module__.startswith("ivr.events.") and dataclasses.is_dataclass(kind)
}


def test_every_event_class_can_be_recorded() -> None:
    assert len(DISCOVERED) >= 20
    assert EVENTS == DISCOVERED
    assert set(typing.get_args(Event)) <= set(EVENTS.values())


@pytest.mark.parametrize("kind", DISCOVERED.values(), ids=DISCOVERED.keys())
@given(data=st.data(), t=st.floats(0, 1e6))
@settings(max_examples=40, deadline=None)
def test_every_event_comes_back(kind: type[Event], data: st.DataObject, t: float) -> None:
    event = data.draw(st.from_type(kind))
    line = to_line(t, event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    keys = [field.name for field in dataclasses.fields(kind)]
    assert list(json.loads(line)) == ["t", "event", *keys]
    entry = from_line(line)
    assert type(entry.event) is kind
    assert entry.t == pytest.approx(t, abs=0.000_501)
    assert to_line(entry.t, entry.event) == line
    if b"NaN" not in line:
        assert entry.event == event


def test_one_line_as_it_is_written() -> None:
    match = Match(Intent("billing"), 0.9, (SlotValue("n", "12", "twelve", 0.8),), "[a] bill")
    event = Understood(Heard((Hypothesis("Ärger", 0.5),), 1.0, 2.25, "typed"), (match,))
    assert to_line(3.14159, event).decode() == (
        '{"t": 3.142, "event": "Understood", "heard": {"hypotheses": [{"text": "Ärger", "confidence": '
        '0.5, "words": [], "fit": null, "likelihood": null}], "started": 1.0, "ended": 2.25, '
        '"engine": "typed", "recognize": 0.0, "loudness": null}, "matches": [{"meaning": {"kind": '
        '"Intent", "name": '
        '"billing"}, "score": 0.9, "slots": [{"name": "n", "value": "12", "said": "twelve", '
        '"score": 0.8, "sensitive": false}], "phrase": "[a] bill", "urgent": false, "later": []}], '
        '"mood": "calm", "over": false}\n'
    )


@pytest.mark.parametrize(
    ("meaning", "written"),
    [
        (Intent("a"), {"kind": "Intent", "name": "a"}),
        (Answer("a"), {"kind": "Answer", "slot": "a"}),
        (Command.YES, {"kind": "Command", "value": "yes"}),
    ],
)
def test_meanings_are_told_apart(meaning: Intent | Answer | Command, written: dict[str, str]) -> None:
    match = Match(meaning, 1.0)
    assert to_json(match)["meaning"] == written
    assert from_json(Match, to_json(match)) == match


def test_actions_inside_an_event_are_told_apart() -> None:
    failed = ActionFailed(Transfer(Route("a", "A")), "busy")
    assert encode(0, failed)["what"]["kind"] == "Transfer"  # type: ignore[index, call-overload]
    assert decode(encode(0, failed)).event == failed


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones()))
def test_moments_keep_their_offset(when: datetime) -> None:
    when = when.replace(fold=0)
    again = from_line(to_line(0, Answered(when))).event
    assert isinstance(again, Answered)
    assert again.when.replace(tzinfo=None) == when.replace(tzinfo=None)
    assert again.when.utcoffset() == when.utcoffset()


def test_sets_are_written_in_one_order_whatever_the_hash_seed() -> None:
    program = (
        "from ivr.events import Listen; from ivr.meaning import Command, Expect\n"
        "from ivr.records.encode import to_line\n"
        "print(to_line(0, Listen(Expect(commands=frozenset(Command)), 5.0)))"
    )
    lines = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(lines) == 1
    expected = sorted(command.value for command in Command)
    line = json.loads(eval(lines.pop()))
    assert line["expect"]["commands"] == expected


def test_numbers_of_numpy_and_numbers_that_are_none() -> None:
    event = NoInput(np.float32(1.5))  # type: ignore[arg-type]
    assert to_line(np.float64(1.25), event) == b'{"t": 1.25, "event": "NoInput", "waited": 1.5}\n'
    for value, name in ((math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")):
        line = to_line(0, NoInput(value))
        assert json.loads(line)["waited"] == name
        again = from_line(line).event
        assert isinstance(again, NoInput)
        assert repr(again.waited) == repr(value)
        with pytest.raises(ValueError, match="is no time"):
            encode(value, HungUp())


@given(st.text(st.characters(), max_size=20))
def test_any_text_survives(text: str) -> None:
    assert from_line(to_line(1, Say("p", text))) == Entry(1.0, Say("p", text))


GOOD = to_line(1.5, Listen(Expect(), 6.0))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"", "not a line of JSON"),
        (b"{", "not a line of JSON"),
        (b"\xff", "not a line of JSON"),
        (b"[" * 100_000, "not a line of JSON"),
        (b'{"t": NaN, "event": "HungUp"}', "not a line of JSON"),
        (b'{"t": 1' + b"0" * 5_000 + b', "event": "HungUp"}', "not a line of JSON"),
        (b"[]", "an object is needed"),
        (b'{"event": "HungUp"}', "t: a number of seconds"),
        (b'{"t": true, "event": "HungUp"}', "t: a number of seconds"),
        (b'{"t": 1e999, "event": "HungUp"}', "t: a number of seconds"),
        (b'{"t": 1' + b"0" * 400 + b', "event": "HungUp"}', "t: a number of seconds"),
        (b'{"t": 1, "event": "Nonsense"}', "event: the name of an event"),
        (b'{"t": 1, "event": ["HungUp"]}', "event: the name of an event"),
        (b'{"t": 1, "event": "NoInput"}', "waited: it is needed"),
        (b'{"t": 1, "event": "NoInput", "waited": "2"}', "waited: a number is needed"),
        (b'{"t": 1, "event": "NoInput", "waited": false}', "waited: a number is needed"),
        (b'{"t": 1, "event": "NoInput", "waited": 1' + b"0" * 400 + b"}", "waited: a smaller number"),
        (b'{"t": 1, "event": "KeyPressed", "key": 2}', "key: text is needed"),
        (b'{"t": 1, "event": "Answered", "when": "noon"}', "when: a date and time"),
        (b'{"t": 1, "event": "HandedOff", "handoff_id": 1.5, "queue": ""}', "handoff_id: a whole number"),
        (b'{"t": 1, "event": "Transferred", "route": "", "accepted": 1}', "accepted: true or false"),
        (b'{"t": 1, "event": "HangUp", "outcome": "won"}', "outcome: one of answered, routed"),
        (b'{"t": 1, "event": "HangUp", "outcome": []}', "outcome: one of answered, routed"),
        (GOOD.replace(b'"slot": null', b'"slot": 1'), r"expect\.slot: an object \(SlotSpec\)"),
        (GOOD.replace(b'"commands": [', b'"commands": ["x", '), r"expect\.commands\[0\]: one of yes"),
        (GOOD.replace(b'"likely": []', b'"likely": {}'), r"expect\.likely: a list"),
        (
            b'{"t": 1, "event": "ActionFailed", "what": {"kind": "HangUp"}, "detail": ""}',
            "what: an object whose 'kind' is one of Transfer, HandOff",
        ),
    ],
    ids=range(27),
)
def test_what_is_wrong_with_a_line(line: bytes, complaint: str) -> None:
    with pytest.raises(CodecError, match=complaint):
        from_line(line)


def test_keys_that_are_not_known_are_passed_over() -> None:
    assert from_line(b'{"t": 1, "event": "HungUp", "mood": "calm"}') == Entry(1.0, HungUp())


@given(st.binary(max_size=200))
def test_any_bytes_are_an_entry_or_a_complaint(junk: bytes) -> None:
    with pytest.raises(CodecError):
        from_line(junk)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_change_to_good_data_is_an_entry_or_a_complaint(data: st.DataObject) -> None:
    written = encode(1, data.draw(st.from_type(data.draw(st.sampled_from(list(EVENTS.values()))))))
    place: object = written
    while True:
        assert isinstance(place, dict | list)
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = place[key]  # type: ignore[index]
        if isinstance(inner, dict | list) and data.draw(st.booleans()):
            place = inner
            continue
        place[key] = data.draw(json_data)  # type: ignore[index]
        break
    try:
        entry = decode(written)
    except CodecError:
        return
    assert from_line(to_line(entry.t, entry.event)).t == round(entry.t, 3)


@dataclass(frozen=True)
class Pair:
    both: tuple[int, str]
    maybe: float | None = None


def test_pairs_and_optional_values() -> None:
    for pair in (Pair((1, "a")), Pair((2, "b"), 0.5)):
        assert from_json(Pair, to_json(pair)) == pair
    for wrong in ([1], [1, "a", 2], ["a", 1], "ab"):
        with pytest.raises(CodecError, match="both"):
            from_json(Pair, {"both": wrong})


class Numbered(enum.Enum):
    ONE = 1


@dataclass(frozen=True)
class Taken:
    kind: str


@pytest.mark.parametrize("hint", [dict[str, int], bytes, list[int], Numbered, Taken | Pair, int | str])
def test_a_type_without_a_form_is_noticed_at_once(hint: object) -> None:
    with pytest.raises(TypeError):
        codec(hint)


def test_a_fixed_offset_is_written_as_iso() -> None:
    when = datetime(2026, 5, 3, 12, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert encode(0, Answered(when))["when"] == "2026-05-03T12:00:00.250000+05:30"
    assert encode(0, CallEnded(Outcome.HANDED_OFF, "", 1))["outcome"] == "handed off"
    assert decode({"t": 0, "event": "Answered", "when": "2026-05-03T12:00:00Z"}).event == Answered(
        datetime(2026, 5, 3, 12, tzinfo=UTC)
    )
