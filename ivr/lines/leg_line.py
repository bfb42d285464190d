"""A party that we called, as a line of its own: what is said to them and heard from them, 20 ms at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from ivr.handover import Route
from ivr.lines.leg import Leg, LegEnded
from ivr.lines.line import LineClosed, Party, Received, TransferContext, TransferOutcome, TransferResult
from ivr.meaning import SlotValue
from ivr.media.pcm import FRAME_SECONDS, Pcm

CATCH_UP_SECONDS = 1.0


class LegLine:
    """`Line` over a `Leg`; the leg's events are for whoever has called."""

    def __init__(
        self,
        leg: Leg,
        party: Party,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._leg = leg
        self._party = party
        self._clock = clock
        self._sleep = sleep
        self._start = clock()
        self._ticks = 0
        self._closed = False
        self._alone = False

    def alone(self) -> None:
        """From now on nobody else reads the leg's events: when it ends, so does the line."""
        self._alone = True

    @property
    def rate(self) -> int:
        """The leg's."""
        return self._leg.rate

    @property
    def paced(self) -> bool:
        """It is a telephone."""
        return True

    @property
    def party(self) -> Party:
        """As given."""
        return self._party

    async def recv(self) -> Received:
        """The frame that is due. Raises LineClosed after we have hung up, `alone` also when they have."""
        self._ticks += 1
        delay = self._start + self._ticks * FRAME_SECONDS - self._clock()
        if delay < -CATCH_UP_SECONDS:
            self._start -= delay
        await self._sleep(max(delay, 0.0))
        if self._closed:
            raise LineClosed("we have hung up")
        if self._alone and any(isinstance(event, LegEnded) for event in self._leg.events()):
            raise LineClosed("they have hung up")
        return self._leg.recv()

    async def send(self, pcm: Pcm | None) -> None:
        """The next 20 ms to them."""
        await self._leg.send(pcm)

    async def press(self, keys: str) -> None:
        """Keys to them."""
        await self._leg.send(None, tuple(keys))

    def clear(self) -> None:
        """Nothing waits: sound is sent as it is due."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """They did not call us: whoever they want is called by us, and both are joined."""
        return TransferResult(TransferOutcome.UNABLE, "they were called by us")

    async def hang_up(self) -> None:
        """End it, or stop calling."""
        self._closed = True
        await self._leg.hang_up()
