"""The floor with a real store: every step is kept before anybody is told, and nobody is given twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.errors import StateError
from ivr.floor.clock import Clock
from ivr.floor.service import Floor
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.actions import Why
from ivr.handoff.operators import Doing
from ivr.handoff.queue import State, StepKind
from ivr.handoff.rules import CallBackRules, QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
RULES = [QueueRules("desk", ring=20, wrap_up=30, call_back=CallBackRules(2, 300))]


class Hands(Clock):
    """A clock that is set by hand: seconds after noon."""

    def __init__(self) -> None:
        super().__init__()
        self.after = 0.0

    def now(self) -> float:
        return NOON.timestamp() + self.after


class Witness:
    """Looks into the store whenever it is told something: it must be there already."""

    def __init__(self, store: HandoffStore) -> None:
        self.store = store
        self.seen: list[do.Action] = []
        self.last: list[StepKind] = []

    def done(self, action: do.Action) -> None:
        self.seen.append(action)
        handoff = getattr(action, "handoff", 0)
        if handoff:
            self.last.append(self.store.history(handoff)[-1].kind)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.sqlite"


@pytest.fixture
async def floor(path: Path) -> AsyncIterator[Floor]:
    with HandoffStore.open(path) as store:
        floor = Floor(store, RULES, Hands())
        await floor.start()
        yield floor
        await floor.close()


@pytest.fixture
def request_at() -> Callable[..., HandoffRequest]:
    def make(name: str, **more: object) -> HandoffRequest:
        values = {"queue": "desk", "caller": "+4930", "entered": NOON.isoformat()} | more
        return HandoffRequest(call_id=name, desk="d", want="w", reason=Reason.ASKED, waited=1.0, **values)  # type: ignore[arg-type]

    return make


Make = Callable[..., HandoffRequest]


def at(floor: Floor, seconds: float) -> None:
    assert isinstance(floor.clock, Hands)
    floor.clock.after = seconds


async def ready(floor: Floor, name: str) -> tuple[do.Action, ...]:
    return await floor.tell(told.SignedOn(name)) + await floor.tell(told.Ready(name))


def kinds(floor: Floor, number: int) -> list[StepKind]:
    return [step.kind for step in floor.store.history(number)]


async def test_each_step_is_kept_before_anybody_is_told(floor: Floor, request_at: Make) -> None:
    witness = Witness(floor.store)
    floor.listen(witness)
    await ready(floor, "ann")
    number = floor.store.enqueue(request_at("c"))
    await floor.enter(number, on_line=True)
    await floor.tell(told.Accepted("ann", number))
    at(floor, 60)
    await floor.tell(told.Ended("ann", number))
    await floor.write_up(number, "ann", "settled", "sent a copy")
    assert [type(action) for action in witness.seen] == [do.Offer, do.Connect, do.TalkEnded, do.WrapUp]
    assert witness.last == [StepKind.OFFERED, StepKind.ACCEPTED, StepKind.ENDED, StepKind.ENDED]
    assert kinds(floor, number) == [
        StepKind.ENTERED,
        StepKind.OFFERED,
        StepKind.ACCEPTED,
        StepKind.ENDED,
        StepKind.DONE,
    ]
    assert floor.handoffs == {}


async def test_another_program_was_faster(floor: Floor, request_at: Make, path: Path) -> None:
    await ready(floor, "ann")
    number = floor.store.enqueue(request_at("c"))
    await floor.enter(number, on_line=True)
    with HandoffStore.open(path) as other:
        assert other.take("bob", now=NOON) is not None
    witness = Witness(floor.store)
    floor.listen(witness)
    done = await floor.tell(told.Accepted("ann", number))
    assert do.TooLate("ann", number, Why.TAKEN) in done
    assert not [action for action in done if isinstance(action, do.Connect)]
    assert floor.store.get(number).operator == "bob"
    assert floor.distributor.floor.operators["ann"].handoff is None


async def test_what_other_programs_do_is_seen(floor: Floor, request_at: Make, path: Path) -> None:
    await ready(floor, "ann")
    witness = Witness(floor.store)
    floor.listen(witness)
    with HandoffStore.open(path) as other:
        number = other.enqueue(request_at("c"))
        await floor.look()
        at(floor, 2.9)
        await floor.look()
        assert witness.seen == []  # its call may be about to tell us itself
        at(floor, 3)
        await floor.look()
        assert [type(action) for action in witness.seen] == [do.Offer]
        other.take("bob", now=NOON)
        await floor.look()
    assert witness.seen[-1] == do.Withdraw("ann", number, Why.TAKEN)
    assert not floor.distributor.floor.entries


async def test_a_restart_in_the_middle(floor: Floor, request_at: Make, path: Path) -> None:
    await ready(floor, "ann")
    first, second = (floor.store.enqueue(request_at(name)) for name in ("a", "b"))
    await floor.enter(first, on_line=True)
    await floor.enter(second, on_line=True)
    await floor.tell(told.Accepted("ann", first))
    await floor.close()
    with HandoffStore.open(path) as store:
        again = Floor(store, RULES, Hands())
        await again.start()
        order = [(entry.handoff, entry.number) for entry in again.distributor.floor.in_order()]
        assert order == [(first, "+4930"), (second, "+4930")]
        assert store.get(first).returned
        assert kinds(again, first)[-1] is StepKind.RETURNED
        done = await ready(again, "bob")
        assert [action for action in done if isinstance(action, do.Offer)][0].handoff == first
        await again.close()


async def test_a_call_back_over_restarts(floor: Floor, request_at: Make, path: Path) -> None:
    number = floor.store.enqueue(request_at("a"))
    await floor.enter(number, on_line=True)
    await floor.want_call_back(number, "+49301")
    await floor.tell(told.CallerLeft(number))
    await ready(floor, "ann")
    assert do.CallBack("ann", number, "+49301", 1) in await floor.tell(told.Accepted("ann", number))
    await floor.tell(told.NotReached("ann", number))
    await floor.close()
    with HandoffStore.open(path) as store:
        again = Floor(store, RULES, Hands())
        await again.start()
        assert not [a for a in await ready(again, "ann") if isinstance(a, do.Offer)]
        at(again, 301)
        assert [a for a in await again.tell(told.Tick()) if isinstance(a, do.Offer)]
        assert do.CallBack("ann", number, "+49301", 2) in await again.tell(told.Accepted("ann", number))
        done = await again.tell(told.NotReached("ann", number))
        assert do.GivenUp(number, 2) in done
        assert store.get(number).state is State.GIVEN_UP
        await again.close()


async def test_a_supervisor_moves_somebody(floor: Floor, request_at: Make) -> None:
    number = floor.store.enqueue(request_at("a"))
    await floor.enter(number, on_line=True)
    assert await floor.move(number, "sales", 1, "sam")
    assert floor.distributor.floor.entries[number].queue == "sales"
    assert floor.handoffs[number].request.queue == "sales"
    assert floor.store.history(number)[-1].who == "sam"
    await floor.tell(told.CallerLeft(number))
    assert not await floor.move(number, "desk", 1, "sam")


async def test_time_passes_by_itself(path: Path, request_at: Make) -> None:
    """The real clock: an offer that nobody takes ends."""
    with HandoffStore.open(path) as store:
        floor = Floor(store, [QueueRules("desk", ring=0.05, misses=1)])
        await floor.start()
        away = asyncio.Event()

        class Waits:
            def done(self, action: do.Action) -> None:
                if isinstance(action, do.SetAway):
                    away.set()

        floor.listen(Waits())
        await ready(floor, "ann")
        await floor.enter(store.enqueue(request_at("a")), on_line=True)
        async with asyncio.timeout(10):
            await away.wait()
        await floor.close()
        assert [step.kind for step in store.history(1)] == [
            StepKind.ENTERED,
            StepKind.OFFERED,
            StepKind.MISSED,
        ]


async def test_a_store_that_fails_does_not_stop_the_floor(
    floor: Floor, request_at: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await ready(floor, "ann")
    number = floor.store.enqueue(request_at("a"))
    await floor.enter(number, on_line=True)

    def full(*_: object) -> bool:
        raise StateError("no space left on the disk", place="queue.sqlite")

    monkeypatch.setattr(floor.store, "advance", full)
    done = await floor.tell(told.Accepted("ann", number))
    assert done == (do.Connect("ann", number),)
    assert "could not be kept" in caplog.text


async def test_an_older_call_is_written_up_beside_the_present_one(floor: Floor, request_at: Make) -> None:
    await ready(floor, "ann")
    numbers = [floor.store.enqueue(request_at(name)) for name in ("a", "b")]
    for number in numbers:
        await floor.enter(number, on_line=True)
        await floor.tell(told.Accepted("ann", number))
        await floor.tell(told.Ended("ann", number))
        at(floor, 31 if number == numbers[0] else 32)  # the time for the first is over
        await floor.tell(told.Tick())
    ann = floor.distributor.floor.operators["ann"]
    await floor.write_up(numbers[0], "ann", "settled", "")
    assert (ann.doing, ann.handoff) == (Doing.WRAPPING_UP, numbers[1])
    await floor.write_up(numbers[1], "ann", "settled", "")
    assert ann.doing is Doing.READY


async def test_a_machine_whose_clock_is_set_keeps_the_order(floor: Floor, request_at: Make) -> None:
    """Calls write the machine's time; the place in the line is that of our own clock."""
    numbers = []
    for name, seconds, off in [("a", 1, 0), ("b", 2, -3600), ("c", 3, 7200), ("d", 4, 0)]:
        at(floor, seconds)
        entered = (NOON + timedelta(seconds=seconds + off)).isoformat()
        numbers.append(floor.store.enqueue(request_at(name, entered=entered)))
        await floor.enter(numbers[-1], on_line=True)
    assert [entry.handoff for entry in floor.distributor.floor.in_order()] == numbers
    assert [entry.arrived - NOON.timestamp() for entry in floor.distributor.floor.in_order()] == [1, 2, 3, 4]


async def test_what_another_program_enters_by_a_wrong_clock_is_seen_all_the_same(
    floor: Floor, request_at: Make, path: Path
) -> None:
    with HandoffStore.open(path) as other:
        number = other.enqueue(request_at("c", entered=(NOON + timedelta(days=1)).isoformat()))
    await floor.look()
    at(floor, 3)
    await floor.look()
    entry = floor.distributor.floor.entries[number]
    assert entry.arrived == NOON.timestamp()
