"""ONE call over audio: the only file that sees all the parts.

A tick is 20 ms: one frame comes in, is heard, may move the dialog, and one frame goes out. On a paced line
a tick takes 20 ms of real time and recognition and synthesis run beside it; on an unpaced line the call waits
for them, so that time in the call passes as on the telephone and the result is the same.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from ivr.conversation import Conversation
from ivr.ears.listener import EarEvent, Listener, Silence, Spoken
from ivr.errors import IvrError
from ivr.events import (
    Action,
    ActionFailed,
    Answered,
    CallEnded,
    HandOff,
    HangUp,
    HungUp,
    KeyPressed,
    LimitReached,
    Listen,
    NoInput,
    Outcome,
    PromptEnded,
    PromptStarted,
    Say,
    SpeechEnded,
    SpeechStarted,
    Transfer,
    Transferred,
    Trouble,
)
from ivr.journal import Journal
from ivr.lines.line import Line, LineClosed, TransferOutcome, TransferResult
from ivr.meaning import HandoffRequest
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.mouth.player import Ended, Player, Started, Ticket
from ivr.mouth.sentences import Sentence
from ivr.passing import Passing

GRACE_SECONDS = 30.0
"""What a call may go on for after its limit was announced to the dialog, before it is simply ended."""


class Prompts(Protocol):
    """Where prompts' sound comes from: `ivr.mouth.prompts.PromptStore`."""

    def fixed(self, name: str, text: str, rate: int) -> tuple[Sentence, ...] | None:
        """The whole prompt if it is ready, else None."""

    def sentences(self, name: str, text: str, rate: int) -> AsyncIterator[Sentence]:
        """The prompt sentence by sentence, each as soon as it is ready. Raises VoiceError."""


class Queue(Protocol):
    """Takes handoffs durably: `ivr.handoff.store.HandoffStore`."""

    def enqueue(self, request: HandoffRequest) -> int:
        """The number under which the request is kept. Raises StateError."""


class FrameTap(Protocol):
    """Sees both sides of every tick: a recorder."""

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        """One frame each way."""

    def close(self) -> None:
        """The call is over."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """seconds      longest call before the dialog is told (it passes the caller to a person)
    barge_in     seconds of speech over a prompt that stop it
    """

    seconds: float = 600.0
    barge_in: float = 0.3


class Call:
    """One call from answer to end. Use once: ``ended = await Call(...).run(answered)``."""

    def __init__(
        self,
        line: Line,
        listener: Listener,
        conversation: Conversation,
        prompts: Prompts,
        queue: Queue,
        journal: Journal,
        passing: Passing,
        *,
        taps: tuple[FrameTap, ...] = (),
        limits: CallLimits | None = None,
    ) -> None:
        self._line = line
        self._ears = listener
        self._talk = conversation
        self._prompts = prompts
        self._queue = queue
        self._journal = journal
        self._passing = passing
        self._taps = taps
        self._limits = limits or CallLimits()
        self._player = Player(line.rate)
        self._todo: deque[Action] = deque()
        self._saying: dict[Ticket, Say] = {}  # prompts begun and not ended, in order
        self._interrupted: list[Action] = []
        self._listen: Listen | None = None
        self._feeding: set[asyncio.Task[None]] = set()
        self._speech_ended: float | None = None
        self._ended: CallEnded | None = None
        self._limit_told = False
        self.now = 0.0

    async def run(self, answered: Answered) -> CallEnded:
        """Hold the call. Failures of parts are told to the dialog; LineClosed is the caller's hang-up."""
        try:
            self._do(self._talk.answered(answered))
            await self._work()
            while self._ended is None:
                await self._tick()
            return self._ended
        except LineClosed:
            return await self._caller_left()
        finally:
            for task in self._feeding:
                task.cancel()
            self._passing.give_up()
            self._ears.close()
            await self._line.hang_up()

    async def _tick(self) -> None:
        received = await self._line.recv()
        self.now = round(self.now + FRAME_SECONDS, 6)
        for key in received.keys:
            self._key(key)
        for event in await self._ears.feed(received.pcm):
            self._ear(event)
        self._barge_in()
        if self.now >= self._limits.seconds:
            self._past_limit()
        await self._work()
        if (passed := self._passing.take()) is not None:
            self._passed(*passed)
            await self._work()
        frame = self._player.next_frame()
        self._report_prompts()
        await self._line.send(frame)
        for tap in self._taps:
            tap.write(received.pcm, frame)

    # --- what comes from the caller -----------------------------------------------------------------

    def _key(self, key: str) -> None:
        if self._passing.active:
            return
        playing = next(iter(self._saying.values()), None)
        if playing is None or playing.barge_in:
            self._stop_prompts()
        self._speech_ended = self.now
        self._do(self._talk.handle(KeyPressed(key), self.now))

    def _ear(self, event: EarEvent) -> None:
        match event:
            case SpeechStarted() | Trouble():
                self._journal.record(self.now, event)
            case SpeechEnded(at=at):
                self._speech_ended = at
                self._journal.record(self.now, event)
            case Spoken() | Silence() if self._passing.active:
                pass  # somebody else is being called: the dialog waits for what comes of it
            case Spoken(heard=heard):
                self._interrupted = []
                self._do(self._talk.heard(heard, self.now))
            case Silence(after_noise=True):
                self._speech_ended = None
                self._resume_prompts()
            case Silence(waited=waited):
                self._speech_ended = None
                self._do(self._talk.handle(NoInput(waited), self.now))

    def _barge_in(self) -> None:
        """Speech that lasts stops a prompt that may be stopped."""
        playing = next(iter(self._saying.values()), None)
        if playing and playing.barge_in and self._ears.speaking >= self._limits.barge_in:
            self._interrupted = [*self._saying.values(), *self._todo]
            self._stop_prompts()

    def _resume_prompts(self) -> None:
        """A noise, not words, stopped the prompts: say them again and go on from there."""
        if self._interrupted:
            waiting = [self._listen] if self._listen is not None else []
            self._todo = deque([*self._interrupted, *waiting])
            self._interrupted = []

    def _past_limit(self) -> None:
        if not self._limit_told:
            self._limit_told = True
            self._passing.give_up()
            self._stop_prompts()
            self._do(self._talk.handle(LimitReached("seconds"), self.now))
        elif self.now >= self._limits.seconds + GRACE_SECONDS:
            self._end(HangUp(Outcome.FAILED, "time limit"))

    async def _caller_left(self) -> CallEnded:
        if self._ended is None:
            for action in self._talk.handle(HungUp(), self.now):
                match action:
                    case HandOff():
                        await self._hand_off(action)
                    case HangUp():
                        self._end(action)
        if self._ended is None:
            self._end(HangUp(Outcome.ABANDONED))
        assert self._ended is not None
        return self._ended

    # --- what the dialog wants done -----------------------------------------------------------------

    def _do(self, actions: tuple[Action, ...]) -> None:
        """New actions replace those not begun; a prompt that must be heard stays before them.

        No actions: the dialog has nothing to add (it is over, and the caller said one more word).
        """
        if not actions:
            return
        kept = [a for a in self._todo if isinstance(a, Say) and not a.barge_in]
        self._todo = deque([*kept, *actions])

    async def _work(self) -> None:
        """Do what can be done now: what follows prompts waits until they have been heard."""
        while self._todo and self._ended is None:
            action = self._todo[0]
            at_once = isinstance(action, Say | HandOff)
            if not at_once and self._player.busy:
                return
            if isinstance(action, Transfer) and self._ears.busy:
                return  # not in the middle of the caller's words: they may change where to
            self._todo.popleft()
            match action:
                case Say():
                    await self._say(action)
                case HandOff():
                    await self._hand_off(action)
                case Listen(no_input_after=seconds):
                    self._listen = action
                    self._ears.listen(seconds, self._talk.phrases(), self._talk.grammar())
                case Transfer():
                    self._journal.record(self.now, action)
                    await self._passing.begin(action)
                case HangUp():
                    self._end(action)
                case _:
                    pass

    async def _say(self, say: Say) -> None:
        self._ears.hold()
        ticket = self._player.begin(say.name, say.text)
        self._saying[ticket] = say
        if (ready := self._prompts.fixed(say.name, say.text, self._line.rate)) is not None:
            for sentence in ready:
                self._player.feed(ticket, sentence)
            self._player.finish(ticket)
            return
        task = asyncio.ensure_future(self._feed_player(ticket, say))
        self._feeding.add(task)
        task.add_done_callback(self._feeding.discard)
        if not self._line.paced:
            await task

    async def _feed_player(self, ticket: Ticket, say: Say) -> None:
        try:
            async for sentence in self._prompts.sentences(say.name, say.text, self._line.rate):
                if not self._player.feed(ticket, sentence):
                    return
        except IvrError as error:
            # A prompt that cannot be spoken must not end the call: it goes on without these words.
            self._talk.trouble("mouth", error, self.now)
        finally:
            self._player.finish(ticket)

    def _stop_prompts(self) -> None:
        """Silence now; what must be heard to its end is said again afterwards."""
        if not self._saying:
            return
        stopped = self._player.stop()
        self._line.clear()
        self._report_prompts(stopped.said if stopped else "")
        self._todo = deque(a for a in self._todo if not (isinstance(a, Say) and a.barge_in))

    def _report_prompts(self, said: str = "") -> None:
        for event in self._player.take_events():
            match event:
                case Started(prompt=ticket, name=name, text=text):
                    wait = None if self._speech_ended is None else round(self.now - self._speech_ended, 3)
                    self._speech_ended = None
                    self._talk.said(self._saying[ticket], self.now)
                    self._journal.record(self.now, PromptStarted(name, text, wait))
                case Ended(prompt=ticket, name=name, heard=heard, interrupted=interrupted):
                    must_hear = interrupted and not self._saying[ticket].barge_in
                    say = self._saying.pop(ticket)
                    if must_hear:
                        self._todo.append(say)
                    self._journal.record(self.now, PromptEnded(name, round(heard, 3), interrupted, said))
                    said = ""

    def _passed(self, action: Transfer, result: TransferResult) -> None:
        done = result.outcome is TransferOutcome.DONE
        self._journal.record(self.now, Transferred(action.route.name, done, result.detail))
        if done:
            self._end(HangUp(Outcome.ROUTED, action.route.name))
        else:
            self._do(self._talk.handle(ActionFailed(action, result.detail), self.now))

    async def _hand_off(self, action: HandOff) -> None:
        full = self._talk.completed(action.request, self.now)
        try:
            number = await asyncio.to_thread(self._queue.enqueue, full)
        except IvrError as error:
            self._talk.trouble("queue", error, self.now)
            self._todo.clear()  # the words that promise a colleague
            self._do(self._talk.handle(ActionFailed(action, str(error)), self.now))
        else:
            self._talk.handed_off(full, number, self.now)

    def _end(self, action: HangUp) -> None:
        self._ended = CallEnded(action.outcome, action.detail, round(self.now, 3))
        self._journal.record(self.now, self._ended)
