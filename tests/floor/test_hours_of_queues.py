"""Queues that open and close by themselves, and what becomes of callers then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.floor.clock import Clock
from ivr.floor.lines import HeldLines
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.operators import Doing
from ivr.handoff.rules import QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason
from ivr.hours import Hours, parse_open

MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)  # a Monday, 10:00 in Paris
HOURS = Hours(ZoneInfo("Europe/Paris"), (parse_open("mon-fri 09:00-18:00"),))


class Hands(Clock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.at = MORNING

    def now(self) -> float:
        return self.at.timestamp()

    def wall(self) -> datetime:
        return self.at


class Desk:
    def __init__(self, floor: Floor, clock: Hands) -> None:
        self.floor, self.clock = floor, clock
        self.lines = HeldLines(floor)
        self._made = 0

    async def at(self, hours: float) -> None:
        self.clock.at = MORNING + timedelta(hours=hours)
        await self.floor.open_and_close()

    def caller(self, queue: str, priority: int = 5) -> int:
        self._made += 1
        request = HandoffRequest(
            call_id=f"c{self._made}",
            desk="d",
            queue=queue,
            caller="+4930",
            want="w",
            reason=Reason.ASKED,
            entered=self.clock.at.isoformat(),
            waited=1.0,
            priority=priority,
        )
        return self.floor.store.enqueue(request)

    async def waits(self, queue: str, priority: int = 5) -> bool:
        return await self.lines.wait(self.caller(queue, priority), 8000) is not None


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with HandoffStore.open(tmp_path / "queue.sqlite") as store:
        clock = Hands()
        rules = [QueueRules("day"), QueueRules("over", overflow="night"), QueueRules("night")]
        floor = Floor(store, rules, clock, hours={"day": HOURS, "over": HOURS})
        await floor.start()
        desk = Desk(floor, clock)
        await floor.tell(told.SignedOn("ann"))
        await floor.tell(told.Ready("ann"))
        yield desk
        await floor.close()


async def test_open_closed_and_open_again(desk: Desk) -> None:
    closed = desk.floor.distributor.floor.closed
    assert closed == set()
    await desk.at(8)
    assert closed == {"day", "over"}
    await desk.at(24)
    assert closed == set()
    await desk.at(24 * 5)
    assert closed == {"day", "over"}, "a Saturday"
    await desk.at(0)
    assert closed == set(), "the machine's clock was set back"


async def test_closed_when_the_server_starts(tmp_path: Path) -> None:
    clock = Hands()
    clock.at = MORNING - timedelta(hours=5)
    with HandoffStore.open(tmp_path / "queue.sqlite") as store:
        floor = Floor(store, [QueueRules("day")], clock, hours={"day": HOURS})
        await floor.start()
        assert floor.distributor.floor.closed == {"day"}
        await floor.close()


async def test_nobody_new_holds_the_line_of_a_closed_queue(desk: Desk) -> None:
    assert await desk.waits("day")
    await desk.at(8)
    assert len(desk.floor.distributor.floor.entries) == 1, "who waits is served"
    assert not await desk.waits("day")
    assert await desk.waits("day", priority=0), "an emergency is never refused"
    assert await desk.waits("over")
    assert [entry.queue for entry in desk.floor.distributor.floor.in_order()] == ["day", "day", "night"]


async def test_who_was_refused_is_called_back_and_no_ghost_on_the_line(desk: Desk) -> None:
    """The queue closes between the place and the line: told so, they hang up, and are called back."""
    await desk.floor.tell(told.Away("ann"))
    await desk.at(8)
    number = desk.caller("day")
    await desk.floor.enter(number, on_line=True)
    entries = desk.floor.distributor.floor.entries
    assert entries == {}
    await desk.at(8.1)
    await desk.floor.look()
    assert entries == {}, "they are still told"
    await desk.floor.tell(told.CallerLeft(number))
    await desk.at(8.2)
    await desk.floor.look()
    assert [entry.number for entry in entries.values()] == ["+4930"]
    await desk.floor.tell(told.Ready("ann"))
    assert desk.floor.distributor.floor.operators["ann"].doing is Doing.RINGING
