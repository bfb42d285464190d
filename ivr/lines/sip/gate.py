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

import functools
import re
from collections.abc import Iterable
from typing import Protocol

from ivr.lines.accept import Refusal, Refused
from ivr.lines.line import Party
from ivr.lines.sip.caller import caller_of
from ivr.lines.sip.dialog import Asked, Dialog, Dialogs, Refusals
from ivr.lines.sip.farewell import established, inside, let_go
from ivr.lines.sip.flow import Flow, Rates, ToPeer, ToWorker
from ivr.lines.sip.hop import (
    COOKIE,
    branch_of,
    nearer,
    popped,
    received,
    response,
    timer_of,
    way_back,
)
from ivr.lines.sip.message import Malformed, Message, address_of, parse, user_of
from ivr.lines.sip.offer import seen_from, told_of_hold, unread, unwrapped
from ivr.lines.sip.opening import KNOWN, RELIABLE, unfit, unmet
from ivr.lines.sip.own import Own, relayed

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"
NEW_RATE, NEW_BURST = 60.0, 240.0
"""New calls a second from one address, and at once."""
OTHER_RATE, OTHER_BURST = 20.0, 60.0
"""Requests that belong to no call."""
RETRY_SECONDS = 10
STATUS = {
    Refusal.FULL: (486, "Busy Here"),
    Refusal.CLOSING: (503, "Service Unavailable"),
    Refusal.DOWN: (503, "Service Unavailable"),
    Refusal.NO_DESK: (404, "Not Found"),
}

_PEEK = re.compile(rb"(?:\A|\n)(?:call-id|i)[ \t]*:[ \t]*([!-~]{1,255})", re.IGNORECASE)

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


class Gate:
    """Of one line."""

    def __init__(self, own: Own, seats: Seats) -> None:
        self.own = own
        self.dialogs = Dialogs()
        self._seats = seats
        self.asked = Asked()
        self._refusals = Refusals()
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
            return self._request(message, flow, now) if message.method else self._answer(message, flow, now)
        except Malformed as fault:
            self._seats.offend(str(fault), flow.host)
            return []

    def _request(self, message: Message, flow: Flow, now: float) -> Sent:
        message = received(message, flow)
        back = way_back(message, flow)
        dialog = self.dialogs.get(message.call_id)
        if message.method == "ACK" and dialog is None:
            return []  # of a call refused here
        if message.get("Max-Forwards") == "0" and message.method != "ACK":
            return self._reply(message, back, 483, "Too Many Hops")
        message = seen_from(unwrapped(message), flow.host)
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
        if message.method in ("INVITE", "UPDATE") and dialog.known is not None:
            if not dialog.known.has(
                message
            ):  # else whoever knows its Call-ID could lead the call to themselves
                self._seats.offend("a request that names a call and not its tags", flow.host)
                return self._reply(message, back, 481, "Call/Transaction Does Not Exist")
            if (answer := unmet(message) or unread(message, self.own.host, self.own.codecs)) is not None:
                return self._reply(message, back, *answer)
            dialog.flow = flow
            dialog.timer = timer_of(message) or dialog.timer
            dialog.refreshed(now)
        return self._inward(message, dialog, back, now)

    def _invite(self, message: Message, flow: Flow, back: Flow, dialog: Dialog | None, now: float) -> Sent:
        branch = message.via().params.get("branch", "")
        if dialog is not None:
            if branch == dialog.branch:
                return self._inward(message, dialog, back, now)  # the same once more
            return self._reply(message, back, 482, "Loop Detected")
        if (again := self._refusals.get(message.call_id, branch)) is not None:
            return self._refuse(message, back, *again)
        if (answer := unfit(message) or unread(message, self.own.host, self.own.codecs)) is not None:
            return self._reply(message, back, *answer)
        timer = timer_of(message)
        caller, called = caller_of(message), user_of(message.uri)
        if any(account.partition("@")[0] == called for account in self.own.registrars):
            called = user_of(address_of(message.get("To"))) or called  # what was dialled, not our account
        try:
            worker = self._seats.admit(message.call_id, Party(f"sip:{message.call_id}", caller, called))
        except Refused as refused:
            status, reason = STATUS[refused.reason]
            self._refusals.put(message.call_id, branch, status, reason, now)
            return self._refuse(message, back, status, reason)
        contact = message.all("Contact")[0]
        dialog = Dialog(message.call_id, worker, flow, branch, now, timer, contact=contact)
        dialog.reliable = RELIABLE in message.options("Require")
        self.dialogs.add(dialog)
        return self._inward(message, dialog, back, now)

    def _refuse(self, message: Message, back: Flow, status: int, reason: str) -> Sent:
        later = [("Retry-After", str(RETRY_SECONDS))] if status == 503 else []
        return self._reply(message, back, status, reason, later)

    def _inward(self, message: Message, dialog: Dialog, back: Flow, now: float) -> Sent:
        """Pass a request on to the worker."""
        branch = branch_of(message)
        self.asked.put(branch, back, now)
        if message.method == "ACK" and dialog.established is None:
            dialog.established = now
            dialog.refreshed(now)
        if message.method == "INFO":
            message = relayed(message)
        out = nearer(message.without("Route", "Session-Expires", "Min-SE"))
        for name in ("Require", "Supported"):
            if message.options(name) & KNOWN:
                out = out.replaced(name, sorted(message.options(name) - KNOWN))
        if message.method == "INVITE":
            out = told_of_hold(out).on_top("Record-Route", f"<sip:{self.own.inside};lr>")
        out = out.on_top("Via", f"SIP/2.0/UDP {self.own.inside};branch={branch};rport")
        return [ToWorker(dialog.worker, bytes(out))]

    def _options(self, message: Message, back: Flow) -> Sent:
        more = [("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "timer")]
        return self._reply(message, back, 200, "OK", more)

    def _answer(self, message: Message, flow: Flow, now: float) -> Sent:
        """A response to what a worker asked."""
        who = self.asked.who(message.via().params.get("branch", ""))
        if not isinstance(who, int):
            self._seats.offend("an answer to nothing we asked", flow.host)
            return []
        rest = popped(message)
        dialog = self.dialogs.get(message.call_id)
        if dialog is not None and dialog.outgoing and message.cseq[1] == "INVITE":
            if message.status >= 300:
                self.dialogs.end(message.call_id, now)
            elif message.status >= 200:
                found = established(message, (*message.all("Contact"), "")[0], outgoing=True)
                dialog.known = dialog.known or found
                if dialog.known.theirs != found.theirs:
                    via = functools.partial(self.own.via, flow)
                    sent = let_go(message.call_id, found, message.cseq[0], via, flow)
                    return [ToPeer(flow, bytes(one)) for one in sent]
            if 100 < message.status < 300:
                rest = rest.with_headers((*rest.headers, ("Record-Route", f"<sip:{self.own.inside};lr>")))
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
        back = self.asked.who(message.via().params.get("branch", ""))
        if not isinstance(back, Flow):
            return []
        dialog = self.dialogs.get(message.call_id)
        out = self.own.outside(popped(message), back)
        first = dialog is not None and dialog.established is None
        if dialog is not None and dialog.reliable and 100 < message.status < 200:
            return []
        if message.cseq[1] in ("INVITE", "UPDATE") and dialog is not None:
            if message.status >= 300 and first and message.cseq[1] == "INVITE":
                self.dialogs.end(message.call_id, now)
                self._seats.leave(message.call_id)
            elif 200 <= message.status < 300:
                dialog.known = dialog.known or established(out, dialog.contact, outgoing=False)
            if 200 <= message.status < 300 and dialog.timer:
                out = out.with_headers(
                    (*out.headers, ("Require", "timer"), ("Session-Expires", f"{dialog.timer};refresher=uac"))
                )
        return [ToPeer(back, bytes(out))]

    def _ask(self, message: Message, worker: int, now: float) -> Sent:
        dialog = self.dialogs.get(message.call_id)
        if message.method == "ACK":
            if dialog is None or not dialog.outgoing:
                return []  # of the re-INVITE refused below
            dialog.established = dialog.established or now
            return self._outward(message, dialog.flow, worker, now)
        if message.method == "REGISTER":
            flow = self.own.registrars.get(address_of(message.get("To")).partition(":")[2].partition(";")[0])
            return [] if flow is None else self._outward(message, flow, worker, now)
        if message.method == "INVITE" and not message.tag("To") and self.own.dial is not None:
            branch = message.via().params.get("branch", "")
            self.dialogs.add(Dialog(message.call_id, worker, self.own.dial, branch, now, outgoing=True))
            return self._outward(message, self.own.dial, worker, now)
        if dialog is None:
            refused = response(message, 481, "Call/Transaction Does Not Exist")
            return [ToWorker(worker, bytes(refused))]
        if message.method == "INVITE":
            return [ToWorker(worker, bytes(response(message, 488, "Not Acceptable Here")))]
        dialog.sequence = max(dialog.sequence, message.cseq[0])
        return self._outward(message, dialog.flow, worker, now, dialog.again)

    def _outward(
        self, message: Message, flow: Flow, worker: int, now: float, again: Flow | None = None
    ) -> Sent:
        """Pass a worker's request on."""
        branch = branch_of(message)
        self.asked.put(branch, worker, now)
        out = self.own.outside(message, flow)
        return [ToPeer(flow, bytes(nearer(out).on_top("Via", self.own.via(flow, branch))), again)]

    def bye(self, dialog: Dialog, now: float) -> Sent:
        """Tell the other side that the call is over: its worker cannot."""
        self.dialogs.end(dialog.call_id, now)
        if dialog.known is None:
            return []
        via = self.own.via(dialog.flow, f"{COOKIE}bye{dialog.call_id.encode('utf-8', 'replace').hex()[:40]}")
        message = inside("BYE", dialog.call_id, dialog.known, dialog.sequence + 1, via, dialog.flow)
        return [ToPeer(dialog.flow, bytes(message), dialog.again)]

    # --- time ------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Called now and then."""
        self.asked.look(now)
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
            [] if message.method == "ACK" else [ToPeer(back, bytes(response(message, status, reason, more)))]
        )
