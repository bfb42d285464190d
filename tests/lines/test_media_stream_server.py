"""Media streams over real sockets: whole calls, and peers that misbehave."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from door_fakes import FakeDoor, sound_of
from stream_provider import Provider

import ivr.lines.websocket as shared
from ivr.errors import ConfigError
from ivr.handover import Route
from ivr.lines.line import Line, TransferContext, TransferOutcome
from ivr.lines.media_stream.server import MediaStreamServer
from ivr.lines.media_stream.signature import HEADER, sign
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm
from ivr.serving.address import Address, parse_network
from ivr.serving.web import MediaStreamSettings

URL = "wss://desk.example/media-stream"


@asynccontextmanager
async def listening(door: FakeDoor, **settings: object) -> AsyncIterator[MediaStreamServer]:
    """A listener at a free port."""
    told = MediaStreamSettings(listen=Address("127.0.0.1", 0), default_desk="small", **settings)  # type: ignore[arg-type]
    server = MediaStreamServer(told)
    await server.start(door)
    try:
        yield server
    finally:
        await server.close()
        for seat in door.seats:
            if seat.task is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await seat.task


def url(server: MediaStreamServer, scheme: str = "ws", path: str = "/media-stream") -> str:
    return f"{scheme}://{server.address}{path}"


def chirp(seconds: float = 0.5) -> Pcm:
    """A sound that µ-law carries bit by bit."""
    at = np.arange(round(8000 * seconds)) / 8000
    return decode_ulaw(
        encode_ulaw((8000 * np.sin(2 * np.pi * (300 + 1500 * at) * at) + 500).astype(np.int16))
    )


async def test_a_call_is_heard_bit_by_bit_with_its_keys_and_numbers() -> None:
    door, pcm = FakeDoor(), chirp()
    async with listening(door) as server, Provider(url(server)) as peer:
        await peer.start("+44 20", "100")
        await peer.speak(pcm)
        await peer.send("dtmf", track="inbound_track", digit="7")
        await peer.send("stop", callSid="CA1")
        seat = await door.call()
        heard = await seat.done()
        assert np.array_equal(sound_of(heard), np.trim_zeros(pcm))
        assert [key for received in heard for key in received.keys] == ["7"]
        assert (seat.party.uri, seat.party.caller, seat.party.called) == ("media-stream:CA1", "+44 20", "100")
        await peer.ended()
        assert server.health().numbers == {"connections": 0, "frames_unsent": 0}


async def test_the_call_closes_when_the_caller_has_heard_the_last_word() -> None:
    said = chirp(0.4)

    async def talk(line: Line) -> None:
        for start in range(0, len(said), 160):
            await line.recv()
            await line.send(said[start : start + 160])

    async with listening(FakeDoor(talk=talk)) as server, Provider(url(server)) as peer:
        began = time.monotonic()
        await peer.start()
        await peer.ended()
        assert 0.3 < time.monotonic() - began < 2.2  # paced, and not waiting for marks that came
        assert np.array_equal(peer.sound(), said)
        assert [message["mark"]["name"] for message in peer.events("mark")] == ["said-1"]
        assert peer.got[-1]["event"] == "mark" and peer.socket.close_code == 1000


async def test_a_provider_that_sends_no_marks_back_is_closed_a_moment_later() -> None:
    async def talk(line: Line) -> None:
        await line.send(chirp(0.02))

    async with listening(FakeDoor(talk=talk)) as server, Provider(url(server), marks=False) as peer:
        await peer.start()
        await peer.ended()


async def test_a_stopped_prompt_is_cleared_there_and_marks_follow_each_prompt() -> None:
    async def talk(line: Line) -> None:
        for frame in (chirp(0.02), None, chirp(0.02), "clear", None, None, chirp(0.02), None):
            if isinstance(frame, str):
                line.clear()
            else:
                await line.recv()
                await line.send(frame)

    async with listening(FakeDoor(talk=talk)) as server, Provider(url(server)) as peer:
        await peer.start()
        await peer.ended()
        assert [message["event"] for message in peer.got] == [
            "media", "mark", "media", "clear", "mark", "media", "mark",
        ]  # fmt: skip
        assert {message["streamSid"] for message in peer.got} == {"MZ1"}


async def test_the_provider_is_led_to_the_desk_and_on_to_the_extension() -> None:
    async def transfer(line: Line) -> None:
        context = TransferContext("call-1")
        unable = await line.transfer(Route("nobody", "nobody"), (), context)
        assert unable.outcome is TransferOutcome.UNABLE
        done = await line.transfer(Route("billing", "billing", extension="201"), (), context)
        assert done.outcome is TransferOutcome.DONE

    async with listening(FakeDoor(talk=transfer)) as server, aiohttp.ClientSession() as web:
        voice = url(server, "http", "/media-stream/voice")
        answer = await (await web.post(voice, data={"From": "+1 <2>", "To": "100"})).text()
        assert f'<Stream url="{url(server)}">' in answer and 'value="+1 &lt;2&gt;"' in answer
        following = f"{url(server, 'http')}/next"
        assert f"{following}</Redirect>" in answer
        async with Provider(url(server)) as peer:
            await peer.start(call="CA9")
            await peer.ended()
        assert "<Number>201</Number>" in await (await web.post(following, data={"CallSid": "CA9"})).text()
        assert "<Hangup/>" in await (await web.post(following, data={"CallSid": "CA8"})).text()


# --- who is not let in ---------------------------------------------------------------------------------


async def test_only_signed_requests_are_answered(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n")
    door = FakeDoor()
    async with listening(door, token_file=token, url=URL) as server, aiohttp.ClientSession() as web:
        async with Provider(url(server), {HEADER: sign("secret", URL)}) as peer:
            await peer.start()
            await door.call()
        for wrong in ({}, {HEADER: sign("guess", URL)}, {HEADER: sign("secret", URL + "/voice")}):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                async with Provider(url(server), wrong):
                    pass
        https = "https://desk.example/media-stream"
        for fields, status in (({"From": "1"}, 200), ({"From": "2"}, 403)):
            signature = sign("secret", f"{https}/voice", [("From", "1")])
            voice = url(server, "http", "/media-stream/voice")
            answer = await web.post(voice, data=fields, headers={HEADER: signature})
            assert answer.status == status
        assert (
            f"{https}/next"
            in await (await web.post(voice, data={"From": "1"}, headers={HEADER: signature})).text()
        )
        assert server.listener.offences.counts == {"a request with a wrong signature": 4}


async def test_a_token_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for text, says in ((None, "cannot be read"), ("", "is empty")):
        if text is not None:
            (tmp_path / "t").write_text(text)
        told = MediaStreamSettings(
            listen=Address("127.0.0.1", 0), default_desk="x", token_file=tmp_path / "t", url=URL
        )
        with pytest.raises(ConfigError, match=says):
            MediaStreamServer(told)


async def test_addresses_paths_and_methods_that_are_not_there_are_refused() -> None:
    async with aiohttp.ClientSession() as web:
        async with listening(FakeDoor()) as server:
            assert (await web.get(url(server, "http", "/wp-login.php"))).status == 404
            assert (await web.get(url(server, "http"))).status == 426
            assert server.listener.offences.counts.total() == 2
        async with listening(FakeDoor(), allow=(parse_network("192.0.2.0/24"),)) as server:
            assert (await web.get(url(server, "http"))).status == 403


async def test_over_the_limit_the_connection_is_closed() -> None:
    door = FakeDoor(most=1)
    async with listening(door) as server, Provider(url(server)) as first, Provider(url(server)) as second:
        await first.start()
        await door.call()
        await second.start()
        await second.ended()
        assert len(door.seats) == 1


# --- broken messages, while a call goes on -------------------------------------------------------------

MEDIA = {"payload": base64.b64encode(b"\xff" * 160).decode()}


async def _start_then(peer: Provider, *texts: str) -> None:
    await peer.start()
    for text in texts:
        await peer.raw(text)


def message(event: str, stream: str = "MZ1", **part: object) -> str:
    return json.dumps({"event": event, "streamSid": stream, event: part})


BROKEN: dict[str, Callable[[Provider], Awaitable[None]]] = {
    "no JSON": lambda peer: peer.raw("{"),
    "media first": lambda peer: peer.send("media", **MEDIA),
    "stop first": lambda peer: peer.send("stop"),
    "bad base64": lambda peer: _start_then(peer, message("media", payload="@@@")),
    "started twice": lambda peer: _start_then(peer, message("start", callSid="CA2")),
    "another stream": lambda peer: _start_then(peer, message("media", "MZ2", **MEDIA)),
    "oversized": lambda peer: _start_then(peer, message("media", payload="A" * 100_000)),
    "a flood of sound": lambda peer: _start_then(peer, *[message("media", payload="/" * 48_000)] * 4),
    "binary": lambda peer: peer.socket.send_bytes(b"\x00" * 100),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_the_offender_is_dropped_and_the_call_beside_it_loses_nothing(
    broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    door, pcm = FakeDoor(), chirp(0.6)
    async with listening(door) as server, Provider(url(server)) as peer:
        await peer.start()
        await peer.speak(pcm)
        seat = await door.call()
        with caplog.at_level(logging.WARNING):
            for _ in range(5):
                async with Provider(url(server)) as offender:
                    await BROKEN[broken](offender)
                    await offender.ended()
        assert len(caplog.records) == 1  # a flood is one line
        assert server.listener.offences.counts.total() == 5
        await peer.send("stop")
        assert np.array_equal(sound_of(await seat.done()), np.trim_zeros(pcm))


async def test_sound_out_of_order_and_strange_keys_and_marks_are_left_out() -> None:
    door, pcm = FakeDoor(), chirp(0.2)
    async with listening(door) as server, Provider(url(server)) as peer:
        await peer.start()
        await peer.speak(pcm)
        await peer.send("media", chunk="2", **MEDIA)
        await peer.send("dtmf", digit="x")
        await peer.send("mark", name="nobody")
        await peer.send("stop")
        assert np.array_equal(sound_of(await (await door.call()).done()), np.trim_zeros(pcm))
        assert server.listener.offences.counts == {
            "sound that is out of order": 1,
            "a key that no telephone has": 1,
            "a mark that we did not send": 1,
        }


RAW = {
    "nothing": b"",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "half a request": b"GET /media-stream HTTP/1.1\r\nHost: x\r\nX-A: ",
    "endless header": b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000,
    "AudioSocket": b"\x01\x00\x10" + bytes(16),
}


@pytest.mark.parametrize("raw", RAW)
async def test_what_is_no_http_is_dropped_and_told_once(
    raw: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shared, "START_SECONDS", 0.2)
    monkeypatch.setattr(shared, "LOOK_SECONDS", 0.05)
    async with listening(FakeDoor()) as server:
        with caplog.at_level(logging.INFO):
            for _ in range(5):
                reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
                writer.write(RAW[raw])
                with contextlib.suppress(ConnectionError):
                    async with asyncio.timeout(5):
                        await reader.read()
                writer.close()
        assert len(caplog.records) == 1, caplog.text
        assert server.listener.offences.counts.total() == 5


async def test_one_byte_after_another_is_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "LOOK_SECONDS", 0.02)
    door = FakeDoor()
    async with listening(door, idle_seconds=0.4) as server, Provider(url(server)) as peer:
        await peer.start()
        seat = await door.call()
        transport = peer.socket.get_extra_info("socket")
        assert transport is not None

        async def drip() -> None:
            for byte in b"\x81\xfe\x10\x00" + bytes(4000):
                with contextlib.suppress(OSError):
                    transport.send(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        began = time.monotonic()
        await seat.done()
        assert time.monotonic() - began < 3
        assert server.listener.offences.counts == {"a call without sound or sign of life": 1}
        dripping.cancel()


async def test_a_thousand_idle_connections_do_not_keep_a_caller_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "START_SECONDS", 30.0)
    door = FakeDoor()
    async with listening(door) as server:
        idle = [await asyncio.open_connection(server.address.host, server.address.port) for _ in range(1000)]
        began = time.monotonic()
        async with Provider(url(server)) as peer:
            await peer.start()
            await door.call()
            assert time.monotonic() - began < 1.0
            assert server.health().numbers["connections"] <= shared.MOST_SILENT + 1
        for _, writer in idle:
            writer.close()


async def test_a_peer_that_does_not_read_costs_only_itself() -> None:
    async def shout(line: Line) -> None:
        for _ in range(30_000):
            await line.send(chirp(0.02))

    door = FakeDoor(talk=shout)
    async with listening(door) as server, Provider(url(server)) as peer:
        peer.hearing.cancel()
        await peer.start()
        await (await door.call()).done()
        assert server.listener.unsent > 0


async def test_stopping_keeps_the_calls() -> None:
    door = FakeDoor()
    async with listening(door) as server, Provider(url(server)) as peer:
        await peer.start()
        await peer.speak(chirp(0.1))
        seat = await door.call()
        await server.stop_accepting()
        with pytest.raises(aiohttp.ClientConnectorError):
            async with Provider(f"ws://{peer.url.split('//')[1]}"):
                pass
        assert not server.health().ready
        await peer.send("stop")
        assert sound_of(await seat.done()).any()
