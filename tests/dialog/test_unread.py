"""What sounds like words and says nothing."""

from __future__ import annotations

import pytest
from dialog_helpers import Caller, command, intent

from ivr.dialog.states import Main
from ivr.dialog.unread import overheard
from ivr.events import HandOff, Heard, Listen, Understood
from ivr.meaning import Command, Hypothesis


def heard(*hypotheses: Hypothesis) -> Heard:
    return Heard(hypotheses, 0.0, 1.0, "test")


@pytest.mark.parametrize(
    ("text", "fit", "nothing"), [("the operator", -1.5, True), ("perfect", -0.8, True), ("yes", -0.1, False)]
)
def test_what_only_the_grammar_reads_has_to_fit(text: str, fit: float, nothing: bool) -> None:
    held, freely = Hypothesis(text, 0.9, fit=fit), Hypothesis("some other words", 0.7)
    assert overheard(Main(), Understood(heard(held), (), over=True)) is nothing
    assert not overheard(Main(), Understood(heard(held), ())), "nobody spoke when it began: it is the caller"
    assert not overheard(Main(), Understood(heard(freely, held), (), over=True))


def test_people_behind_a_caller_reach_nobody_and_are_not_answered(caller: Caller) -> None:
    behind = heard(Hypothesis("the operator", 0.9, fit=-1.6))
    caller.event(Understood(behind, (command(Command.OPERATOR, 0.9),), over=True))
    assert [type(action) for action in caller.actions] == [Listen]
    caller.say(intent("opening_hours"))
    assert caller.names[0].startswith("intents.opening_hours")
    assert not any(isinstance(action, HandOff) for action in caller.actions)


def test_a_caller_whom_nobody_reads_twice_is_asked_again(caller: Caller) -> None:
    """And comes to a person at last: noise is no reason to be asked for ever."""
    behind = Understood(heard(Hypothesis("have a great day", 0.9, fit=-1.0)), (), over=True)
    caller.event(behind).event(behind)
    assert caller.names == ["no_match.1"]
    caller.event(behind)
    assert any(isinstance(action, HandOff) for action in caller.actions)
