"""Whole calls in which a fact is asked for again: all answers count, and a correction changes a part."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.conversation import Conversation
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.events import Action, Answered, Event, HandOff, Heard, Say
from ivr.journal import Journal
from ivr.meaning import Hypothesis
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
DESK = """
name: Try
language: en-GB
greeting: Hello.
limits: {no_match: 4}
intents:
  order:
    label: your order
    say: ["where is my order [{order}]"]
    slots: {order: {type: digits, length: 6, ask: ["Order number?", "Again, please?"]}}
    then: {handoff: {want: "{order}"}}
  place:
    label: your postcode
    say: ["my postcode"]
    slots: {code: {type: postcode, ask: ["Postcode?", "Again, please?"]}}
    then: {handoff: {want: "{code}"}}
  family:
    label: your name
    say: ["my name"]
    slots: {name: {type: spelled, read_back: always, ask: ["Spell it?", "Again, please?"]}}
    then: {handoff: {want: "{name}"}}
  visit:
    label: an appointment
    say: ["an appointment"]
    slots: {day: {type: date, read_back: always, ask: ["Which day?", "Again, please?"]}}
    then: {handoff: {want: "{day}"}}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    return load_desk(folder, folder)


@pytest.fixture(scope="module")
def matcher(desk: Desk) -> Matcher:
    return Matcher(desk.vocabulary(commands(desk.language)))


class Caller:
    """Speaks to the desk; what was recognized is one reading or several with their confidences."""

    def __init__(self, desk: Desk, matcher: Matcher) -> None:
        self.events: list[Event] = []
        journal = Journal(lambda _, event: self.events.append(event))
        self.talk = Conversation(Machine(desk, "call-1"), matcher, journal)
        self.now = 0.0
        self.actions: tuple[Action, ...] = self.talk.answered(Answered(WHEN))

    def say(self, *readings: str | tuple[str, float]) -> Caller:
        nbest = tuple(Hypothesis(*((one, 1.0) if isinstance(one, str) else one)) for one in readings)
        self.now += 5.0
        self.actions = self.talk.heard(Heard(nbest, self.now - 1.0, self.now, "test"), self.now)
        return self

    @property
    def said(self) -> str:
        return " ".join(action.text for action in self.actions if isinstance(action, Say))

    @property
    def want(self) -> str | None:
        return next((a.request.want for a in self.actions if isinstance(a, HandOff)), None)


@pytest.fixture
def caller(desk: Desk, matcher: Matcher) -> Caller:
    return Caller(desk, matcher)


def test_a_number_in_two_halves(caller: Caller) -> None:
    caller.say("where is my order").say("four eight two")
    assert "Again, please?" in caller.said
    caller.say("nine one three")
    assert "four eight two, nine one three" in caller.said
    assert caller.say("yes").want == "482913"


def test_two_noisy_answers_settle_what_neither_did(caller: Caller) -> None:
    noisy = (("4 8 2 9 1 3", 0.4), ("4 8 2 5 1 3", 0.4))
    caller.say("where is my order").say(*noisy)
    assert "Is that right?" in caller.said
    caller.say("no")
    assert "Again, please?" in caller.said
    caller.say(("4 8 2 9 1 3", 0.4), ("4 8 2 5 1 3", 0.4))
    assert caller.want == "482513"  # the other one was wrong


def test_the_same_two_answers_alone_are_read_back(caller: Caller) -> None:
    caller.say("where is my order").say(("4 8 2 5 1 3", 0.4), ("4 8 2 9 1 3", 0.4))
    assert caller.want is None


def test_one_digit_is_corrected(caller: Caller) -> None:
    caller.say("where is my order").say(("4 8 2 5 1 3", 0.4), ("4 8 2 9 1 4", 0.4))
    caller.say("no, nine not five")
    assert "four eight two, nine one three" in caller.said
    assert caller.say("yes").want == "482913"


def test_a_correction_may_be_corrected(caller: Caller) -> None:
    caller.say("where is my order").say(("4 8 2 5 1 3", 0.4), ("4 8 2 9 1 4", 0.4))
    caller.say("no, nine not five").say("no, one four at the end")
    assert "four eight two, nine one four" in caller.said
    assert caller.say("that's right").want == "482914"


def test_a_postcode_in_two_halves(caller: Caller) -> None:
    caller.say("my postcode").say("e c six").say("seven g j")
    assert caller.say("yes").want == "EC6 7GJ"


def test_a_letter_is_corrected(caller: Caller) -> None:
    caller.say("my name").say("s m i t h").say("no, y not i")
    assert "S, M, Y, T, H" in caller.said
    assert caller.say("yes").want == "SMYTH"


def test_a_name_spelled_anew_takes_the_place_of_the_wrong_one(caller: Caller) -> None:
    caller.say("my name").say("s m i t h").say("no, it's s m y t h e")
    assert caller.say("yes").want == "SMYTHE"


def test_a_day_of_the_month_is_corrected(caller: Caller) -> None:
    caller.say("an appointment").say("the third of may").say("no, the fourth")
    assert caller.say("yes").want == "2027-05-04"


def test_another_wish_is_no_answer(caller: Caller) -> None:
    caller.say("where is my order").say("four eight two").say("I would like an appointment")
    assert "Which day?" in caller.said
    assert caller.say("the third of may").say("yes").want == "2027-05-03"
