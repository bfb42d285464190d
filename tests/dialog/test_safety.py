"""A question of which one answer is safe: doubt is asked about once more, then it counts as the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import Caller, answer, command, intent, make_desk

from ivr.dialog.states import Asking
from ivr.errors import DeskError
from ivr.events import Alert, HandOff, SlotFilled
from ivr.meaning import Command

DESK = """\
name: Rescue
language: en-US
greeting: Rescue.
handoff: {queue: rescue}
intents:
  lies_there:
    label: somebody lies there
    say: ["somebody lies there"]
    slots:
      breathing: {type: yes_no, safe: yes, ask: [Do they breathe?, Is it quiet and regular?]}
    then:
      - when: {breathing: no}
        go: push
      - otherwise: yes
        answer: Roll them over.
  push:
    label: pushing
    then: {answer: Push now.}
  other:
    label: something else
    say: ["something else"]
    then: {answer: Something else.}
"""


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    caller = Caller(make_desk(tmp_path, DESK)).say(intent("lies_there"))
    assert "Do they breathe?" in caller.said
    return caller


def test_a_sure_yes_is_taken(caller: Caller) -> None:
    assert "Roll them over." in caller.say(answer("breathing", "yes")).said


def test_a_faint_yes_is_asked_again_and_never_read_back(caller: Caller) -> None:
    caller.say(answer("breathing", "yes", 0.6))
    assert "Is it quiet and regular?" in caller.said
    assert "Push now." in caller.say(answer("breathing", "yes", 0.6)).said


def test_a_yes_that_may_be_a_no_is_none(caller: Caller) -> None:
    caller.say(answer("breathing", "yes", 0.8), answer("breathing", "no", 0.3))
    assert "Is it quiet and regular?" in caller.said


def test_a_faint_no_is_taken(caller: Caller) -> None:
    assert "Push now." in caller.say(answer("breathing", "no", 0.3)).said


@pytest.mark.parametrize("how", ["words", "silence", "both", "another wish", "goodbye"])
def test_no_answer_counts_as_the_dangerous_one(caller: Caller, how: str) -> None:
    def nothing(time: int) -> Caller:
        match how, time:
            case ("silence", _) | ("both", 1):
                return caller.silence()
            case "another wish", _:
                return caller.say(intent("other"))
            case "goodbye", _:
                return caller.say(command(Command.GOODBYE), text="okay")
            case _:
                return caller.say(text="okay")

    nothing(0)
    assert isinstance(caller.machine.state, Asking)
    assert "Is it quiet and regular?" in caller.said
    nothing(1)
    assert "Push now." in caller.said
    assert [one.slot.value for one in caller.all if isinstance(one, SlotFilled)] == ["no"]
    assert not [one for one in caller.all if isinstance(one, HandOff)]


def test_who_takes_the_call_reads_that_nobody_said_it(caller: Caller) -> None:
    caller.silence().silence()
    caller.say(command(Command.OPERATOR))
    (handoff,) = (one for one in caller.all if isinstance(one, HandOff))
    assert "no plain answer to breathing: taken as no" in handoff.request.tried


def test_a_moment_and_the_question_again_cost_nothing(caller: Caller) -> None:
    for what in (Command.WAIT, Command.REPEAT, Command.REPEAT):
        caller.say(command(what))
        assert isinstance(caller.machine.state, Asking)
    assert "Roll them over." in caller.say(answer("breathing", "yes")).said


def test_keys_are_plain(caller: Caller) -> None:
    assert "Roll them over." in caller.keys("1").said


def test_a_desk_that_stays_with_one_miss_allowed_still_counts_no_answer_as_dangerous(tmp_path: Path) -> None:
    text = DESK.replace(
        "intents:\n", "stay: {say: [Here., Still here.]}\nlimits: {no_match: 1}\nintents:\n", 1
    )
    caller = Caller(make_desk(tmp_path, text)).say(intent("lies_there")).silence()
    assert "Push now." in caller.said
    assert not [one for one in caller.all if isinstance(one, Alert)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("type: yes_no, safe", "type: digits, safe", "`safe` is for slots of type yes_no"),
        ("safe: yes,", "safe: yes, read_back: always,", "never read back"),
        ("safe: yes,", "plain: [aye],", "`plain` is for slots with a `safe` answer"),
        ("safe: yes,", "no_answer: [what],", "`no_answer` is for slots of type text"),
        ('say: ["something else"]', "alone: [fire]", "`alone` is for urgent intents"),
    ],
)
def test_where_it_means_nothing_it_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(DeskError, match=words):
        make_desk(tmp_path, DESK.replace(old, new, 1))
