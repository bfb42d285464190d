"""Urgent wants: they come before everything, in every state, and a person knows before a word is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialog_helpers import CLOSED, DESK, Caller, answer, intent, make_desk

from ivr.dialog.desk import Desk
from ivr.dialog.states import Asking, Left, Main, OnHold
from ivr.events import Alert, CallBackAsked, HandOff, HangUp, HoldBegun, Outcome, Say, Transfer
from ivr.handover import Reason

DANGER = replace(intent("emergency", 0.4), urgent=True)

STATES = {
    "greeting": lambda caller: caller,
    "digits": lambda caller: caller.say(intent("order_status")),
    "some digits keyed": lambda caller: caller.say(intent("order_status")).keys("12"),
    "yes or no": lambda caller: caller.say(intent("call_back")).say(answer("callback", "5550142")).keys("1"),
    "is that right?": lambda caller: caller.say(intent("sales", 0.5)),
    "a value read back": lambda caller: caller.say(intent("call_back")).say(answer("callback", "5550142")),
    "which of two": lambda caller: caller.say(intent("sales", 0.4), intent("billing", 0.38)),
    "dictation": lambda caller: caller.say(intent("note")),
    "a name": lambda caller: caller.say(intent("reach_person")),
    "anything else?": lambda caller: caller.say(intent("opening_hours")),
    "a question of the desk": lambda caller: caller.say(intent("unsure")),
    "the last words before a transfer": lambda caller: caller.say(intent("sales")),
    "the last words of a handoff": lambda caller: caller.say(intent("repairs")),
    "on hold": lambda caller: caller.say(intent("repairs")).event(HoldBegun()),
}


@pytest.mark.parametrize("state", STATES)
def test_danger_in_any_state_alerts_a_person_first_of_all(state: str, desk: Desk) -> None:
    caller = STATES[state](Caller(desk))
    caller.say(DANGER, answer("text", "he is not breathing"), text="he is not breathing")
    alert = next(action for action in caller.actions if isinstance(action, Alert | Say))
    assert isinstance(alert, Alert) and alert.interrupts
    request = alert.request
    assert (request.priority, request.reason) == (0, Reason.EMERGENCY)
    assert request.want == "EMERGENCY: he is not breathing"
    assert caller.did(HandOff).request.priority == 0 and caller.did(HandOff).hold


def test_out_of_hours_too(desk: Desk) -> None:
    caller = Caller(desk, CLOSED).say(DANGER)
    assert caller.did(HandOff).request.reason is Reason.EMERGENCY and caller.did(HandOff).hold


def test_a_cry_on_hold_is_heard_once(desk: Desk) -> None:
    caller = Caller(desk).say(DANGER).event(HoldBegun()).say(DANGER)
    assert isinstance(caller.machine.state, OnHold) and not caller.actions


def test_words_that_are_not_urgent_change_nothing_on_hold(desk: Desk) -> None:
    caller = Caller(desk).say(intent("repairs")).event(HoldBegun()).say(intent("emergency", 0.9))
    assert not caller.actions


def test_below_its_threshold_it_is_nothing(desk: Desk) -> None:
    caller = Caller(desk).say(replace(DANGER, score=0.3))
    assert isinstance(caller.machine.state, Main)


OWN = (
    DESK
    + """\
  emergency:
    label: danger
    say: [fire in the hold]
    slots: {place: {type: text, ask: Where are you?}}
    then: {route: guard}
"""
)


def test_a_desks_own_says_what_is_done_and_keeps_the_words_of_the_language(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, OWN)
    assert desk.intents["emergency"].flow.urgent
    assert (
        "fire in the hold" in desk.intents["emergency"].alarms and len(desk.intents["emergency"].alarms) > 50
    )
    caller = Caller(desk).say(intent("note")).say(DANGER)
    assert isinstance(caller.machine.state, Asking) and caller.did(Alert)
    caller.say(answer("place", "in the yard"), DANGER)
    assert caller.did(Transfer).route.name == "guard"  # what is said about it does not begin it anew


def test_an_urgent_route_that_is_closed_or_fails_waits_for_a_person(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK + "  emergency: {label: danger, say: [danger], then: {route: billing}}\n")
    caller = Caller(desk, CLOSED).say(DANGER)  # its `when_closed` is a message: not now
    assert (caller.did(HandOff).request.queue, caller.did(HandOff).request.priority) == ("billing", 0)
    caller = Caller(desk).say(DANGER)
    caller.fails(caller.did(Transfer))
    assert (caller.did(HandOff).request.reason, caller.did(HandOff).request.priority) == (Reason.EMERGENCY, 0)


def test_it_can_be_turned_off(tmp_path: Path) -> None:
    off = "  emergency: {label: danger, urgent: no, say: [danger], then: {route: billing}}\n"
    assert not make_desk(tmp_path, DESK + off).intents["emergency"].alarms


def test_who_hangs_up_after_an_alert_is_called_back(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, OWN)).say(DANGER).hang_up()
    assert caller.actions == (
        CallBackAsked("0612345678"),
        HangUp(Outcome.HANDED_OFF, "the caller hung up"),
    )
    assert caller.machine.state == Left(Outcome.HANDED_OFF)
