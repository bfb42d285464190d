"""A way in that lets calls in and does what the test says with them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np

from ivr.lines.accept import Refusal, Refused, Watcher
from ivr.lines.line import Line, LineClosed, Party, Received
from ivr.media.pcm import Pcm

Talk = Callable[[Line], Awaitable[None]]


async def listen(line: Line) -> list[Received]:
    """Hear all of a call, saying nothing."""
    heard = []
    try:
        while True:
            heard.append(await line.recv())
            await line.send(None)
    except LineClosed:
        return heard


def sound_of(heard: list[Received]) -> Pcm:
    """What was heard, without the silence around it."""
    pcm = np.concatenate([np.zeros(0, np.int16), *(received.pcm for received in heard)])
    return np.trim_zeros(pcm)


@dataclass
class FakeSeat:
    door: FakeDoor
    party: Party
    line: Line | None = None
    watchers: tuple[Watcher, ...] = ()
    left: bool = False
    heard: list[Received] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, line: Line, *watchers: Watcher) -> None:
        assert self.line is None
        self.line, self.watchers = line, watchers
        self.task = asyncio.get_running_loop().create_task(self._hold())
        self.begun.set()
        self.door._changed.set()

    def leave(self) -> None:
        self.left = True

    async def _hold(self) -> None:
        assert self.line is not None
        try:
            if self.door.talk is not None:
                await self.door.talk(self.line)
            else:
                self.heard = await listen(self.line)
        finally:
            await self.line.hang_up()
            self.left = True

    async def done(self) -> list[Received]:
        """Wait for the call to end; what was heard."""
        async with asyncio.timeout(20):
            await self.begun.wait()
            assert self.task is not None
            await self.task
        return self.heard


class FakeDoor:
    """Lets `most` calls in at a time; `talk` holds each, by default listening only."""

    def __init__(self, most: int = 1000, talk: Talk | None = None) -> None:
        self.most = most
        self.talk = talk
        self.seats: list[FakeSeat] = []
        self._changed = asyncio.Event()

    def admit(self, party: Party) -> FakeSeat:
        if sum(not seat.left for seat in self.seats) >= self.most:
            raise Refused(Refusal.FULL)
        self.seats.append(FakeSeat(self, party))
        return self.seats[-1]

    async def call(self, number: int = 0) -> FakeSeat:
        """The call that came in as `number`, once it is answered."""
        async with asyncio.timeout(10):
            while len(self.seats) <= number or self.seats[number].task is None:
                self._changed.clear()
                await self._changed.wait()
        return self.seats[number]
