"""The survey at the end of a call: asked once, of who was answered, and never pressed for."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, Caller, answer, command, intent, make_desk

from ivr.dialog.desk import Desk
from ivr.events import HandOff, HangUp, HoldBegun, Outcome, PersonDone, Say
from ivr.meaning import Command

NO, BYE = command(Command.NO), command(Command.GOODBYE)


@pytest.fixture
def asking(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, DESK + "survey: yes\n")


def said(caller: Caller) -> str:
    return " ".join(action.text for action in caller.actions if isinstance(action, Say))


def test_by_key_and_by_voice(asking: Desk) -> None:
    caller = Caller(asking).say(intent("opening_hours")).say(NO)
    assert "how satisfied are you" in said(caller)
    caller.keys("4")
    assert "what could we do better" in said(caller)
    caller.say(answer("opinion", "Open on Sundays."))
    assert caller.actions[-1] == HangUp(Outcome.ANSWERED, "survey")
    facts = {fact.name: fact.value for fact in caller.machine.session.facts}
    assert facts == {"satisfaction": "4", "opinion": "Open on Sundays."}
    caller = Caller(asking).say(intent("opening_hours")).say(BYE).say(answer("satisfaction", "5"))
    assert "what could we do better" in said(caller)


def test_who_says_nothing_has_left(asking: Desk) -> None:
    for silences in (("silence",), ("noise", "noise"), ("say", "say")):
        caller = Caller(asking).say(intent("opening_hours")).say(NO)
        for what in silences:
            getattr(caller, what)()
        assert isinstance(caller.actions[-1], HangUp) and caller.actions[-1].outcome is Outcome.ANSWERED
        assert not [action for action in caller.all if isinstance(action, HandOff)]


def test_a_number_that_is_none_of_the_five_is_asked_again(asking: Desk) -> None:
    caller = Caller(asking).say(intent("opening_hours")).say(NO).keys("9").say(answer("opinion", "None."))
    assert "number from one to five" in said(caller) or "how satisfied" in said(caller)


def test_nobody_is_asked_who_was_not_answered_or_where_it_is_off(asking: Desk, desk: Desk) -> None:
    assert isinstance(Caller(asking).say(BYE).actions[-1], HangUp)
    assert isinstance(Caller(desk).say(intent("opening_hours")).say(NO).actions[-1], HangUp)


def test_goodbye_during_the_survey_is_a_goodbye(asking: Desk) -> None:
    caller = Caller(asking).say(intent("opening_hours")).say(NO).say(BYE)
    assert isinstance(caller.actions[-1], HangUp) and caller.actions[-1].outcome is Outcome.ANSWERED


def test_after_a_person_it_is_asked_of_whoever_was_handed_off(asking: Desk) -> None:
    caller = Caller(asking).say(command(Command.OPERATOR))
    caller.event(HoldBegun()).event(PersonDone("ann"))
    assert "how satisfied are you" in said(caller)
    caller.keys("5").say(answer("opinion", "Nothing."))
    assert caller.actions[-1] == HangUp(Outcome.HANDED_OFF, "ann")


def test_after_a_person_time_counts_from_there(asking: Desk) -> None:
    caller = Caller(asking).say(command(Command.OPERATOR)).event(HoldBegun())
    caller.now = 5_000.0
    caller.event(PersonDone("ann")).keys("5")
    assert "what could we do better" in said(caller)
    caller.now += 500.0
    caller.silence()
    assert caller.actions[-1] == HangUp(Outcome.HANDED_OFF, "ann")


def test_nobody_is_asked_after_an_emergency_or_where_it_is_off(
    asking: Desk, desk: Desk, tmp_path: Path
) -> None:
    fire = "\n  fire: {label: a fire, say: [it burns], urgent: yes, then: {handoff: {}}}\n"
    burning = make_desk(tmp_path, DESK + fire + "survey: yes\n")
    for caller in (Caller(burning).say(intent("fire")), Caller(desk).say(command(Command.OPERATOR))):
        caller.event(HoldBegun()).event(PersonDone("ann"))
        assert caller.actions == (HangUp(Outcome.HANDED_OFF, "ann"),)


def test_who_hangs_up_in_the_survey_was_handed_off(asking: Desk) -> None:
    caller = (
        Caller(asking).say(command(Command.OPERATOR)).event(HoldBegun()).event(PersonDone("ann")).hang_up()
    )
    assert caller.actions == (HangUp(Outcome.HANDED_OFF, "ann"),)
