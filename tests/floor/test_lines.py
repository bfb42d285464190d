"""Whole calls that wait for a person on the line: talked to, passed on, handed over; over a floor at work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from call_parts import DESK, Done, MemoryDialer, MemoryLeg, Talker, hold

from ivr.events import (
    BridgeEnded,
    Outcome,
    PersonJoined,
    PersonLeft,
    PromptStarted,
    SlotFilled,
    Transferred,
)
from ivr.floor.held import HeldCaller, Passed
from ivr.floor.lines import HeldLines
from ivr.floor.room import Part
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.operators import Doing
from ivr.handoff.queue import State, StepKind
from ivr.handoff.rules import QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import Route
from ivr.lines.leg import LegAnswered, LegCause, LegEnded
from ivr.media.dtmf import DtmfDetector
from ivr.media.pcm import FRAME_SECONDS, Pcm

BILLING = Route("billing", "billing", extension="201")


class Desk:
    """ann takes the one caller, who presses 0 at once."""

    def __init__(self, floor: Floor, tmp_path: Path) -> None:
        self.floor = floor
        self.lines = HeldLines(floor)
        self._folder = tmp_path
        self.number = 0

    async def until(self, wanted: Callable[[], object]) -> None:
        happened = asyncio.Event()
        stop = self.floor.watch(happened.set)
        async with asyncio.timeout(20):
            while not wanted():
                await happened.wait()
                happened.clear()
        stop()

    @property
    def operators(self) -> dict[str, Doing]:
        return {name: one.doing for name, one in self.floor.distributor.floor.operators.items()}

    @asynccontextmanager
    async def talking(
        self,
        line: Talker,
        dialer: MemoryDialer | None = None,
        person: str | None = None,
        text: str = DESK,
        words: tuple[str, ...] = (),
    ) -> AsyncIterator[tuple[HeldCaller, asyncio.Task[Done]]]:
        await self.floor.tell(told.SignedOn("ann"))
        await self.floor.tell(told.Ready("ann"))
        store = self.floor.store
        room = self.lines.wait
        call = asyncio.create_task(
            hold(
                self._folder,
                line,
                *words,
                queue=store,
                dialer=dialer,
                waiting_room=room,
                person=person,
                desk=text,
            )
        )
        await self.until(lambda: self.operators["ann"] is Doing.RINGING)
        self.number = self.floor.distributor.floor.operators["ann"].handoff or 0
        await self.floor.tell(told.Accepted("ann", self.number))
        held = self.lines.caller(self.number)
        assert held is not None
        yield held, call
        line.closed = True
        await call

    @property
    def state(self) -> State:
        return self.floor.store.get(self.number).state

    def steps(self) -> list[StepKind]:
        return [step.kind for step in self.floor.store.history(self.number)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with HandoffStore.open(tmp_path / "queue.sqlite") as store:
        floor = Floor(store, [QueueRules("reception"), QueueRules("other")])
        await floor.start()
        yield Desk(floor, tmp_path)
        await floor.close()


def caller(**more: object) -> Talker:
    return Talker([(0.5, "0")], paced=True, **more)  # type: ignore[arg-type]


async def let_pass(line: Talker, seconds: float) -> None:
    """Time of the call."""
    assert await asyncio.to_thread(line.until(line.frames * FRAME_SECONDS + seconds).wait, 20)


async def test_passed_on_to_somebody_outside_by_the_line(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line) as (held, call):
        assert held.pass_on(BILLING, "A bill")
        done = await call
        assert (done.ended.outcome, done.ended.detail) == (Outcome.ROUTED, "billing")
        assert line.routes == [BILLING] and line.contexts[0].reason == "A bill"
        assert [event.name for _, event in done.of(PersonLeft)] == ["ann"]
        await desk.until(lambda: desk.state is State.WRAPPING_UP)
        step = desk.floor.store.history(desk.number)[-1]
        assert (step.kind, step.note.partition(", ")[2]) == (StepKind.ENDED, "passed on to billing")


async def test_passed_on_over_a_leg_of_ours(desk: Desk) -> None:
    """The line cannot pass callers on: we call, and join both; the operator hears no more."""
    leg = MemoryLeg([(1.0, LegAnswered()), (5.0, LegEnded(LegCause.HUNG_UP))])
    line = caller(accepts=False)
    async with desk.talking(line, MemoryDialer(leg)) as (held, call):
        _, seat = desk.lines.sit(desk.number, "ann", Part.TALK) or (None, None)
        assert seat is not None
        assert held.pass_on(BILLING, "")
        await desk.until(lambda: desk.state is State.WRAPPING_UP)
        assert held.room.seats == ()
        assert desk.lines.sit(desk.number, "ann", Part.TALK) is None
        done = await call
    assert done.ended.outcome is Outcome.ROUTED
    ((_, ended),) = done.of(BridgeEnded)
    assert ended.seconds == pytest.approx(4.0, abs=0.1)


async def test_who_cannot_be_reached_stays_with_the_operator(desk: Desk) -> None:
    line = caller(accepts=False)
    async with desk.talking(line) as (held, _):
        assert held.pass_on(BILLING, "")
        assert not held.pass_on(BILLING, ""), "one at a time"
        await desk.until(lambda: held.passed_to is not None and held.passed_to.trouble)
        assert held.passed_to == Passed("billing", "busy")
        assert held.joined and desk.operators["ann"] is Doing.TALKING
        assert held.pass_on(BILLING, ""), "once more"


async def test_the_operator_takes_the_caller_back(desk: Desk) -> None:
    leg = MemoryLeg([])
    line = caller(accepts=False)
    async with desk.talking(line, MemoryDialer(leg)) as (held, _):
        held.pass_on(BILLING, "")
        await let_pass(line, 1.0)
        assert leg.ticks and not leg.closed
        held.take_back()
        await let_pass(line, 0.2)
        assert leg.closed and held.passed_to is None and held.joined


async def test_passed_on_to_a_queue(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line) as (held, call):
        await desk.floor.tell(told.SignedOn("bob", frozenset({"other"})))
        await desk.floor.tell(told.Ready("bob"))
        arrived = desk.floor.store.get(desk.number).entered
        desk.lines.sit(desk.number, "ann", Part.TALK)
        await desk.floor.note(desk.number, "has called before")
        await desk.floor.tell(told.PassedOn("ann", desk.number, "other"))
        assert held.room.seats == () and not held.joined
        await desk.floor.tell(told.Accepted("bob", desk.number))
        handoff = desk.floor.store.get(desk.number)
        assert (handoff.operator, handoff.request.queue, handoff.notes) == (
            "bob",
            "other",
            "has called before",
        )
        assert handoff.entered == arrived
        await desk.floor.tell(told.Ended("bob", desk.number))
        done = await call
    assert [event.name for _, event in done.of(PersonJoined)] == ["ann", "bob"]
    assert (done.ended.outcome, done.ended.detail) == (Outcome.HANDED_OFF, "bob")
    assert done.of(Transferred) == []
    assert desk.steps() == [
        StepKind.ENTERED,
        StepKind.OFFERED,
        StepKind.ACCEPTED,
        StepKind.PASSED_ON,
        StepKind.OFFERED,
        StepKind.ACCEPTED,
        StepKind.ENDED,
    ]


async def test_a_colleague_goes_on(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line) as (held, call):
        await desk.floor.tell(told.SignedOn("bob"))
        await desk.floor.tell(told.Ready("bob"))
        desk.lines.sit(desk.number, "ann", Part.TALK)
        await desk.floor.tell(told.Asked("ann", desk.number, "bob"))
        await desk.floor.tell(told.Accepted("bob", desk.number))
        desk.lines.sit(desk.number, "bob", Part.TALK)
        assert {seat.name for seat in held.room.seats} == {"ann", "bob"}
        await desk.floor.tell(told.Left("ann", desk.number))
        assert [seat.name for seat in held.room.seats] == ["bob"]
        assert desk.floor.store.get(desk.number).operator == "bob"
        await desk.floor.tell(told.Ended("bob", desk.number))
        done = await call
    assert done.ended.detail == "bob"
    assert [event.name for _, event in done.of(PersonLeft)] == ["ann", "bob"]
    assert desk.steps()[-3:] == [StepKind.JOINED, StepKind.HANDED_OVER, StepKind.ENDED]


async def test_keys_are_heard_where_the_line_cannot_send_them(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line) as (held, _):
        before = len(line.sent)
        held.press("42#")
        await let_pass(line, 2.0)
        sound = np.concatenate([frame for frame in line.sent[before:] if frame is not None])
        assert "".join(DtmfDetector(8000).feed(sound)) == "42#"


class Voice:
    """A microphone that somebody speaks into for `seconds`, at a level of 9,000."""

    def __init__(self, seconds: float) -> None:
        self.frames = round(seconds / FRAME_SECONDS)

    def next(self) -> Pcm | None:
        self.frames -= 1
        tone = 9_000 * np.sin(2 * np.pi * 300 * np.arange(160) / 8_000)
        return tone.astype(np.int16) if self.frames >= 0 else None


async def test_what_the_operator_says_is_written_down(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line, person="I will send you a copy") as (held, _):
        _, seat = desk.lines.sit(desk.number, "ann", Part.TALK) or (None, None)
        assert seat is not None
        seat.microphone = Voice(1.0)  # type: ignore[assignment]
        await desk.until(lambda: held.said)
        ((who, text),) = [(one.who, one.text) for one in held.said]
        assert (who, text) == ("operator", "I will send you a copy")
        assert held.both_written
        await desk.floor.tell(told.PassedOn("ann", desk.number, "other"))
        for _ in range(2):  # the store does one thing after another: then what was said is kept
            await desk.floor.kept(lambda: None)
        handoff = desk.floor.store.get(desk.number)
        assert (handoff.state, handoff.request.queue) == (State.WAITING, "other")
        assert [(turn.who, turn.text) for turn in handoff.request.transcript][-1] == (who, text)


async def test_a_whisper_before_the_caller_is_connected(desk: Desk) -> None:
    """The operator hears one sentence and not the caller, the caller music and not the operator."""
    desk.floor.distributor.floor.rules["reception"] = QueueRules("reception", whisper=True)
    line = Talker([(0.5, "0"), (0.6, 30.0)], paced=True)
    async with desk.talking(line) as (held, _):
        assert not held.joined and held.whispering is not None
        _, seat = desk.lines.sit(desk.number, "ann", Part.TALK) or (None, None)
        assert seat is not None
        seat.microphone = Voice(60.0)  # type: ignore[assignment]
        ear = Ear()
        seat.ear = ear  # type: ignore[assignment]
        await desk.until(lambda: held.joined)
        whispered = [frame for frame in ear.frames if (frame == 5_000).all()]
        assert len(whispered) == 50, "a second in the desk's voice"
        first = next(n for n, frame in enumerate(ear.frames) if frame is whispered[0])
        assert all((frame == 5_000).all() for frame in ear.frames[first : first + 50])
        before = len(line.sent)
        await let_pass(line, 0.5)
        assert any(frame is not None and frame.max() > 8_900 for frame in line.sent[before:])
        assert not any(frame is not None and frame.max() > 8_900 for frame in line.sent[: before - 25])


async def test_a_whisper_that_nobody_hears_does_not_keep_the_caller(desk: Desk) -> None:
    desk.floor.distributor.floor.rules["reception"] = QueueRules("reception", whisper=True)
    line = caller()
    async with desk.talking(line) as (held, _):
        await desk.until(lambda: held.joined)


class Ear:
    """Keeps all that is heard."""

    def __init__(self) -> None:
        self.frames: list[Pcm] = []

    def append(self, frame: Pcm) -> None:
        self.frames.append(frame)


SURVEYING = DESK + "survey: yes\n"


def from_now_on(line: Talker, what: float | str, every: float) -> None:
    """The caller does it again and again: the floor's steps take time of the call, more or less of it."""
    now = line.frames * FRAME_SECONDS
    line.script += [(round(now + every * n, 2), what) for n in range(1, 60)]


async def test_who_has_spoken_with_an_operator_is_asked_how_it_was(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line, text=SURVEYING) as (_, call):
        await let_pass(line, 30.0)
        from_now_on(line, "4", 3.0)
        await desk.floor.tell(told.Ended("ann", desk.number))
        done = await call
    assert [event.slot.value for _, event in done.of(SlotFilled)][:1] == ["4"]
    assert (done.ended.outcome, done.ended.detail) == (Outcome.HANDED_OFF, "ann")
    assert [event.name for _, event in done.of(PersonLeft)] == ["ann"]
    await desk.until(lambda: desk.state is State.WRAPPING_UP)


async def test_who_says_nothing_after_a_conversation_has_left(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line, text=SURVEYING) as (_, call):
        await desk.floor.tell(told.Ended("ann", desk.number))
        done = await call
    assert "slots.survey.satisfaction.ask.1" in [event.name for _, event in done.of(PromptStarted)]
    assert not done.of(SlotFilled)
    assert (done.ended.outcome, done.ended.detail) == (Outcome.HANDED_OFF, "ann")


async def test_nobody_is_asked_where_the_survey_is_off(desk: Desk) -> None:
    line = caller()
    async with desk.talking(line) as (_, call):
        await desk.floor.tell(told.Ended("ann", desk.number))
        done = await call
    assert (done.ended.outcome, done.ended.detail) == (Outcome.HANDED_OFF, "ann")
    assert not [event for _, event in done.of(PromptStarted) if "survey" in event.name]


async def test_who_wants_a_person_again_waits_again(desk: Desk) -> None:
    line = caller()
    words = ("let me talk to a person please",) * 60
    async with desk.talking(line, text=SURVEYING, words=words) as (_, call):
        from_now_on(line, 1.0, 4.0)
        await desk.floor.tell(told.Ended("ann", desk.number))
        await desk.until(lambda: set(desk.floor.distributor.floor.entries) - {desk.number})
        (entry,) = desk.floor.distributor.floor.entries.values()
        assert entry.on_line
        line.closed = True
        await call


STAYS = """
name: Rescue
language: en-US
greeting: Rescue.
start: incident
handoff: {queue: reception, priority: 0}
stay: {say: [I am with you.], after: 2}
intents:
  incident:
    label: an emergency
    urgent: yes
    alert: reception
    slots: {place: {type: text, ask: Where?}}
    then: {say: Help is called.}
"""


async def test_who_comes_late_to_an_emergency_takes_it_over(desk: Desk) -> None:
    """Nobody is at work when the danger is told: the desk goes on, and the first who comes is connected."""
    line = Talker([(3.0, 1.0)], paced=True)
    room = desk.lines.wait
    call = asyncio.create_task(
        hold(desk._folder, line, "here", queue=desk.floor.store, waiting_room=room, desk=STAYS)
    )
    await desk.until(lambda: bool(desk.floor.distributor.floor.entries))
    (entry,) = desk.floor.distributor.floor.entries.values()
    assert entry.on_line
    await desk.floor.tell(told.SignedOn("ann"))
    await desk.floor.tell(told.Ready("ann"))
    assert desk.operators["ann"] is Doing.RINGING
    await desk.floor.tell(told.Accepted("ann", entry.handoff))
    held = desk.lines.caller(entry.handoff)
    assert held is not None and held.joined
    await let_pass(line, 0.5)
    line.closed = True
    done = await call
    assert [event.name for _, event in done.of(PersonJoined)] == ["ann"]
    assert done.ended.outcome is Outcome.HANDED_OFF
