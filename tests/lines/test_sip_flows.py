"""What telephones do during a call, on real sockets: hold, INFO, CANCEL, silence, floods, rubbish."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import time

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from sip_phone import dialled
from sip_texts import BAD, GOOD, request
from test_sip_server import at, listening

from ivr.lines.line import Line, LineClosed
from ivr.lines.sip.message import Message, parse
from ivr.media.pcm import Pcm

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")


class Talk:
    """Says a chirp again and again; keeps what is heard, the keys, and why it ended."""

    def __init__(self) -> None:
        self.heard: list[Pcm] = []
        self.keys: list[str] = []
        self.faults: list[str] = []

    async def __call__(self, line: Line) -> None:
        said = chirp(line.rate, 1.0)
        size, position = line.rate // 50, 0
        try:
            while True:
                received = await line.recv()
                self.heard.append(received.pcm)
                self.keys += received.keys
                await line.send(said[position : position + size])
                position = (position + size) % len(said)
        except LineClosed as closed:
            self.faults.append(closed.fault)

    def since(self, frame: int) -> Pcm:
        return np.concatenate(self.heard[frame:])


async def test_hold_and_resume_are_followed_and_sound_goes_on_afterwards() -> None:
    talk = Talk()
    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        await phone.dial()
        await phone.speak(chirp(8000, 0.5))
        held = await phone.ask(phone.request("INVITE", body=phone.sdp("sendonly", 2)))
        assert held.status == 200 and b"a=recvonly" in held.body
        quiet = len(phone.heard)
        await asyncio.sleep(0.4)
        assert len(phone.heard) - quiet < 10  # nothing is sent to a telephone that holds
        resumed = await phone.ask(phone.request("INVITE", body=phone.sdp("sendrecv", 3)))
        assert resumed.status == 200 and b"a=sendrecv" in resumed.body
        frame = len(talk.heard)
        await phone.speak(np.zeros(160 * 15, np.int16))
        await phone.speak(chirp(8000, 1.0))
        await phone.speak(np.zeros(160 * 15, np.int16))
        assert likeness(chirp(8000, 1.0), talk.since(frame)) > 0.99
        assert likeness(chirp(8000, 1.0), phone.sound()) > 0.99
        assert (await phone.bye()).status == 200
        await door.seats[0].done()
        assert talk.faults == [""]


async def test_all_sixteen_keys_as_events_and_some_by_info() -> None:
    talk = Talk()
    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        await phone.dial()
        await door.call()
        for key in "0123456789*#ABCD":
            await phone.press(key)
            await asyncio.sleep(0.03)
        for body, kind in (
            (b"Signal=5\r\nDuration=160\r\n", "application/dtmf-relay"),
            (b"#", "application/dtmf"),
        ):
            assert (await phone.ask(phone.request("INFO", body=body, kind=kind))).status == 200
        await asyncio.sleep(0.5)
        await phone.bye()
        await door.seats[0].done()
        assert "".join(talk.keys) == "0123456789*#ABCD5#"


async def test_a_telephone_that_goes_silent_is_let_go_and_the_record_can_say_so() -> None:
    talk = Talk()
    door = FakeDoor(talk=talk)
    async with listening(door, workers=1, silence_seconds=2) as server, dialled(at(server)) as phone:
        await phone.dial()
        await phone.speak(chirp(8000, 0.3))
        async with asyncio.timeout(15):
            await phone.over.wait()
        await door.seats[0].done()
        assert talk.faults == ["no sound came from the telephone any more"]


async def test_a_caller_who_cancels_at_once_takes_no_seat_for_long() -> None:
    door = FakeDoor()
    async with listening(door, workers=1) as server:
        for _ in range(5):
            async with dialled(at(server)) as phone:
                invite = phone.invite()
                phone.cancel(invite)
                answer = await phone.final(invite)
                phone.acknowledge(invite, answer)
                if answer.status < 300:  # we were faster than the caller
                    phone.answered = answer
                    phone.acknowledge(invite, answer)
                    await phone.bye()
        for _ in range(500):
            if all(seat.left for seat in door.seats):
                break
            await asyncio.sleep(0.02)
        assert all(seat.left for seat in door.seats)
        assert not server.seats and not server.calls


async def test_a_scanner_and_rubbish_do_not_hurt_a_call_and_are_over_in_a_second() -> None:
    talk = Talk()
    door = FakeDoor(talk=talk)
    chance = random.Random(1)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        await phone.dial()
        await phone.speak(np.zeros(160 * 25, np.int16))
        frame = len(talk.heard)
        speaking = asyncio.create_task(phone.speak(chirp(8000, 2.0)))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as scanner:
            scanner.setblocking(False)
            number = 0
            while not speaking.done():
                for _ in range(10):  # a thousand a second
                    number += 1
                    data = request(chance.choice(["OPTIONS", "REGISTER"]), call_id=f"scan{number}")
                    if number % 5 == 0:
                        data = chance.choice([*BAD.values(), *GOOD.values(), chance.randbytes(200)])
                    with contextlib.suppress(BlockingIOError):
                        scanner.sendto(data, at(server))
                await asyncio.sleep(0.01)
        assert number > 500
        await phone.speak(np.zeros(160 * 15, np.int16))
        assert likeness(chirp(8000, 2.0), talk.since(frame)) > 0.99
        began = time.monotonic()
        async with dialled(at(server)) as other:
            assert (await other.dial()).status == 200
            assert time.monotonic() - began < 1.0
            await other.bye()
        await phone.bye()
        await door.seats[0].done()
        assert server.offences.counts.total() > 100
        assert server.workers[0].restarts == 0


async def test_who_is_not_allowed_is_not_answered() -> None:
    door = FakeDoor()
    async with listening(door, workers=1, allow=("192.0.2.0/24",)) as server, dialled(at(server)) as phone:
        phone.invite()
        await asyncio.sleep(0.3)
        assert not phone.answers and not door.seats
        assert server.offences.counts == {"a message from an address that is not allowed": 1}


async def test_over_tcp_a_message_that_drips_or_breaks_costs_only_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ivr.lines.sip.transports.MESSAGE_SECONDS", 0.3)
    monkeypatch.setattr("ivr.lines.sip.server.LOOK_SECONDS", 0.1)
    async with listening(FakeDoor(), workers=1) as server:
        port = next(port for kind, port in server.gate.own.ports.items() if kind.value == "tcp")
        slow = await asyncio.open_connection("127.0.0.1", port)
        slow[1].write(b"OPTIONS sip:a@b SIP/2.0\r\nVia")
        broken = await asyncio.open_connection("127.0.0.1", port)
        broken[1].write(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n")
        good = await asyncio.open_connection("127.0.0.1", port)
        good[1].write(request("OPTIONS"))
        async with asyncio.timeout(5):
            assert (await good[0].readline()) == b"SIP/2.0 200 OK\r\n"
            for reader, writer in (slow, broken):
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.close()
        good[1].close()
        assert server.offences.counts["a message that takes too long to come"] == 1


@pytest.mark.parametrize("killed", [False, True], ids=["by the desk", "by the gate"])
async def test_a_tcp_connection_that_broke_during_the_call_is_opened_again_for_the_bye(killed: bool) -> None:
    """Where the telephone says it is, at the address its messages came from."""
    over, hung_up = asyncio.Event(), asyncio.Event()
    came: asyncio.Queue[bytes] = asyncio.Queue()

    async def talk(line: Line) -> None:
        with contextlib.suppress(LineClosed):
            while not over.is_set():
                await line.recv()
                await line.send(None)

    async def telephone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        await came.put(asked)
        parsed = parse(asked)
        headers = [h for h in parsed.headers if h[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        answer = Message((*headers, ("Content-Length", "0")), status=200, reason="OK")
        writer.write(bytes(answer))
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    door = FakeDoor(talk=talk)
    listener = await asyncio.start_server(telephone, "127.0.0.1", 0)
    here = listener.sockets[0].getsockname()[1]
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        port = next(port for kind, port in server.gate.own.ports.items() if kind.value == "tcp")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        contact = f"<sip:phone@127.0.0.1:{here};transport=tcp>"
        invite = phone.request("INVITE", body=phone.sdp()).replaced("Contact", [contact])
        writer.write(bytes(invite))
        answer = b""
        while b"SIP/2.0 200" not in answer or b"m=audio" not in answer:
            answer += await reader.read(65_536)
        phone.answered = parse(answer[answer.index(b"SIP/2.0 200") :])
        writer.write(bytes(phone.request("ACK", cseq=invite.cseq[0])))
        await door.call()
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.2)
        if killed:
            pid = server.workers[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        else:
            over.set()
        asked = parse(await asyncio.wait_for(came.get(), 10))
        assert (asked.method, asked.call_id) == ("BYE", phone.call_id)
        await door.seats[0].done()
        await asyncio.wait_for(hung_up.wait(), 10)
    listener.close()
    await listener.wait_closed()
