"""A call with real ears, player and dialog, and scripted words: for faults and timing in `ivr.call`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ivr.call import Call
from ivr.conversation import Conversation
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.dialog.terms import Standard
from ivr.ears.endpointer import Endpointer
from ivr.ears.energy import EnergyVad
from ivr.ears.listener import Listener
from ivr.ears.pool import RecognizerPool
from ivr.ears.recognizer import Grammar, anything
from ivr.errors import IvrError, LineError
from ivr.events import Answered, CallEnded, Event, Say
from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpRequest, HandoffRequest, Route
from ivr.inquiry import Lookups
from ivr.journal import Journal
from ivr.lines.leg import Dialer, LegEvent
from ivr.lines.line import LineClosed, Party, Received, TransferContext, TransferOutcome, TransferResult
from ivr.meaning import Hypothesis, SlotValue
from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples
from ivr.mouth.sentences import Sentence
from ivr.passing import Passing
from ivr.ports import CallLimits, FrameTap
from ivr.scribe import Scribe
from ivr.tongues import Tongues
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands
from ivr.waiting import WaitingRoom, no_waiting_room

RATE = 8000
WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)

DESK = """
name: Small desk
language: en-US
greeting: Hello. What can I do for you?
routes:
  billing: {label: billing, extension: "201"}
handoff: {queue: reception}
intents:
  billing:
    label: billing
    say: ["I have a question about my bill", "billing [please]"]
    then: {route: billing}
  hours:
    label: opening hours
    say: ["when are you open"]
    then: {answer: "From nine to five."}
"""


@dataclass
class Talker:
    """A line whose caller follows `(second, what)`: seconds of speech, a key, or None to hang up."""

    script: list[tuple[float, float | str | None]]
    accepts: bool = True
    answer_after: float = 0.0
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    contexts: list[TransferContext] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    gates: list[tuple[float, threading.Event]] = field(default_factory=list)
    frames: int = 0
    cleared: int = 0
    sent: list[Pcm | None] = field(default_factory=list)
    closed: bool = False
    rate: int = RATE
    paced: bool = False
    party: Party = Party("test:")

    def until(self, at: float) -> threading.Event:
        """What is set at this second of the call: for a part that is slow till then."""
        gate = threading.Event()
        self.gates.append((at, gate))
        return gate

    async def recv(self) -> Received:
        now = self.frames * FRAME_SECONDS
        self.frames += 1
        if self.paced:
            await asyncio.sleep(0)  # a real line waits here, and what runs beside the call goes on
        if now >= self.answer_after:
            self.answers.set()
        for at, gate in self.gates:
            if now >= at:
                gate.set()
        if self.closed or now > 3000:
            raise LineClosed("over")
        keys = tuple(
            w for at, w in self.script if isinstance(w, str) and at <= now < at + FRAME_SECONDS - 1e-9
        )
        if any(w is None and at <= now for at, w in self.script):
            raise LineClosed("gone")
        talks = any(isinstance(w, float) and at <= now < at + w for at, w in self.script)
        size = frame_samples(self.rate)
        tone = 8000 * np.sin(2 * np.pi * 300 * np.arange(size) / self.rate)
        return Received(tone.astype(np.int16) if talks else np.zeros(size, np.int16), keys)

    async def send(self, pcm: Pcm | None) -> None:
        self.sent.append(pcm)

    def clear(self) -> None:
        self.cleared += 1

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        self.contexts.append(context)
        self.routes.append(route)
        await self.answers.wait()
        if self.accepts:
            return TransferResult(TransferOutcome.DONE)
        return TransferResult(TransferOutcome.REFUSED, "busy")

    async def hang_up(self) -> None:
        self.closed = True


class Words:
    """A recognizer that hears the given words, one after another; an error is raised instead of heard."""

    name, language, streaming = "scripted", "en", False

    def __init__(self, *words: str | IvrError, gate: threading.Event | None = None) -> None:
        self.words = list(words)
        self.gate = gate

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> WordStream:
        return WordStream(self.words.pop(0) if self.words else "", self.gate)

    def close(self) -> None: ...


class WordStream:
    def __init__(self, word: str | IvrError, gate: threading.Event | None) -> None:
        self.word = word
        self.gate = gate

    def feed(self, pcm: Pcm) -> None: ...

    def peek(self) -> Hypothesis | None:
        return None

    def settle(self) -> None: ...

    def finish(self) -> tuple[Hypothesis, ...]:
        if self.gate is not None:
            assert self.gate.wait(30)
        if isinstance(self.word, IvrError):
            raise self.word
        return (Hypothesis(self.word, 0.95),) if self.word else ()


class Tones:
    """Prompts of one second each; those named in `broken` fail."""

    def __init__(
        self,
        broken: IvrError | None = None,
        seconds: float = 1.0,
        slow: tuple[str, threading.Event] | None = None,
    ) -> None:
        self.broken = broken
        self.seconds = seconds
        self.slow = slow

    def fixed(self, name: str, text: str, rate: int, tempo: float = 1.0) -> tuple[Sentence, ...] | None:
        if name.startswith("holding"):
            return (Sentence(text, np.full(rate, 5000, np.int16)),)
        return None

    async def sentences(self, name: str, text: str, rate: int, tempo: float = 1.0) -> AsyncIterator[Sentence]:
        if self.broken is not None:
            raise self.broken
        if self.slow is not None and name.startswith(self.slow[0]):
            assert await asyncio.to_thread(self.slow[1].wait, 30)
        yield Sentence(text, np.full(int(self.seconds * rate / tempo), 5000, np.int16))


class Queue:
    def __init__(self, broken: IvrError | None = None, gate: threading.Event | None = None) -> None:
        self.broken = broken
        self.gate = gate
        self.requests: list[HandoffRequest] = []
        self.updates: list[tuple[int, HandoffRequest]] = []
        self.settled: list[tuple[int, str]] = []
        self.promises: list[FollowUpRequest] = []

    def promise(self, request: FollowUpRequest) -> int:
        if self.broken is not None:
            raise self.broken
        self.promises.append(request)
        return len(self.promises)

    def enqueue(self, request: HandoffRequest) -> int:
        if self.gate is not None:
            assert self.gate.wait(30)
        if self.broken is not None:
            raise self.broken
        self.requests.append(request)
        return len(self.requests)

    def update(self, handoff_id: int, request: HandoffRequest) -> None:
        self.updates.append((handoff_id, request))

    def settle(self, handoff_id: int, disposition: str, *, now: datetime) -> None:
        self.settled.append((handoff_id, disposition))


class MemoryLeg:
    """Somebody who is called: `script` is what happens when, in seconds of the calling."""

    def __init__(self, script: Sequence[tuple[float, LegEvent]], rate: int = RATE) -> None:
        self.script = list(script)
        self.rate = rate
        self.ticks = 0
        self.spoke: list[Pcm] = []
        self.heard: list[Pcm | None] = []
        self.keys: list[str] = []
        self.closed = 0

    def events(self) -> tuple[LegEvent, ...]:
        self.ticks += 1
        due = [event for at, event in self.script if at <= self.ticks * FRAME_SECONDS]
        self.script = self.script[len(due) :]
        return tuple(due)

    def recv(self) -> Received:
        frame = np.full(frame_samples(self.rate), 100 + self.ticks % 1000, np.int16)
        self.spoke.append(frame)
        return Received(frame)

    async def send(self, pcm: Pcm | None, keys: tuple[str, ...] = ()) -> None:
        self.heard.append(pcm)
        self.keys.extend(keys)

    async def hang_up(self) -> None:
        self.closed += 1


class MemoryDialer:
    """Reaches a leg, or fails."""

    dials = True

    def __init__(self, leg: MemoryLeg | LineError, wait: asyncio.Event | None = None) -> None:
        self.leg = leg
        self.wait = wait
        self.dialled: list[tuple[str, TransferContext]] = []

    async def dial(self, target: str, context: TransferContext) -> MemoryLeg:
        self.dialled.append((target, context))
        if self.wait is not None:
            await self.wait.wait()
        if isinstance(self.leg, LineError):
            raise self.leg
        return self.leg


@dataclass
class Done:
    ended: CallEnded
    events: list[tuple[float, Event]]
    line: Talker
    queue: Queue | HandoffStore

    def silence(self, since: float, until: float) -> float:
        """Seconds of the longest silence of the desk between two moments of the call."""
        longest = run = 0
        for pcm in self.line.sent[round(since / FRAME_SECONDS) : round(until / FRAME_SECONDS)]:
            run = 0 if pcm is not None and pcm.any() else run + 1
            longest = max(longest, run)
        return longest * FRAME_SECONDS

    def of(self, kind: type) -> list[tuple[float, Event]]:
        return [(at, event) for at, event in self.events if isinstance(event, kind)]


async def hold(
    tmp_path: Path,
    line: Talker,
    *words: str | IvrError,
    prompts: Tones | None = None,
    queue: Queue | HandoffStore | None = None,
    limits: CallLimits | None = None,
    desk: str = DESK,
    gate: threading.Event | None = None,
    dialer: Dialer | None = None,
    taps: tuple[FrameTap, ...] = (),
    lookups: Lookups | None = None,
    waiting_room: WaitingRoom = no_waiting_room,
    person: str | None = None,
    tongues: Tongues | None = None,
) -> Done:
    (tmp_path / "desk.yaml").write_text(desk, encoding="utf-8")
    loaded = load_desk(tmp_path, tmp_path)
    matcher = Matcher(loaded.vocabulary(commands(loaded.language)))
    events: list[tuple[float, Event]] = []
    journal = Journal(lambda at, event: events.append((at, event)))
    talk = Conversation(Machine(loaded, "call-1"), matcher, journal)
    pool = RecognizerPool(1)

    def listener(*heard: str | IvrError) -> Listener:
        return Listener(
            RATE,
            EnergyVad(RATE),
            Endpointer(),
            Words(*heard, gate=gate),
            pool,
            talk.completeness,
            # A thread's time is not the call's: only what is slow on purpose is.
            wait_for_readings=gate is None,
        )

    ears = listener(*words)
    holding = tuple(Say(one.name, str(one.text)) for one in loaded.standard[Standard.HOLDING])
    queue = Queue() if queue is None else queue
    passing = Passing(line, "call-1", dialer=dialer)
    call = Call(
        line,
        ears,
        talk,
        prompts or Tones(),
        queue,
        journal,
        passing,
        waiting_room=waiting_room,
        scribe=None if person is None else Scribe(pool, lambda: listener(person)),
        holding=holding,
        limits=limits,
        taps=taps,
        lookups=lookups,
        tongues=tongues,
    )
    try:
        ended = await call.run(Answered(WHEN, "+4420"))
    finally:
        await pool.close()
    return Done(ended, events, line, queue)
