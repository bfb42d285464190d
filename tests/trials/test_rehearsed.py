"""Call files that answer a desk's lookups, and that say what must have been looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.errors import UnknownError
from ivr.parts import Reception
from ivr.trials.callfile import CallFile, load_call
from ivr.trials.hold import hold_text

DESK = """
name: Small shop
language: en-US
greeting: Hello.
lookups:
  orders:
    table: {file: orders.csv, by: {number: "{order}"}}
    keep: {state: text, due: {type: date, from: due_day}}
intents:
  order:
    label: your order
    say: ["where is my order", "where is order {order}"]
    slots: {order: {type: digits, length: 4, ask: Which order?}}
    then:
      - lookup: orders
        found:
          - follow_up: {kind: ticket, what: "Bring {order}", due: "{orders.due}"}
          - answer: "It is {orders.state}, {orders.due}."
        none: {answer: I cannot find it.}
        failed: {answer: I cannot look now.}
"""
CALL = """
call: order
desk: desk
about: an order
at: 2026-11-24T10:15:00+01:00
turns: [{say: "Where is order four two one one?"}]
expect:
  outcome: answered
"""


@pytest.fixture
def reception(tmp_path: Path) -> Reception:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    (tmp_path / "orders.csv").write_text("number,state,due_day\n4211,packed,2026-11-26\n", encoding="utf-8")
    settings = load_settings().model_copy(update={"state": tmp_path / "state"})
    return Reception(tmp_path, settings, tmp_path)


def call(folder: Path, text: str) -> CallFile:
    path = folder / "order.yaml"
    path.write_text(text, encoding="utf-8")
    return load_call(path)


@pytest.mark.parametrize(
    ("lookups", "expected", "heard"),
    [
        ("", "{state: packed, due: '2026-11-26'}", "It is packed, Thursday"),
        ("{orders: {state: lost, due: 2026-11-27}}", "{state: lost}", "It is lost, Friday"),
        ("{orders: [{state: open}]}", "{state: open}", "It is open"),
        ("{orders: none}", "none", "I cannot find it."),
        ("{orders: failed}", "failed", "I cannot look now."),
    ],
    ids=["asked", "row", "rows", "none", "failed"],
)
def test_what_a_call_file_answers(
    tmp_path: Path, reception: Reception, lookups: str, expected: str, heard: str
) -> None:
    text = CALL + f"  looked_up: {{orders: {expected}}}\n  heard: ['{heard}']\n"
    text += f"lookups: {lookups}\n" if lookups else ""
    with reception:
        assert not hold_text(call(tmp_path, text), reception).wrong


def test_what_was_not_looked_up_or_came_to_something_else_is_wrong(
    tmp_path: Path, reception: Reception
) -> None:
    with reception:
        text = CALL + "  looked_up: {orders: {state: lost, size: big}, stock: none}\n"
        assert hold_text(call(tmp_path, text), reception).wrong == (
            "lookup orders has state 'packed', expected 'lost'",
            "lookup orders has size None, expected 'big'",
            "stock was not looked up",
        )
        text = CALL + "  looked_up: {orders: none}\n"
        assert hold_text(call(tmp_path, text), reception).wrong == ("lookup orders is found, expected none",)


def test_a_lookup_or_value_that_the_desk_lacks_is_named(tmp_path: Path, reception: Reception) -> None:
    with reception:
        with pytest.raises(UnknownError, match="the desk has no lookup 'order'. It has: orders"):
            hold_text(call(tmp_path, CALL + "lookups: {order: none}\n"), reception)
        with pytest.raises(UnknownError, match="lookup 'orders' keeps no 'size'. It keeps: due, state"):
            hold_text(call(tmp_path, CALL + "lookups: {orders: {size: big}}\n"), reception)


def test_what_was_not_promised_or_otherwise_is_wrong(tmp_path: Path, reception: Reception) -> None:
    with reception:
        fine = CALL + "  promised: {ticket: {what: Bring 4211, due: '2026-11-27T00:00:00+01:00'}}\n"
        assert not hold_text(call(tmp_path, fine), reception).wrong
        text = CALL + "  promised: {ticket: {queue: stock}, message: {}}\n"
        assert hold_text(call(tmp_path, text), reception).wrong == (
            "the ticket has queue 'reception', expected 'stock'",
            "no message was promised",
        )
