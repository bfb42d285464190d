"""100,000 broken SIP messages, or a scanner, beside calls: no frame is lost, and the line answers afterwards.

The messages are mutations (bytes changed, cut out, doubled, put in; the end missing) of what telephones send:
requests of every kind with and without SDP, responses, messages that name the calls in progress, and the
cases of RFC 4475. They come from 2,000 addresses, so that the limit for one address lets most of them in.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeAlias

import numpy as np
from chirps import chirp
from sip_phone import Phone, dialled
from sip_texts import BAD, GOOD, request

from bench.lines_load import files_of, memory_of
from bench.lines_sound import line_of_ours
from bench.lines_wait import missing
from bench.report import Result
from ivr.lines.line import Line, LineClosed
from ivr.lines.stream import StreamLine

RATE = 2_500
"""Messages a second."""
ADDRESSES = 2_000
CALLS = 5
SCAN_RATE, SCANNED, SCANNED_CALLS = 1_000, 20_000, 10
SEED = 4475
FORGET_SECONDS = 65
"""Calls that a mutation began, and nobody went on with, are given up after 60 s."""
Attack: TypeAlias = Callable[[list[Phone], tuple[str, int], float], Awaitable[int]]
"""Telephones of the calls, the line's address and the time it begins to how many messages were sent."""
_PIECES = (
    b"\r\n", b"\r\n\r\n", b"\0", b";;", b'"', b"<", b">", b"%", b"\xff\xfe", b"," * 99, b": ",
    b"9" * 40, b"[::1]",
)  # fmt: skip
_METHODS = (
    "INVITE",
    "OPTIONS",
    "REGISTER",
    "BYE",
    "ACK",
    "CANCEL",
    "INFO",
    "UPDATE",
    "PRACK",
    "NOTIFY",
    "REFER",
)
_HARMLESS = ("INFO", "OPTIONS", "NOTIFY", "ACK")
"""What may name a call in progress: whoever knows a call's names may end it with the others."""


async def broken(options: argparse.Namespace) -> list[Result]:
    """All of them beside calls that speak."""
    what = f"{options.broken} mutated SIP messages"
    return await _beside(CALLS, what, lambda phones, to, began: _send(options.broken, phones, to, began))


async def scanner(options: argparse.Namespace) -> list[Result]:
    """One address that asks for calls and registrations as fast as it can, beside calls that speak."""
    what = f"a scanner, {SCANNED} requests at {SCAN_RATE} a second"
    return await _beside(SCANNED_CALLS, what, lambda _, to, began: _scan(to, began))


async def _beside(count: int, what: str, attack: Attack) -> list[Result]:
    """`count` calls that speak both ways, and what became of them, of memory and of the listener."""
    lines: list[StreamLine] = []

    async def talk(line: Line) -> None:
        assert isinstance(line, StreamLine)
        lines.append(line)
        with contextlib.suppress(LineClosed):
            while True:
                await line.recv()
                await line.send(np.full(line.rate // 50, 1000, np.int16))

    async with (
        line_of_ours(talk, workers=2, allow=("127.0.0.0/8",)) as server,
        contextlib.AsyncExitStack() as stack,
    ):
        to = (server.address.host, server.address.port)
        async with dialled(to) as first:  # the workers have opened what they need for their first call
            await first.dial()
            await first.bye()
        await asyncio.sleep(1)
        memory, files = memory_of(server), files_of(server)
        phones = [await stack.enter_async_context(dialled(to)) for _ in range(count)]
        for phone in phones:
            await phone.dial()
        said = np.tile(chirp(8000, 1.0), 600)
        speaking = [asyncio.create_task(phone.speak(said)) for phone in phones]
        await asyncio.sleep(2)
        held = lines[:]
        late = sum(line.buffer.late for line in held)
        began = time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            sent = await attack(phones, to, began)
            seconds = time.monotonic() - began
            answered = await _answer(probe, to)
        starved = sum(line.buffer.late for line in held) - late
        dropped = sum(line.buffer.dropped for line in held)
        for task in speaking:
            task.cancel()
        lost = sum(missing(phone) for phone in phones)
        ended = sum(phone.over.is_set() for phone in phones)
        for phone in phones:
            await phone.bye()
        await stack.aclose()  # their sockets are this process's, too
        await asyncio.sleep(FORGET_SECONDS)
        return [
            Result(f"{what}: sent a second", sent / seconds, ""),
            Result(f"{what}: dropped as bad input", sum(server.offences.counts.values()), ""),
            Result(f"{what}: calls of {count} that ended", ended, "", ("<=", 0)),
            Result(f"{what}: frames lost on their way to callers", lost, "", ("<=", 0)),
            Result(f"{what}: frames for callers that came too late to be sent", server.starved, ""),
            Result(f"{what}: times a frame of theirs came later than due", starved, ""),
            Result(f"{what}: frames of theirs left out", dropped, "", ("<=", 0)),
            Result(f"{what}: the listener answers after", answered, "s", ("<=", 1)),
            Result(f"{what}: workers that died", sum(one.restarts for one in server.workers), "", ("<=", 0)),
            Result(f"{what}: calls and seats left", len(server.calls) + len(server.seats), "", ("<=", 0)),
            Result(f"{what}: file descriptors left", files_of(server) - files, "", ("<=", 0)),
            Result(f"{what}: memory growth", 100 * (memory_of(server) - memory) / memory, "%"),
        ]


async def _scan(to: tuple[str, int], began: float) -> int:
    """As tools do that look for open PBXs: every request another call, from one socket."""
    chance = random.Random(SEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setblocking(False)
        one.bind(("127.1.1.1", 0))
        for number in range(SCANNED):
            names = {"call_id": f"scan{number}", "branch": f"z9hG4bKscan{number}"}
            with contextlib.suppress(BlockingIOError):
                one.sendto(request(chance.choice(("OPTIONS", "REGISTER", "INVITE")), **names), to)
            if number % 10 == 9:
                await asyncio.sleep(max(0.0, began + number / SCAN_RATE - time.monotonic()))
    return SCANNED


async def _send(count: int, phones: list[Phone], to: tuple[str, int], began: float) -> int:
    """All, paced, each from the next address."""
    sockets: list[socket.socket] = []
    try:
        for number in range(ADDRESSES):
            sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sockets[-1].setblocking(False)
            sockets[-1].bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
        for number, data in enumerate(_mutations(count, phones)):
            with contextlib.suppress(BlockingIOError):
                sockets[number % ADDRESSES].sendto(data, to)
            if number % 25 == 24:
                await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
    finally:
        for one in sockets:
            one.close()
    return count


def _mutations(count: int, phones: list[Phone]) -> Iterator[bytes]:
    chance = random.Random(SEED)
    rfc = [*GOOD.values(), *BAD.values()]
    for number in range(count):
        match chance.randrange(10):
            case 0 | 1:
                data = chance.choice(rfc)
            case 2:
                data = bytes(chance.choice(phones).request(chance.choice(_HARMLESS)))
            case 3:
                data = b"SIP/2.0 200 OK\r\n" + request(call_id=f"m{number}@host").partition(b"\r\n")[2]
            case 4 | 5 | 6:
                invite = request(call_id=f"m{number}@host", branch=f"z9hG4bKm{number}")
                sdp = phones[0].sdp().replace(b"%d" % phones[0].rtp_port, b"9")
                head = invite.replace(b"Content-Length: 0\r\n\r\n", b"Content-Type: application/sdp\r\n")
                data = head + b"Content-Length: %d\r\n\r\n" % len(sdp) + sdp
            case _:
                data = request(chance.choice(_METHODS), call_id=f"m{number}@host", branch=f"z9hG4bKm{number}")
        yield _mutated(data, chance)


def _mutated(message: bytes, chance: random.Random) -> bytes:
    data = bytearray(message)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(13) // 3:
            case 0 if at < len(data):
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 30)]
            case 2 if data:
                data[at:at] = data[chance.randrange(len(data)) :][: chance.randint(1, 60)]
            case 3:
                data[at:at] = chance.choice(_PIECES)
            case 4:
                del data[at:]
    return bytes(data)


async def _answer(probe: socket.socket, to: tuple[str, int]) -> float:
    """Seconds until an OPTIONS is answered."""
    loop, began = asyncio.get_running_loop(), time.monotonic()
    for number in range(50):
        await loop.sock_sendto(probe, request("OPTIONS", call_id=f"after{number}"), to)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await loop.sock_recv(probe, 65_536)
                return time.monotonic() - began
    return float("inf")
