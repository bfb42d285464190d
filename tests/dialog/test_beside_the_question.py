"""Answers beside the question: questions about it, a doubtful other want, a number that comes late."""

from __future__ import annotations

from pathlib import Path

from dialog_helpers import Caller, answer, command, intent, make_desk

from ivr.dialog.states import Asking, Checking, Confirming, Main
from ivr.meaning import Command

EXPLAIN = command(Command.EXPLAIN)

GUIDE = """\
name: Help
language: en-US
greeting: Hello.
guides:
  lamp:
    label: a lamp
    solved: solved
    unsolved: unsolved
    steps:
      power:
        label: power
        do: Switch it on.
        ask: [Is it on?, Tell me when it is on.]
        answers: {done: {say: "it is on", next: solved}, failed: {say: "it stays dark", next: unsolved}}
intents:
  lamp: {label: a lamp, say: ["my lamp"], then: [{say: Let us look., guide: lamp}]}
  solved: {label: solved, say: [], then: {answer: Good.}}
  unsolved: {label: unsolved, say: [], then: {handoff: {}}}
  hours: {label: our hours, say: ["when are you open"], then: {answer: Always.}}
"""


def test_a_question_about_the_question_is_answered_with_its_next_wording(caller: Caller) -> None:
    caller.say(intent("order_status")).say(EXPLAIN)
    assert caller.said == "Please key in the six digits."
    assert caller.machine.session.misses == 0
    for _ in range(4):
        caller.say(EXPLAIN)
    assert caller.machine.session.misses > 0


def test_two_doubtful_wants_are_no_reason_to_leave_a_question(caller: Caller) -> None:
    caller.say(intent("order_status")).say(intent("billing", 0.33), intent("sales", 0.2))
    assert isinstance(caller.machine.state, Asking)
    assert "Did you mean" not in caller.said


def test_the_answer_may_come_while_another_want_is_asked_about(caller: Caller) -> None:
    caller.say(intent("order_status")).say(intent("billing", 0.6))
    assert isinstance(caller.machine.state, Confirming)
    spec = caller.listens.expect.slot
    assert spec is not None and spec.name == "order_number"
    caller.say(answer("order_number", "482913"))
    assert "is on its way" in caller.said


def test_a_doubtful_answer_is_read_back_there(caller: Caller) -> None:
    caller.say(intent("order_status")).say(intent("billing", 0.6)).say(answer("order_number", "482913", 0.6))
    assert isinstance(caller.machine.state, Checking)


def test_a_no_that_tells_what_is_wanted_is_asked_about_it(caller: Caller) -> None:
    caller.say(intent("billing", 0.6))
    caller.say(command(Command.NO, 0.5), intent("opening_hours", 0.4))
    assert "our opening hours" in caller.said
    assert isinstance(caller.machine.state, Confirming)


def test_more_about_the_trouble_does_not_begin_its_guide_again(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, GUIDE)).say(intent("lamp"))
    assert "Switch it on." in caller.said
    caller.say(intent("lamp", 0.95))
    assert "Let us look." not in caller.said
    assert "Tell me when it is on." in caller.said
    caller.say(intent("hours"))
    assert "Always." in caller.said


def test_who_asks_how_at_a_step_of_a_guide_hears_what_is_to_be_done(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, GUIDE)).say(intent("lamp"))
    caller.say(EXPLAIN)
    assert caller.said == "Switch it on. Tell me when it is on."
    assert caller.machine.session.guided == ("lamp.power",)


def test_explain_at_the_beginning_says_what_the_desk_can_do(caller: Caller) -> None:
    caller.say(EXPLAIN)
    assert caller.machine.state == Main()
    assert caller.names == ["help.1"]
