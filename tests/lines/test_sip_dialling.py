"""Calls that we begin over SIP, with real sockets and worker processes: legs of a bridge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from sip_answerer import Answerer, answering
from sip_phone import dialled

from ivr.errors import LineError
from ivr.events import BridgeEnded, Transfer
from ivr.handover import Route
from ivr.lines.leg import Dialer, LegAnswered, LegCause, LegEnded, LegEvent, LegRinging
from ivr.lines.line import Line, TransferContext, TransferOutcome, TransferResult
from ivr.lines.sip.leg import SipLeg
from ivr.lines.sip.server import SipServer
from ivr.passing import Passing
from ivr.serving.address import Address
from ivr.serving.sip import SipSettings

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")

CONTEXT = TransferContext("101500-ab12cd34", "Wants billing.", "https://desk.example/calls/7")


@asynccontextmanager
async def calling(phone: Answerer | None, door: FakeDoor | None = None) -> AsyncIterator[SipServer]:
    trunk = None if phone is None else Address("127.0.0.1", phone.port)
    told = SipSettings(listen=Address("127.0.0.1", 0), default_desk="small", workers=1, dial_via=trunk)
    server = SipServer(told)
    await server.start(door or FakeDoor())
    try:
        if phone is not None:
            phone.to = (server.address.host, server.address.port)
        yield server
    finally:
        await server.close()


async def until(leg: SipLeg, kind: type[LegEvent]) -> list[LegEvent]:
    """What happened up to an event of that kind."""
    found: list[LegEvent] = []
    async with asyncio.timeout(15):
        while not any(isinstance(event, kind) for event in found):
            found.extend(leg.events())
            await asyncio.sleep(0.01)
    return found


async def test_a_second_telephone_that_answers_is_let_go_and_the_first_stays() -> None:
    """A proxy forked the call (RFC 3261, 13.2.2.4)."""
    async with answering() as phone, calling(phone) as server:
        leg = await server.dial("201", CONTEXT)
        await until(leg, LegAnswered)
        await asyncio.wait_for(phone.acked.wait(), 5)
        first, phone._tag = phone._tag, "fork2"
        assert phone.invite_of is not None
        phone.reply(phone.invite_of, 200, "OK")
        phone._tag = first
        await phone.until(lambda: any(one.method == "BYE" for one in phone.requests))
        ack, bye = (one for one in phone.requests if one.tag("To") == "fork2")
        invite = phone.invite_of.cseq[0]
        assert (ack.cseq, bye.cseq) == ((invite, "ACK"), (invite + 1, "BYE"))
        assert leg.events() == (), "the first one goes on"
        await leg.hang_up()
        await phone.until(lambda: any(o.method == "BYE" and o.tag("To") == first for o in phone.requests))


async def test_what_is_known_goes_along_and_nobody_hears_of_the_inside() -> None:
    async with answering() as phone, calling(phone) as server:
        assert isinstance(server, Dialer) and server.dials
        leg = await server.dial("201", CONTEXT)
        events = await until(leg, LegAnswered)
        assert isinstance(events[0], LegRinging)
        await asyncio.wait_for(phone.acked.wait(), 5)
        invite = phone.invite_of
        assert invite is not None
        assert invite.uri.startswith(f"sip:201@127.0.0.1:{phone.port}")
        assert {name: invite.get(name) for name in CONTEXT.headers()} == CONTEXT.headers()
        assert server.gate.own.inside not in str(bytes(invite))
        await leg.hang_up()
        await asyncio.wait_for(phone.over.wait(), 5)
        await asyncio.sleep(0.2)
        assert not server.legs and not server.gate.dialogs.of(0)


async def test_they_hang_up() -> None:
    async with answering() as phone, calling(phone) as server:
        leg = await server.dial("201", CONTEXT)
        await until(leg, LegAnswered)
        phone.hang_up()
        ended = (await until(leg, LegEnded))[-1]
        assert isinstance(ended, LegEnded) and ended.cause is LegCause.HUNG_UP


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ((486, "Busy Here"), LegCause.BUSY),
        ((603, "Decline"), LegCause.DECLINED),
        ((480, "Temporarily Unavailable"), LegCause.NO_ANSWER),
        ((404, "Not Found"), LegCause.UNREACHABLE),
    ],
    ids=["486", "603", "480", "404"],
)
async def test_nobody_comes(status: tuple[int, str], cause: LegCause) -> None:
    async with answering(status=status) as phone, calling(phone) as server:
        leg = await server.dial("201", CONTEXT)
        ended = (await until(leg, LegEnded))[-1]
        assert isinstance(ended, LegEnded) and ended.cause is cause and str(status[0]) in ended.detail
        assert not server.legs


async def test_ringing_is_cancelled() -> None:
    async with answering(status=None) as phone, calling(phone) as server:
        leg = await server.dial("201", CONTEXT)
        await until(leg, LegRinging)
        await leg.hang_up()
        await asyncio.wait_for(phone.cancelled.wait(), 5)


async def test_a_leg_given_up_at_once_calls_nobody_for_long() -> None:
    async with answering(status=None) as phone, calling(phone) as server:
        leg = await server.dial("201", CONTEXT)
        await leg.hang_up()
        await asyncio.wait_for(phone.cancelled.wait(), 5)


async def test_without_a_trunk_nothing_is_dialled() -> None:
    async with calling(None) as server:
        assert not server.dials
        with pytest.raises(LineError, match="dial_via"):
            await server.dial("201", CONTEXT)


class NoRefer:
    """A line whose telephone does not transfer."""

    paced = True

    def __init__(self, line: Line) -> None:
        self.rate = line.rate

    async def transfer(self, *_: object) -> TransferResult:
        return TransferResult(TransferOutcome.REFUSED, "603")


async def test_two_sip_legs_are_joined() -> None:
    """The caller over SIP, somebody else over SIP, and we in between: both hear each other."""
    said = [chirp(8000, 0.8), chirp(8000, 0.8)[::-1].copy()]
    ended: list[BridgeEnded] = []

    async def talk(line: Line) -> None:
        passing, now = Passing(NoRefer(line), "call-1", dialer=server), 0.0  # type: ignore[arg-type]
        await passing.begin(Transfer(Route("billing", "billing", extension="201")))
        while not ended:
            received = await line.recv()
            now += 0.02
            await line.send(await passing.tick(received, now))
            passing.take()
            if (over := passing.ended()) is not None:
                ended.append(over)
        await passing.close()

    async with (
        answering() as there,
        calling(there, FakeDoor(talk=talk)) as server,
        dialled(there.to) as caller,
    ):
        assert (await caller.dial()).status == 200
        await asyncio.wait_for(there.acked.wait(), 10)
        await asyncio.sleep(0.3)
        caller.heard.clear()
        quiet = np.zeros(4000, np.int16)
        await asyncio.gather(
            caller.speak(np.concatenate([quiet, said[0], quiet])),
            there.speak(np.concatenate([quiet, said[1], quiet])),
        )
        await asyncio.sleep(0.3)
        assert likeness(said[0], there.sound()) > 0.99
        assert likeness(said[1], caller.sound()) > 0.99
        there.hang_up()
        await asyncio.wait_for(caller.over.wait(), 5)
    assert [(one.route, one.by_caller) for one in ended] == [("billing", False)]
