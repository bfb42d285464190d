"""Sound and keys over SIP, both ways, by correlation of a chirp: without leave for a single lost frame."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
from chirps import chirp, likeness
from sip_phone import KEY_CODES, Phone, dialled

from bench.report import Result, of_runs
from ivr.lines.accept import Watcher
from ivr.lines.leg import LegAnswered
from ivr.lines.line import Line, LineClosed, Party, TransferContext
from ivr.lines.sip.server import SipServer
from ivr.media.pcm import Pcm
from ivr.serving.address import Address
from ivr.serving.sip import SipSettings

MARKS = {"pcmu": 0.99, "pcma": 0.99, "g722": 0.99, "opus": 0.95}
SECONDS = 2.0
RESERVE_SECONDS = 0.02
"""What the line keeps against a moment in which the machine is late (`ivr.lines.sip.audio`)."""
MOST_TRIES = 4
"""Times `runs` that an exchange is tried until enough of them were not disturbed."""
Talk = Callable[[Line], Awaitable[None]]


@asynccontextmanager
async def line_of_ours(talk: Talk, **settings: object) -> AsyncIterator[SipServer]:
    """A SIP line whose calls `talk` holds."""
    here = Address("127.0.0.1", 0)
    told = SipSettings(listen=here, default_desk="none", max_calls=1000, **settings)  # type: ignore[arg-type]
    server = SipServer(told)
    door = _Door(talk)
    await server.start(door)
    try:
        yield server
    finally:
        await server.close()
        await asyncio.gather(*door.calls, return_exceptions=True)


class _Door:
    """Lets every call in, and keeps nothing of those that are over."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.calls: set[asyncio.Task[None]] = set()

    def admit(self, party: Party) -> _Seat:
        return _Seat(self)


class _Seat:
    def __init__(self, door: _Door) -> None:
        self._door = door

    def hold(self, line: Line, *watchers: Watcher) -> None:
        task = asyncio.ensure_future(self._hold(line))
        self._door.calls.add(task)
        task.add_done_callback(self._door.calls.discard)

    def leave(self) -> None:
        pass

    async def _hold(self, line: Line) -> None:
        try:
            await self._door.talk(line)
        finally:
            await line.hang_up()


class Both:
    """The desk's side: waits until sound has settled, says the chirp, hears everything."""

    def __init__(self) -> None:
        self.heard: list[Pcm] = []
        self.keys: list[str] = []
        self.rate = 0
        self.late = 0.0
        """Seconds by which a frame was behind its time at most."""

    async def __call__(self, line: Line) -> None:
        self.rate, size = line.rate, line.rate // 50
        began = time.monotonic()
        said = np.concatenate([np.zeros(line.rate, np.int16), chirp(line.rate, SECONDS)])
        with contextlib.suppress(LineClosed):
            for start in range(0, 1 << 30, size):
                received = await line.recv()
                self.heard.append(received.pcm)
                self.keys += received.keys
                self.late = max(self.late, time.monotonic() - began - 0.02 * (start // size + 1))
                await line.send(said[start : start + size] if start + size <= len(said) else None)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A chirp each way: how like it was, and whether this machine was so late meanwhile that frames were
    missing, which says nothing of the line."""

    to_desk: float
    to_caller: float
    disturbed: bool


async def sound(options: argparse.Namespace) -> list[Result]:
    """Each codec, until `runs` exchanges were undisturbed."""
    results = []
    for codec, mark in MARKS.items():
        all_of: list[_Exchange] = []
        good: list[_Exchange] = []
        while len(good) < options.runs and len(all_of) < MOST_TRIES * options.runs:
            all_of.append(await _exchange(codec))
            good = [one for one in all_of if not one.disturbed]
        counted = good or all_of
        there, back = [one.to_desk for one in counted], [one.to_caller for one in counted]
        results.append(of_runs(f"chirp correlation to the desk, {codec}", there, "", (">=", mark)))
        results.append(of_runs(f"chirp correlation to the caller, {codec}", back, "", (">=", mark)))
        left_out = len(all_of) - len(good)
        results.append(Result(f"of {len(all_of)} exchanges, {codec}: this machine was late", left_out, ""))
    return results


async def _exchange(codec: str) -> _Exchange:
    both, late = Both(), 0.0

    async def nobody(line: Line) -> None:
        await line.recv()

    async with line_of_ours(both, workers=1, codecs=(codec,)) as called:
        via = Address(called.address.host, called.address.port)
        async with line_of_ours(nobody, workers=1, codecs=(codec,), dial_via=via) as caller:
            leg = await caller.dial("100", TransferContext("bench"))
            for _ in range(500):
                if any(isinstance(event, LegAnswered) for event in leg.events()):
                    break
                await asyncio.sleep(0.02)
            size, rest = leg.rate // 50, np.zeros(leg.rate, np.int16)
            said = np.concatenate([rest, chirp(leg.rate, SECONDS), rest])
            heard, began = [], time.monotonic()
            for number, start in enumerate(range(0, len(said), size)):
                await asyncio.sleep(max(0.0, began + 0.02 * number - time.monotonic()))
                late = max(late, time.monotonic() - began - 0.02 * number)
                await leg.send(said[start : start + size])
                heard.append(leg.recv().pcm)
            await leg.hang_up()
            await asyncio.sleep(0.3)  # the workers tell of starved frames when the call is over
            starved = called.starved + caller.starved
    return _Exchange(
        likeness(chirp(both.rate, SECONDS), np.concatenate(both.heard), pieces=1),
        likeness(chirp(leg.rate, SECONDS), np.concatenate(heard), pieces=1),
        starved > 0 or max(late, both.late) > RESERVE_SECONDS,
    )


async def keys(options: argparse.Namespace) -> list[Result]:
    """All sixteen as RFC 4733 events: on a clean line, and on a bad one."""
    clean = [await _press(None) for _ in range(options.runs)]
    bad = [await _press(random.Random(seed)) for seed in range(options.runs)]
    return [
        of_runs("keys of 16 that arrive in order, clean", clean, "", (">=", 16)),
        of_runs("the same with 5 % loss, 50 ms jitter, 2 % reordering", bad, "", (">=", 16)),
    ]


async def _press(chance: random.Random | None) -> int:
    both = Both()
    async with (
        line_of_ours(both, workers=1) as server,
        dialled((server.address.host, server.address.port)) as phone,
    ):
        if chance is not None:
            _worsen(phone, chance)
        await phone.dial()
        silent = asyncio.create_task(phone.speak(np.zeros(160 * 60, np.int16)))
        await silent
        for key in KEY_CODES:
            await phone.press(key)
            await phone.speak(np.zeros(160 * 8, np.int16))
        await asyncio.sleep(0.5)
        await phone.bye()
    return (
        16
        if "".join(both.keys) == KEY_CODES
        else len(set(both.keys) & set(KEY_CODES)) - (len(both.keys) > 16)
    )


def _worsen(phone: Phone, chance: random.Random) -> None:
    """A network that loses 5 % of the packets, delays them by up to 50 ms in order, and 2 % out of order."""
    plain, loop, last = phone._rtp.sendto, asyncio.get_running_loop(), [0.0]

    def send(data: bytes, to: tuple[str, int]) -> None:
        if chance.random() < 0.05:
            return
        at = loop.time() + chance.uniform(0, 0.05)
        if chance.random() < 0.02:
            loop.call_at(at + 0.03, plain, data, to)
            return
        last[0] = max(at, last[0] + 0.0001)
        loop.call_at(last[0], plain, data, to)

    phone._rtp.sendto = send  # type: ignore[assignment, method-assign]
