"""A BYE of our own, for a call whose worker is gone: the caller's telephone hears that it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.lines.sip.flow import Flow
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


def bye(call_id: str, known: Established, number: int, via: str, flow: Flow) -> Message:
    """The request; `number` must be higher than that of all requests before. `flow` is used for its host."""
    target = known.target or f"sip:{flow.host}:{flow.port}"
    headers = [("Via", via), ("Max-Forwards", "70"), *(("Route", route) for route in known.routes)]
    headers += [("From", known.ours), ("To", known.theirs), ("Call-ID", call_id), ("CSeq", f"{number} BYE")]
    return Message(tuple(headers), method="BYE", uri=target)
