"""The gate: reads every SIP message before the SIP stack does, and decides what may pass. Pure.

Towards telephones it is the SIP server at the line's address; behind it are the workers on loopback, which
never hear of anything else. What it does, beside passing messages on (RFC 3261, section 16, as a proxy that
puts its own address for that of the worker behind it):

- malformed messages are dropped, floods are cut to a rate for each sender;
- a new call takes a seat first; without one it is refused here (486, 503, 404), and no worker hears of it;
- requests that begin no call are answered here: OPTIONS for who asks whether we live, 405 for the others;
- a caller's REFER is refused here: nobody can make us dial;
- session timers (RFC 4028) are kept here, because the stack has none;
- the stack's own re-INVITE after each answer, which offers nothing new, is refused here (488): the call goes
  on as it was agreed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ivr.lines.accept import Refusal, Refused
from ivr.lines.line import Party
from ivr.lines.sip.dialog import Asked, Dialog, Dialogs
from ivr.lines.sip.flow import Flow, Rates, ToPeer, ToWorker, Transport
from ivr.lines.sip.message import Malformed, Message, Via, address_of, parse, read_via, user_of

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"
NEW_RATE, NEW_BURST = 60.0, 240.0
"""New calls a second from one address, and at once."""
OTHER_RATE, OTHER_BURST = 20.0, 60.0
"""Requests that belong to no call."""
LEAST_TIMER = 90
"""Seconds: the least session timer that we accept (RFC 4028, section 5)."""
RETRY_SECONDS = 10
STATUS = {
    Refusal.FULL: (486, "Busy Here"),
    Refusal.CLOSING: (503, "Service Unavailable"),
    Refusal.DOWN: (503, "Service Unavailable"),
    Refusal.NO_DESK: (404, "Not Found"),
}
COOKIE = "z9hG4bKivr"

_PEEK = re.compile(rb"(?:\A|\n)(?:call-id|i)[ \t]*:[ \t]*([!-~]{1,255})", re.IGNORECASE)
_SDP_ADDRESS = re.compile(rb"(?m)^((?:c=|o=[^\r\n]* )IN IP[46] )[^\r\n ]+")

Sent = list[ToPeer | ToWorker]


class Seats(Protocol):
    """Where calls are let in: the server side of the line."""

    def admit(self, call_id: str, party: Party) -> int:
        """The worker that takes the call; the seat is kept under `call_id`. Raises Refused."""

    def leave(self, call_id: str) -> None:
        """The call did not come about. Harmless when there is no such seat."""

    def expire(self, call_id: str) -> None:
        """The call's session timer has run out: end it."""

    def offend(self, kind: str, who: str) -> None:
        """Bad input."""


@dataclass(frozen=True, slots=True)
class Own:
    """Our own addresses.

    host    as telephones reach us, also for sound
    ports   by transport
    inside  host:port where workers reach the gate
    """

    host: str
    ports: dict[Transport, int]
    inside: str


class Gate:
    """Of one line."""

    def __init__(self, own: Own, seats: Seats) -> None:
        self.own = own
        self.dialogs = Dialogs()
        self._seats = seats
        self._asked = Asked()
        self._new = Rates(NEW_RATE, NEW_BURST)
        self._other = Rates(OTHER_RATE, OTHER_BURST)

    # --- from telephones -------------------------------------------------------------------------------

    def from_peer(self, data: bytes, flow: Flow, now: float) -> Sent:
        """A message came in."""
        if not data.strip(b"\r\n\0 "):
            return []  # keep-alive
        found = _PEEK.search(data[:4096])
        known = found is not None and self.dialogs.get(found[1].decode("ascii")) is not None
        if not known and not data.startswith(b"SIP/2.0 "):
            rates = self._new if data.startswith((b"INVITE ", b"ACK ", b"CANCEL ", b"BYE ")) else self._other
            if not rates.take(flow.host, now):
                self._seats.offend("more requests than one address may send", flow.host)
                return []
        try:
            message = parse(data)
            return self._request(message, flow, now) if message.method else self._answer(message, flow)
        except Malformed as fault:
            self._seats.offend(str(fault), flow.host)
            return []

    def _request(self, message: Message, flow: Flow, now: float) -> Sent:
        message = _received(message, flow)
        back = _way_back(message, flow)
        dialog = self.dialogs.get(message.call_id)
        if message.method == "ACK" and dialog is None:
            return []  # of a call refused here
        if message.get("Max-Forwards") == "0" and message.method != "ACK":
            return self._reply(message, back, 483, "Too Many Hops")
        if message.method == "INVITE" and not message.tag("To"):
            return self._invite(message, flow, back, dialog, now)
        if message.method in ("REFER", "REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE"):
            if message.method == "REFER":
                self._seats.offend("a caller who asks us to call somebody", flow.host)
                return self._reply(message, back, 603, "Decline")
            return self._reply(message, back, 405, "Method Not Allowed", [("Allow", ALLOW)])
        if dialog is None:
            if message.method == "OPTIONS":
                return self._options(message, back)
            if message.method in ("BYE", "INVITE", "INFO", "UPDATE", "CANCEL", "PRACK", "NOTIFY"):
                return self._reply(message, back, 481, "Call/Transaction Does Not Exist")
            return self._reply(message, back, 501, "Not Implemented", [("Allow", ALLOW)])
        if message.method in ("INVITE", "UPDATE"):
            dialog.flow = flow
            dialog.refreshed(now)
        return self._inward(message, dialog, back, now)

    def _invite(self, message: Message, flow: Flow, back: Flow, dialog: Dialog | None, now: float) -> Sent:
        branch = message.via().params.get("branch", "")
        if dialog is not None:
            if branch == dialog.branch:
                return self._inward(message, dialog, back, now)  # the same once more
            return self._reply(message, back, 482, "Loop Detected")
        if message.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
            return self._reply(message, back, 416, "Unsupported URI Scheme")
        if not message.tag("From") or not message.all("Contact"):
            raise Malformed("a call without the headers every call has")
        unknown = message.options("Require") - {"timer"}
        if unknown:
            names = ", ".join(sorted(unknown))
            return self._reply(message, back, 420, "Bad Extension", [("Unsupported", names)])
        timer = _timer(message)
        if timer and timer < LEAST_TIMER:
            least = [("Min-SE", str(LEAST_TIMER))]
            return self._reply(message, back, 422, "Session Interval Too Small", least)
        caller, called = user_of(address_of(message.get("From"))), user_of(message.uri)
        try:
            worker = self._seats.admit(message.call_id, Party(f"sip:{message.call_id}", caller, called))
        except Refused as refused:
            status, reason = STATUS[refused.reason]
            later = [("Retry-After", str(RETRY_SECONDS))] if status == 503 else []
            return self._reply(message, back, status, reason, later)
        dialog = Dialog(message.call_id, worker, flow, branch, now, timer)
        self.dialogs.add(dialog)
        return self._inward(message, dialog, back, now)

    def _inward(self, message: Message, dialog: Dialog, back: Flow, now: float) -> Sent:
        """Pass a request on to the worker."""
        branch = _branch(message)
        self._asked.put(branch, back, now)
        if message.method == "ACK" and dialog.established is None:
            dialog.established = now
            dialog.refreshed(now)
        out = _nearer(message.without("Route", "Session-Expires", "Min-SE"))
        if message.options("Require"):
            out = out.replaced("Require", message.options("Require") - {"timer"})
        if message.method == "INVITE":
            out = out.on_top("Record-Route", f"<sip:{self.own.inside};lr>")
        out = out.on_top("Via", f"SIP/2.0/UDP {self.own.inside};branch={branch};rport")
        return [ToWorker(dialog.worker, bytes(out))]

    def _options(self, message: Message, back: Flow) -> Sent:
        more = [("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "timer")]
        return self._reply(message, back, 200, "OK", more)

    def _answer(self, message: Message, flow: Flow) -> Sent:
        """A response to what a worker asked."""
        who = self._asked.who(message.via().params.get("branch", ""))
        if not isinstance(who, int):
            self._seats.offend("an answer to nothing we asked", flow.host)
            return []
        rest = _popped(message)
        return [ToWorker(who, bytes(rest))] if rest.all("Via") else []

    # --- from workers ----------------------------------------------------------------------------------

    def from_worker(self, data: bytes, worker: int, now: float) -> Sent:
        """A worker sends a message out."""
        try:
            message = parse(data)
            return self._ask(message, worker, now) if message.method else self._respond(message, now)
        except Malformed as fault:
            self._seats.offend(f"a worker sends {fault}", "a worker")
            return []

    def _respond(self, message: Message, now: float) -> Sent:
        back = self._asked.who(message.via().params.get("branch", ""))
        if not isinstance(back, Flow):
            return []
        dialog = self.dialogs.get(message.call_id)
        out = self._outside(_popped(message), back)
        first = dialog is not None and dialog.established is None
        if message.cseq[1] == "INVITE" and dialog is not None:
            if message.status >= 300 and first:
                self.dialogs.end(message.call_id, now)
                self._seats.leave(message.call_id)
            elif message.status >= 200 and dialog.timer:
                out = out.with_headers(
                    (*out.headers, ("Require", "timer"), ("Session-Expires", f"{dialog.timer};refresher=uac"))
                )
        return [ToPeer(back, bytes(out))]

    def _ask(self, message: Message, worker: int, now: float) -> Sent:
        dialog = self.dialogs.get(message.call_id)
        if message.method == "ACK":
            return []  # of the re-INVITE refused below
        if dialog is None:
            refused = _response(message, 481, "Call/Transaction Does Not Exist")
            return [ToWorker(worker, bytes(refused))]
        if message.method == "INVITE":
            return [ToWorker(worker, bytes(_response(message, 488, "Not Acceptable Here")))]
        flow = dialog.flow
        branch = _branch(message)
        self._asked.put(branch, worker, now)
        out = self._outside(message, flow)
        port = self.own.ports.get(flow.transport, 0)
        via = Via(
            flow.transport.value.upper(), _bracketed(self.own.host), port, {"branch": branch, "rport": ""}
        )
        return [ToPeer(flow, bytes(_nearer(out).on_top("Via", str(via))))]

    def _outside(self, message: Message, flow: Flow) -> Message:
        """Our own address for that of the worker: in Contact, the route and where sound goes."""
        inside = f"<sip:{self.own.inside};lr>"
        for name in ("Record-Route", "Route"):
            if message.get(name):
                message = message.replaced(name, [one for one in message.all(name) if one != inside])
        if message.get("Contact"):
            transport = "" if flow.transport is Transport.UDP else f";transport={flow.transport.value}"
            port = self.own.ports.get(flow.transport, 0)
            message = message.replaced(
                "Contact", [f"<sip:ivr@{_bracketed(self.own.host)}:{port}{transport}>"]
            )
        body = message.body
        if "sdp" in message.get("Content-Type").lower():
            body = _SDP_ADDRESS.sub(lambda found: found[1] + self.own.host.encode(), body)
        return message.without("User-Agent", "Server").with_headers(
            message.without("User-Agent", "Server").headers, body
        )

    # --- time ------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Called now and then."""
        silent, expired = self.dialogs.look(now)
        for dialog in silent:
            self.dialogs.end(dialog.call_id, now)
            self._seats.leave(dialog.call_id)
        for dialog in expired:
            dialog.expires = None
            self._seats.expire(dialog.call_id)

    def _reply(
        self, message: Message, back: Flow, status: int, reason: str, more: Iterable[tuple[str, str]] = ()
    ) -> Sent:
        return (
            [] if message.method == "ACK" else [ToPeer(back, bytes(_response(message, status, reason, more)))]
        )


def _response(message: Message, status: int, reason: str, more: Iterable[tuple[str, str]] = ()) -> Message:
    headers = [("Via", via) for via in message.all("Via")]
    to = message.get("To")
    if not message.tag("To"):
        to += f";tag={_branch(message)[len(COOKIE) :]}"
    headers += [("From", message.get("From")), ("To", to), ("Call-ID", message.call_id)]
    headers += [("CSeq", message.get("CSeq")), *more]
    return Message(tuple(headers), status=status, reason=reason)


def _received(message: Message, flow: Flow) -> Message:
    """Where the message came from, noted in its topmost Via (RFC 3261, 18.2.1; RFC 3581)."""
    first, *rest = message.all("Via")
    via = read_via(first)
    params = dict(via.params)
    if via.host.strip("[]") != flow.host:
        params["received"] = flow.host
    if "rport" in params:
        params |= {"received": flow.host, "rport": str(flow.port)}
    return message.replaced("Via", [str(Via(via.transport, via.host, via.port, params)), *rest])


def _way_back(message: Message, flow: Flow) -> Flow:
    """Where the response goes (RFC 3261, 18.2.2)."""
    via = message.via()
    if flow.transport is not Transport.UDP or "rport" in via.params:
        return flow
    return Flow(flow.transport, flow.host, via.port or 5060)


def _branch(message: Message) -> str:
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


def _popped(message: Message) -> Message:
    """Without our own Via on top."""
    rest = message.all("Via")[1:]
    return message.replaced("Via", rest) if rest else message.without("Via")


def _nearer(message: Message) -> Message:
    hops = message.get("Max-Forwards")
    return message.replaced("Max-Forwards", [str(int(hops) - 1 if hops else 70)])


def _timer(message: Message) -> int:
    """Seconds of the session timer that the caller keeps; 0: none that concerns us."""
    wanted = message.get("Session-Expires")
    seconds = wanted.partition(";")[0].strip()
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 8):
        return 0
    keeps = "timer" in message.options("Supported") | message.options("Require")
    return int(seconds) if keeps and "refresher=uas" not in wanted.replace(" ", "").lower() else 0


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
