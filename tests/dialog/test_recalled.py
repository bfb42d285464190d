"""A no while the caller is told where they are put through to."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import NO, Caller, answer, command, intent, make_desk

from ivr.dialog.states import Asking, Main, Transferring
from ivr.events import Transfer
from ivr.meaning import Command


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(make_desk(tmp_path))


def test_a_no_stops_the_transfer_and_what_is_wanted_is_asked(caller: Caller) -> None:
    caller.say(intent("billing"))
    assert isinstance(caller.machine.state, Transferring)
    caller.say(NO)
    assert isinstance(caller.machine.state, Main)
    assert not any(isinstance(action, Transfer) for action in caller.actions)
    caller.say(intent("sales"))
    assert caller.did(Transfer).route.name == "sales"


def test_no_and_what_is_wanted_instead_is_asked_about(caller: Caller) -> None:
    caller.say(intent("billing")).say(command(Command.NO, 0.8), intent("sales", 0.6))
    assert caller.said == "You would like sales. Is that right?"


def test_a_wrong_person_is_asked_for_again(caller: Caller) -> None:
    caller.say(intent("reach_person")).say(answer("person", "Anna Berg"))
    assert isinstance(caller.machine.state, Transferring)
    caller.say(command(Command.WRONG))
    assert isinstance(caller.machine.state, Asking)
    caller.say(answer("person", "Carl Otto"))
    assert "Carl Otto" in caller.said


def test_a_doubtful_no_stops_nothing(caller: Caller) -> None:
    caller.say(intent("billing")).say(command(Command.NO, 0.6))
    assert isinstance(caller.machine.state, Transferring)


def test_what_is_a_no_as_much_as_wrong_stops_the_transfer(caller: Caller) -> None:
    caller.say(intent("billing")).say(command(Command.NO, 0.5), command(Command.WRONG, 0.5))
    assert isinstance(caller.machine.state, Main)
