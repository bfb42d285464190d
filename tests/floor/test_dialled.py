"""Call-backs that we dial: rung, reached, talked to, not reached, tried again, given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from call_parts import MemoryDialer, MemoryLeg, Words

from ivr.ears.endpointer import Endpointer
from ivr.ears.energy import EnergyVad
from ivr.ears.listener import Listener
from ivr.ears.pool import RecognizerPool
from ivr.errors import LineError
from ivr.floor.dialled import dialable
from ivr.floor.lines import HeldLines, Surveyed
from ivr.floor.room import Part
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.operators import Doing
from ivr.handoff.queue import Handoff, State, StepKind
from ivr.handoff.rules import CallBackRules, QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Route, Turn
from ivr.lines.jitter import CUSHION
from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegEvent, LegRinging
from ivr.lines.line import Line, Received, TransferContext
from ivr.meaning import Completeness, SlotValue
from ivr.media.pcm import Pcm
from ivr.ports import FrameTap
from ivr.redaction.cards import CARD
from ivr.scribe import Minutes, Scribe
from ivr.waiting import WaitingRoom

ANSWERED: list[tuple[float, LegEvent]] = [(0.1, LegRinging()), (0.2, LegAnswered())]


class Dialer(MemoryDialer):
    """One leg after another."""

    def __init__(self, *legs: MemoryLeg | LineError) -> None:
        super().__init__(legs[0])
        self.legs = list(legs)

    async def dial(self, target: str, context: TransferContext) -> MemoryLeg:
        self.leg = self.legs.pop(0)
        return await super().dial(target, context)


class Ear(MemoryLeg):
    """Tells when the operator is heard: somebody at the level of 77."""

    def __init__(self, script: list[tuple[float, LegEvent]]) -> None:
        super().__init__(script)
        self.hears: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def send(self, pcm: Pcm | None, keys: tuple[str, ...] = ()) -> None:
        if pcm is not None and 77 in pcm and not self.hears.done():
            self.hears.set_result(None)


def noise(seed: int, samples: int) -> Pcm:
    return np.random.default_rng(seed).normal(0, 3000, samples).astype(np.int16)


class Speaking(MemoryLeg):
    """Somebody who says one thing when they have answered."""

    def recv(self) -> Received:
        frame = super().recv().pcm
        return Received(noise(self.ticks, len(frame)) if 15 < self.ticks < 40 else frame * 0)


class Tape:
    """Records one call-back."""

    def __init__(self) -> None:
        self.case = self.attempt = 0
        self.frames: list[tuple[Pcm, Pcm | None]] = []
        self.closed = False

    async def begin(self, handoff: Handoff, attempt: int, rate: int) -> Tape:
        self.case, self.attempt = handoff.id, attempt
        return self

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        self.frames.append((caller, desk))

    def close(self) -> None:
        self.closed = True


class Desk:
    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.lines = HeldLines(floor)
        self.number = 0

    async def promised(self, number: str = "+49 (30) 12-34") -> None:
        """A caller who was promised to be called back; ann is ready and accepts."""
        request = HandoffRequest(
            call_id="c",
            desk="d",
            queue="desk",
            caller=number,
            want="A bill",
            reason=Reason.ASKED,
            entered=datetime.now(UTC).isoformat(),
            waited=1.0,
        )
        self.number = self.floor.store.enqueue(request)
        await self.floor.enter(self.number, on_line=False)
        await self.ready("ann")
        await self.accept("ann")

    async def ready(self, name: str) -> None:
        await self.floor.tell(told.SignedOn(name))
        await self.floor.tell(told.Ready(name))

    async def accept(self, name: str) -> None:
        await self.until(lambda: self.floor.distributor.floor.operators[name].doing is Doing.RINGING)
        await self.floor.tell(told.Accepted(name, self.number))

    async def until(self, wanted: Callable[[], object]) -> None:
        happened = asyncio.Event()
        stop = self.floor.watch(happened.set)
        async with asyncio.timeout(10):
            while not wanted():
                await happened.wait()
                happened.clear()
        stop()

    async def reached(self) -> None:
        await self.until(lambda: StepKind.CONNECTED in self.steps())

    @property
    def state(self) -> State:
        return self.floor.store.get(self.number).state

    def steps(self) -> list[StepKind]:
        return [step.kind for step in self.floor.store.history(self.number)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    rules = QueueRules("desk", ring=5, wrap_up=30, call_back=CallBackRules(2, 0.3))
    with HandoffStore.open(tmp_path / "queue.sqlite") as store:
        floor = Floor(store, [rules, QueueRules("hand", call_back=CallBackRules(dial=False))])
        await floor.start()
        desk = Desk(floor)
        yield desk
        await desk.lines.close()
        await floor.close()


async def test_reached_talked_to_and_ended(desk: Desk) -> None:
    leg = Ear(ANSWERED)
    desk.lines.dialer = dialer = Dialer(leg)
    tape = Tape()
    desk.lines.recorder = tape.begin
    await desk.promised()
    await desk.until(lambda: desk.lines.caller(desk.number))
    assert [(number, context.reason) for number, context in dialer.dialled] == [("+49301234", "A bill")]
    _, seat = desk.lines.sit(desk.number, "ann", Part.TALK) or (None, None)
    assert seat is not None
    await desk.until(lambda: (held := desk.lines.caller(desk.number)) and held.calling == "it rings")
    await desk.reached()
    seat.microphone.feed(np.full(160 * (10 + CUSHION), 77, np.int16))
    async with asyncio.timeout(10):
        await leg.hears
    assert np.concatenate(list(seat.ear)).any(), "the operator hears the other side"
    await desk.floor.tell(told.Ended("ann", desk.number))
    await desk.until(lambda: desk.lines.caller(desk.number) is None)
    assert leg.closed and desk.state is State.WRAPPING_UP
    assert (tape.case, tape.attempt, tape.closed) == (desk.number, 1, True)
    assert any(heard.any() for heard, _ in tape.frames)
    assert any(sent is not None and 77 in sent for _, sent in tape.frames)
    assert desk.steps() == [
        StepKind.ENTERED,
        StepKind.OFFERED,
        StepKind.ACCEPTED,
        StepKind.CONNECTED,
        StepKind.ENDED,
    ]


async def test_who_was_called_back_is_asked_how_it_was(desk: Desk) -> None:
    """After the operator, on the same line and recording; answers go to the case, written up or not."""
    asked: list[tuple[int, str, bool]] = []
    written_up = asyncio.Event()

    async def survey(
        case: Handoff, line: Line, person: str, tap: FrameTap | None, room: WaitingRoom
    ) -> Surveyed:
        asked.append((case.id, person, tap is tape))
        await line.recv()
        await written_up.wait()
        return Surveyed((SlotValue("satisfaction", "4", "4", 1.0),), (Turn("desk", "How was it?", 1.5),))

    leg, tape = MemoryLeg(ANSWERED), Tape()
    desk.lines.dialer, desk.lines.recorder, desk.lines.surveyor = Dialer(leg), tape.begin, survey
    await desk.promised()
    await desk.reached()
    await desk.floor.tell(told.Ended("ann", desk.number))
    await desk.until(lambda: desk.lines.caller(desk.number) is None)
    assert not leg.closed, "ann is free of them, and they are still there"
    await desk.floor.write_up(desk.number, "ann", "settled", "")
    written_up.set()
    await asyncio.gather(*desk.lines._dialled)
    assert asked == [(desk.number, "ann", True)] and leg.closed and tape.closed
    kept = desk.floor.store.get(desk.number)
    assert kept.state is State.DONE and kept.disposition == "settled"
    assert [(slot.name, slot.value) for slot in kept.request.slots] == [("satisfaction", "4")]
    assert kept.request.transcript[-1].text == "How was it?" and kept.request.transcript[-1].at >= 1.5


@pytest.mark.parametrize("how", ["they hang up", "a machine"])
async def test_who_was_not_talked_to_to_the_end_is_asked_nothing(desk: Desk, how: str) -> None:
    async def survey(*_: object) -> None:
        raise AssertionError("asked")

    gone = [(0.6, LegEnded(LegCause.HUNG_UP))] if how == "they hang up" else []
    desk.lines.dialer, desk.lines.surveyor = Dialer(MemoryLeg([*ANSWERED, *gone])), survey
    await desk.promised()
    await desk.reached()
    if how == "a machine":
        await desk.floor.tell(told.NotReached("ann", desk.number))
    await desk.until(lambda: desk.lines.caller(desk.number) is None)
    await asyncio.gather(*desk.lines._dialled)


async def test_what_both_say_is_written_down(desk: Desk) -> None:
    pool = RecognizerPool(1)

    def ears(rate: int, *words: str) -> Listener:
        unknown = Completeness.UNKNOWN
        return Listener(
            rate,
            EnergyVad(rate),
            Endpointer(),
            Words(*words),
            pool,
            lambda _: unknown,
            wait_for_readings=False,
        )

    def minutes(case: Handoff, rate: int) -> Minutes:
        assert case.id == desk.number
        return Minutes(
            ears(rate, "my card is 4111 1111 1111 1111"), Scribe(pool, lambda: ears(rate, "I see"))
        )

    desk.lines.dialer = Dialer(Speaking(ANSWERED))
    desk.lines.minutes = minutes
    await desk.promised()
    await desk.reached()
    held = desk.lines.caller(desk.number)
    _, seat = desk.lines.sit(desk.number, "ann", Part.TALK) or (None, None)
    assert held is not None and seat is not None
    seat.microphone.feed(noise(0, 160 * (25 + CUSHION)))
    await desk.until(lambda: len(held.said) == 2)
    assert {one.who: one.text for one in held.said} == {
        "caller": "my card is 4111 1111 1111 1111",
        "operator": "I see",
    }
    assert held.both_written
    await desk.floor.tell(told.Ended("ann", desk.number))
    await desk.until(lambda: desk.lines.caller(desk.number) is None)
    await asyncio.gather(*desk.lines._telling)  # what was said is kept beside, and nobody is told
    kept = {turn.who: turn.text for turn in desk.floor.store.get(desk.number).request.transcript}
    assert kept == {"caller": f"my card is {CARD}", "operator": "I see"}
    await pool.close()


async def test_the_caller_hangs_up(desk: Desk) -> None:
    leg = MemoryLeg([*ANSWERED, (0.6, LegEnded(LegCause.HUNG_UP))])
    desk.lines.dialer = Dialer(leg)
    await desk.promised()
    await desk.until(lambda: StepKind.ENDED in desk.steps())
    assert desk.state is State.WRAPPING_UP


async def test_tried_again_and_given_up(desk: Desk) -> None:
    """Busy first, then it cannot even be dialled: two attempts are the rule."""
    busy = MemoryLeg([(0.1, LegRinging()), (0.2, LegEnded(LegCause.BUSY, "486 Busy"))])
    desk.lines.dialer = dialer = Dialer(busy, LineError("no worker process is ready"))
    await desk.promised()
    await desk.until(lambda: StepKind.NOT_REACHED in desk.steps())
    assert desk.floor.store.get(desk.number).attempts == 1
    assert desk.floor.distributor.floor.operators["ann"].doing is Doing.READY
    await desk.accept("ann")
    await desk.until(lambda: desk.state is State.GIVEN_UP)
    assert len(dialer.dialled) == 2 and busy.closed
    assert desk.steps()[-2:] == [StepKind.ACCEPTED, StepKind.GIVEN_UP]


async def test_the_operator_gives_up_or_finds_a_machine(desk: Desk) -> None:
    machine = MemoryLeg(ANSWERED)
    desk.lines.dialer = Dialer(machine, MemoryLeg([]))
    await desk.promised()
    await desk.reached()
    await desk.floor.tell(told.NotReached("ann", desk.number))
    await desk.until(lambda: desk.lines.caller(desk.number) is None)
    assert machine.closed and desk.state is State.WAITING
    await desk.accept("ann")
    await desk.until(lambda: desk.lines.caller(desk.number))
    await desk.floor.tell(told.NotReached("ann", desk.number))
    assert desk.state is State.GIVEN_UP


async def test_an_operator_is_lost_while_it_rings(desk: Desk) -> None:
    first, second = MemoryLeg([(0.1, LegRinging())]), MemoryLeg(ANSWERED)
    desk.lines.dialer = Dialer(first, second)
    await desk.promised()
    await desk.until(lambda: desk.lines.caller(desk.number))
    await desk.floor.tell(told.Gone("ann"))
    await desk.ready("bob")
    await desk.accept("bob")
    await desk.reached()
    assert first.closed and not second.closed
    assert desk.floor.store.get(desk.number).operator == "bob"
    assert desk.floor.store.get(desk.number).attempts == 0


async def test_an_operator_is_lost_in_the_conversation(desk: Desk) -> None:
    """Who was called back holds the line, with music, and the next operator has them at once."""
    leg = MemoryLeg(ANSWERED)
    desk.lines.dialer = dialer = Dialer(leg)
    await desk.promised()
    await desk.reached()
    await desk.floor.tell(told.Gone("ann"))
    assert not leg.closed
    await desk.ready("bob")
    await desk.accept("bob")
    await desk.until(lambda: desk.steps().count(StepKind.CONNECTED) == 2)
    assert len(dialer.dialled) == 1 and not leg.closed
    held = desk.lines.caller(desk.number)
    assert held is not None and held.joined


async def test_passed_on_to_somebody_outside(desk: Desk) -> None:
    leg = MemoryLeg(ANSWERED)
    colleague = MemoryLeg([(0.1, LegAnswered()), (0.4, LegEnded(LegCause.HUNG_UP))])
    desk.lines.dialer = Dialer(leg, colleague)
    await desk.promised()
    await desk.reached()
    held = desk.lines.caller(desk.number)
    assert held is not None and held.pass_on(Route("billing", "billing", extension="201"), "A bill")
    await desk.until(lambda: StepKind.ENDED in desk.steps())
    await desk.until(lambda: desk.lines.caller(desk.number) is None)
    assert leg.closed and colleague.closed
    assert "passed on to billing" in desk.floor.store.history(desk.number)[-1].note


@pytest.mark.parametrize("who", ["nobody dials", "by hand", "no number"])
async def test_where_nothing_is_dialled(desk: Desk, who: str) -> None:
    dialer = Dialer(MemoryLeg([]))
    desk.lines.dialer = None if who == "nobody dials" else dialer
    if who == "by hand":
        desk.floor.distributor.floor.rules["desk"] = QueueRules("desk", call_back=CallBackRules(dial=False))
    await desk.promised("anonymous" if who == "no number" else "+4930")
    assert desk.state is State.TALKING
    await asyncio.sleep(0)
    assert dialer.dialled == [] and desk.lines.caller(desk.number) is None


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("+44 20 7946 0123", "+442079460123"),
        ("(030) 12-34/5", "03012345"),
        ("201", "201"),
        ("", ""),
        ("anonymous", ""),
        ("sip:4711@evil.example", ""),
        ("+49;ext=1", ""),
        ("1" * 21, ""),
        ("*62*4711#", ""),
    ],
)
def test_what_is_dialled(number: str, dialled: str) -> None:
    assert dialable(number) == dialled
