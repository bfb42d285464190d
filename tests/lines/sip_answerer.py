"""A telephone that is called: rings, answers, is busy, hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sip_phone import Phone

from ivr.lines.sip.message import Message, address_of, parse


@dataclass
class Answerer(Phone):
    """`status` is its final answer to an INVITE, None for ringing on; `to` is set when the server listens."""

    status: tuple[int, str] | None = (200, "OK")
    invite_of: Message | None = None
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def _take(self, data: bytes) -> None:
        message = parse(data)
        if message.status:
            self.answers.append(message)
            self._changed.set()
            return
        self.requests.append(message)
        self._changed.set()
        match message.method:
            case "INVITE" if self.invite_of is None:
                self.invite_of = message
                self._aim(message.body)
                self.reply(message, 180, "Ringing")
                if self.status is not None:
                    self.reply(message, *self.status)
            case "INVITE":
                if self.status is not None:
                    self.reply(message, *self.status)
            case "ACK":
                self.acked.set()
            case "CANCEL":
                assert self.invite_of is not None
                self.reply(message, 200, "OK")
                self.reply(self.invite_of, 487, "Request Terminated")
                self.cancelled.set()
            case _:
                self.reply(message, 200, "OK")
                if message.method == "BYE":
                    self.over.set()

    def reply(self, message: Message, status: int, reason: str) -> None:
        to = message.get("To")
        headers = [("Via", one) for one in message.all("Via")]
        headers += [("Record-Route", one) for one in message.all("Record-Route")]
        headers += [("From", message.get("From")), ("To", to if "tag=" in to else f"{to};tag={self._tag}")]
        headers += [("Call-ID", message.call_id), ("CSeq", message.get("CSeq"))]
        body = b""
        if message.method == "INVITE" and status == 200:
            body = self.sdp()
            headers += [("Content-Type", "application/sdp")]
            headers += [("Contact", f"<sip:there@127.0.0.1:{self.port}>")]
        self.send(Message(tuple(headers), body, status=status, reason=reason))

    def hang_up(self) -> None:
        """BYE from here."""
        invite = self.invite_of
        assert invite is not None
        headers = (
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKbye{self._tag};rport"),
            ("Max-Forwards", "70"),
            ("From", f"{invite.get('To')};tag={self._tag}"),
            ("To", invite.get("From")),
            ("Call-ID", invite.call_id),
            ("CSeq", "1 BYE"),
        )
        self.send(Message(headers, method="BYE", uri=address_of(invite.get("Contact"))))


@asynccontextmanager
async def answering(**about: object) -> AsyncIterator[Answerer]:
    phone = Answerer(("127.0.0.1", 9), **about)  # type: ignore[arg-type]
    await phone.open()
    try:
        yield phone
    finally:
        phone.close()
        await asyncio.sleep(0.01)
