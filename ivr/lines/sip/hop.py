"""What one hop does to a message (RFC 3261, 16 and 18): Via, the way back, responses, branches. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ivr.lines.sip.flow import Flow, Transport
from ivr.lines.sip.message import Message, Via, read_via

COOKIE = "z9hG4bKivr"
"""Begins every branch of ours."""


def response(message: Message, status: int, reason: str, more: Iterable[tuple[str, str]] = ()) -> Message:
    """An answer of our own to a request, with a tag made from its branch."""
    headers = [("Via", via) for via in message.all("Via")]
    to = message.get("To")
    if not message.tag("To"):
        to += f";tag={branch_of(message)[len(COOKIE) :]}"
    headers += [("From", message.get("From")), ("To", to), ("Call-ID", message.call_id)]
    headers += [("CSeq", message.get("CSeq")), *more]
    return Message(tuple(headers), status=status, reason=reason)


def received(message: Message, flow: Flow) -> Message:
    """Where the message came from, noted in its topmost Via (RFC 3261, 18.2.1; RFC 3581)."""
    first, *rest = message.all("Via")
    via = read_via(first)
    params = dict(via.params)
    if via.host.strip("[]") != flow.host:
        params["received"] = flow.host
    if "rport" in params:
        params |= {"received": flow.host, "rport": str(flow.port)}
    return message.replaced("Via", [str(Via(via.transport, via.host, via.port, params)), *rest])


def way_back(message: Message, flow: Flow) -> Flow:
    """Where the response goes (RFC 3261, 18.2.2)."""
    via = message.via()
    if flow.transport is not Transport.UDP or "rport" in via.params:
        return flow
    return Flow(flow.transport, flow.host, via.port or 5060)


def branch_of(message: Message) -> str:
    """Names the transaction on our side; the same for copies, for CANCEL, and for ACK to a refusal."""
    via = message.via()
    method = "INVITE" if message.method in ("ACK", "CANCEL") else message.method
    key = (
        via.params.get("branch", ""),
        via.host,
        str(via.port),
        message.call_id,
        str(message.cseq[0]),
        method,
    )
    return (
        COOKIE
        + hashlib.blake2b("\0".join(key).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    )


def popped(message: Message) -> Message:
    """Without our own Via on top."""
    rest = message.all("Via")[1:]
    return message.replaced("Via", rest) if rest else message.without("Via")


def nearer(message: Message) -> Message:
    """One hop less to go."""
    hops = message.get("Max-Forwards")
    return message.replaced("Max-Forwards", [str(int(hops) - 1 if hops else 70)])


def timer_of(message: Message) -> int:
    """Seconds of the session timer that the caller keeps; 0: none that concerns us."""
    wanted = message.get("Session-Expires")
    seconds = wanted.partition(";")[0].strip()
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 8):
        return 0
    keeps = "timer" in message.options("Supported") | message.options("Require")
    return int(seconds) if keeps and "refresher=uas" not in wanted.replace(" ", "").lower() else 0


def bracketed(host: str) -> str:
    """An address as it stands in a URI."""
    return f"[{host}]" if ":" in host else host
