"""The second of two wishes said in one breath is taken up by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialog_helpers import NO, YES, Caller, answer, intent, make_desk, value

from ivr.dialog.states import Asking, Confirming, Left, Main
from ivr.events import Alert, HandOff, Say, Transfer
from ivr.handover import Reason
from ivr.meaning import Command, Intent, Match, SlotValue, Wish


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(make_desk(tmp_path))


def wish(name: str, *slots: SlotValue) -> Wish:
    return Wish(Intent(name), 0.95, slots)


def both(first: Match, *later: Wish) -> Match:
    return replace(first, later=later)


def heard(caller: Caller) -> list[str]:
    return [action.text for action in caller.actions if isinstance(action, Say)]


HOURS, ALSO_BILLING = "We are open from nine to six.", "And you also wanted the billing department."


def test_an_answer_and_then_the_route(caller: Caller) -> None:
    caller.say(both(intent("opening_hours"), wish("billing")))
    assert heard(caller)[:2] == [HOURS, ALSO_BILLING]
    assert caller.did(Transfer).route.name == "billing"
    assert caller.machine.session.later == ()


def test_what_can_be_answered_comes_before_a_route(caller: Caller) -> None:
    caller.say(both(intent("billing"), wish("opening_hours")))
    assert heard(caller)[:2] == [HOURS, ALSO_BILLING]
    assert caller.did(Transfer).route.name == "billing"


def test_the_second_waits_while_the_first_asks(caller: Caller) -> None:
    caller.say(both(intent("order_status"), wish("opening_hours")))
    assert isinstance(caller.machine.state, Asking)
    caller.say(answer("order_number", "123456"))
    assert heard(caller)[1:3] == ["And you also wanted our opening hours.", HOURS]
    assert isinstance(caller.machine.state, Main)


def test_facts_of_the_second_are_known(caller: Caller) -> None:
    caller.say(both(intent("opening_hours"), wish("order_status", value("order_number", "482913"))))
    assert any("four eight two" in text for text in heard(caller))


def test_an_intent_that_is_always_asked_about_is_asked_about(caller: Caller) -> None:
    caller.say(both(intent("opening_hours"), wish("close_account")))
    assert isinstance(caller.machine.state, Confirming)
    caller.say(NO)
    assert "Is there anything else" not in caller.said


def test_a_person_comes_last(caller: Caller) -> None:
    person = Wish(Command.OPERATOR, 0.95)
    caller.say(both(intent("opening_hours"), person))
    assert heard(caller)[0] == HOURS
    assert caller.did(HandOff).request.reason is Reason.ASKED
    assert isinstance(caller.machine.state, Left)


def test_a_question_is_answered_before_the_person_comes(caller: Caller) -> None:
    caller.say(both(Match(Command.OPERATOR, 0.95), wish("opening_hours")))
    assert heard(caller)[0] == HOURS
    assert caller.did(HandOff).request.reason is Reason.ASKED


def test_who_takes_the_call_knows_of_a_second_route(caller: Caller) -> None:
    caller.say(both(intent("repairs"), wish("billing")))
    request = caller.did(HandOff).request
    assert request.queue == "repairs"
    assert "Also wants the billing department." in request.tried
    caller = Caller(caller.machine._desk)
    caller.say(both(intent("billing"), wish("sales")))
    assert caller.did(Transfer).reason == "Wants the billing department. Also wants sales."


def test_what_is_done_is_not_taken_up_again(caller: Caller) -> None:
    caller.say(both(intent("order_status"), wish("opening_hours"))).say(intent("opening_hours"))
    assert heard(caller)[0] == HOURS
    assert "And you also" not in " ".join(heard(caller))


def test_a_yes_and_a_wish(caller: Caller) -> None:
    caller.say(intent("opening_hours", 0.6)).say(both(YES, wish("order_status")))
    assert heard(caller)[:2] == [HOURS, "And you also wanted the state of your order."]
    assert isinstance(caller.machine.state, Asking)


URGENT = """
name: Test
language: en-US
greeting: Hello.
handoff: {queue: all}
intents:
  fire: {say: [there is a fire], urgent: true, then: {handoff: {queue: guard}}}
  hours: {say: [when are you open], then: {answer: Always.}}
  place: {say: [where are you], then: {answer: Here.}}
"""


def test_danger_comes_alone(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, URGENT))
    caller.say(both(intent("fire"), wish("hours")))
    assert caller.did(Alert) and caller.machine.session.later == ()
    caller = Caller(make_desk(tmp_path, URGENT))
    caller.say(both(intent("hours"), wish("fire"), wish("place")))
    assert heard(caller)[2] == "Here."
    assert not any(isinstance(action, Alert) for action in caller.all)
