"""What the dialog wants done: its order, and what must wait for what."""

from __future__ import annotations

import pytest

from ivr.agenda import Agenda
from ivr.events import Action, HandOff, HangUp, Listen, Outcome, Say, Transfer
from ivr.handover import HandoffRequest, Reason, Route
from ivr.meaning import Expect

NOTICE = Say("notice", "This call is recorded.", barge_in=False)
QUESTION = Say("question", "What can I do for you?")
LISTEN = Listen(Expect(), 5.0)
THROUGH = Transfer(Route("billing", "billing", extension="201"))
BYE = HangUp(Outcome.ANSWERED)


def agenda(*actions: Action) -> Agenda:
    made = Agenda()
    made.replace(actions)
    return made


def test_a_prompt_that_must_be_heard_stays_before_new_actions() -> None:
    todo = agenda(QUESTION, NOTICE, LISTEN)
    todo.replace((BYE,))
    assert list(todo) == [NOTICE, BYE]
    assert not todo.listens


def test_stopped_prompts_go_and_those_to_be_said_again_come_first() -> None:
    todo = agenda(QUESTION, NOTICE, LISTEN)
    todo.prompts_stopped([again := Say("rules", "Stay calm.", barge_in=False)])
    assert list(todo) == [again, NOTICE, LISTEN]
    assert todo.listens


@pytest.mark.parametrize("action", [LISTEN, THROUGH, BYE], ids=["listen", "transfer", "hang up"])
def test_what_follows_prompts_waits_until_they_have_been_heard(action: Action) -> None:
    todo = agenda(action)
    assert todo.next(speaking=True, hearing=False) is None
    assert todo.next(speaking=False, hearing=False) == action
    assert not list(todo)


def test_a_colleague_is_told_before_the_prompt_that_promises_one_is_over() -> None:
    request = HandoffRequest(
        "call-1", "company", "billing", "", "a bill", Reason.ASKED, "2026-11-24T10:15:00+00:00", 1.0
    )
    todo = agenda(NOTICE, HandOff(request), BYE)
    assert todo.next(speaking=True, hearing=True) == NOTICE
    assert todo.next(speaking=True, hearing=True) == HandOff(request)
    assert todo.next(speaking=True, hearing=True) is None


def test_nobody_is_put_through_in_the_middle_of_their_words() -> None:
    todo = agenda(THROUGH)
    assert todo.next(speaking=False, hearing=True) is None
    assert todo.next(speaking=False, hearing=False) == THROUGH
    assert agenda(BYE).next(speaking=False, hearing=True) == BYE


def test_what_is_not_wanted_any_more() -> None:
    todo = agenda(QUESTION, LISTEN)
    todo.clear()
    assert todo.next(speaking=False, hearing=False) is None
