"""Whoever asks to be called back, at any point, is, where the desk promises call-backs."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, Caller, answer, command, intent, make_desk

from ivr.dialog.desk import Desk
from ivr.events import FollowUp, HandOff
from ivr.handover import FollowUpKind
from ivr.meaning import Command

CALL_BACK = command(Command.CALL_BACK)
PLAIN = DESK.replace("  call_back:\n    label: to be called back", "  ring:\n    label: to be rung").replace(
    "go: call_back", "go: ring"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    promise = "handoff: {queue: reception, skills: [general], call_back: 4 h}"
    return make_desk(tmp_path, PLAIN.replace("handoff: {queue: reception, skills: [general]}", promise))


def test_the_number_of_the_line_is_offered_and_the_matter_asked_for(desk: Desk) -> None:
    caller = Caller(desk)
    assert Command.CALL_BACK in caller.listens.expect.commands
    caller.say(CALL_BACK)
    assert "called back at zero six one, two three four, five six seven eight" in caller.said
    caller.say(command(Command.YES))
    assert "what is it about" in caller.said
    assert Command.CALL_BACK not in caller.listens.expect.commands
    caller.say(answer("matter", "A broken sensor"))
    request = caller.did(FollowUp).request
    assert (request.kind, request.contact, request.what) == (
        FollowUpKind.CALL_BACK,
        "0612345678",
        "A broken sensor",
    )
    assert request.due == "2026-11-23T14:05:00+01:00"  # four hours later, in whole five minutes
    assert not caller.did(HandOff).hold
    assert "before two oh five p.m." in caller.said


def test_what_is_under_way_is_the_matter(desk: Desk) -> None:
    caller = Caller(desk).say(intent("order_status")).say(CALL_BACK).say(command(Command.YES))
    assert caller.did(FollowUp).request.what == "the state of your order"


def test_another_number_may_be_given(desk: Desk) -> None:
    caller = Caller(desk).say(CALL_BACK).say(command(Command.NO))
    assert "Which number" in caller.said
    caller.say(answer("callback", "5550142")).say(command(Command.YES)).say(answer("matter", "A bill"))
    assert caller.did(FollowUp).request.contact == "5550142"


def test_a_withheld_number_is_asked_for(desk: Desk) -> None:
    assert "Which number" in Caller(desk, caller="").say(CALL_BACK).said


def test_a_want_of_the_desk_for_the_same_words_comes_first(desk: Desk) -> None:
    caller = Caller(desk).say(command(Command.CALL_BACK, 0.6), intent("ring", 0.38))
    assert "On which number?" in caller.said


def test_a_message_may_say_call_me_back(desk: Desk) -> None:
    caller = Caller(desk).say(intent("note"))
    assert Command.CALL_BACK not in caller.listens.expect.commands


def test_where_nothing_is_promised_nothing_is_listened_for(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, PLAIN))
    assert Command.CALL_BACK not in caller.listens.expect.commands


def test_what_only_sounds_like_it_is_none(desk: Desk) -> None:
    caller = Caller(desk).say(command(Command.CALL_BACK, 0.55), intent("ring", 0.12))
    assert "number" not in caller.said


MESSAGE = """\
  message:
    label: to leave a message
    say: ["a message"]
    slots: {callback: {type: digits, length: [7, 12], ask: What number may we call?}}
    then: {handoff: {queue: messages, want: "Call {callback}", hold: no, say: Goodbye.}}
"""


@pytest.fixture
def taking(tmp_path: Path) -> Desk:
    """A desk with a message of its own, which takes a number."""
    promise = "handoff: {queue: reception, skills: [general], call_back: 4 h}"
    text = PLAIN.replace("handoff: {queue: reception, skills: [general]}", promise)
    return make_desk(tmp_path, text.replace("  note:\n", f"{MESSAGE}  note:\n"))


def test_a_message_of_the_desk_takes_the_call_back(taking: Desk) -> None:
    assert "What number may we call?" in Caller(taking, caller="").say(CALL_BACK).said


def test_a_call_back_about_what_is_under_way_is_no_message(taking: Desk) -> None:
    caller = Caller(taking).say(intent("order_status")).say(CALL_BACK)
    assert "called back at" in caller.said
