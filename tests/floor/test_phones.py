"""A telephone rings for an operator: answered, declined, rung out, out of reach, hung up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from call_parts import MemoryDialer, MemoryLeg

from ivr.errors import LineError
from ivr.floor.held import HeldCaller
from ivr.floor.lines import HeldLines
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.operators import Doing
from ivr.handoff.queue import State, StepKind
from ivr.handoff.rules import QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason
from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegEvent, LegRinging
from ivr.lines.line import TransferContext

RINGS: list[tuple[float, LegEvent]] = [(0.04, LegRinging())]
ANSWERS = [*RINGS, (0.1, LegAnswered())]


class Dialer(MemoryDialer):
    """One telephone by number."""

    def __init__(self, **legs: MemoryLeg | LineError) -> None:
        super().__init__(MemoryLeg([]))
        self.legs = legs

    async def dial(self, target: str, context: TransferContext) -> MemoryLeg:
        self.leg = self.legs[target]
        return await super().dial(target, context)


class Desk:
    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.lines = HeldLines(floor)
        self.phones = Phones(self.lines)
        self.number = 0
        self.heard: list[int] = []
        self._ticks: asyncio.Task[None] | None = None

    async def ready(self, name: str, phone: str = "") -> None:
        self.phones.know(name, phone)
        await self.floor.tell(told.SignedOn(name))
        await self.floor.tell(told.Ready(name))

    async def call(self) -> HeldCaller:
        """A caller holds the line, and says 5."""
        request = HandoffRequest(
            call_id="c",
            desk="d",
            queue="desk",
            caller="+4930",
            want="A bill",
            reason=Reason.ASKED,
            entered=datetime.now(UTC).isoformat(),
            waited=1.0,
        )
        self.number = self.floor.store.enqueue(request)
        held = await self.lines.wait(self.number, 8000)
        assert isinstance(held, HeldCaller)
        self._ticks = asyncio.create_task(self._tick(held))
        return held

    async def _tick(self, held: HeldCaller) -> None:
        while True:
            frame = held.exchange(np.full(160, 5, np.int16))
            self.heard.append(int(frame[0]))
            await asyncio.sleep(0.02)

    async def until(self, wanted: Callable[[], object]) -> None:
        happened = asyncio.Event()
        stop = self.floor.watch(happened.set)
        async with asyncio.timeout(10):
            while not wanted():
                await happened.wait()
                happened.clear()
        stop()

    async def stepped(self, kind: StepKind) -> None:
        await self.until(lambda: kind in self.steps())

    def doing(self, name: str) -> Doing:
        return self.floor.distributor.floor.operators[name].doing

    def steps(self) -> list[StepKind]:
        return [step.kind for step in self.floor.store.history(self.number)]

    async def close(self) -> None:
        if self._ticks is not None:
            self._ticks.cancel()
        await self.phones.close()
        await self.lines.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with HandoffStore.open(tmp_path / "queue.sqlite") as store:
        floor = Floor(store, [QueueRules("desk", ring=0.5, misses=1)])
        await floor.start()
        desk = Desk(floor)
        yield desk
        await desk.close()
        await floor.close()


async def test_answered_talked_over_and_hung_up(desk: Desk) -> None:
    leg = MemoryLeg([*ANSWERS, (1.0, LegEnded(LegCause.HUNG_UP))])
    desk.lines.dialer = dialer = Dialer(p201=leg)
    await desk.ready("ann", "p201")
    held = await desk.call()
    assert desk.phones.state("ann") == "rings"
    await desk.stepped(StepKind.ACCEPTED)
    assert desk.phones.state("ann") == "talks"
    assert [(number, context.reason) for number, context in dialer.dialled] == [("p201", "A bill")]
    await desk.stepped(StepKind.ENDED)
    assert held.joined is False and desk.phones.state("ann") == ""
    assert any(frame is not None and 5 in frame for frame in leg.heard), "the operator hears the caller"
    assert any(100 < level < 200 for level in desk.heard), "the caller hears the operator"
    assert desk.floor.store.get(desk.number).state is State.WRAPPING_UP


async def test_declined_at_the_telephone(desk: Desk) -> None:
    desk.lines.dialer = Dialer(p201=MemoryLeg([*RINGS, (0.1, LegEnded(LegCause.DECLINED))]))
    await desk.ready("ann", "p201")
    await desk.ready("bob")
    await desk.call()
    await desk.stepped(StepKind.DECLINED)
    await desk.until(lambda: desk.doing("bob") is Doing.RINGING)


async def test_rings_as_long_as_the_rules_say(desk: Desk) -> None:
    leg = MemoryLeg(RINGS)
    desk.lines.dialer = Dialer(p201=leg)
    await desk.ready("ann", "p201")
    await desk.call()
    await desk.stepped(StepKind.MISSED)
    await desk.until(lambda: desk.phones.state("ann") == "" and leg.closed)
    assert desk.doing("ann") is Doing.AWAY


@pytest.mark.parametrize("how", ["error", "unreachable", "no line"])
async def test_a_telephone_out_of_reach_leaves_the_offer_to_the_browser(desk: Desk, how: str) -> None:
    gone = MemoryLeg([(0.04, LegEnded(LegCause.UNREACHABLE, "404"))])
    if how != "no line":
        desk.lines.dialer = Dialer(p201=LineError("no worker process is ready") if how == "error" else gone)
    await desk.ready("ann", "p201")
    held = await desk.call()
    await desk.until(lambda: desk.phones.state("ann") == "")
    assert desk.doing("ann") is Doing.RINGING
    desk.lines.dialer = None
    await desk.floor.tell(told.Accepted("ann", desk.number))
    assert held.joined and desk.phones.state("ann") == ""


async def test_accepted_in_the_browser_then_answered(desk: Desk) -> None:
    leg = MemoryLeg([*RINGS, (0.4, LegAnswered())])
    desk.lines.dialer = Dialer(p201=leg)
    await desk.ready("ann", "p201")
    await desk.call()
    await desk.floor.tell(told.Accepted("ann", desk.number))
    assert desk.phones.state("ann") == "rings"
    await desk.until(lambda: desk.phones.state("ann") == "talks")
    await desk.floor.tell(told.Ended("ann", desk.number))
    await desk.until(lambda: leg.closed)
    assert desk.steps().count(StepKind.ENDED) == 1


async def test_another_was_faster(desk: Desk) -> None:
    leg = MemoryLeg(RINGS)
    desk.lines.dialer = Dialer(p201=leg)
    await desk.ready("ann", "p201")
    await desk.ready("bob")
    await desk.call()
    await desk.floor.tell(told.Taken("bob", desk.number))
    await desk.until(lambda: leg.closed)
    assert desk.floor.store.get(desk.number).operator == "bob"


async def test_taken_from_the_list_the_telephone_rings(desk: Desk) -> None:
    leg = MemoryLeg(ANSWERS)
    desk.lines.dialer = Dialer(p201=leg)
    await desk.ready("bob")
    await desk.ready("ann", "p201")
    await desk.floor.tell(told.Away("ann"))
    await desk.call()
    await desk.floor.tell(told.Taken("ann", desk.number))
    await desk.until(lambda: desk.phones.state("ann") == "talks")


async def test_a_guest_at_the_telephone_hangs_up_and_the_talk_goes_on(desk: Desk) -> None:
    leg = MemoryLeg([*ANSWERS, (0.4, LegEnded(LegCause.HUNG_UP))])
    desk.lines.dialer = Dialer(p201=leg)
    await desk.ready("bob")
    held = await desk.call()
    await desk.floor.tell(told.Accepted("bob", desk.number))
    await desk.ready("ann", "p201")
    await desk.floor.tell(told.Asked("bob", desk.number, "ann"))
    await desk.stepped(StepKind.JOINED)
    await desk.until(lambda: desk.doing("ann") is Doing.READY)
    assert held.joined and desk.doing("bob") is Doing.TALKING
