"""Callers who want to be spoken to slower or louder."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import Caller, command, intent, make_desk

from ivr.dialog.states import Asking, Confirming
from ivr.events import Manner, Say
from ivr.meaning import Command

SLOWER, LOUDER = command(Command.SLOWER), command(Command.LOUDER)


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    return Caller(make_desk(tmp_path))


def heard(caller: Caller) -> list[tuple[str, Manner]]:
    return [(say.text, say.manner) for say in caller.actions if isinstance(say, Say)]


def test_what_was_said_is_said_again_slower_and_all_that_follows(caller: Caller) -> None:
    asked = heard(caller.say(intent("billing", 0.6)))
    caller.say(SLOWER)
    assert heard(caller) == [(text, Manner(slower=1)) for text, _ in asked]
    assert isinstance(caller.machine.state, Confirming)
    caller.say(command(Command.NO))
    assert heard(caller) and all(manner == Manner(slower=1) for _, manner in heard(caller))


def test_slower_has_two_steps_and_no_more(caller: Caller) -> None:
    steps = [heard(caller.say(SLOWER))[0][1].slower for _ in range(3)]
    assert steps == [1, 2, 2]


def test_louder_goes_with_slower(caller: Caller) -> None:
    caller.say(intent("order_status")).say(SLOWER).say(LOUDER)
    assert heard(caller) == [("What is your order number?", Manner(slower=1, louder=True))]
    assert isinstance(caller.machine.state, Asking)


def test_nothing_is_slower_unasked(caller: Caller) -> None:
    caller.say(command(Command.REPEAT))
    assert [manner for _, manner in heard(caller)] == [Manner()]
