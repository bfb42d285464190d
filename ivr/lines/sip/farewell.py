"""Requests of our own in a call: a BYE when its worker is gone, so that the telephone hears that it is over;
an ACK and a BYE for a second telephone that answers where we called one. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from ivr.lines.sip.flow import Flow
from ivr.lines.sip.hop import COOKIE
from ivr.lines.sip.message import Message, address_of, params_of


@dataclass(frozen=True, slots=True)
class Established:
    """What a request inside a call needs (RFC 3261, 12.2.1.1), as seen from our side.

    ours, theirs  the values of From and To with their tags
    target        where the other side is reached, its Contact
    routes        the proxies on the way
    """

    ours: str
    theirs: str
    target: str
    routes: tuple[str, ...]

    def has(self, request: Message) -> bool:
        """Whether a request of the other side belongs to the call: it names both tags (RFC 3261, 12.2.2)."""
        tags = (request.tag("To"), request.tag("From"))
        return tags == (params_of(self.ours).get("tag", ""), params_of(self.theirs).get("tag", ""))


def established(answer: Message, contact: str, *, outgoing: bool) -> Established:
    """From the 200 to the INVITE, as it went over the line; `contact` is that of the other side."""
    ours, theirs = answer.get("To"), answer.get("From")
    routes = answer.all("Record-Route")
    if outgoing:
        ours, theirs, routes = theirs, ours, tuple(reversed(routes))
    return Established(ours, theirs, address_of(contact), routes)


def inside(method: str, call_id: str, known: Established, number: int, via: str, flow: Flow) -> Message:
    """A request in the call: BYE, whose `number` must be higher than that of all requests before, or ACK,
    which has that of its INVITE. `flow` is used for its host."""
    target = known.target or f"sip:{flow.host}:{flow.port}"
    headers = [("Via", via), ("Max-Forwards", "70"), *(("Route", route) for route in known.routes)]
    headers += [
        ("From", known.ours),
        ("To", known.theirs),
        ("Call-ID", call_id),
        ("CSeq", f"{number} {method}"),
    ]
    return Message(tuple(headers), method=method, uri=target)


def let_go(
    call_id: str, other: Established, number: int, via: Callable[[str], str], flow: Flow
) -> list[Message]:
    """What a second telephone gets that answers our INVITE of that number after it was forked on its way (RFC
    3261, 13.2.2.4); `via` makes a Via with a branch."""
    made = []
    for method, sequence in (("ACK", number), ("BYE", number + 1)):
        name = f"{method}{call_id}{other.theirs}".encode("utf-8", "replace")
        branch = COOKIE + hashlib.blake2b(name, digest_size=12).hexdigest()
        made.append(inside(method, call_id, other, sequence, via(branch), flow))
    return made
