"""SIP over real sockets, with worker processes: whole calls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from sip_phone import dialled, own_address

from ivr.handover import Route, Unreached
from ivr.lines.line import Line, LineClosed, TransferContext, TransferOutcome, TransferResult
from ivr.lines.sip.server import WORKER_DIED, SipServer
from ivr.media.pcm import Pcm
from ivr.serving.address import Address
from ivr.serving.sip import SipSettings

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")


@asynccontextmanager
async def listening(door: FakeDoor, host: str = "127.0.0.1", **settings: object) -> AsyncIterator[SipServer]:
    told = SipSettings(listen=Address(host, 0), default_desk="small", **settings)  # type: ignore[arg-type]
    server = SipServer(told)
    await server.start(door)
    try:
        yield server
    finally:
        await server.close()
        for seat in door.seats:
            if seat.task is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await seat.task


def at(server: SipServer) -> tuple[str, int]:
    return server.address.host, server.address.port


async def test_sound_goes_both_ways_and_keys_arrive() -> None:
    said = chirp(8000, 0.8)

    async def talk(line: Line) -> None:
        for start in range(0, len(said), 160):
            await line.recv()
            await line.send(said[start : start + 160])
        with contextlib.suppress(LineClosed):
            while True:
                received = await line.recv()
                heard.append(received.pcm)
                keys.extend(received.keys)
                await line.send(None)

    heard: list[Pcm] = []
    keys: list[str] = []
    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        answer = await phone.dial()
        assert answer.status == 200
        await phone.speak(np.zeros(160 * 50, np.int16))
        await phone.speak(chirp(8000, 1.0))
        for key in "1#":
            await phone.press(key)
        await phone.speak(np.zeros(160 * 20, np.int16))
        assert (await phone.bye()).status == 200
        await door.seats[0].done()
        assert likeness(said, phone.sound()) > 0.99
        assert likeness(chirp(8000, 1.0), np.concatenate(heard)) > 0.99
        assert keys == ["1", "#"]
        party = door.seats[0].party
        assert (party.caller, party.called) == ("+442079460000", "100")
        assert [one.method for one in phone.requests] == []  # no re-INVITE of the stack


@pytest.mark.parametrize("inside", [False, True], ids=["listens there", "listens inside"])
async def test_a_telephone_at_another_address_than_the_loop(inside: bool) -> None:
    """As any real one; it reaches the gate, and nothing of the workers but their sound."""
    if not (host := own_address()):
        pytest.skip("this machine has no address of its own")
    said, heard = chirp(8000, 0.3), []

    async def talk(line: Line) -> None:
        with contextlib.suppress(LineClosed):
            for start in range(0, 1 << 20, 160):
                heard.append((await line.recv()).pcm)
                await line.send(said[start : start + 160] if start + 160 <= len(said) else None)

    door = FakeDoor(talk=talk)
    told: dict[str, object] = {} if inside else {"host": host, "public": True}
    async with listening(door, workers=1, allow=(host, "127.0.0.1"), **told) as server:  # type: ignore[arg-type]
        async with dialled(at(server), host="127.0.0.1" if inside else host, sound_host=host) as phone:
            assert (await phone.dial()).status == 200
            await phone.speak(np.concatenate([np.zeros(3200, np.int16), said, np.zeros(1600, np.int16)]))
            await phone.bye()
            await door.seats[0].done()
        assert likeness(said, phone.sound()) > 0.99
        assert likeness(said, np.concatenate(heard)) > 0.99
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            outside.connect((host, server.workers[0].port))
            outside.send(b"OPTIONS")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.wait_for(asyncio.to_thread(outside.recv, 100), 5)


async def test_the_desk_hangs_up() -> None:
    async def talk(line: Line) -> None:
        await line.recv()

    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        await phone.dial()
        async with asyncio.timeout(5):
            await phone.over.wait()


async def test_over_the_cap_486_and_no_worker_hears_of_it() -> None:
    door = FakeDoor(most=1)
    async with listening(door, workers=1) as server, dialled(at(server)) as first:
        assert (await first.dial()).status == 200
        async with dialled(at(server)) as second:
            assert (await second.dial()).status == 486
        await door.call()
        await first.bye()
        await door.seats[0].done()
        async with dialled(at(server)) as third:
            assert (await third.dial()).status == 200
            await third.bye()


async def test_a_worker_that_dies_costs_its_own_calls_and_is_replaced() -> None:
    ends: list[str] = []

    async def talk(line: Line) -> None:
        try:
            while True:
                await line.recv()
                await line.send(None)
        except LineClosed as closed:
            ends.append(closed.fault)

    door = FakeDoor(talk=talk)
    async with listening(door, workers=2) as server, dialled(at(server)) as one, dialled(at(server)) as two:
        await one.dial()
        await two.dial()
        await door.call(0)  # answered is not begun: each worker says so in its own pipe
        await door.call(1)
        pid = server.workers[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        died = time.monotonic()
        await door.seats[0].done()
        assert ends == [WORKER_DIED]
        async with asyncio.timeout(2):
            await one.over.wait()  # the telephone hears of it
        while not (server.workers[0].ready and server.workers[0].pid != pid):
            assert time.monotonic() - died < 10
            await asyncio.sleep(0.02)
        print("replaced after", time.monotonic() - died)
        await two.speak(chirp(8000, 0.2))
        assert (await two.bye()).status == 200
        await door.seats[1].done()
        assert ends == [WORKER_DIED, ""]
        async with dialled(at(server)) as three:
            assert (await three.dial()).status == 200
            await three.bye()


async def test_a_signal_for_the_whole_service_leaves_the_workers_to_the_server() -> None:
    """As systemd sends SIGTERM to all processes, and terminals SIGINT: the server drains its calls."""
    door = FakeDoor()
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        await phone.dial()
        await door.call()
        pid = server.workers[0].pid
        assert pid is not None
        for name in (signal.SIGTERM, signal.SIGINT):
            os.kill(pid, name)
        await phone.speak(chirp(8000, 0.4))
        assert (await phone.bye()).status == 200
        assert (server.workers[0].pid, server.workers[0].restarts) == (pid, 0)
        assert np.concatenate([one.pcm for one in await door.seats[0].done()]).any()


@pytest.mark.parametrize(
    ("answer", "outcome", "why"),
    [
        ("200 OK", TransferOutcome.DONE, Unreached.FAILED),
        ("486 Busy Here", TransferOutcome.REFUSED, Unreached.BUSY),
        ("603 Decline", TransferOutcome.REFUSED, Unreached.DECLINED),
        ("480 Temporarily Unavailable", TransferOutcome.REFUSED, Unreached.NO_ANSWER),
        ("404 Not Found", TransferOutcome.REFUSED, Unreached.FAILED),
    ],
    ids=["200", "486", "603", "480", "404"],
)
async def test_a_caller_is_referred_with_what_is_known(
    answer: str, outcome: TransferOutcome, why: Unreached
) -> None:
    done: list[TransferResult] = []

    async def talk(line: Line) -> None:
        passing = asyncio.create_task(
            line.transfer(
                Route("billing", "billing", extension="201"), (), TransferContext("call-1", "a bill")
            )
        )
        with contextlib.suppress(LineClosed):
            while not passing.done():
                await line.recv()
                await line.send(None)
        done.append(await passing)

    door = FakeDoor(talk=talk)
    async with listening(door, workers=1) as server, dialled(at(server)) as phone:
        await phone.dial()
        refer = await phone.asked("REFER")
        assert (
            refer.get("Refer-To").strip("<>") == "sip:201@127.0.0.1?X-IVR-Call=call-1&X-IVR-Reason=a%20bill"
        )
        notify = phone.request(
            "NOTIFY", body=f"SIP/2.0 {answer}\r\n".encode(), kind="message/sipfrag;version=2.0",
            more=(("Event", "refer"), ("Subscription-State", "terminated;reason=noresource")),
        )  # fmt: skip
        assert (await phone.ask(notify)).status == 200
        if outcome is not TransferOutcome.DONE:
            await phone.bye()
        await door.seats[0].done()
        assert (done[0].outcome, done[0].why) == (outcome, why)
