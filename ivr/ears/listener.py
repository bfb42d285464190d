"""The ears of one call: frames in, utterances out.

The voice detector and the endpointer run in step with the call. Recognition runs in the pool: it is started
as soon as the caller pauses, and its words tell the endpointer whether the pause is the end ("my order number
is" is not). On an unpaced line each reading is waited for, so that it takes no time of the call.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TypeAlias

from ivr.ears.callers_voice import CallersVoice
from ivr.ears.endpointer import Endpointer, Paused, Resumed, SpeechEnd, SpeechStart, TimedOut
from ivr.ears.pool import RecognizerPool
from ivr.ears.reader import Reader
from ivr.ears.recognizer import RECOGNIZER_RATE, Grammar, Recognizer, anything
from ivr.ears.second import Judge, SecondOpinion, clear
from ivr.ears.utterance import Utterance
from ivr.ears.vad import Vad
from ivr.errors import IvrError
from ivr.events import Heard, SpeechEnded, SpeechStarted, Trouble
from ivr.meaning import Completeness, Hypothesis
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.media.resample import Resampler

PRE_ROLL = 0.3
"""Seconds before the first speech sample that are recognized too: soft beginnings ("h", "f") lie there."""
SPEECH = 0.5
"""Probability of speech from which a frame counts for how loud the caller is."""
NOISE_SECONDS = 2.0
"""Sound without words shorter than this is a noise, not something to answer."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance was recognized."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was said for `waited` seconds; or, `after_noise`, what was heard was no speech."""

    waited: float
    after_noise: bool = False


EarEvent: TypeAlias = SpeechStarted | SpeechEnded | Spoken | Silence | Trouble


class Listener:
    """Hears one call. `completeness` judges the words so far in the present state of the dialog.

    `clarity` tells what readings leave open. The doubtful is read once more, where the recognizer has a
    second opinion and there is time for it; the plain is not read to the end while others wait.
    """

    def __init__(
        self,
        rate: int,
        vad: Vad,
        endpointer: Endpointer,
        recognizer: Recognizer,
        pool: RecognizerPool,
        completeness: Callable[[str], Completeness],
        *,
        wait_for_readings: bool,
        clarity: Judge = clear,
    ) -> None:
        self._caller = CallersVoice(rate, vad)
        self._endpointer = endpointer
        self._recognizer = recognizer
        self._reader = Reader(pool, clarity, lambda: self._clock)
        self._completeness = completeness
        self._patient = wait_for_readings
        self._rate = rate
        self._resampler = Resampler(rate, RECOGNIZER_RATE)
        self._recent: deque[Pcm] = deque(maxlen=round(1.5 / FRAME_SECONDS))
        self._phrases: tuple[str, ...] = ()
        self._grammar: Grammar = anything
        self._now: Utterance | None = None
        self._done: deque[Utterance] = deque()
        self._peeks: set[asyncio.Task[None]] = set()
        self._no_input_after = 0.0
        self._clock = 0.0
        self.voice = 0.0
        """Probability that the caller speaks in the newest frame; the echo of our own prompts is nobody, and
        people behind the caller are none either."""

    def change(self, recognizer: Recognizer) -> None:
        """Utterances that begin from now on are read by this one."""
        self._recognizer = recognizer

    @property
    def busy(self) -> bool:
        """Whether somebody speaks, or what was said is still being read."""
        return self._now is not None or bool(self._done)

    @property
    def reading(self) -> bool:
        """Whether nobody speaks and what was said is still being read."""
        return self._now is None and bool(self._done)

    @property
    def only_noise(self) -> bool:
        """Whether what is being heard had no words in it when `glance` looked."""
        return self._now is not None and self._now.seen is not None and not self._now.seen.strip()

    async def glance(self) -> None:
        """Read what is being heard so far, once an utterance; `only_noise` tells what came of it."""
        if (now := self._now) is None or now.glanced:
            return
        now.glanced = True
        task = self._keep(self._look(now, now.take()))
        if self._patient:
            await task

    async def _look(self, utterance: Utterance, pcm: Pcm) -> None:
        try:
            reading = await self._reader.so_far(utterance, pcm)
        except IvrError:
            reading = None  # the reading at its end says what is wrong
        utterance.seen = "" if reading is None else reading.text

    def expect(self, phrases: tuple[str, ...], grammar: Grammar = anything) -> None:
        """What utterances that begin from now on are likely to be."""
        self._phrases = phrases
        self._grammar = grammar

    def listen(self, no_input_after: float) -> None:
        """It is the caller's turn: count silence from now on."""
        self._no_input_after = no_input_after
        self._endpointer.listen(no_input_after)

    def sent(self, pcm: Pcm | None) -> None:
        """What goes out to the caller after the frame that was last heard, to know its echo by."""
        self._caller.sent(pcm)

    def hold(self) -> None:
        """The desk speaks: silence is not the caller's. Speech is heard all the same."""
        self._endpointer.hold()

    async def feed(self, pcm: Pcm) -> list[EarEvent]:
        """The next frame; what became known with it, in order."""
        self._clock = round(self._clock + FRAME_SECONDS, 6)
        self._recent.append(pcm)
        events: list[EarEvent] = []
        if self._now is not None:
            self._now.waiting.append(self._resampler.feed(pcm))
        self.voice = await self._caller.heard(pcm)
        if self._now is not None and self.voice >= SPEECH:
            self._now.voice(pcm)
        for event in self._endpointer.feed(FRAME_SECONDS, self.voice):
            match event:
                case SpeechStart(at=at):
                    self._begin(at)
                    events.append(SpeechStarted(round(at, 3)))
                case Paused(silence=silence):
                    await self._pause(time.monotonic() - silence)
                case Resumed():
                    self._resume()
                case SpeechEnd(at=at, silence=silence):
                    events.append(SpeechEnded(round(at, 3), round(silence, 3)))
                    await self._end(at, time.monotonic() - silence)
                case TimedOut(waited=waited):
                    events.append(Silence(round(waited, 3)))
        self._stream_on()
        events.extend(await self._readings())
        return events

    def close(self) -> None:
        """Give up what is still being recognized."""
        for utterance in [*self._done, *([self._now] if self._now else [])]:
            if utterance.job is not None:
                utterance.job.cancel()
        for peek in self._peeks:
            peek.cancel()

    # --- one utterance -------------------------------------------------------------------------------

    def _begin(self, at: float) -> None:
        back = min(len(self._recent), round((self._clock - at + PRE_ROLL) / FRAME_SECONDS))
        first = self._clock - back * FRAME_SECONDS
        stream = self._recognizer.stream(self._phrases, self._grammar)
        self._now = Utterance(stream, self._recognizer.name, at, first)
        if isinstance(self._recognizer, SecondOpinion):
            self._now.second = self._recognizer
        # What nobody speaks in is not resampled: that took a tenth of a core for thirty calls.
        self._resampler = Resampler(self._rate, RECOGNIZER_RATE)
        self._now.waiting = [
            self._resampler.feed(pcm) for pcm in list(self._recent)[len(self._recent) - back :]
        ]

    def _stream_on(self) -> None:
        """A streaming engine gets its sound while the caller speaks, in pieces of 0.1 s."""
        now = self._now
        if now and self._recognizer.streaming and not now.paused and len(now.waiting) >= 5:
            self._keep(self._reader.feed(now, now.take()))

    async def _pause(self, since: float) -> None:
        """Read what was said, while it is not yet certain that it was all; nothing was since then."""
        if (now := self._now) is None:
            return
        now.paused = True
        now.pauses += 1
        pause, pcm = now.pauses, now.take()

        def wanted() -> bool:
            """Who went on speaking meanwhile is read at the next pause, with what came before."""
            return now is not self._now or (now.paused and now.pauses == pause)

        now.free = asyncio.ensure_future(self._reader.so_far(now, pcm, since, wanted))
        task = self._keep(self._peek(now, now.free, wanted))
        if self._patient:
            await task

    async def _peek(
        self, utterance: Utterance, free: Awaitable[Hypothesis | None], wanted: Callable[[], bool]
    ) -> None:
        reading = await free
        if utterance is self._now and wanted():
            # What was read as nothing may still be a group of digits, where a number is asked for. In a
            # thread: it takes up to 20 ms, in which no call would get its sound.
            verdict = await asyncio.to_thread(self._completeness, "" if reading is None else reading.text)
            if utterance is not self._now or not wanted():
                return
            self._endpointer.completeness(verdict)
            if reading is not None and await self._reader.enough(utterance, reading):
                return
            # After the endpointer knows, so that the held reading is made while the caller is silent anyway.
            await self._reader.settle(utterance, wanted)

    def _resume(self) -> None:
        if self._now is not None:
            self._now.paused = False

    async def _end(self, at: float, since: float) -> None:
        if (now := self._now) is None:
            return
        self._now = None
        now.ended = at
        now.closed_at = time.monotonic()
        # Sound after the pause began is silence: without it the reading made then is still good.
        rest = None if now.paused else now.take()
        now.job = asyncio.ensure_future(self._reader.whole(now, rest, since))
        self._done.append(now)
        if self._patient:
            await asyncio.wait([now.job])

    async def _readings(self) -> list[EarEvent]:
        """Utterances whose recognition is through, in the order they were spoken."""
        events: list[EarEvent] = []
        while self._done and self._done[0].job is not None and self._done[0].job.done():
            utterance = self._done.popleft()
            hypotheses: tuple[Hypothesis, ...] = ()
            assert utterance.job is not None
            try:
                hypotheses = utterance.job.result()
            except IvrError as error:
                events.append(Trouble("ears", str(error)))
            seconds = time.monotonic() - utterance.closed_at
            length = utterance.ended - utterance.started
            if any(h.text.strip() for h in hypotheses) or length >= NOISE_SECONDS:
                heard = Heard(
                    hypotheses,
                    round(utterance.started, 3),
                    round(utterance.ended, 3),
                    utterance.recognizer,
                    round(seconds, 3),
                    utterance.loudness(),
                )
                events.append(Spoken(heard))
            else:
                self._endpointer.listen(self._no_input_after)
                events.append(Silence(length, after_noise=True))
        return events

    def _keep(self, job: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run it beside the call; the reference keeps it from being collected half-way."""
        task = asyncio.ensure_future(job)
        self._peeks.add(task)
        task.add_done_callback(self._peeks.discard)
        return task
