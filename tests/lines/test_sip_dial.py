"""Somebody is called over SIP: a second line of ours answers, is busy, or is not there."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from chirps import chirp, likeness
from door_fakes import FakeDoor
from test_sip_flows import Talk
from test_sip_server import listening

from ivr.errors import LineError
from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegEvent
from ivr.lines.line import TransferContext
from ivr.lines.sip.leg import SipLeg
from ivr.lines.sip.server import SipServer
from ivr.media.pcm import Pcm
from ivr.serving.address import Address

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")


def via(server: SipServer) -> dict[str, object]:
    return {"dial_via": Address(server.address.host, server.address.port), "workers": 1}


async def until(leg: SipLeg, kind: type[LegEvent]) -> LegEvent:
    async with asyncio.timeout(10):
        while True:
            for event in leg.events():
                if isinstance(event, kind):
                    return event
            await asyncio.sleep(0.02)


async def exchange(leg: SipLeg, said: Pcm) -> Pcm:
    """Say it in ticks of 20 ms; what came meanwhile."""
    heard, began = [], time.monotonic()
    size = leg.rate // 50
    for number, start in enumerate(range(0, len(said) - size + 1, size)):
        await asyncio.sleep(max(0.0, began + 0.02 * number - time.monotonic()))
        await leg.send(said[start : start + size])
        heard.append(leg.recv().pcm)
    return np.concatenate(heard)


@pytest.mark.parametrize(("codec", "rate"), [("g722", 16_000), ("pcma", 8000)])
async def test_both_hear_each_other_and_what_is_known_goes_along(codec: str, rate: int) -> None:
    talk = Talk()
    door = FakeDoor(talk=talk)
    async with (
        listening(door, workers=1) as other,
        listening(FakeDoor(), codecs=(codec,), **via(other)) as server,
    ):
        leg = await server.dial("201", TransferContext("call-7", "a bill"))
        await until(leg, LegAnswered)
        assert leg.rate == rate
        said = np.concatenate([np.zeros(rate // 2, np.int16), chirp(rate, 1.5), np.zeros(rate, np.int16)])
        heard = await exchange(leg, said)
        await leg.send(None, ("5",))
        await asyncio.sleep(0.6)
        await leg.hang_up()
        await door.seats[0].done()
        assert door.seats[0].party.called == "201"
        assert door.seats[0].line is not None and door.seats[0].line.rate == rate
        assert likeness(chirp(rate, 1.0), heard) > 0.99
        assert likeness(chirp(rate, 1.5), talk.since(0)) > 0.99
        assert talk.keys == ["5"]


async def test_the_other_side_hangs_up() -> None:
    door = FakeDoor()
    async with listening(door, workers=1) as other, listening(FakeDoor(), **via(other)) as server:
        leg = await server.dial("201", TransferContext("call-7"))
        await until(leg, LegAnswered)
        line = (await door.call()).line
        assert line is not None
        await line.hang_up()
        ended = await until(leg, LegEnded)
        assert isinstance(ended, LegEnded) and ended.cause is LegCause.HUNG_UP
        assert not server.legs


async def test_busy_and_nobody_there() -> None:
    async with listening(FakeDoor(most=0), workers=1) as other, listening(FakeDoor(), **via(other)) as server:
        ended = await until(await server.dial("201", TransferContext("c")), LegEnded)
        assert isinstance(ended, LegEnded) and ended.cause is LegCause.BUSY
    async with listening(FakeDoor(), workers=1) as server:
        with pytest.raises(LineError, match="dial_via"):
            await server.dial("201", TransferContext("c"))
