"""Our own addresses, and messages with them in the place of a worker's. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ivr.lines.sip.flow import Flow, Transport
from ivr.lines.sip.hop import bracketed
from ivr.lines.sip.message import Message, Via, address_of, user_of

_SDP_ADDRESS = re.compile(rb"(?m)^((?:c=|o=[^\r\n]* )IN IP[46] )[^\r\n ]+")


@dataclass(frozen=True, slots=True)
class Own:
    """Our own addresses.

    host    as telephones reach us, also for sound
    ports   by transport
    inside  host:port where workers reach the gate
    registrars  by the account's address: "user@domain"
    dial    where we call people ourselves; None: nowhere
    codecs  as SDP names them, in small letters
    """

    host: str
    ports: dict[Transport, int]
    inside: str
    registrars: dict[str, Flow] = field(default_factory=dict)
    dial: Flow | None = None
    codecs: frozenset[str] = frozenset({"opus", "g722", "pcmu", "pcma"})

    def via(self, flow: Flow, branch: str) -> str:
        """What names us in a request that goes out over `flow`."""
        port = self.ports.get(flow.transport, 0)
        return str(
            Via(flow.transport.value.upper(), bracketed(self.host), port, {"branch": branch, "rport": ""})
        )

    def outside(self, message: Message, flow: Flow) -> Message:
        """A worker's message as `flow` sees it: our address in Contact, the route and where sound goes."""
        inside = f"sip:{self.inside};"
        for name in ("Record-Route", "Route"):
            if message.get(name):
                message = message.replaced(
                    name, [one for one in message.all(name) if not address_of(one).startswith(inside)]
                )
        if message.get("Contact"):
            transport = "" if flow.transport is Transport.UDP else f";transport={flow.transport.value}"
            port = self.ports.get(flow.transport, 0)
            user = user_of(address_of(message.get("To"))) if message.method == "REGISTER" else "ivr"
            own = f"<sip:{user}@{bracketed(self.host)}:{port}{transport}>"
            more = message.get("Contact").rpartition(">")[2] if message.method == "REGISTER" else ""
            message = message.replaced("Contact", [own + more])
        body = message.body
        if "sdp" in message.get("Content-Type").lower():
            body = _SDP_ADDRESS.sub(lambda found: found[1] + self.host.encode(), body)
        return message.without("User-Agent", "Server").with_body(body)


def relayed(message: Message) -> Message:
    """A key sent as ``application/dtmf`` (the key alone) as the stack reads it."""
    key = message.body.strip()
    if message.get("Content-Type").partition(";")[0].strip().lower() != "application/dtmf" or len(key) != 1:
        return message
    body = b"Signal=%b\r\nDuration=100\r\n" % key
    return message.replaced("Content-Type", ["application/dtmf-relay"]).with_body(body)
