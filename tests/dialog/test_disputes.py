"""A caller who says that the desk is wrong is not sent away."""

from __future__ import annotations

from pathlib import Path

from dialog_helpers import DESK, Caller, command, intent, make_desk, value

from ivr.dialog.states import Asking, Left, Main
from ivr.events import HandOff, HangUp, Outcome
from ivr.handover import Reason
from ivr.meaning import Command

WRONG = command(Command.WRONG)


def test_an_answer_that_is_wrong_is_no_leave(caller: Caller) -> None:
    caller.say(intent("opening_hours"))
    caller.say(command(Command.NO, 0.5), command(Command.WRONG, 0.5), text="that's wrong")
    assert "What did you want to know?" in caller.said
    assert caller.machine.state == Main()


def test_a_plain_no_is_one(caller: Caller) -> None:
    caller.say(intent("opening_hours"))
    caller.say(command(Command.NO, 0.8), command(Command.WRONG, 0.1), text="no")
    assert caller.did(HangUp).outcome is Outcome.ANSWERED


def test_a_second_wrong_answer_leads_to_a_person(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(WRONG)
    caller.say(intent("opening_hours")).say(WRONG)
    request = caller.did(HandOff).request
    assert request.reason is Reason.NOT_UNDERSTOOD
    assert "caller did not want our opening hours" in request.tried
    assert isinstance(caller.machine.state, Left)


def test_a_question_out_of_place_is_left(caller: Caller) -> None:
    caller.say(intent("order_status"))
    assert isinstance(caller.machine.state, Asking)
    caller.say(WRONG)
    assert caller.machine.state == Main()
    caller.say(intent("order_status", 0.4))
    assert "order number" not in caller.said


def test_the_last_fact_is_asked_for_again(tmp_path: Path) -> None:
    text = DESK.replace(
        "urgent: {type: yes_no, ask: Is it urgent?}", "hour: {type: time, ask: At what time?}"
    )
    caller = Caller(make_desk(tmp_path, text.replace(", urgent: {urgent}", "")))
    caller.say(intent("call_back", 0.95, value("callback", "5550142"))).say(command(Command.YES))
    assert caller.said == "At what time?"
    caller.say(WRONG, text="no, that's wrong")
    assert caller.said.endswith("On which number?")
