"""A desk that never ends a call: it begins by itself, and goes on without answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import OPEN, Caller, answer, command, intent, make_desk, value

from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.states import Asking, Main
from ivr.errors import DeskError
from ivr.events import (
    Alert,
    CallBackAsked,
    Decided,
    Decision,
    HandOff,
    HangUp,
    LimitReached,
    Listen,
    Outcome,
    Say,
)
from ivr.handover import Reason
from ivr.meaning import Command

DESK = """\
name: Rescue
language: en-US
greeting: Rescue.
start: incident
handoff: {queue: rescue}
stay: {say: [I am with you., Still with you.], after: 7}
facts:
  place: {type: text, once: yes, ask: [Where?, Which street?]}
  phone: {type: digits, length: [5, 15], caller: yes, ask: Which number?}
intents:
  incident:
    label: an emergency
    urgent: yes
    facts: [place]
    then: {ask: "{place}. What happened?", other: other}
  fire:
    label: a fire
    urgent: yes
    alert: fire
    say: ["it is burning"]
    keys: "2"
    facts: [place, inside, phone]
    slots: {inside: {type: yes_no, ask: "{place}. Anybody inside?"}}
    then:
      - say: Get out.
      - count: {words: [one, two], per_minute: 110, times: 2}
      - stay: {say: [Stay out., Keep away.], after: 3, count: {words: [push], times: 3}}
  other:
    label: another emergency
    urgent: yes
    facts: [place]
    then: {say: Noted.}
"""


@pytest.fixture
def rescue(tmp_path: Path) -> Desk:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    return load_desk(tmp_path, tmp_path)


def said(caller: Caller) -> list[str]:
    return [action.text for action in caller.actions if isinstance(action, Say)]


def alerts(caller: Caller) -> list[Alert]:
    return [action for action in caller.all if isinstance(action, Alert)]


def test_it_asks_at_once_and_the_first_words_alert_a_person(rescue: Desk) -> None:
    caller = Caller(rescue)
    assert said(caller) == ["Rescue.", "Where?"] and not alerts(caller)
    caller.say(answer("place", "12 Quay Street"), text="12 Quay Street please hurry")
    assert isinstance(caller.actions[0], Alert) and not caller.actions[0].interrupts
    request = caller.actions[0].request
    assert (request.queue, request.priority, request.reason) == ("rescue", 0, Reason.EMERGENCY)
    assert request.want == "EMERGENCY: 12 Quay Street please hurry"
    assert said(caller) == ["12 Quay Street. What happened?"]


def test_facts_are_asked_once_and_each_reaches_the_person(rescue: Desk) -> None:
    caller = Caller(rescue, caller="+4420123456").say(answer("place", "12 Quay Street"))
    caller.say(intent("fire"))
    assert said(caller) == ["12 Quay Street. Anybody inside?"]
    caller.say(command(Command.NO))
    assert said(caller)[0] == "Get out."
    last = alerts(caller)[-1].request
    assert last.queue == "fire"
    known = {fact.name: fact.value for fact in last.slots}
    assert known == {"place": "12 Quay Street", "phone": "4420123456", "inside": "no"}


def test_words_that_are_no_intent_are_another_emergency(rescue: Desk) -> None:
    caller = Caller(rescue).say(answer("place", "here")).say()
    assert said(caller) == ["Noted.", "I am with you."]
    assert caller.did(Listen).no_input_after == 7


def test_words_that_are_no_intent_are_asked_for_once_more_where_there_are_other_words(tmp_path: Path) -> None:
    ladder = DESK.replace(
        'ask: "{place}. What happened?"', 'ask: ["{place}. What happened?", In a few words?]'
    )
    caller = Caller(make_desk(tmp_path, ladder)).say(answer("place", "here")).say()
    assert said(caller) == ["In a few words?"]
    assert caller.did(Decided).decision is Decision.REPROMPT
    caller.say()
    assert said(caller) == ["Noted.", "I am with you."]


def test_it_stays_whatever_happens(rescue: Desk) -> None:
    caller = Caller(rescue).say(answer("place", "here")).say()
    for _ in range(40):
        caller.silence()
    assert said(caller) == ["I am with you."] or said(caller) == ["Still with you."]
    caller.say(command(Command.GOODBYE)).event(LimitReached("seconds")).say(command(Command.OPERATOR)).say()
    assert isinstance(caller.machine.state, Main)
    assert not [action for action in caller.all if isinstance(action, HangUp | HandOff)]


def test_what_nobody_answers_is_left_out(rescue: Desk) -> None:
    caller = Caller(rescue).silence().silence()
    assert isinstance(caller.machine.state, Main) and said(caller) == ["What happened?"]


def test_a_number_that_is_misheard_again_and_again_is_left_out_and_hands_the_call_to_nobody(
    rescue: Desk,
) -> None:
    """Whoever was alerted is the one for it: another queue knows nothing of the call."""
    caller = Caller(rescue, caller="").say(answer("place", "here")).say(intent("fire"))
    caller.say(command(Command.NO))
    assert "Which number?" in said(caller)
    for number in range(8):
        if isinstance(caller.machine.state, Main):
            break
        caller.say(answer("phone", f"5550{number}", 0.6), command(Command.NO, 0.1), text=f"no, {number}")
    assert isinstance(caller.machine.state, Main) and said(caller)[0] == "Get out."
    assert not [action for action in caller.all if isinstance(action, HangUp | HandOff)]


def test_keys_of_an_urgent_intent_answer_for_who_cannot_speak(rescue: Desk) -> None:
    caller = Caller(rescue).keys("2")
    assert alerts(caller)[0].request.queue == "fire"
    assert isinstance(caller.machine.state, Asking)


def test_what_is_counted_is_known_to_the_mouth(rescue: Desk) -> None:
    assert dict(rescue.beats) == {"intents.fire.count1.1": 110, "intents.fire.count2.1": 110}
    caller = Caller(rescue, caller="0612345").keys("2").say(answer("place", "here")).say(command(Command.YES))
    assert said(caller) == ["Get out.", "one, two, one, two.", "Stay out.", "push, push, push."]
    assert said(caller.silence()) == ["Keep away.", "push, push, push."]


def test_a_rhythm_goes_on_after_a_word_that_asks_for_a_person(rescue: Desk) -> None:
    caller = Caller(rescue, caller="0612345").keys("2").say(answer("place", "here")).say(command(Command.YES))
    for word in (Command.OPERATOR, Command.GOODBYE):
        assert said(caller.say(command(word)))[-1] == "push, push, push."


def test_what_is_told_with_the_danger_is_known_at_once(rescue: Desk) -> None:
    caller = Caller(rescue).say(answer("place", "here"))
    caller.say(intent("fire", 0.95, value("inside", "yes")))
    alert = caller.did(Alert)
    assert {slot.name: slot.value for slot in alert.request.slots}["inside"] == "yes"
    assert alert.stays


def test_who_gave_a_number_is_called_there_where_the_line_tells_none(rescue: Desk) -> None:
    caller = Caller(rescue, OPEN, "").say(answer("place", "here")).say(intent("fire"))
    caller.say(answer("inside", "no")).say(answer("phone", "5550142")).hang_up()
    assert CallBackAsked("5550142") in caller.actions


def test_who_hangs_up_is_called_back(rescue: Desk) -> None:
    caller = Caller(rescue, OPEN, "0612345678").say(answer("place", "here")).hang_up()
    assert caller.actions == (
        CallBackAsked("0612345678"),
        HangUp(Outcome.HANDED_OFF, "the caller hung up"),
    )


def test_names_that_do_not_exist_are_faults(tmp_path: Path) -> None:
    broken = DESK.replace("start: incident", "start: accident").replace("other: other", "other: nothing")
    (tmp_path / "desk.yaml").write_text(broken.replace("[place, inside", "[plaice, inside"), encoding="utf-8")
    with pytest.raises(DeskError) as caught:
        load_desk(tmp_path, tmp_path)
    text = "\n".join(caught.value.problems)
    assert "no intent 'accident'" in text and "no intent 'nothing'" in text and "no fact 'plaice'" in text
