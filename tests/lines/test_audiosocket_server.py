"""AudioSocket over real sockets: whole calls, and peers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

import numpy as np
import pytest
from door_fakes import FakeDoor, sound_of

import ivr.lines.audiosocket.connection as of_one
import ivr.lines.audiosocket.server as under_test
from ivr.errors import LineError
from ivr.handover import Route
from ivr.lines.audiosocket import messages
from ivr.lines.audiosocket.announced import Announced, Numbers
from ivr.lines.audiosocket.server import AudioSocketServer
from ivr.lines.line import Line, TransferContext, TransferOutcome
from ivr.media.pcm import Pcm
from ivr.serving.address import Address, parse_network
from ivr.serving.lines import AudioSocketSettings


@asynccontextmanager
async def listening(door: FakeDoor, **settings: object) -> AsyncIterator[AudioSocketServer]:
    """A listener at a free port."""
    told = AudioSocketSettings(listen=Address("127.0.0.1", 0), default_desk="small", **settings)  # type: ignore[arg-type]
    server = AudioSocketServer(told, Announced())
    await server.start(door)
    try:
        yield server
    finally:
        await server.close()
        while Peer.all:
            Peer.all.pop().writer.close()
        for seat in door.seats:
            if seat.task is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await seat.task


class Peer:
    """Asterisk's side of one connection."""

    all: ClassVar[list[Peer]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.messages = messages.Reader()
        self.got: list[messages.Message] = []
        self.all.append(self)

    @classmethod
    async def connect(cls, server: AudioSocketServer, call: uuid.UUID | None = None) -> Peer:
        peer = cls(*await asyncio.open_connection(server.address.host, server.address.port))
        if call is not None:
            peer.writer.write(messages.identified(call))
        return peer

    async def until_closed(self) -> list[messages.Message]:
        """What comes before the end of the connection."""
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                while data := await self.reader.read(65_536):
                    self.got += self.messages.feed(data)
        self.writer.close()
        return self.got

    async def sound(self, samples: int) -> Pcm:
        """The next samples that come."""
        async with asyncio.timeout(10):
            while sum(len(m.pcm) for m in self.got if isinstance(m, messages.Sound)) < samples:
                self.got += self.messages.feed(await self.reader.readexactly(1))
        return np.concatenate([m.pcm for m in self.got if isinstance(m, messages.Sound)])


def announced(server: AudioSocketServer, numbers: Numbers | None = None) -> uuid.UUID:
    call = uuid.uuid4()
    server.announced.announce(call, numbers or Numbers("+44", "100"), time.monotonic())
    return call


def chirp(rate: int, seconds: float = 0.5) -> Pcm:
    at = np.arange(round(rate * seconds)) / rate
    return (8000 * np.sin(2 * np.pi * (300 + 1500 * at) * at) + 3).astype(np.int16)


async def test_a_call_is_heard_bit_by_bit_whatever_the_size_of_its_messages() -> None:
    door = FakeDoor()
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        pcm = chirp(8000)
        for start in range(0, len(pcm), 431):
            peer.writer.write(messages.sound(0x10, pcm[start : start + 431]))
        peer.writer.write(messages.key("7") + messages.key("#") + messages.hang_up())
        seat = await door.call()
        heard = await seat.done()
        assert np.array_equal(sound_of(heard), np.trim_zeros(pcm))
        assert [key for received in heard for key in received.keys] == ["7", "#"]
        assert (seat.party.caller, seat.party.called) == ("+44", "100")
        assert seat.party.uri.startswith("audiosocket:")
        assert seat.line is not None and seat.line.rate == 8000


async def test_end_of_file_is_a_hang_up() -> None:
    door = FakeDoor()
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, chirp(8000, 0.1)))
        seat = await door.call()
        peer.writer.close()
        assert len(await seat.done()) < 20
        assert server.health().numbers["connections"] == 0


async def test_what_the_desk_says_comes_paced_and_then_the_hang_up() -> None:
    said = chirp(8000, 0.4)

    async def talk(line: Line) -> None:
        for start in range(0, len(said), 160):
            await line.recv()
            await line.send(said[start : start + 160])

    door = FakeDoor(talk=talk)
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        began = time.monotonic()
        got = await peer.until_closed()
        assert time.monotonic() - began > 0.3  # not all at once
        assert isinstance(got[-1], messages.HangUp)
        sounds = [message for message in got if isinstance(message, messages.Sound)]
        assert {message.kind for message in sounds} == {0x10}
        assert np.array_equal(np.concatenate([message.pcm for message in sounds]), said)


@pytest.mark.parametrize(("kind", "rate"), [(0x11, 12_000), (0x12, 16_000), (0x15, 44_100), (0x16, 48_000)])
async def test_newer_rates_are_heard_and_answered_in_their_kind(kind: int, rate: int) -> None:
    async def echo(line: Line) -> None:
        for _ in range(40):
            await line.send((await line.recv()).pcm)

    door = FakeDoor(talk=echo)
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        sent = np.pad(chirp(rate, 0.4), (0, rate // 10))  # the last samples wait in resamplers
        peer.writer.write(messages.sound(kind, sent[: rate // 4]) + messages.sound(kind, sent[rate // 4 :]))
        got = [m for m in await peer.until_closed() if isinstance(m, messages.Sound)]
        assert {message.kind for message in got} == {kind}
        assert door.seats[0].line is not None and door.seats[0].line.rate == 16_000
        back = np.concatenate([message.pcm for message in got]).astype(float)
        spectrum = np.fft.rfft(sent, 2 * len(back)) * np.conj(np.fft.rfft(back, 2 * len(back)))
        between = 16 * np.abs(np.fft.irfft(spectrum, 32 * len(back)))  # shifts by part of a sample, too
        likeness = between.max() / np.linalg.norm(sent) / np.linalg.norm(back)
        assert likeness > 0.98


async def test_a_call_without_sound_is_answered_at_8_khz() -> None:
    door = FakeDoor()
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        assert (await peer.sound(160)).any() == 0
        line = (await door.call()).line
        assert line is not None and line.rate == 8000
        peer.writer.close()


async def test_a_transfer_is_left_for_the_dialplan() -> None:
    async def transfer(line: Line) -> None:
        context = TransferContext("call-1")
        unable = await line.transfer(Route("nobody", "nobody"), (), context)
        assert unable.outcome is TransferOutcome.UNABLE
        done = await line.transfer(Route("billing", "billing", extension="201"), (), context)
        assert done.outcome is TransferOutcome.DONE

    door = FakeDoor(talk=transfer)
    async with listening(door) as server:
        call = announced(server)
        peer = await Peer.connect(server, call)
        peer.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        await peer.until_closed()
        assert server.announced.next_of(call, time.monotonic()) == "201"


# --- who is not let in ---------------------------------------------------------------------------------


async def test_a_uuid_that_nobody_announced_and_one_that_was_used_are_dropped() -> None:
    door = FakeDoor()
    async with listening(door) as server:
        assert await (await Peer.connect(server, uuid.uuid4())).until_closed() == []
        call = announced(server)
        first = await Peer.connect(server, call)
        first.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        await door.call()
        assert await (await Peer.connect(server, call)).until_closed() == []
        assert server.offences.counts["a UUID that nobody announced"] == 2
        assert len(door.seats) == 1


async def test_without_the_requirement_any_uuid_may_call() -> None:
    door = FakeDoor()
    async with listening(door, require_uuid=False) as server:
        peer = await Peer.connect(server, uuid.uuid4())
        peer.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        assert (await door.call()).party.caller == ""


async def test_over_the_limit_the_call_is_hung_up() -> None:
    door = FakeDoor(most=1)
    async with listening(door) as server:
        first = await Peer.connect(server, announced(server))
        first.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        await door.call()
        second = await Peer.connect(server, announced(server))
        assert await second.until_closed() == [messages.HangUp()]


async def test_an_address_that_is_not_allowed_is_dropped() -> None:
    door = FakeDoor()
    async with listening(door, allow=(parse_network("192.0.2.0/24"),)) as server:
        peer = await Peer.connect(server, announced(server))
        assert await peer.until_closed() == [] and not door.seats


async def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = Address("127.0.0.1", taken.getsockname()[1])
        server = AudioSocketServer(AudioSocketSettings(listen=listen, default_desk="x"), Announced())
        with pytest.raises(LineError, match=r"cannot be listened at \(Address already in use\)"):
            await server.start(FakeDoor())


# --- broken bytes, while a call goes on ----------------------------------------------------------------

BROKEN = {
    "truncated": messages.identified(uuid.uuid4())[:10],
    "oversized": b"\x00\xff\xff" + bytes(70_000),
    "sound first": messages.sound(0x10, np.zeros(160, np.int16)),
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "nothing": b"",
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_the_offender_is_dropped_and_the_call_beside_it_loses_nothing(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(of_one, "UUID_SECONDS", 0.2)
    door, pcm = FakeDoor(), chirp(8000, 0.8)
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, pcm))
        seat = await door.call()
        with caplog.at_level(logging.WARNING):
            offenders = [await Peer.connect(server) for _ in range(20)]
            for offender in offenders:
                offender.writer.write(BROKEN[broken])
            for offender in offenders:
                assert await offender.until_closed() == []
        assert len(caplog.records) == 1  # a flood is one line
        assert server.offences.counts.total() == 20
        peer.writer.write(messages.hang_up())
        assert np.array_equal(sound_of(await seat.done()), np.trim_zeros(pcm))


async def test_a_caller_whose_bytes_break_is_hung_up_and_what_came_before_is_heard() -> None:
    door, pcm = FakeDoor(), chirp(8000, 0.2)
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, pcm) + b"\x77\x00\x00")
        assert np.array_equal(sound_of(await (await door.call()).done()), np.trim_zeros(pcm))


async def test_one_byte_after_another_is_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "LOOK_SECONDS", 0.02)
    door = FakeDoor()
    async with listening(door, idle_seconds=0.4) as server:
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        seat = await door.call()

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                for byte in messages.sound(0x10, np.zeros(160, np.int16)):
                    peer.writer.write(bytes([byte]))
                    await asyncio.sleep(0.02)

        began = time.monotonic()
        dripping = asyncio.create_task(drip())
        await seat.done()
        assert time.monotonic() - began < 3
        assert server.offences.counts == {"a call without sound or sign of life": 1}
        dripping.cancel()


async def test_a_thousand_idle_connections_do_not_keep_a_caller_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_one, "UUID_SECONDS", 30.0)
    door = FakeDoor()
    async with listening(door) as server:
        idle = [await Peer.connect(server) for _ in range(1000)]
        began = time.monotonic()
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, np.zeros(160, np.int16)))
        await door.call()
        assert time.monotonic() - began < 1.0
        assert len(server.silent) <= of_one.MOST_SILENT
        for one in idle:
            one.writer.close()


async def test_a_peer_that_does_not_read_costs_only_itself() -> None:
    async def shout(line: Line) -> None:
        for _ in range(30_000):  # more than the system's own buffers hold
            await line.send(np.full(160, 9, np.int16))

    door = FakeDoor(talk=shout)
    async with listening(door) as server:
        call = announced(server)
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect((server.address.host, server.address.port))
            deaf.sendall(messages.identified(call) + messages.sound(0x10, np.zeros(160, np.int16)))
            await (await door.call()).done()
        assert server.unsent > 0


async def test_stopping_drops_who_has_no_call_and_keeps_the_calls() -> None:
    door = FakeDoor()
    async with listening(door) as server:
        peer = await Peer.connect(server, announced(server))
        peer.writer.write(messages.sound(0x10, chirp(8000, 0.1)))
        seat = await door.call()
        idle = await Peer.connect(server)
        address = server.address
        await asyncio.sleep(0)
        await server.stop_accepting()
        assert await idle.until_closed() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(address.host, address.port)
        assert not server.health().ready
        peer.writer.write(messages.hang_up())
        assert sound_of(await seat.done()).any()
