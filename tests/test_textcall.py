"""A call typed at the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from call_parts import DESK, Queue

from ivr.conversation import Conversation
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.errors import StateError
from ivr.events import (
    ActionFailed,
    Answered,
    CallEnded,
    Event,
    HandedOff,
    HandOff,
    KeyPressed,
    NoInput,
    Outcome,
    Say,
    Transferred,
    Trouble,
    Understood,
)
from ivr.journal import Journal
from ivr.textcall import TextCall, mistyped
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


@dataclass
class Typed:
    ended: CallEnded
    events: list[tuple[float, Event]]
    queue: Queue
    left: list[str]

    def of(self, kind: type) -> list[Event]:
        return [event for _, event in self.events if isinstance(event, kind)]

    @property
    def said(self) -> list[str]:
        return [event.text for event in self.of(Say)]


def hold(tmp_path: Path, *lines: str, queue: Queue | None = None) -> Typed:
    """The call of a caller who types a line a second."""
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    desk = load_desk(tmp_path, tmp_path)
    events: list[tuple[float, Event]] = []
    journal = Journal(lambda at, event: events.append((at, event)))
    talk = Conversation(Machine(desk, "call-1"), Matcher(desk.vocabulary(commands(desk.language))), journal)
    queue = queue or Queue()
    time = 1000.0

    def typed() -> Iterator[str]:
        nonlocal time
        while left:
            time += 1.0
            yield left.pop(0)

    left = list(lines)
    ended = TextCall(talk, queue, journal, typed(), lambda: time).run(Answered(WHEN, "+4420"))
    return Typed(ended, events, queue, left)


def test_words_are_understood_and_lead_to_a_route(tmp_path: Path) -> None:
    done = hold(tmp_path, "I have a question about my bill")
    assert (done.ended.outcome, done.ended.detail) == (Outcome.ROUTED, "billing")
    assert done.of(Transferred) == [Transferred("billing", True)]
    assert done.of(Understood)[0].heard.confidence == 1.0
    assert done.events[-1][1] == done.ended and len(done.of(CallEnded)) == 1


def test_time_is_seconds_since_the_answer(tmp_path: Path) -> None:
    done = hold(tmp_path, "when are you open", "goodbye")
    assert [at for at, event in done.events if isinstance(event, Understood)] == [1.0, 2.0]
    assert done.ended.seconds == 2.0


def test_what_is_typed_after_the_end_is_not_read(tmp_path: Path) -> None:
    done = hold(tmp_path, "billing please", "and one thing more")
    assert done.left == ["and one thing more"]


@pytest.mark.parametrize("lines", [(), ("/bye",), ("/bye", "billing please"), ("  /bye  ",)])
def test_the_caller_hangs_up(tmp_path: Path, lines: tuple[str, ...]) -> None:
    done = hold(tmp_path, *lines)
    assert done.ended.outcome is Outcome.ABANDONED
    assert not done.of(Understood)


@pytest.mark.parametrize("line", ["/silence", "", "   "])
def test_silence_is_as_long_as_the_desk_waits(tmp_path: Path, line: str) -> None:
    done = hold(tmp_path, line)
    waited = done.of(NoInput)[0].waited
    assert waited == 6.0
    assert len(done.said) == 2


def test_silence_ends_the_call_with_other_words_each_time(tmp_path: Path) -> None:
    done = hold(tmp_path, *["/silence"] * 20)
    assert len(set(done.said)) == len(done.said) > 2
    assert done.left


def test_keys_are_pressed_one_by_one(tmp_path: Path) -> None:
    done = hold(tmp_path, "/keys # a")
    assert [event.key for event in done.of(KeyPressed)] == ["#", "A"]


def test_no_key_is_pressed_after_the_end(tmp_path: Path) -> None:
    done = hold(tmp_path, "/keys 000")
    assert done.ended.outcome is Outcome.HANDED_OFF
    assert len(done.of(KeyPressed)) == 1


def test_a_handoff_is_in_the_queue_with_all_that_was_said(tmp_path: Path) -> None:
    done = hold(tmp_path, "when are you open", "let me talk to a person")
    assert done.ended.outcome is Outcome.HANDED_OFF
    assert done.of(HandedOff) == [HandedOff(1, "reception")]
    request = done.queue.requests[0]
    assert [turn.text for turn in request.transcript if turn.who == "caller"] == [
        "when are you open",
        "let me talk to a person",
    ]
    assert request.caller == "+4420" and request.waited == 2.0
    told = next(n for n, (_, event) in enumerate(done.events) if isinstance(event, HandedOff))
    assert isinstance(done.events[told + 1][1], Say)


def test_a_queue_that_fails_is_told_and_nothing_is_promised(tmp_path: Path) -> None:
    done = hold(tmp_path, "operator", queue=Queue(StateError("no space left on the disk")))
    assert done.ended.outcome is Outcome.FAILED
    assert done.of(Trouble) and done.of(ActionFailed)
    assert not done.of(HandOff) and not done.of(HandedOff)
    assert len(done.said) == 2, "the greeting and the regret"


@pytest.mark.parametrize("line", ["hello", "", "/silence", " /bye ", "/keys 12#", "/keys 1 2 a", "1/2"])
def test_a_line_that_can_be_typed(line: str) -> None:
    assert mistyped(line) == ""


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/key 1", "/key 1: no such command. /keys 12# presses keys"),
        ("/", "/: no such command"),
        ("/bye now", "/bye now: no such command"),
        ("/keys", "/keys: no keys are given"),
        ("/keys   ", "/keys: no keys are given"),
        ("/keys 1x2", "/keys: 'X' is not a telephone key"),
    ],
)
def test_a_mistyped_line_is_told_with_the_remedy(line: str, says: str) -> None:
    assert mistyped(line).startswith(says)
