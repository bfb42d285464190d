"""A real Asterisk calls us, with the dialplan of the examples and the trunk of the documentation."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from asterisk_tools import ROOT, Asterisk, asterisk
from chirps import chirp, likeness
from door_fakes import FakeDoor
from peer_tools import Talk, free_port, listening, needs, until

from ivr.handover import Route
from ivr.lines.audiosocket.announced import Announced, announcement_routes
from ivr.lines.audiosocket.server import AudioSocketServer
from ivr.lines.http import HttpListener
from ivr.lines.line import Line, LineClosed, TransferContext, TransferOutcome, TransferResult
from ivr.lines.sip.server import SipServer
from ivr.serving.address import Address
from ivr.serving.lines import AudioSocketSettings

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
pytestmark = needs("asterisk")

SAID = chirp(8000, 2.0)


class PassesOn(Talk):
    """Talks, and when the caller has pressed their three keys, passes them on to 201."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[TransferResult] = []

    async def __call__(self, line: Line) -> None:
        talking = asyncio.ensure_future(super().__call__(line))
        with contextlib.suppress(AssertionError):
            await until(lambda: len(self.keys) >= 3, 15)
        await asyncio.sleep(0.5)
        context, route = (
            TransferContext("call-1", "Wants a bill."),
            Route("billing", "billing", extension="201"),
        )
        with contextlib.suppress(LineClosed):
            self.results.append(await line.transfer(route, (), context))
        if self.results and self.results[0].outcome is TransferOutcome.DONE:
            await line.hang_up()
        await talking


@asynccontextmanager
async def audiosocket(tmp_path: Path, door: FakeDoor) -> AsyncIterator[tuple[Asterisk, AudioSocketServer]]:
    """The dialplan of the examples, with the ports of this test."""
    announced = Announced()
    http = HttpListener(Address("127.0.0.1", 0), announcement_routes(announced))
    listen = Address("127.0.0.1", free_port())
    server = AudioSocketServer(AudioSocketSettings(listen=listen, default_desk="x"), announced)
    await server.start(door)
    dialplan = (ROOT / "examples" / "asterisk" / "extensions.conf").read_text()
    for example, ours in (("127.0.0.1:8080", str(await http.start())), ("127.0.0.1:9092", str(listen))):
        assert example in dialplan
        dialplan = dialplan.replace(example, ours)
    try:
        async with asterisk(tmp_path, SAID, dialplan) as peer:
            yield peer, server
    finally:
        await server.close()
        await http.close()


async def test_audiosocket_as_in_the_examples(tmp_path: Path) -> None:
    talk = PassesOn()
    door = FakeDoor(talk=talk)
    async with audiosocket(tmp_path, door) as (peer, server):
        await peer.do("channel originate Local/100@ivr extension s@caller")
        await until(lambda: len(door.seats) == 1, 10, "no call came")
        assert door.seats[0].party.called == "100"
        await door.seats[0].done()
        assert likeness(chirp(*talk.rates), talk.sound()) > 0.99 and "".join(talk.keys) == "42#"
        # The dialplan asks where the caller goes on, and sends them there.
        await until(
            lambda: re.search(r"Executing \[201@internal:1\]", peer.log()) is not None, 10, peer.log()
        )
        assert not server.offences.counts


async def test_audiosocket_that_nobody_announced_is_refused(tmp_path: Path) -> None:
    door = FakeDoor()
    async with audiosocket(tmp_path, door) as (peer, server):
        one = f"AudioSocket/{server.address}/3c0e5a52-6c1f-4c27-9a0e-5d2d1c9f7a10/c(slin)"
        await peer.do(f"channel originate {one} extension s@caller")
        await until(lambda: server.offences.counts["a UUID that nobody announced"] == 1, 10)
        assert not door.seats


def trunked(folder: Path, server: SipServer) -> AbstractAsyncContextManager[Asterisk]:
    """An Asterisk with the trunk of docs/connect-a-phone.md, which is for another address."""
    text = (ROOT / "docs" / "connect-a-phone.md").read_text()
    (found,) = re.findall(r"```ini\n(\[ivr\]\ntype=endpoint.*?)```", text, re.DOTALL)
    ours = found.replace("192.0.2.5:5060", str(server.address)).replace("192.0.2.5", "127.0.0.1")
    return asterisk(folder, SAID, DIALPLAN, ours)


DIALPLAN = """
[out]
exten => _X.,1,Dial(PJSIP/${EXTEN}@ivr)
[from-ivr]
exten => 201,1,Dial(Local/s@colleague)
[colleague]
exten => s,1,Answer()
 same => n,Wait(3)
"""


@pytest.mark.parametrize("bridged", [True, False], ids=["bridged", "alone"])
async def test_a_trunk_as_documented_and_refer(tmp_path: Path, bridged: bool) -> None:
    """Asterisk accepts REFER from us when the caller's channel is bridged, and refuses it when it is not."""
    talk = PassesOn()
    door = FakeDoor(talk=talk)
    async with (
        listening(door) as server,
        trunked(tmp_path, server) as peer,
    ):
        where = "Local/100@out" if bridged else "PJSIP/100@ivr"
        await peer.do(f"channel originate {where} extension s@caller")
        await until(lambda: len(door.seats) == 1, 10, "no call came")
        await until(lambda: bool(talk.results), 20, "no answer to REFER")
        assert likeness(chirp(*talk.rates), talk.sound()) > 0.99 and "".join(talk.keys) == "42#"
        if bridged:
            await door.seats[0].done()
            await until(lambda: "Executing [201@from-ivr:1]" in peer.log(), 10, "it goes nowhere")
        assert (talk.results[0].outcome is TransferOutcome.DONE) == bridged, talk.results
        assert likeness(chirp(8000), await peer.heard()) > 0.99
        assert not server.offences.counts


async def test_asterisk_sees_whether_we_live(tmp_path: Path) -> None:
    async with (
        listening(FakeDoor()) as server,
        trunked(tmp_path, server) as peer,
    ):
        await peer.do("pjsip qualify ivr")  # at once, instead of some time in the first 30 s
        answers = ""
        for _ in range(50):
            answers = await peer.do("pjsip show contacts")
            if " Avail " in answers:
                break
            await asyncio.sleep(0.2)
        assert " Avail " in answers
