"""AudioSocket and WebSocket: sound bit by bit, what 2,000 calls leave behind, connections that say nothing.

Callers and listeners share one process and one event loop, so memory and CPU are those of both.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import gc
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import aiohttp
import numpy as np
import psutil

from bench.report import Result, percentile
from ivr.ears.silero import SileroVad
from ivr.lines.accept import Watcher
from ivr.lines.audiosocket import messages
from ivr.lines.audiosocket.announced import Announced, Numbers
from ivr.lines.audiosocket.server import AudioSocketServer
from ivr.lines.line import Line, LineClosed, Party
from ivr.lines.media_stream.server import MediaStreamServer
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm
from ivr.serving.address import Address
from ivr.serving.lines import AudioSocketSettings
from ivr.serving.web import MediaStreamSettings

CALLS = 50
SECONDS = 10
IDLE = 1000
RATE = 25
STORM_FRAMES = 50
AT_ONCE = 250
HERE = Address("127.0.0.1", 0)


class Seat:
    """Holds a call that says what it hears."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def hold(self, line: Line, *_: Watcher) -> None:
        task = asyncio.get_running_loop().create_task(self._echo(line))
        self._door.tasks.add(task)
        task.add_done_callback(self._door.tasks.discard)

    def leave(self) -> None:
        pass

    async def _echo(self, line: Line) -> None:
        detector = SileroVad(line.rate) if self._door.listens else None
        began, ticks, heard = time.monotonic(), 0, []
        with contextlib.suppress(LineClosed):
            while True:
                pcm = (await line.recv()).pcm
                ticks += 1
                if detector is not None:
                    detector.feed(pcm)
                else:
                    self._door.late.append(time.monotonic() - began - 0.02 * ticks)
                    heard.append(pcm)
                await line.send(pcm if pcm.any() else None)
        if heard:
            self._door.heard[line.party.caller] = _sound(heard)
        await line.hang_up()


class Door:
    """Lets everybody in. `listens`: with a voice detector, as a call has."""

    def __init__(self, *, listens: bool = False) -> None:
        self.listens = listens
        self.late: list[float] = []
        self.heard: dict[str, list[Pcm]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def admit(self, party: Party) -> Seat:
        return Seat(self)

    async def empty(self) -> None:
        while self.tasks:
            await asyncio.wait(tuple(self.tasks))


class Caller(Protocol):
    """One call from the other side: sends frames paced, returns what came back."""

    async def __call__(self, name: str, frames: list[Pcm]) -> list[Pcm]: ...


@asynccontextmanager
async def audiosocket(door: Door) -> AsyncIterator[tuple[Caller, Address]]:
    announced = Announced()
    server = AudioSocketServer(AudioSocketSettings(listen=HERE, default_desk="x"), announced)
    await server.start(door)

    async def call(name: str, frames: list[Pcm]) -> list[Pcm]:
        one = uuid.uuid4()
        announced.announce(one, Numbers(name, "100"), time.monotonic())
        reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
        writer.write(messages.identified(one))
        back: list[Pcm] = []

        async def hear() -> None:
            got = messages.Reader()
            while data := await reader.read(65_536):
                back.extend(m.pcm for m in got.feed(data) if isinstance(m, messages.Sound))

        hearing = asyncio.create_task(hear())
        await _paced(frames, lambda pcm: _write(writer, messages.sound(0x10, pcm)))
        writer.write(messages.hang_up())
        await hearing
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return _sound(back)

    try:
        yield call, server.address
    finally:
        await server.close()


@asynccontextmanager
async def websocket(door: Door) -> AsyncIterator[tuple[Caller, Address]]:
    server = MediaStreamServer(MediaStreamSettings(listen=HERE, default_desk="x"))
    await server.start(door)
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def call(name: str, frames: list[Pcm]) -> list[Pcm]:
        async with session.ws_connect(f"ws://{server.address}/media-stream") as socket:
            start = {"streamSid": name, "callSid": name, "customParameters": {"caller": name}}
            await socket.send_str(json.dumps({"event": "start", "streamSid": name, "start": start}))
            back: list[Pcm] = []

            async def hear() -> None:
                async for message in socket:
                    got = json.loads(message.data)
                    if got["event"] == "media":
                        back.append(decode_ulaw(base64.b64decode(got["media"]["payload"])))
                    elif got["event"] == "mark":
                        await socket.send_str(json.dumps(got))

            async def say(pcm: Pcm) -> None:
                payload = base64.b64encode(encode_ulaw(pcm)).decode()
                await socket.send_str(
                    json.dumps({"event": "media", "streamSid": name, "media": {"payload": payload}})
                )

            hearing = asyncio.create_task(hear())
            await _paced(frames, say)
            await socket.send_str(json.dumps({"event": "stop", "streamSid": name, "stop": {}}))
            await hearing
            return _sound(back)

    try:
        yield call, server.address
    finally:
        await session.close()
        await server.close()


KINDS = {"AudioSocket": audiosocket, "WebSocket": websocket}


async def streams(_: argparse.Namespace) -> list[Result]:
    """Fifty calls at once: every sample that a caller says arrives, and comes back while the call lasts."""
    results = []
    for kind, opened in KINDS.items():
        door = Door()
        async with opened(door) as (call, _address):
            said = {str(number): _frames(number, 50 * SECONDS) for number in range(CALLS)}
            back = await asyncio.gather(*(call(name, frames) for name, frames in said.items()))
            await door.empty()
        lost = sum(_lost(frames, door.heard.get(name, [])) for name, frames in said.items())
        # What the desk still holds when the caller hangs up cannot come back: the end is no loss.
        wrong = sum(_lost(_until(frames, got), got) for frames, got in zip(said.values(), back, strict=True))
        short = max(len(frames) - len(got) for frames, got in zip(said.values(), back, strict=True))
        results += [
            Result(f"{kind}, {CALLS} calls: frames lost or changed, caller to desk", lost, "", ("<=", 0)),
            Result(f"{kind}, {CALLS} calls: frames lost or changed, desk to caller", wrong, "", ("<=", 0)),
            Result(f"{kind}, {CALLS} calls: frames on their way at the end, at most", short, ""),
            Result(
                f"{kind}, {CALLS} calls: p99 lateness of the calls' ticks",
                1000 * percentile(door.late, 0.99),
                "ms",
            ),
        ]
    return results


async def stream_storm(options: argparse.Namespace) -> list[Result]:
    """Short calls, 25 begun a second, each with a voice detector: memory and descriptors before and after."""
    results = []
    process = psutil.Process()
    for kind, opened in KINDS.items():
        door = Door(listens=True)
        async with opened(door) as (call, _address):
            frames = _frames(0, STORM_FRAMES)
            # What is made once is made now, and room for as many at once as a busy machine lets pile up.
            await _storm(call, frames, AT_ONCE, rate=10 * RATE)
            await door.empty()
            memory, files = _settled(process)
            began = time.monotonic()
            failed = await _storm(call, frames, options.storm)
            await door.empty()
            seconds = time.monotonic() - began
            after, files_after = _settled(process)
        growth = 100 * (after - memory) / memory
        what = f"{kind}, {options.storm} calls at {options.storm / seconds:.0f} a second"
        results += [
            Result(f"{what}: memory growth", growth, "%", ("<=", 5)),
            Result(f"{what}: descriptors left open", files_after - files, "", ("<=", 0)),
            Result(f"{what}: calls that failed", failed, "", ("<=", 0)),
        ]
    return results


async def idle(_: argparse.Namespace) -> list[Result]:
    """A thousand connections that say nothing: a caller beside them loses nothing, one who comes gets in."""
    results = []
    for kind, opened in KINDS.items():
        door = Door()
        async with opened(door) as (call, address):
            frames = _frames(1, 50 * 4)
            beside = asyncio.create_task(call("beside", frames))
            await asyncio.sleep(0.5)
            silent = [await asyncio.open_connection(address.host, address.port) for _ in range(IDLE)]
            began = time.monotonic()
            await call("late", frames[:10])
            wait = time.monotonic() - began - 0.2
            await beside
            await door.empty()
            lost = _lost(frames, door.heard["beside"])
            for _, writer in silent:
                writer.close()
        results += [
            Result(f"{kind}, {IDLE} idle connections: a new call answered and over", wait, "s", ("<=", 1)),
            Result(f"{kind}, {IDLE} idle connections: frames lost by a call", lost, "", ("<=", 0)),
        ]
    return results


async def _storm(call: Caller, frames: list[Pcm], count: int, rate: float = RATE) -> int:
    """How many failed."""
    failed = 0

    async def one(number: int) -> None:
        nonlocal failed
        try:
            heard = await call(f"s{number}", frames)
        except (OSError, aiohttp.ClientError):
            failed += 1
        else:
            failed += not heard

    start = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            group.create_task(one(number))
    return failed


def _settled(process: psutil.Process) -> tuple[int, int]:
    gc.collect()
    return process.memory_info().rss, process.num_fds()


async def _paced(frames: list[Pcm], say: Callable[[Pcm], Awaitable[None]]) -> None:
    start = time.monotonic()
    for number, pcm in enumerate(frames):
        await say(pcm)
        await asyncio.sleep(max(0.0, start + (number + 1) * 0.02 - time.monotonic()))


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)


def _frames(seed: int, count: int) -> list[Pcm]:
    """Noise that no frame of another call resembles, and that µ-law carries bit by bit."""
    noise = np.random.default_rng(seed).normal(0, 3000, (count, 160)).astype(np.int16)
    return [decode_ulaw(encode_ulaw(frame)) for frame in noise]


def _sound(frames: list[Pcm]) -> list[Pcm]:
    """Frames that are not silence: silence comes where nothing was there yet."""
    return [frame for frame in frames if frame.any()]


def _until(said: list[Pcm], heard: list[Pcm]) -> list[Pcm]:
    """Those of `said` up to the last one that was heard."""
    last = next((n for n, pcm in enumerate(said) if heard and np.array_equal(pcm, heard[-1])), len(said) - 1)
    return said[: last + 1]


def _lost(said: list[Pcm], heard: list[Pcm]) -> int:
    """Frames of `said` that were not heard, and frames that were heard and not said, or out of order."""
    place = {pcm.tobytes(): number for number, pcm in enumerate(said)}
    found = [place.get(pcm.tobytes()) for pcm in heard]
    known = [number for number in found if number is not None]
    moved = sum(after <= before for before, after in itertools.pairwise(known))
    return len(said) - len(set(known)) + found.count(None) + moved
