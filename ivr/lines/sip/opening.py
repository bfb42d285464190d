"""What a call must bring to be let in, beside a free seat. Pure."""

from __future__ import annotations

import re

from ivr.lines.sip.hop import timer_of
from ivr.lines.sip.message import Malformed, Message, address_of

LEAST_TIMER = 90
"""Seconds: the least session timer that we accept (RFC 4028, section 5)."""
RELIABLE = "100rel"
"""Provisional answers that are acknowledged (RFC 3262). Who demands them gets none but 100: we answer at
once, and the RFC demands nothing of answers that are not sent."""
KNOWN = frozenset({"timer", RELIABLE})
"""What a request may demand (Require): kept here, the stack behind the gate never hears of it."""
_REACHABLE = re.compile(
    r"sips?:(?:[^@\s<>\",]*@)?(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?(?:[;?][^\s<>\"]*)?",
    re.IGNORECASE,
)
"""Where a caller wants to be reached."""

Answer = tuple[int, str, list[tuple[str, str]]]


def unfit(message: Message) -> Answer | None:
    """Status, reason and headers of the answer to an INVITE that cannot become a call; None when it can.

    Raises Malformed.
    """
    if message.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
        return 416, "Unsupported URI Scheme", []
    if not message.tag("From") or not message.all("Contact"):
        raise Malformed("a call without the headers every call has")
    if not _REACHABLE.fullmatch(address_of(message.all("Contact")[0])):
        raise Malformed("a Contact that cannot be read")  # the stack would keep the call's sockets for ever
    return unmet(message)


def unmet(message: Message) -> Answer | None:
    """The same for what any request may demand of us, in a call too."""
    if unknown := message.options("Require") - KNOWN:
        return 420, "Bad Extension", [("Unsupported", ", ".join(sorted(unknown)))]
    timer = timer_of(message)
    if timer and timer < LEAST_TIMER:
        return 422, "Session Interval Too Small", [("Min-SE", str(LEAST_TIMER))]
    return None
