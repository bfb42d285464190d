"""Hearing a recording as a call hears its caller: voice detector, endpointer, recognizer.

A case is one thing said. Where the endpointer took it for several, because noise drowned its middle or the
speaker hesitated, it is read once more as a whole: held readings of its parts say nothing of the whole.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ivr.ears.endpointer import Endpointer
from ivr.ears.listener import PRE_ROLL, Listener, Spoken
from ivr.ears.pool import RecognizerPool
from ivr.ears.recognizer import RECOGNIZER_RATE, Grammar, Recognizer, anything
from ivr.ears.silero import SileroVad
from ivr.errors import IvrError
from ivr.events import Heard, SpeechEnded, SpeechStarted, Trouble
from ivr.meaning import Completeness, Hypothesis
from ivr.media.pcm import FRAME_SECONDS, Pcm, frames, silence
from ivr.media.resample import resample

T = TypeVar("T")

_FOREVER = 1e9
_SILENT_AFTER = 3.0
"""Seconds of dead line after a recording, which end whatever noise was still taken for speech."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was heard in a recording.

    hypotheses  of all that was said, best first; () when nothing was
    seconds     the recognizer's time for it
    """

    hypotheses: tuple[Hypothesis, ...]
    seconds: float


class _TimedPool(RecognizerPool):
    """One thread, and how long each job of each utterance took on it."""

    def __init__(self) -> None:
        super().__init__(1)
        self.times: dict[object, list[float]] = {}

    async def run(
        self, stream: object, job: Callable[[], T], *, later: bool = False, since: float | None = None
    ) -> T:
        """See RecognizerPool."""

        def timed() -> T:
            started = time.perf_counter()
            try:
                return job()
            finally:
                self.times.setdefault(stream, []).append(time.perf_counter() - started)

        return await super().run(stream, timed)


class Ear:
    """Hears recordings, one after another, on a thread of its own."""

    def __init__(
        self,
        recognizer: Recognizer,
        completeness: Callable[[str], Completeness],
        phrases: tuple[str, ...],
        grammar: Grammar = anything,
    ) -> None:
        """completeness, phrases, grammar  what the dialog makes of words now, and what may be said in it"""
        self._grammar = grammar
        self._recognizer = recognizer
        self._completeness = completeness
        self._phrases = phrases
        self._pool = _TimedPool()

    async def hear(self, pcm: Pcm, rate: int) -> Reading:
        """What is said in `pcm`. Raises IvrError when the recognizer fails."""
        self._pool.times.clear()
        listener = Listener(
            rate,
            SileroVad(rate),
            Endpointer(),
            self._recognizer,
            self._pool,
            self._completeness,
            wait_for_readings=True,
        )
        listener.expect(self._phrases, self._grammar)
        listener.listen(_FOREVER)
        spoken: list[Heard] = []
        speaking = False
        dead_line = itertools.repeat(silence(FRAME_SECONDS, rate), round(_SILENT_AFTER / FRAME_SECONDS))
        for number, frame in enumerate(itertools.chain(frames(pcm, rate), dead_line)):
            if number * FRAME_SECONDS * rate >= len(pcm) and not speaking:
                break
            for event in await listener.feed(frame):
                match event:
                    case SpeechStarted():
                        speaking = True
                    case SpeechEnded():
                        speaking = False
                    case Spoken(heard=heard):
                        spoken.append(heard)
                    case Trouble(what=what):
                        raise IvrError(what)
        listener.close()
        hypotheses = joined([heard.hypotheses for heard in spoken])
        if len(spoken) > 1:
            hypotheses = surer(hypotheses, await self._whole(pcm, rate, spoken[0].started, spoken[-1].ended))
        times = self._pool.times.values()
        return Reading(hypotheses, sum(_of_reading(some, self._recognizer.streaming) for some in times))

    async def _whole(self, pcm: Pcm, rate: int, started: float, ended: float) -> tuple[Hypothesis, ...]:
        """The readings of all that was said between two times."""
        first = max(0, round((started - PRE_ROLL) * rate))
        wide = resample(pcm[first : round((ended + PRE_ROLL) * rate)], rate, RECOGNIZER_RATE)
        stream = self._recognizer.stream(self._phrases, self._grammar)

        def read() -> tuple[Hypothesis, ...]:
            stream.feed(wide)
            return stream.finish()

        return await self._pool.run(stream, read)

    async def close(self) -> None:
        """Stop the thread."""
        await self._pool.close()


def joined(utterances: list[tuple[Hypothesis, ...]]) -> tuple[Hypothesis, ...]:
    """The readings of several utterances as readings of all of them: best with best, second with second.

    An utterance with fewer readings takes part with its last one; the confidence is the mean by words. Held
    readings are of one utterance and say nothing of several.
    """
    some = [hypotheses for hypotheses in utterances if any(one.text.strip() for one in hypotheses)]
    if len(some) <= 1:
        return some[0] if some else ()
    free = (tuple(one for one in hypotheses if one.fit is None) for hypotheses in some)
    some = [hypotheses for hypotheses in free if hypotheses]
    many = max(map(len, some), default=0)
    return tuple(
        _one([hypotheses[min(rank, len(hypotheses) - 1)] for hypotheses in some]) for rank in range(many)
    )


def surer(parts: tuple[Hypothesis, ...], whole: tuple[Hypothesis, ...]) -> tuple[Hypothesis, ...]:
    """The free readings of the parts or the whole, whichever are surer, and the whole's held ones."""
    free = tuple(one for one in whole if one.fit is None)
    best = max(parts, free, key=lambda some: some[0].confidence if some else 0.0)
    return (*best, *(one for one in whole if one.fit is not None))


def _one(parts: list[Hypothesis]) -> Hypothesis:
    weights = [max(1, len(part.text.split())) for part in parts]
    confidence = sum(w * part.confidence for w, part in zip(weights, parts, strict=True)) / sum(weights)
    text = " ".join(part.text.strip() for part in parts if part.text.strip())
    return Hypothesis(text, confidence, tuple(word for part in parts for word in part.words))


def _of_reading(times: list[float], streaming: bool) -> float:
    """Time of one utterance's reading: all jobs of an engine that works while it listens, else of the last.

    The work was done by the last job, or by the two before it, which read freely and held at the last pause.
    """
    return sum(times) if streaming else max(times[-1], sum(times[-3:-1]))
