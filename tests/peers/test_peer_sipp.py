"""SIPp calls us: many calls at once, busy over the cap, hold, CANCEL, with its own idea of SIP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from door_fakes import FakeDoor
from peer_tools import free_port, listening, needs

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")
pytestmark = needs("sipp")

_SDP = """v=0
o=sipp 1 {version} IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a={direction}
"""
_HEAD = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]x[call_number]
To: <sip:100@[remote_ip]:[remote_port]>{to}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
"""


def send(
    method: str,
    cseq: int,
    *,
    to: str = "[peer_tag_param]",
    sdp: str = "",
    version: int = 1,
    cseq_method: str = "",
) -> str:
    head = f"{method} sip:100@[remote_ip]:[remote_port] SIP/2.0\n"
    head += _HEAD.format(to=to, cseq=cseq, method=cseq_method or method)
    if sdp:
        body = _SDP.format(direction=sdp, version=version)
        text = head + "Content-Type: application/sdp\nContent-Length: [len]\n\n" + body
    else:
        text = head + "Content-Length: 0\n\n"
    repeat = "" if method == "ACK" else ' retrans="500"'
    return f"<send{repeat}><![CDATA[\n\n{text}\n]]></send>\n"


def expect(status: int, *, optional: bool = False) -> str:
    return f'<recv response="{status}"{" optional=" + chr(34) + "true" + chr(34) if optional else ""}/>\n'


PROVISIONAL = expect(100, optional=True) + expect(180, optional=True)
BYE = send("BYE", 9) + expect(200)
HOLD = (
    send("INVITE", 1, to="", sdp="sendrecv") + PROVISIONAL + expect(200) + send("ACK", 1)
    + '<pause milliseconds="500"/>'
    + send("INVITE", 2, sdp="sendonly", version=2) + expect(100, optional=True) + expect(200) + send("ACK", 2)
    + '<pause milliseconds="300"/>'
    + send("INVITE", 3, sdp="sendrecv", version=3) + expect(100, optional=True) + expect(200) + send("ACK", 3)
    + '<pause milliseconds="300"/>' + BYE
)  # fmt: skip
PLAIN = (
    send("INVITE", 1, to="", sdp="sendrecv") + PROVISIONAL + expect(200) + send("ACK", 1)
    + '<pause milliseconds="1500"/>' + BYE
)  # fmt: skip
BUSY = send("INVITE", 1, to="", sdp="sendrecv") + PROVISIONAL + expect(486) + send("ACK", 1)
OPTIONS = send("OPTIONS", 1, to="") + expect(200)


async def sipp(folder: Path, scenario: str, port: int, *more: str) -> int:
    """Run a scenario; SIPp's exit status: 0 when every call went as written."""
    file = folder / "scenario.xml"
    file.write_text(
        f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="x">\n{scenario}</scenario>\n'
    )
    process = await asyncio.create_subprocess_exec(
        "sipp", f"127.0.0.1:{port}", "-sf", str(file), "-i", "127.0.0.1", "-p", str(free_port()), "-nostdin",
        "-m", "1", "-timeout", "30s", *more,
        cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(45):
        return await process.wait()


@pytest.mark.parametrize(("name", "scenario"), [("plain", PLAIN), ("hold", HOLD), ("options", OPTIONS)])
async def test_a_call_goes_as_written(tmp_path: Path, name: str, scenario: str) -> None:
    door = FakeDoor()
    async with listening(door) as server:
        assert await sipp(tmp_path, scenario, server.address.port) == 0
        for seat in door.seats:
            await seat.done()
        assert server.workers[0].restarts == 0


async def test_over_tcp(tmp_path: Path) -> None:
    async with listening(FakeDoor()) as server:
        assert await sipp(tmp_path, PLAIN, server.address.port, "-t", "t1") == 0


async def test_the_one_over_the_cap_is_busy(tmp_path: Path) -> None:
    async with listening(FakeDoor(most=0)) as server:
        assert await sipp(tmp_path, BUSY, server.address.port) == 0


async def test_forty_calls_ten_a_second(tmp_path: Path) -> None:
    door = FakeDoor()
    async with listening(door, workers=2) as server:
        assert await sipp(tmp_path, PLAIN, server.address.port, "-m", "40", "-r", "10", "-l", "40") == 0
        for seat in door.seats:
            await seat.done()
        assert len(door.seats) == 40
        assert not server.calls and not server.seats
