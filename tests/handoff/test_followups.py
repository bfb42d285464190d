from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.errors import HandoffError, UnknownError
from ivr.handoff.followup import (
    FollowUp,
    FollowUpState,
    FollowUpStep,
    FollowUpStepKind,
    by_urgency,
    is_overdue,
    to_alarm,
    was_kept,
)
from ivr.handoff.followups import Counts
from ivr.handoff.promises import CALL_BACK_LATER
from ivr.handoff.queue import State, Step, StepKind
from ivr.handoff.rows import Changes
from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest, HandoffRequest
from ivr.meaning import SlotValue

Make = Callable[..., HandoffRequest]
HOUR = timedelta(hours=1)


def promised(noon: datetime, *, due: float | None = 1, **more: object) -> FollowUpRequest:
    """A call-back, promised at noon for `due` hours later."""
    whole = FollowUpRequest(
        call_id="c1",
        desk="company",
        queue="billing",
        kind=FollowUpKind.CALL_BACK,
        what="Call back about a bill 请",
        made=noon.isoformat(),
        due="" if due is None else (noon + due * HOUR).isoformat(),
        caller="+49 30 1234",
        contact="0301234",
        addressee="Anna Berg",
        slots=(SlotValue("bill", "482913", "four eight two nine one three", 0.93),),
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def test_what_is_promised_comes_back_whole(store: HandoffStore, noon: datetime) -> None:
    request = promised(noon)
    number = store.promise(request)
    kept = store.follow_ups.get(number)
    assert kept == FollowUp(number, request, noon, noon + HOUR, FollowUpState.OPEN)
    assert store.follow_ups.history(number) == (FollowUpStep(FollowUpStepKind.MADE, noon),)
    with pytest.raises(UnknownError, match="follow-up 9: there is no such follow-up"):
        store.follow_ups.get(9)


def test_its_way(store: HandoffStore, noon: datetime) -> None:
    found = store.follow_ups
    number = store.promise(promised(noon))
    assert found.take(number, "ann", now=noon).state is FollowUpState.IN_PROGRESS
    with pytest.raises(HandoffError, match="follow-up 1: is ann's"):
        found.take(number, "bob", now=noon)
    assert found.reassign(number, "bob", by="ann", now=noon).owner == "bob"
    found.note(number, "rang, nobody there", by="bob", now=noon)
    later = found.postpone(number, noon + 5 * HOUR, by="bob", now=noon)
    assert (later.due, later.request.due) == (noon + 5 * HOUR, "2026-05-03T17:00:00+00:00")
    done = found.settle(number, FollowUpStepKind.DONE, "explained", by="bob", now=noon + HOUR)
    assert (done.state, done.owner, done.outcome, done.settled) == (
        FollowUpState.DONE,
        "bob",
        "explained",
        noon + HOUR,
    )
    again = found.settle(number, FollowUpStepKind.DONE, "explained", by="bob", now=noon + 2 * HOUR)
    assert again == done
    with pytest.raises(HandoffError, match="follow-up 1: is done by bob already"):
        found.take(number, "bob", now=noon)
    assert found.reopen(number, by="sam", now=noon).state is FollowUpState.OPEN
    kinds = [step.kind.value for step in found.history(number)]
    assert kinds == ["made", "taken", "reassigned", "noted", "postponed", "done", "reopened"]


def test_overdue_is_told_once_also_by_another_process(tmp_path: Path, noon: datetime) -> None:
    with HandoffStore.open(tmp_path / "q.db") as store:
        late = store.promise(promised(noon, call_id="late"))
        store.promise(promised(noon, call_id="early", due=3))
        store.promise(promised(noon, call_id="whenever", due=None))
        done = store.promise(promised(noon, call_id="done"))
        store.follow_ups.settle(done, FollowUpStepKind.DONE, "", by="ann", now=noon)
        assert store.follow_ups.alarm(noon + HOUR - timedelta(seconds=1)) == ()
        assert [one.id for one in store.follow_ups.alarm(noon + HOUR)] == [late]
    with HandoffStore.open(tmp_path / "q.db") as store:  # a restart
        assert store.follow_ups.alarm(noon + 2 * HOUR) == ()
        assert store.follow_ups.history(late)[-1].kind is FollowUpStepKind.OVERDUE
        assert store.follow_ups.counts(noon + 2 * HOUR) == {"billing": Counts(3, 1)}
        store.follow_ups.postpone(late, noon + 4 * HOUR, by="ann", now=noon + 2 * HOUR)
        assert store.follow_ups.counts(noon + 2 * HOUR) == {"billing": Counts(3, 0)}
        found = store.follow_ups.alarm(noon + 5 * HOUR)  # another time, another alarm
        assert [one.request.call_id for one in found] == ["early", "late"]


def test_what_is_found(store: HandoffStore, noon: datetime) -> None:
    found = store.follow_ups
    one = store.promise(promised(noon, call_id="c1", due=5))
    two = store.promise(promised(noon, call_id="c2", due=2, kind=FollowUpKind.TICKET, queue="sales"))
    three = store.promise(promised(noon, call_id="c3", due=None, what="100 % sure"))
    four = store.promise(promised(noon, call_id="c4", due=1))
    found.settle(four, FollowUpStepKind.MISSED, "moved away", by="ann", now=noon)
    found.take(one, "ann", now=noon)

    def numbers(*args: str, **more: object) -> list[int]:
        return [found_one.id for found_one in found.find(*args, **more)]  # type: ignore[arg-type]

    assert numbers() == [two, one, three]
    assert numbers(settled=True) == [four]
    assert numbers(settled=None) == [two, one, three, four]
    assert numbers("100 %") == [three]
    assert numbers("berg 请") == [two, one]
    assert numbers(queues=frozenset({"sales"})) == [two]
    assert numbers(kind=FollowUpKind.TICKET) == [two]
    assert numbers(owner="ann") == [one]
    assert numbers(overdue_at=noon + 3 * HOUR) == [two]
    made = found.made_between(noon, noon + HOUR)
    assert made == {f"c{number}": (found.get(number),) for number in (one, two, three, four)}
    assert found.made_between(noon - HOUR, noon) == {}


def test_rules_without_a_store(noon: datetime) -> None:
    one = FollowUp(1, promised(noon), noon, noon + HOUR, FollowUpState.OPEN)
    assert not is_overdue(one, noon + HOUR - timedelta(seconds=1))
    assert is_overdue(one, noon + HOUR)
    assert not is_overdue(replace(one, due=None), noon + 9 * HOUR)
    settled = replace(one, state=FollowUpState.DONE, settled=noon + HOUR)
    assert not is_overdue(settled, noon + 9 * HOUR)
    assert was_kept(settled)
    assert not was_kept(replace(settled, settled=noon + 2 * HOUR))
    assert not was_kept(replace(settled, state=FollowUpState.MISSED))
    assert not was_kept(one)
    later = replace(one, id=2, due=noon + 2 * HOUR)
    assert by_urgency([settled, replace(one, id=3, due=None), later, one]) == (
        one,
        later,
        replace(one, id=3, due=None),
        settled,
    )
    assert to_alarm([later, one, replace(one, alarmed=noon)], noon + 3 * HOUR) == (one, later)


def test_a_call_back_is_kept_by_who_writes_it_up(
    store: HandoffStore, request_of: Make, noon: datetime
) -> None:
    number = store.enqueue(request_of("c1"))
    call_back = Step(StepKind.CALL_BACK, noon, note="0301234")
    store.advance(number, call_back, Changes(call_back="0301234"), promised(noon))
    (promise,) = store.follow_ups.find()
    assert promise.handoff == number
    message = store.promise(promised(noon, kind=FollowUpKind.MESSAGE))
    store.take("ann", now=noon, handoff_id=number)
    store.done(number, "settled", now=noon + HOUR)
    kept = store.follow_ups.get(promise.id)
    assert (kept.state, kept.owner, kept.outcome) == (FollowUpState.DONE, "ann", "settled")
    assert was_kept(kept)
    assert store.follow_ups.get(message).state is FollowUpState.OPEN  # its addressee does not have it yet


def test_a_call_back_that_is_to_be_made_later_stays(
    store: HandoffStore, request_of: Make, noon: datetime
) -> None:
    number = store.enqueue(request_of("c1"))
    promise = store.promise(promised(noon))
    store.take("ann", now=noon, handoff_id=number)
    store.done(number, CALL_BACK_LATER, now=noon)
    assert store.follow_ups.get(promise).state is FollowUpState.OPEN


def test_a_call_back_that_the_queue_gave_up_is_for_somebody(
    store: HandoffStore, request_of: Make, noon: datetime
) -> None:
    number = store.enqueue(request_of("c1"))
    store.advance(number, Step(StepKind.ACCEPTED, noon, "ann"), Changes(operator="ann", call_back="0309"))
    given_up = Step(StepKind.GIVEN_UP, noon + HOUR, note="3 call-backs")
    assert store.advance(number, given_up)
    (owed,) = store.follow_ups.find()
    assert (owed.due, owed.request.contact, owed.request.what) == (
        noon + HOUR,
        "0309",
        "A question about a bill",
    )
    assert store.follow_ups.history(owed.id)[-1].note == "nobody was reached in 3 call-backs"
    other = store.enqueue(request_of("c2"))
    promise = store.promise(promised(noon, call_id="c2"))
    store.advance(other, Step(StepKind.ACCEPTED, noon, "ann"))
    store.advance(other, given_up)
    assert [one.id for one in store.follow_ups.find("c2")] == [promise]  # not promised twice


def test_who_is_called_back_as_a_follow_up_waits_no_more(
    store: HandoffStore, request_of: Make, noon: datetime
) -> None:
    number = store.enqueue(request_of("c1"))
    ticket = store.promise(promised(noon, kind=FollowUpKind.TICKET))
    store.follow_ups.settle(ticket, FollowUpStepKind.DONE, "mended", by="ann", now=noon)
    assert store.get(number).state is State.WAITING
    promise = store.promise(promised(noon))
    store.follow_ups.settle(promise, FollowUpStepKind.DONE, "explained", by="ann", now=noon)
    assert (store.get(number).state, store.get(number).operator) == (State.DONE, "ann")
    assert store.history(number)[-1].note == "follow-up 2: explained"


def test_steps_for_other_programs(store: HandoffStore, noon: datetime) -> None:
    assert store.follow_ups.last_step() == 0
    number = store.promise(promised(noon))
    store.follow_ups.take(number, "ann", now=noon)
    found = store.follow_ups.steps_after(0)
    assert [(one.number, one.step.kind.value, one.follow_up.owner) for one in found] == [
        (1, "made", "ann"),
        (2, "taken", "ann"),
    ]
    assert store.follow_ups.steps_after(store.follow_ups.last_step()) == ()
