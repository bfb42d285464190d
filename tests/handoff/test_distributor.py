"""The rules of call distribution, stepped by a number."""

from __future__ import annotations

from typing import Any, TypeVar

import pytest

from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.actions import Why
from ivr.handoff.distributor import Distributor
from ivr.handoff.operators import Doing
from ivr.handoff.rules import CallBackRules, QueueRules, Strategy

Kind = TypeVar("Kind")


class Acd:
    """A distributor with short words for what happens to it."""

    def __init__(self, **rules: Any) -> None:
        self.it = Distributor([QueueRules("desk", **rules), QueueRules("other")])
        self.now = 0.0

    def tell(self, message: told.Message, at: float | None = None) -> tuple[do.Action, ...]:
        self.now = self.now if at is None else at
        return self.it.handle(message, self.now)

    def ready(self, name: str, at: float | None = None, **more: Any) -> tuple[do.Action, ...]:
        first = self.tell(told.SignedOn(name, **more), at)
        return first + self.tell(told.Ready(name))

    def enter(self, handoff: int, at: float | None = None, **more: Any) -> tuple[do.Action, ...]:
        self.now = self.now if at is None else at
        values = {"queue": "desk", "priority": 5, "arrived": self.now} | more
        return self.tell(told.Entered(handoff, **values))

    def talk(self, name: str, handoff: int, at: float | None = None) -> None:
        done = self.tell(told.Accepted(name, handoff), at)
        assert of(do.Connect, done) == [do.Connect(name, handoff)]

    def until(self, end: float) -> list[do.Action]:
        """Ticks whenever the distributor asks for one, as its driver does."""
        done: list[do.Action] = []
        while (wake := self.it.wake) is not None and wake <= end:
            assert wake > self.now or not done, "time stands still"
            done += self.tell(told.Tick(), wake)
        self.now = end
        return done

    def doing(self, name: str) -> Doing:
        return self.it.floor.operators[name].doing


def of(kind: type[Kind], actions: Any) -> list[Kind]:
    return [action for action in actions if isinstance(action, kind)]


def offers(actions: Any) -> list[tuple[str, int]]:
    return [(offer.operator, offer.handoff) for offer in of(do.Offer, actions)]


def test_a_caller_meets_an_operator() -> None:
    acd = Acd(ring=20, wrap_up=30)
    acd.ready("ann")
    assert acd.enter(1, at=5) == (do.Offer("ann", 1, 25.0),)
    assert acd.tell(told.Accepted("ann", 1), 8) == (do.Connect("ann", 1),)
    assert acd.tell(told.Ended("ann", 1), 100) == (do.TalkEnded("ann", 1, 92.0), do.WrapUp("ann", 1, 130.0))
    assert acd.enter(2, at=110) == ()
    assert offers(acd.until(131)) == [("ann", 2)]


def test_who_waits_is_offered_when_somebody_comes() -> None:
    acd = Acd()
    acd.enter(1)
    assert offers(acd.ready("ann", at=3)) == [("ann", 1)]


def test_nobody_is_rung_twice_at_once() -> None:
    acd = Acd()
    acd.ready("ann")
    acd.enter(1)
    assert acd.enter(2) == ()
    acd.ready("bob", at=1)
    assert set(acd.it.floor.entries[1].ringing) == {"ann"}
    assert set(acd.it.floor.entries[2].ringing) == {"bob"}


def test_urgency_then_arrival() -> None:
    acd = Acd()
    acd.enter(1, at=0)
    acd.enter(2, at=1)
    acd.enter(3, at=2, priority=1)
    acd.enter(4, at=3, priority=0)
    order = [entry.handoff for entry in acd.it.floor.in_order()]
    assert order == [4, 3, 1, 2]
    assert offers(acd.ready("ann", at=4)) == [("ann", 4)]


def test_an_emergency_ends_wrapping_up() -> None:
    acd = Acd(wrap_up=60)
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    acd.tell(told.Ended("ann", 1), 50)
    assert offers(acd.enter(2, at=51)) == []
    assert offers(acd.enter(3, at=52, priority=0)) == [("ann", 3)]


def test_skills_and_queues() -> None:
    acd = Acd()
    acd.ready("ann", skills=frozenset({"billing"}))
    acd.ready("bob", queues=frozenset({"other"}))
    assert offers(acd.enter(1, skills=frozenset({"billing", "german"}))) == []
    assert offers(acd.enter(2, skills=frozenset({"billing"}))) == [("ann", 2)]
    assert offers(acd.enter(3, queue="other")) == [("bob", 3)]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("longest-idle", [["bob"], ["cat"], ["ann"]]),
        ("round-robin", [["ann"], ["bob"], ["cat"]]),
        ("ring-all", [["ann", "bob", "cat"]]),
    ],
)
def test_strategies(strategy: str, expected: list[list[str]]) -> None:
    acd = Acd(strategy=Strategy(strategy))
    for name in ("ann", "bob", "cat"):
        acd.tell(told.SignedOn(name), 0)
    for at, name in enumerate(("bob", "cat", "ann")):
        acd.tell(told.Ready(name), at)
    rung = [[name for name, _ in offers(acd.enter(n, at=5 + n))] for n in range(len(expected))]
    assert rung == expected


def test_fewest_calls() -> None:
    acd = Acd(strategy=Strategy.FEWEST_CALLS, wrap_up=0)
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    acd.tell(told.Ended("ann", 1), 10)
    acd.ready("bob", at=50)  # ann is idle for longer, but had a call already
    assert offers(acd.enter(2, at=60)) == [("bob", 2)]


def test_ring_all_releases_the_others() -> None:
    acd = Acd(strategy=Strategy.RING_ALL)
    acd.ready("ann")
    acd.ready("bob", at=1)
    acd.enter(1, at=2)
    assert acd.tell(told.Accepted("bob", 1), 3) == (do.Withdraw("ann", 1, Why.TAKEN), do.Connect("bob", 1))
    assert acd.tell(told.Accepted("ann", 1), 3) == (do.TooLate("ann", 1, Why.TAKEN),)


def test_nobody_answers_and_the_next_is_rung() -> None:
    acd = Acd(ring=20)
    acd.ready("ann")
    acd.ready("bob", at=1)
    assert offers(acd.enter(1, at=10)) == [("ann", 1)]
    done = acd.until(30)
    assert do.Withdraw("ann", 1, Why.NO_ANSWER) in done
    assert offers(done) == [("bob", 1)]


def test_one_who_lets_it_ring_is_set_away() -> None:
    acd = Acd(ring=20, misses=2)
    acd.ready("ann")
    acd.enter(1)
    done = acd.until(60)
    assert offers(done) == [("ann", 1)]
    assert of(do.SetAway, done) == [do.SetAway("ann")]
    assert offers(acd.tell(told.Ready("ann"), 70)) == [("ann", 1)]


def test_a_busy_colleague_is_waited_for_before_one_is_rung_again() -> None:
    acd = Acd(ring=20, wrap_up=0, misses=9)
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    acd.ready("bob")
    assert offers(acd.enter(2, at=1)) == [("bob", 2)]
    assert offers(acd.until(30)) == []
    assert offers(acd.tell(told.Ended("ann", 1), 31)) == [("ann", 2)]


def test_who_declines_has_peace_for_a_while() -> None:
    acd = Acd(ring=20)
    acd.ready("ann")
    acd.enter(1)
    assert offers(acd.tell(told.Declined("ann", 1), 5)) == []
    assert offers(acd.until(24)) == []
    assert offers(acd.until(25)) == [("ann", 1)]


def test_away_after_this_call() -> None:
    acd = Acd(wrap_up=10)
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    acd.tell(told.Away("ann", "lunch"), 5)
    acd.tell(told.Ended("ann", 1), 6)
    acd.enter(2, at=7)
    assert offers(acd.until(100)) == []
    assert acd.doing("ann") is Doing.AWAY


def test_away_while_it_rings() -> None:
    acd = Acd()
    acd.ready("ann")
    acd.ready("bob", at=1)
    acd.enter(1, at=2)
    done = acd.tell(told.Away("ann"), 3)
    assert do.Withdraw("ann", 1, Why.OPERATOR_GONE) in done
    assert offers(done) == [("bob", 1)]


def test_the_caller_hangs_up_while_waiting() -> None:
    acd = Acd()
    acd.ready("ann")
    acd.enter(1, at=0)
    done = acd.tell(told.CallerLeft(1), 12)
    assert done == (do.Withdraw("ann", 1, Why.CALLER_LEFT), do.Abandoned(1, 12.0))
    assert acd.doing("ann") is Doing.READY
    assert acd.tell(told.Accepted("ann", 1)) == (do.TooLate("ann", 1, Why.TOO_LATE),)


def test_the_caller_hangs_up_while_talking() -> None:
    acd = Acd(wrap_up=30)
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    assert acd.tell(told.CallerLeft(1), 60) == (do.TalkEnded("ann", 1, 60.0), do.WrapUp("ann", 1, 90.0))


def test_a_lost_operator_puts_the_caller_first() -> None:
    acd = Acd()
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    acd.enter(2, at=1)
    acd.enter(3, at=2, priority=0)
    assert acd.tell(told.Gone("ann"), 9) == (do.TellReturned(1),)
    order = [entry.handoff for entry in acd.it.floor.in_order()]
    assert order == [3, 1, 2]  # but for an emergency


def test_a_lost_operator_while_it_rings() -> None:
    acd = Acd()
    acd.ready("ann")
    acd.ready("bob", at=1)
    acd.enter(1, at=2)
    assert offers(acd.tell(told.Gone("ann"), 3)) == [("bob", 1)]
    assert offers(acd.tell(told.Gone("bob"), 4)) == []
    assert offers(acd.ready("ann", at=5)) == [("ann", 1)]


def test_news_at_intervals() -> None:
    acd = Acd(first_news=15, news=45, usual_call=120, ring=1000)
    acd.enter(1, at=0)
    acd.enter(2, at=0)
    acd.ready("ann", at=0)
    acd.ready("bob", at=1, queues=frozenset({"other"}))
    told_them = of(do.TellPosition, acd.until(60))
    assert told_them == [
        do.TellPosition(1, 1, 120.0),
        do.TellPosition(2, 2, 240.0),
        do.TellPosition(1, 1, 120.0),
        do.TellPosition(2, 2, 240.0),
    ]


def test_no_estimate_when_nobody_is_at_work() -> None:
    acd = Acd()
    acd.enter(1)
    assert of(do.TellPosition, acd.until(15)) == [do.TellPosition(1, 1, None)]


def test_the_estimate_learns() -> None:
    acd = Acd(usual_call=100, wrap_up=0)
    acd.ready("ann")
    acd.enter(1)
    acd.talk("ann", 1)
    acd.tell(told.Ended("ann", 1), 300)
    assert acd.it.floor.call_length("desk").value == pytest.approx(120)


def test_a_call_back_keeps_its_place() -> None:
    acd = Acd()
    acd.enter(1, at=0)
    acd.enter(2, at=1)
    acd.tell(told.CallBackWanted(1, "+4930555"), 5)
    assert acd.tell(told.CallerLeft(1), 6) == ()  # hanging up is what they were told to do
    assert offers(acd.ready("ann", at=7)) == [("ann", 1)]
    assert acd.tell(told.Accepted("ann", 1), 8) == (do.CallBack("ann", 1, "+4930555", 1),)


def test_a_call_back_is_tried_again_and_given_up() -> None:
    acd = Acd(call_back=CallBackRules(attempts=2, pause=300), wrap_up=0)
    acd.ready("ann")
    acd.enter(1, number="+49")
    acd.tell(told.Accepted("ann", 1), 1)
    assert acd.tell(told.NotReached("ann", 1), 30) == (do.Rescheduled(1, 1, 330.0),)
    assert offers(acd.until(329)) == []
    assert offers(acd.until(330)) == [("ann", 1)]
    assert acd.tell(told.Accepted("ann", 1), 331) == (do.CallBack("ann", 1, "+49", 2),)
    assert acd.tell(told.NotReached("ann", 1), 360) == (do.GivenUp(1, 2),)
    assert not acd.it.floor.entries


def test_full_and_closed() -> None:
    acd = Acd(most=1)
    assert acd.enter(1) == ()
    assert acd.enter(2) == (do.Refuse(2, Why.FULL),)
    assert acd.enter(3, priority=0) == ()
    assert acd.enter(4, number="+49") == ()
    acd.tell(told.Closed("other"))
    assert acd.enter(5, queue="other") == (do.Refuse(5, Why.CLOSED),)
    acd.tell(told.Opened("other"))
    assert acd.enter(5, queue="other") == ()


def test_overflow_when_full() -> None:
    acd = Acd(most=0, overflow="other")
    assert acd.enter(1) == (do.Overflow(1, "desk", "other"),)
    assert acd.it.floor.entries[1].queue == "other"


def test_overflow_after_a_long_wait_keeps_the_time_of_arrival() -> None:
    acd = Acd(longest_wait=60, overflow="other", first_news=1000)
    acd.enter(1, at=0)
    acd.enter(2, at=10, queue="other")
    assert of(do.Overflow, acd.until(60)) == [do.Overflow(1, "desk", "other")]
    assert [entry.handoff for entry in acd.it.floor.in_order()] == [1, 2]


def test_a_long_wait_without_overflow_is_told_once() -> None:
    acd = Acd(longest_wait=60, first_news=1000)
    acd.enter(1, at=0)
    assert of(do.TellDelay, acd.until(500)) == [do.TellDelay(1, 60.0)]
    assert 1 in acd.it.floor.entries


def test_a_supervisor_moves_and_takes() -> None:
    acd = Acd()
    acd.ready("ann", queues=frozenset({"desk"}))
    acd.ready("bob", at=1, queues=frozenset({"other"}))
    acd.enter(1, at=2)
    done = acd.tell(told.Moved(1, "other", 2), 3)
    assert done[0] == do.Withdraw("ann", 1, Why.MOVED)
    assert offers(done) == [("bob", 1)]
    acd.enter(2, at=4)
    assert acd.tell(told.Taken("ann", 1), 5) == (do.TooLate("ann", 1, Why.TOO_LATE),)  # not one of hers
    assert do.Connect("ann", 2) in acd.tell(told.Taken("ann", 2), 6)


def test_a_clock_that_goes_back_stands_still() -> None:
    acd = Acd(ring=20)
    acd.ready("ann", at=100)
    acd.enter(1, at=100)
    assert acd.tell(told.Tick(), 0) == ()
    assert acd.it.wake == 115.0


def test_a_queue_without_rules_serves_as_well() -> None:
    acd = Acd()
    acd.ready("ann")
    assert offers(acd.enter(1, queue="nobody wrote rules for this")) == [("ann", 1)]


@pytest.mark.parametrize("wrong", [{"ring": 0}, {"misses": 0}, {"overflow": "desk"}, {"wrap_up": -1}])
def test_rules_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="queue 'desk'"):
        QueueRules("desk", **wrong)


def test_a_caller_who_is_on_the_line_after_all() -> None:
    acd = Acd(first_news=15)
    acd.enter(1, number="+49")
    assert acd.enter(1, at=5, number=None) == ()
    assert of(do.TellPosition, acd.until(20)) == [do.TellPosition(1, 1, None)]


def test_settled_elsewhere() -> None:
    acd = Acd()
    acd.ready("ann")
    acd.enter(1)
    assert acd.tell(told.Settled(1), 1) == (do.Withdraw("ann", 1, Why.TAKEN),)
    acd.enter(2)
    acd.talk("ann", 2)
    assert acd.tell(told.Settled(2), 3) == ()
    assert acd.doing("ann") is Doing.READY


def test_a_call_back_of_before_a_restart() -> None:
    acd = Acd(call_back=CallBackRules(attempts=2, pause=300))
    acd.ready("ann")
    acd.enter(1, arrived=-500, number="+49", attempts=1, not_before=100.0)
    acd.enter(2, arrived=-100, number="+50", returned=True)
    assert offers(acd.until(0)) == []
    assert acd.it.floor.entries[2].ringing
    assert [entry.handoff for entry in acd.it.floor.in_order()] == [2, 1]
