"""Several operators in one conversation, and passing callers on, stepped by a number."""

from __future__ import annotations

import pytest
from test_distributor import Acd, of, offers

from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.actions import Why
from ivr.handoff.operators import Doing


@pytest.fixture
def acd() -> Acd:
    """ann talks with caller 1; bob is free."""
    acd = Acd(ring=20, wrap_up=30)
    acd.ready("ann", 0)
    acd.enter(1, 1)
    acd.talk("ann", 1, 2)
    acd.ready("bob", 3)
    return acd


def test_passed_on_to_a_queue(acd: Acd) -> None:
    acd.tell(told.SignedOn("bob", frozenset({"other"})))
    done = acd.tell(told.PassedOn("ann", 1, "other"), 60)
    assert of(do.PassedOn, done) == [do.PassedOn("ann", 1, "other")]
    assert offers(done) == [("bob", 1)]
    assert acd.doing("ann") is Doing.READY
    entry = acd.it.floor.entries[1]
    assert (entry.queue, entry.arrived, entry.on_line) == ("other", 1, True)
    assert of(do.TalkEnded, done) == []


def test_who_passed_a_caller_on_gets_them_last(acd: Acd) -> None:
    acd.tell(told.Away("bob"))
    assert offers(acd.tell(told.PassedOn("ann", 1, "other"), 60)) == []
    assert offers(acd.tell(told.Tick(), 79)) == []
    assert offers(acd.until(81)) == [("ann", 1)]


def test_only_the_operator_passes_on(acd: Acd) -> None:
    assert acd.tell(told.PassedOn("bob", 1, "other"), 60) == ()
    assert acd.tell(told.Asked("bob", 1, "bob"), 60) == ()
    assert acd.tell(told.Left("bob", 1), 60) == ()
    assert acd.tell(told.Left("ann", 1), 60) == (), "nobody would be left"
    assert acd.it.floor.talks[1].operator == "ann"


def test_a_colleague_comes_in_and_goes(acd: Acd) -> None:
    done = acd.tell(told.Asked("ann", 1, "bob"), 10)
    assert done == (do.Ask("bob", 1, "ann", 30),)
    assert acd.doing("bob") is Doing.RINGING
    assert acd.tell(told.Accepted("bob", 1), 12) == (do.Join("bob", 1),)
    assert acd.doing("bob") is Doing.TALKING
    assert acd.tell(told.Ended("bob", 1), 13) == (), "the conversation is ann's"
    assert acd.tell(told.Left("bob", 1), 20) == (do.GuestLeft("bob", 1),)
    assert acd.doing("bob") is Doing.READY
    assert acd.it.floor.talks[1].guests == []


def test_the_first_leaves_and_the_colleague_goes_on(acd: Acd) -> None:
    acd.tell(told.Asked("ann", 1, "bob"), 10)
    acd.tell(told.Accepted("bob", 1), 12)
    assert acd.tell(told.Left("ann", 1), 20) == (do.HandedOver("bob", 1, "ann"),)
    assert (acd.doing("ann"), acd.doing("bob")) == (Doing.READY, Doing.TALKING)
    done = acd.tell(told.Ended("bob", 1), 42)
    assert of(do.TalkEnded, done) == [do.TalkEnded("bob", 1, 40.0)]
    assert acd.doing("bob") is Doing.WRAPPING_UP


def test_handed_over_when_the_colleague_comes(acd: Acd) -> None:
    acd.tell(told.Asked("ann", 1, "bob", hand_over=True), 10)
    assert acd.it.floor.talks[1].operator == "ann"
    done = acd.tell(told.Accepted("bob", 1), 12)
    assert done == (do.Join("bob", 1), do.HandedOver("bob", 1, "ann"))
    assert acd.doing("ann") is Doing.READY


@pytest.mark.parametrize("answer", ["nothing", "declined", "gone", "away"])
def test_a_colleague_who_does_not_come(acd: Acd, answer: str) -> None:
    acd.tell(told.Asked("ann", 1, "bob", hand_over=True), 10)
    match answer:
        case "nothing":
            done, why = tuple(acd.until(31)), Why.NO_ANSWER
        case "declined":
            done, why = acd.tell(told.Declined("bob", 1), 12), Why.DECLINED
        case "gone":
            done, why = acd.tell(told.Gone("bob"), 12), Why.OPERATOR_GONE
        case _:
            done, why = acd.tell(told.Away("bob"), 12), Why.OPERATOR_GONE
    assert of(do.AskEnded, done) == [do.AskEnded("bob", 1, "ann", why)]
    talk = acd.it.floor.talks[1]
    assert (talk.operator, talk.guests, talk.asked, talk.heir) == ("ann", [], {}, "")


def test_a_colleague_who_is_not_free(acd: Acd) -> None:
    acd.tell(told.Away("bob"))
    assert acd.tell(told.Asked("ann", 1, "bob"), 10) == (do.TooLate("ann", 1, Why.NOT_FREE),)
    assert acd.tell(told.Asked("ann", 1, "ann"), 10) == (do.TooLate("ann", 1, Why.NOT_FREE),)
    assert acd.tell(told.Asked("ann", 1, "zoe"), 10) == (do.TooLate("ann", 1, Why.NOT_FREE),)


def test_a_browser_that_dies_beside_a_colleague_loses_nobody(acd: Acd) -> None:
    acd.tell(told.Asked("ann", 1, "bob"), 10)
    acd.tell(told.Accepted("bob", 1), 12)
    assert acd.tell(told.Gone("ann"), 20) == (do.HandedOver("bob", 1, "ann"),)
    assert acd.it.floor.talks[1].operator == "bob"
    assert of(do.TellReturned, acd.tell(told.Gone("bob"), 21)) == [do.TellReturned(1)]


def test_the_end_frees_everybody(acd: Acd) -> None:
    acd.ready("cat", 4)
    acd.tell(told.Asked("ann", 1, "bob"), 10)
    acd.tell(told.Accepted("bob", 1), 12)
    acd.tell(told.Asked("ann", 1, "cat"), 13)
    done = acd.tell(told.CallerLeft(1), 20)
    assert of(do.AskEnded, done) == [do.AskEnded("cat", 1, "ann", Why.CALLER_LEFT)]
    doing = [acd.doing(name) for name in ("ann", "bob", "cat")]
    assert doing == [Doing.WRAPPING_UP, Doing.READY, Doing.READY]


def test_a_supervisor_takes_over(acd: Acd) -> None:
    acd.tell(told.SignedOn("sam"))
    done = acd.tell(told.TakenOver("sam", 1), 10)
    assert done == (do.Join("sam", 1), do.HandedOver("sam", 1, "ann"))
    assert (acd.doing("ann"), acd.doing("sam")) == (Doing.READY, Doing.TALKING)
    assert acd.tell(told.TakenOver("sam", 1), 11) == ()


def test_who_talks_already_takes_nothing_over(acd: Acd) -> None:
    acd.enter(2, 5)
    acd.talk("bob", 2, 6)
    assert acd.tell(told.TakenOver("bob", 1), 10) == (do.TooLate("bob", 1, Why.NOT_FREE),)


def test_taking_over_ends_an_offer(acd: Acd) -> None:
    acd.enter(2, 5)
    assert acd.doing("bob") is Doing.RINGING
    done = acd.tell(told.TakenOver("bob", 1), 10)
    assert of(do.Withdraw, done) == [do.Withdraw("bob", 2, Why.MOVED)]
    assert offers(done) == [("ann", 2)]
