"""Callers who are upset: one apology, a person early."""

from __future__ import annotations

from dialog_helpers import Caller, intent

from ivr.dialog.desk import Desk
from ivr.events import HandOff, Heard, Say, Understood
from ivr.meaning import Hypothesis, Match, Mood


def hear(caller: Caller, mood: Mood, *matches: Match) -> list[str]:
    heard = Heard((Hypothesis("some words", 0.9),), caller.now - 1, caller.now, "test")
    caller.event(Understood(heard, matches, mood))
    return [action.text for action in caller.actions if isinstance(action, Say)]


def test_the_feeling_is_named_once_before_the_answer(desk: Desk) -> None:
    caller = Caller(desk)
    said = hear(caller, Mood.ANGRY, intent("opening_hours"))
    assert "I am sorry for the trouble" in said[0] and "rather speak with a person" in said[0]
    assert said[1] == "We are open from nine to six."
    assert "sorry" not in " ".join(hear(caller, Mood.ANGRY, intent("order_status")))


def test_who_is_distressed_is_comforted(desk: Desk) -> None:
    assert hear(Caller(desk), Mood.DISTRESSED, intent("opening_hours"))[0].startswith("Take your time")


def test_a_calm_caller_hears_nothing_of_it(desk: Desk) -> None:
    assert hear(Caller(desk), Mood.CALM, intent("opening_hours"))[0] == "We are open from nine to six."


def test_one_misunderstanding_is_enough(desk: Desk) -> None:
    caller = Caller(desk)
    hear(caller, Mood.UPSET)
    assert caller.did(HandOff)
    caller = Caller(desk)
    hear(caller, Mood.CALM)
    assert not [action for action in caller.actions if isinstance(action, HandOff)]


def test_no_second_apology_where_a_person_comes(desk: Desk) -> None:
    caller = Caller(desk)
    said = hear(caller, Mood.ANGRY, intent("repairs"))
    assert caller.did(HandOff) and not any("trouble" in text for text in said)
