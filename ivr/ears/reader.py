"""Reading the utterances of one call in the pool of all calls: so far, whole, and once more where in doubt.

A free reading is made in each pause. At the end the whole is read, held to what may be said where the engine
can, and the doubtful is read by another model where there is one. While others wait for a thread, a free
reading that is plain is all there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from ivr.ears.pool import RecognizerPool
from ivr.ears.second import Judge, with_second, worth_it
from ivr.ears.utterance import Utterance
from ivr.errors import IvrError
from ivr.meaning import Clarity, Hypothesis
from ivr.media.pcm import Pcm


class Reader:
    """`clarity` tells what readings leave open at the moment `now()`, in seconds of the call."""

    def __init__(self, pool: RecognizerPool, clarity: Judge, now: Callable[[], float]) -> None:
        self._pool = pool
        self._clarity = clarity
        self._now = now

    async def feed(self, utterance: Utterance, pcm: Pcm) -> None:
        """Give sound (at the recognizer's rate) to an engine that reads while the caller speaks."""
        await self._pool.run(utterance, lambda: utterance.stream.feed(pcm))

    async def so_far(
        self,
        utterance: Utterance,
        pcm: Pcm,
        since: float | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Hypothesis | None:
        """The free reading with `pcm`, what was not given yet; None where nothing is read, or not `wanted`.

        since  from when on somebody waits for it, as of `time.monotonic`
        """

        def read() -> Hypothesis | None:
            utterance.stream.feed(pcm)
            return utterance.stream.peek() if wanted() else None

        return await self._pool.run(utterance, read, since=since)

    async def settle(self, utterance: Utterance, wanted: Callable[[], bool]) -> None:
        """Read ahead what the end will ask for, while nobody waits for it yet."""
        settle = utterance.stream.settle
        await self._pool.run(utterance, lambda: settle() if wanted() else None, later=True)

    async def whole(self, utterance: Utterance, rest: Pcm | None, since: float) -> tuple[Hypothesis, ...]:
        """The readings of an utterance that has ended, with a second opinion where they are doubtful.

        Where the free reading of the pause that became the end is enough, it is all there is.

        rest   what was not given yet; None where the sound is silence since the last reading
        since  from when on the caller waits for it, as of `time.monotonic`
        """

        def finish() -> tuple[Hypothesis, ...]:
            if rest is not None:
                utterance.stream.feed(rest)
            return utterance.stream.finish()

        if (alone := await self._alone(utterance)) is not None:
            return (utterance.in_call(alone),)
        readings = tuple(
            utterance.in_call(one) for one in await self._pool.run(utterance, finish, since=since)
        )
        second, sound = utterance.second, utterance.sound
        utterance.sound = []
        # In a thread, also where nobody has a second opinion: what is meant is then known when the call asks.
        clarity = await asyncio.to_thread(self._clarity, readings, self._now())
        if second is None or clarity is not Clarity.DOUBTFUL or not worth_it(readings, sound):
            return readings
        if not self._pool.has_room(utterance):
            return readings  # it would hold others up for longer than it may help this caller
        whole = np.concatenate(sound)
        another = await self._pool.run(utterance, lambda: second.reread(whole), since=since)
        if another is None:
            return readings
        readings = with_second(readings, utterance.in_call(another))
        await asyncio.to_thread(self._clarity, readings, self._now())
        return readings

    async def enough(self, utterance: Utterance, free: Hypothesis) -> bool:
        """Whether a free reading is plain, and others need the threads that would read more."""
        if self._pool.has_room(utterance):
            return False
        alone = (utterance.in_call(free),)
        return await asyncio.to_thread(self._clarity, alone, self._now()) is Clarity.PLAIN

    async def _alone(self, utterance: Utterance) -> Hypothesis | None:
        """The free reading of the pause that became the end, where it is enough."""
        if utterance.free is None or not utterance.paused or self._pool.has_room(utterance):
            return None
        try:
            free = await utterance.free
        except IvrError:
            return None  # reading it once more says what is wrong
        return free if free is not None and await self.enough(utterance, free) else None
