"""A telephone that speaks SIP over UDP and PCMU over RTP: small, and exact about time."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import struct
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from ivr.lines.sip.message import Message, address_of, parse
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm

_SDP = """v=0
o=phone 1 {version} IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio {port} RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a={direction}
"""
KEY_CODES = "0123456789*#ABCD"


@dataclass
class Heard:
    """One RTP packet."""

    at: float
    sequence: int
    timestamp: int
    pcm: Pcm


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, take: object) -> None:
        self.take = take

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.take(data)  # type: ignore[operator]


@dataclass
class Phone:
    """One call. Use `dialled`."""

    to: tuple[str, int]
    called: str = "100"
    caller: str = "+442079460000"
    headers: tuple[tuple[str, str], ...] = ()
    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    answers: list[Message] = field(default_factory=list)
    requests: list[Message] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    answered: Message | None = None
    answered_at: float = 0.0
    sent: list[float] = field(default_factory=list)
    drop: frozenset[int] = frozenset()
    host: str = "127.0.0.1"
    sound_host: str = ""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._sip, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(self._take), local_addr=(self.host, 0)
        )
        self._rtp, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(self._sound), local_addr=(self.sound_host or self.host, 0)
        )
        self.port = self._sip.get_extra_info("sockname")[1]
        self.rtp_port = self._rtp.get_extra_info("sockname")[1]
        self._cseq = itertools.count(1)
        self._tag = uuid.uuid4().hex[:8]
        self._changed = asyncio.Event()
        self._sequence, self._timestamp = 1000, 0
        self._to_rtp: tuple[str, int] | None = None
        self._branches = itertools.count()
        self._invite_branch = ""

    def close(self) -> None:
        self._sip.close()
        self._rtp.close()

    # --- SIP -------------------------------------------------------------------------------------------

    def request(
        self, method: str, *, body: bytes = b"", more: tuple[tuple[str, str], ...] = (), cseq: int = 0,
        branch: str = "", kind: str = "application/sdp", uri: str = "",
    ) -> Message:  # fmt: skip
        """In the call once it is answered, before that with the number of the call's INVITE."""
        branch = branch or f"z9hG4bK{self.call_id[:8]}{next(self._branches)}"
        to = f"<sip:{self.called}@{self.to[0]}>"
        target = uri or f"sip:{self.called}@{self.to[0]}:{self.to[1]}"
        if self.answered is not None:
            to = self.answered.get("To")
            target = address_of(self.answered.get("Contact"))
            more = (*(("Route", one) for one in reversed(self.answered.all("Record-Route"))), *more)
        headers = [
            ("Via", f"SIP/2.0/UDP {self.host}:{self.port};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", f'"Caller" <sip:{self.caller}@{self.host}>;tag={self._tag}'),
            ("To", to),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq or next(self._cseq)} {method}"),
            ("Contact", f"<sip:phone@{self.host}:{self.port}>"),
            *more,
        ]
        if body:
            headers.append(("Content-Type", kind))
        return Message(tuple(headers), body, method=method, uri=target)

    def send(self, message: Message | bytes) -> None:
        self._sip.sendto(bytes(message), self.to)

    def sdp(self, direction: str = "sendrecv", version: int = 1) -> bytes:
        text = _SDP.format(
            host=self.sound_host or self.host, port=self.rtp_port, direction=direction, version=version
        )
        return text.replace("\n", "\r\n").encode()

    def invite(self, offer: bytes | None = None) -> Message:
        """Begins the call; `offer` instead of our own, b"" for none."""
        self._invite_branch = f"z9hG4bK{uuid.uuid4().hex}"
        body = self.sdp() if offer is None else offer
        message = self.request("INVITE", body=body, more=self.headers, branch=self._invite_branch)
        self.send(message)
        return message

    async def dial(self, offer: bytes | None = None) -> Message:
        """The final answer to an INVITE; who offered nothing answers what the other side offers."""
        message = self.invite(offer)
        answer = await self.final(message)
        if answer.status < 300:
            self.answered = answer
        self.acknowledge(message, answer, self.sdp() if offer == b"" and answer.status < 300 else b"")
        if answer.status < 300:
            self.answered_at = time.monotonic()
            self._aim(answer.body)
        return answer

    async def ask(self, message: Message) -> Message:
        """Send it; the final answer."""
        self.send(message)
        answer = await self.final(message)
        if message.method == "INVITE":
            self.acknowledge(message, answer)
        return answer

    async def final(self, message: Message) -> Message:
        async with asyncio.timeout(10):
            while True:
                for answer in self.answers:
                    if answer.get("CSeq") == message.get("CSeq") and answer.status >= 200:
                        return answer
                self._changed.clear()
                await self._changed.wait()

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for messages."""
        async with asyncio.timeout(10):
            while not ready():
                self._changed.clear()
                await self._changed.wait()

    def acknowledge(self, message: Message, answer: Message, body: bytes = b"") -> None:
        branch = message.via().params["branch"] if answer.status >= 300 else ""
        ack = self.request("ACK", cseq=message.cseq[0], branch=branch, body=body)
        self.send(ack.replaced("To", [answer.get("To")]))

    def cancel(self, message: Message) -> None:
        branch = message.via().params["branch"]
        self.send(self.request("CANCEL", cseq=message.cseq[0], branch=branch, uri=message.uri))

    async def bye(self) -> Message:
        return await self.ask(self.request("BYE"))

    def _take(self, data: bytes) -> None:
        message = parse(data)
        if message.status:
            self.answers.append(message)
        else:
            self.requests.append(message)
            if message.method != "ACK":
                headers = [h for h in message.headers if h[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
                status = (202, "Accepted") if message.method == "REFER" else (200, "OK")
                self.send(Message(tuple(headers), status=status[0], reason=status[1]))
            if message.method == "BYE":
                self.over.set()
        self._changed.set()

    async def asked(self, method: str) -> Message:
        """The first request of that method that came."""
        async with asyncio.timeout(15):
            while not any(one.method == method for one in self.requests):
                self._changed.clear()
                await self._changed.wait()
        return next(one for one in self.requests if one.method == method)

    # --- RTP -------------------------------------------------------------------------------------------

    def _aim(self, sdp: bytes) -> None:
        port = re.search(rb"m=audio (\d+)", sdp)
        host = re.search(rb"c=IN IP4 ([\d.]+)", sdp)
        assert port and host
        self._to_rtp = (host[1].decode(), int(port[1]))

    def _sound(self, data: bytes) -> None:
        if len(data) >= 12 and data[1] & 0x7F == 0:
            sequence, timestamp = struct.unpack_from(">HI", data, 2)
            self.heard.append(Heard(time.monotonic(), sequence, timestamp, decode_ulaw(data[12:])))

    async def speak(self, pcm: Pcm) -> None:
        """Send it in packets of 20 ms, paced."""
        start = time.monotonic()
        for number, at in enumerate(range(0, len(pcm), 160)):
            await asyncio.sleep(max(0.0, start + 0.02 * number - time.monotonic()))
            self.packet(np.pad(pcm[at : at + 160], (0, max(0, 160 - len(pcm[at : at + 160])))))

    def packet(self, pcm: Pcm) -> None:
        self._rtp_out(0, encode_ulaw(pcm), self._timestamp)
        self._timestamp += 160

    async def press(self, key: str) -> None:
        """RFC 4733: four packets and three with the end bit."""
        code, timestamp = KEY_CODES.index(key), self._timestamp
        for number in range(1, 5):
            self._rtp_out(101, struct.pack(">BBH", code, 10, 160 * number), timestamp, mark=number == 1)
            await asyncio.sleep(0.02)
        for _ in range(3):
            self._rtp_out(101, struct.pack(">BBH", code, 0x80 | 10, 800), timestamp)
        self._timestamp += 800

    def _rtp_out(self, kind: int, payload: bytes, timestamp: int, mark: bool = False) -> None:
        assert self._to_rtp is not None
        self._sequence += 1
        if self._sequence in self.drop:
            return
        head = struct.pack(
            ">BBHII", 0x80, kind | (0x80 if mark else 0), self._sequence & 0xFFFF, timestamp, 7
        )
        self._rtp.sendto(head + payload, self._to_rtp)

    def sound(self) -> Pcm:
        """What was heard, by the time stamps of the packets."""
        if not self.heard:
            return np.zeros(0, np.int16)
        first = self.heard[0].timestamp
        end = max(one.timestamp - first + len(one.pcm) for one in self.heard)
        out = np.zeros(end, np.int16)
        for one in self.heard:
            at = one.timestamp - first
            out[at : at + len(one.pcm)] = one.pcm
        return out


def own_address() -> str:
    """This machine's address on the network that it reaches others by; "" where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        try:
            found.connect(("192.0.2.77", 9))  # of no machine (RFC 5737); nothing is sent
        except OSError:
            return ""
        host: str = found.getsockname()[0]
        return "" if host.startswith("127.") else host


@asynccontextmanager
async def dialled(to: tuple[str, int], **about: object) -> AsyncIterator[Phone]:
    """A telephone; dial with `await phone.dial()`."""
    phone = Phone(to, **about)  # type: ignore[arg-type]
    await phone.open()
    try:
        yield phone
    finally:
        phone.close()
        await asyncio.sleep(0.01)  # the sockets close in the next turns of the loop
