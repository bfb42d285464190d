"""What the person who takes a call is told of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dialog_helpers import DESK, OPEN, make_desk, value

from ivr.dialog.briefing import Briefing
from ivr.dialog.desk import Desk
from ivr.dialog.session import Session
from ivr.dialog.states import Confirming, Main, Offering
from ivr.dialog.task import Guess
from ivr.handover import Reason
from ivr.meaning import Command


def told(desk: Desk, **known: object) -> Briefing:
    return Briefing(desk, replace(Session(Main()), **known))  # type: ignore[arg-type]


def test_the_want_is_what_was_understood_else_the_words_else_nothing(desk: Desk) -> None:
    hours = Guess(desk.intents["opening_hours"], 0.5)
    asked = told(desk, state=Confirming(hours), words="when")
    assert asked.want() == told(desk, state=Offering(hours, hours)).want() == "Wants our opening hours."
    words = told(desk, words="well it is about").want()
    assert "well it is about" in words and words != told(desk).want() != ""


def test_other_wishes_are_told_too_a_person_is_none(desk: Desk) -> None:
    hours = Guess(desk.intents["opening_hours"], 0.5)
    (also,) = told(desk, later=(hours, Command.OPERATOR)).also()
    assert "our opening hours" in also


def test_the_number_is_that_of_the_line_else_what_was_given_for_it(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK.replace("      callback:\n", "      callback:\n        caller: yes\n"))
    given = (value("callback", "5550142"), value("order_number", "123456"))
    assert told(desk, caller="sip:06-12@x", facts=given).number() == "0612"
    assert told(desk, caller="", facts=given).number() == "5550142"
    assert told(desk, caller="").number() == ""


def test_a_request_has_what_the_desk_has_where_nothing_else_is_given(desk: Desk) -> None:
    request = told(desk, tried=("a note",)).request("call-1", Reason.ASKED, entered=OPEN, waited=3.5)
    assert (request.queue, request.skills, request.priority) == ("reception", ("general",), 5)
    assert (request.entered, request.waited) == ("2026-11-23T10:00:00+01:00", 3.5)
    assert request.tried == ("a note",) and request.want == told(desk).want()
    urgent = told(desk).request("c", Reason.EMERGENCY, entered=OPEN, waited=0, queue="q", priority=0)
    assert (urgent.queue, urgent.priority) == ("q", 0)
