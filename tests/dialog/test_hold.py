"""The caller on hold: news, and the way out by a call-back, by keys and by voice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.events import (
    Action,
    ActionFailed,
    Answered,
    CallBackAsked,
    HandOff,
    HangUp,
    Heard,
    HoldBegun,
    HoldDelayed,
    HoldNews,
    HoldRefused,
    HoldReturned,
    HungUp,
    KeyPressed,
    Listen,
    Outcome,
    Say,
    Understood,
)
from ivr.meaning import Answer, Command, Hypothesis, Match, SlotValue

DESK = """
name: Small desk
language: en-US
greeting: Hello.
handoff: {queue: reception, say: One moment.}
intents:
  note: {label: a note, say: ["a note"], then: {handoff: {hold: no, say: Noted.}}}
"""


class Talk:
    """A machine with a caller on hold, and short words for what happens."""

    def __init__(self, folder: Path, caller: str = "+49 30 123456") -> None:
        (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
        self.machine = Machine(load_desk(folder / "desk.yaml", folder), "call")
        self.machine.handle(Answered(datetime(2026, 11, 24, 10, tzinfo=UTC), caller), 0.0)
        self.handed = self.machine.handle(KeyPressed("0"), 1.0)
        self.machine.handle(HoldBegun(), 3.0)

    def __call__(self, event: object) -> tuple[Action, ...]:
        return self.machine.handle(event, 5.0)  # type: ignore[arg-type]

    def keys(self, keys: str) -> tuple[Action, ...]:
        done: tuple[Action, ...] = ()
        for key in keys:
            done = self(KeyPressed(key))
        return done

    def says(self, meaning: object, *slots: SlotValue, score: float = 0.9) -> tuple[Action, ...]:
        heard = Heard((Hypothesis("x", 0.9),), 1.0, 2.0, "test")
        return self(Understood(heard, (Match(meaning, score, slots),)))  # type: ignore[arg-type]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    return Talk(tmp_path)


def said(actions: tuple[Action, ...]) -> str:
    return " ".join(action.text for action in actions if isinstance(action, Say))


def asked(actions: tuple[Action, ...]) -> list[str]:
    return [action.number for action in actions if isinstance(action, CallBackAsked)]


def test_a_handoff_may_hold_the_line_unless_it_says_no(talk: Talk, tmp_path: Path) -> None:
    (handoff,) = [action for action in talk.handed if isinstance(action, HandOff)]
    assert handoff.hold
    machine = Machine(load_desk(tmp_path / "desk.yaml", tmp_path), "call")
    machine.handle(Answered(datetime(2026, 11, 24, 10, tzinfo=UTC)), 0.0)
    intent = talk.machine._desk.intents["note"]
    assert intent.flow.steps[0].hold is False  # type: ignore[union-attr]


def test_news(talk: Talk) -> None:
    assert said(talk(HoldNews(3, 200.0))) == "You are number 3 in the line. It will take about 4 minutes."
    assert said(talk(HoldNews(1, 40.0))) == "You are next."
    assert "longer than usual" in said(talk(HoldDelayed()))
    assert "first in the line" in said(talk(HoldReturned()))
    assert isinstance(talk(HoldNews(2, None))[-1], Listen)


def test_a_call_back_to_the_number_of_the_call(talk: Talk) -> None:
    check = talk.keys("1")
    assert "four nine three, zero one two" in said(check)
    assert said(talk(HoldNews(1, None))) == ""  # not in the middle of it
    done = talk.keys("#")
    assert asked(done) == ["4930123456"]
    assert isinstance(done[0], CallBackAsked)  # kept before it is promised
    assert done[-1] == HangUp(Outcome.CALLED_BACK, "asked for while waiting")


def test_a_call_back_to_another_number(talk: Talk) -> None:
    talk.keys("1")
    assert "one five five, zero one" in said(talk.keys("15501#"))
    assert asked(talk.keys("#")) == ["15501"]


def test_by_voice(talk: Talk) -> None:
    talk.says(Command.CALL_BACK)
    assert "number where we can call you back" in said(talk.says(Command.NO))
    number = SlotValue("callback", "5550142", "five five five oh one four two", 0.8)
    assert "five five five, zero one four two" in said(talk.says(Answer("callback"), number))
    assert asked(talk.says(Command.YES)) == ["5550142"]


def test_what_is_hardly_heard_changes_nothing(talk: Talk) -> None:
    assert talk.says(Command.CALL_BACK, score=0.3) == ()
    assert talk(Understood(Heard((), 1.0, 2.0, "test"), ())) == ()


def test_a_number_that_is_too_short_and_second_thoughts(talk: Talk) -> None:
    talk.keys("1")
    assert "key in" in said(talk.keys("12#"))
    talk.keys("*")
    assert said(talk(HoldNews(2, None))) != ""


def test_a_withheld_number(tmp_path: Path) -> None:
    talk = Talk(tmp_path, caller="")
    assert "number where we can call you back" in said(talk.keys("1"))


def test_what_cannot_be_kept_is_not_promised(talk: Talk) -> None:
    talk.keys("1")
    talk.keys("#")
    again = talk(ActionFailed(CallBackAsked("49"), "disk full"))
    assert isinstance(again[-1], Listen)
    assert said(talk(HoldNews(2, None))) != ""


def test_ends(talk: Talk) -> None:
    assert talk(HungUp())[-1] == HangUp(Outcome.ABANDONED, "the caller hung up while waiting")


def test_nobody_can_come(talk: Talk) -> None:
    done = talk(HoldRefused())
    assert "will call you back" in said(done)
    assert done[-1] == HangUp(Outcome.HANDED_OFF, "nobody can come to the line")
