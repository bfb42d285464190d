"""The page that calls, without a browser: what it is served, who may call, and bad input."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import numpy as np
import pytest
from door_fakes import FakeDoor, FakeSeat, sound_of

from ivr.events import CallEnded, CallStarted, KeyPressed, Outcome, PromptStarted
from ivr.handover import Route
from ivr.lines.browser.server import STATIC, BrowserServer
from ivr.lines.browser.shown import shown
from ivr.lines.line import Line, TransferContext, TransferOutcome
from ivr.media.pcm import Pcm
from ivr.serving.address import Address
from ivr.serving.web import BrowserSettings

Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def listening(door: FakeDoor, **settings: object) -> AsyncIterator[BrowserServer]:
    """A listener at a free port."""
    told = BrowserSettings(listen=Address("127.0.0.1", 0), default_desk="small", **settings)  # type: ignore[arg-type]
    server = BrowserServer(told)
    await server.start(door)
    try:
        yield server
    finally:
        await server.close()
        for seat in door.seats:
            if seat.task is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await seat.task


@asynccontextmanager
async def page(server: BrowserServer, origin: str | None = None) -> AsyncIterator[Socket]:
    base = f"http://{server.address}"
    async with (
        aiohttp.ClientSession() as web,
        web.ws_connect(f"{base}/call/talk", headers={"Origin": origin or base}) as socket,
    ):
        yield socket


async def rest(socket: aiohttp.ClientWebSocketResponse) -> list[aiohttp.WSMessage]:
    async with asyncio.timeout(10):
        return [message async for message in socket]


def chirp() -> Pcm:
    at = np.arange(8000) / 16_000
    return (8000 * np.sin(2 * np.pi * (300 + 1500 * at) * at) + 5).astype(np.int16)


def ended(seat: FakeSeat) -> None:
    for watch in seat.watchers:
        watch(1.0, CallEnded(Outcome.ANSWERED, "", 1.0))


async def test_a_call_is_heard_bit_by_bit_with_its_keys_and_number() -> None:
    door, pcm = FakeDoor(), chirp()
    async with listening(door) as server, page(server) as socket:
        await socket.send_str('{"start": {"called": "100"}}')
        for start in range(0, len(pcm), 320):
            await socket.send_bytes(pcm[start : start + 320].tobytes())
        await socket.send_str('{"key": "5"}')
        seat = await door.call()
        await socket.close()
        heard = await seat.done()
        assert np.array_equal(sound_of(heard), np.trim_zeros(pcm))
        assert [key for received in heard for key in received.keys] == ["5"]
        assert (seat.party.uri, seat.party.called) == ("browser:", "100")
        assert seat.line is not None and seat.line.rate == 16_000


async def test_the_page_hears_and_sees_the_call_to_its_end() -> None:
    async def talk(line: Line) -> None:
        (watch,) = door.seats[0].watchers
        watch(0.0, CallStarted("c", "Small desk", "browser:", "en", "r", "v", datetime.now(UTC)))
        watch(0.02, PromptStarted("greeting", "Hello."))
        for start in range(0, 8000, 320):
            await line.recv()
            await line.send(chirp()[start : start + 320])
        line.clear()
        await line.send(None)
        unable = await line.transfer(Route("a", "a", extension="1"), (), TransferContext("c"))
        assert unable.outcome is TransferOutcome.UNABLE
        watch(0.6, KeyPressed("7"))
        await line.hang_up()
        ended(door.seats[0])  # the record is closed after the line

    door = FakeDoor(talk=talk)
    async with listening(door) as server, page(server) as socket:
        await socket.send_str('{"start": {"called": ""}}')
        got = await rest(socket)
        texts = [json.loads(message.data) for message in got if message.type is aiohttp.WSMsgType.TEXT]
        assert [text.get("show", "clear") for text in texts] == ["begin", "desk", "clear", "key", "end"]
        assert texts[1]["text"] == "Hello." and "7" not in json.dumps(texts[3])
        sound = b"".join(message.data for message in got if message.type is aiohttp.WSMsgType.BINARY)
        assert np.array_equal(np.frombuffer(sound, "<i2"), chirp())


async def test_without_a_seat_the_page_is_told() -> None:
    async with listening(FakeDoor(most=0)) as server, page(server) as socket:
        await socket.send_str('{"start": {"called": ""}}')
        (message,) = await rest(socket)
        assert json.loads(message.data) == {"refused": "all seats are taken"}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_another_web_site_cannot_call(origin: str) -> None:
    async with listening(FakeDoor()) as server:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            async with page(server, origin):
                pass
        assert server.listener.offences.counts == {"a call from another web site": 1}


async def test_a_foreign_name_does_not_lead_here_unless_the_settings_say_so() -> None:
    async with aiohttp.ClientSession() as web:
        for origins, status in (((), 403), (("https://desk.example",), 200)):
            async with listening(FakeDoor(), origins=origins) as server:
                got = await web.get(f"http://{server.address}/call", headers={"Host": "desk.example"})
                assert got.status == status


async def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline() -> None:
    async with listening(FakeDoor(), desks={"100": "small"}) as server, aiohttp.ClientSession() as web:
        base = f"http://{server.address}"
        assert await (await web.get(f"{base}/call/numbers")).json() == ["", "100"]
        assert (await web.get(f"{base}/")).url.path == "/call"
        for file in STATIC.iterdir():
            got = await web.get(f"{base}/call/{file.name}")
            assert got.status == 200 and "'unsafe" not in got.headers["Content-Security-Policy"]
            text = (await got.text()).replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"https?://", text), file.name
            assert not re.search(r"\son\w+=|style=|<script>|<style>", text) or file.suffix == ".js"
        assert (await web.get(f"{base}/call/../server.py")).status == 404
        assert (await web.get(f"{base}/call/x")).status == 404


BAD = {
    "sound first": [b"\0\0"],
    "no JSON": ["{"],
    "a strange message": ['{"start": {"called": 3}}'],
    "a long number": [json.dumps({"start": {"called": "1" * 65}})],
    "started twice": ['{"start": {"called": ""}}', '{"start": {"called": ""}}'],
    "half a sample": ['{"start": {"called": ""}}', b"\0"],
    "oversized": ['{"start": {"called": ""}}', bytes(100_000)],
    "a flood of sound": ['{"start": {"called": ""}}', *[bytes(60_000)] * 8],
}


@pytest.mark.parametrize("bad", BAD)
async def test_the_offender_is_dropped_and_the_call_beside_it_loses_nothing(bad: str) -> None:
    door, pcm = FakeDoor(), chirp()
    async with listening(door) as server, page(server) as socket:
        await socket.send_str('{"start": {"called": ""}}')
        await socket.send_bytes(pcm.tobytes())
        seat = await door.call()
        async with page(server) as offender:
            for message in BAD[bad]:
                with contextlib.suppress(ConnectionError):
                    await (offender.send_str if isinstance(message, str) else offender.send_bytes)(message)  # type: ignore[arg-type]
            await rest(offender)
        assert server.listener.offences.counts.total() == 1
        await socket.close()
        assert np.array_equal(sound_of(await seat.done()), np.trim_zeros(pcm))


async def test_a_page_that_says_nothing_any_more_is_dropped() -> None:
    door = FakeDoor()
    async with listening(door, idle_seconds=0.2) as server, page(server) as socket:
        await socket.send_str('{"start": {"called": ""}}')
        await (await door.call()).done()
        assert server.listener.offences.counts == {"a call without sound or sign of life": 1}


def test_keys_are_not_repeated() -> None:
    assert shown(1.0, KeyPressed("5")) == '{"show": "key", "at": 1.0}'
