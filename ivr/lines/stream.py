"""A call whose sound comes over a connection: what AudioSocket, media streams and browsers share.

The connection (`Wire`) puts in what it receives, in pieces as they come; the call takes a frame every 20 ms
by the clock of the call's start, so that delays do not add up. When we were late, the frames that are due
come at once, until the call has caught up.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np

from ivr.handover import Route
from ivr.lines.jitter import JitterBuffer
from ivr.lines.line import (
    KEYS,
    KeySender,
    LineClosed,
    Party,
    Received,
    TransferContext,
    TransferOutcome,
    TransferResult,
)
from ivr.meaning import SlotValue
from ivr.media.dtmf import DtmfDetector
from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples

CATCH_UP_SECONDS = 1.0
"""Longest delay that is caught up; after a longer one (the machine slept) time goes on from now."""
GRID_SECONDS = 0.005
"""Calls tick at multiples of this, so that many share one turn of the loop and what a turn costs."""
WAITING_KEYS = 100
ECHO_TICKS = 50
"""An event for the key whose tone was heard less than a second ago is the same key."""


class Wire(Protocol):
    """The connection under a `StreamLine`. None of its methods may wait for the peer for long."""

    async def send(self, pcm: Pcm | None) -> None:
        """One frame at the line's rate, None for silence. Nothing after the end."""

    def clear(self) -> None:
        """The peer should drop what it has not played yet."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """Pass the caller on, as `Line.transfer`."""

    async def close(self) -> None:
        """Say good-bye and close. Harmless when repeated."""


class StreamLine:
    """A `Line` over a `Wire`. `feed`, `key` and `end` are called by the connection, on the same event loop.

    Time begins with the construction: frames that came before the first `recv` are delivered at once.

    in_band  keys are also recognized by their tones, until the first one comes as an event
    """

    def __init__(
        self,
        wire: Wire,
        rate: int,
        party: Party,
        *,
        in_band: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.buffer = JitterBuffer(rate)
        self._wire = wire
        self._rate = rate
        self._party = party
        self._clock = clock
        self._sleep = sleep
        self._start = math.ceil(clock() / GRID_SECONDS) * GRID_SECONDS
        self._ticks = 0
        self._keys: list[str] = []
        self._tones = DtmfDetector(rate) if in_band else None
        self._toned: tuple[str, int] | None = None
        self._peer_gone = False
        self._closed = False
        self._fault = ""

    @property
    def rate(self) -> int:
        """As given."""
        return self._rate

    @property
    def paced(self) -> bool:
        """A connection takes real time."""
        return True

    @property
    def party(self) -> Party:
        """As given."""
        return self._party

    @property
    def over(self) -> bool:
        """Whether one of both sides has ended the call."""
        return self._closed or self._peer_gone

    # --- for the connection ----------------------------------------------------------------------------

    def feed(self, pcm: Pcm) -> None:
        """Sound from the caller at the line's rate, any length."""
        if not self.over:
            self.buffer.feed(pcm)

    def key(self, key: str) -> bool:
        """A key of the caller; False when there is no such key, or too many wait."""
        if key not in KEYS or len(key) != 1 or len(self._keys) >= WAITING_KEYS:
            return False
        twice = (
            self._toned is not None and self._toned[0] == key and self._ticks - self._toned[1] < ECHO_TICKS
        )
        self._tones = self._toned = None  # the peer sends events: its tones would be the same keys again
        if not twice:
            self._keys.append(key)
        return True

    def end(self, fault: str = "") -> None:
        """The peer is gone; what it sent before is still heard. `fault`: why, when it was no hang-up."""
        if not self._peer_gone:
            self._peer_gone = True
            self._fault = fault
            self.buffer.end()

    # --- for the call ----------------------------------------------------------------------------------

    async def recv(self) -> Received:
        """The frame that is due, silence when nothing came."""
        if not self._closed:
            await self._pace()
        pcm = None if self._closed else self.buffer.next()
        if self._closed or (pcm is None and self._peer_gone):
            self._closed = True
            raise LineClosed("the call is over", self._fault)
        if self._tones is not None and pcm is not None:
            for key in self._tones.feed(pcm):
                self._keys.append(key)
                self._toned = (key, self._ticks)
        keys = tuple(self._keys)
        self._keys.clear()
        return Received(np.zeros(frame_samples(self._rate), dtype=np.int16) if pcm is None else pcm, keys)

    async def send(self, pcm: Pcm | None) -> None:
        """The next 20 ms to the caller. Ignored after the end."""
        if pcm is not None and len(pcm) != frame_samples(self._rate):
            raise ValueError(f"a frame has {frame_samples(self._rate)} samples, not {len(pcm)}")
        if not self.over:
            await self._wire.send(pcm)

    def send_keys(self, keys: str) -> bool:
        """As the wire can."""
        return isinstance(self._wire, KeySender) and self._wire.send_keys(keys)

    def clear(self) -> None:
        """Drop what the peer has not played yet."""
        if not self.over:
            self._wire.clear()

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """As the wire can."""
        if self.over:
            return TransferResult(TransferOutcome.REFUSED, "the caller has left")
        return await self._wire.transfer(route, slots, context)

    async def hang_up(self) -> None:
        """Close the connection; `recv` raises LineClosed from now on."""
        self._closed = True
        await self._wire.close()

    async def _pace(self) -> None:
        self._ticks += 1
        delay = self._start + self._ticks * FRAME_SECONDS - self._clock()
        if delay < -CATCH_UP_SECONDS:
            self._start -= delay
            delay = 0.0
        await self._sleep(max(delay, 0.0))
