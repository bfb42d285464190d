"""Who calls, as far as the network says it. Pure."""

from __future__ import annotations

import re

from ivr.lines.sip.message import Message, address_of, user_of

_MARKS = re.compile(r"[-.() ]")
"""Visual separators of telephone numbers (RFC 3966, 5.1.1)."""
_NUMBER = re.compile(r"\+?[0-9][0-9().\- ]*\Z")
_NAMELESS = frozenset({"anonymous", "unavailable", "restricted", "withheld", "unknown", "private"})
"""What networks write in the place of a number (RFC 3323, 4.1.1.3; 3GPP TS 24.229 and carriers' habits)."""
_WITHHELD = frozenset({"id", "user", "header"})
"""Kinds of privacy that keep the caller's number from the one who is called (RFC 3323, RFC 3325)."""


def caller_of(message: Message) -> str:
    """The number or name of who sent an INVITE, "" for one who withholds it or has none.

    Trunks and PBXs that say who it is in P-Asserted-Identity have checked it; From is what the telephone
    wrote (RFC 3325). Only the addresses that the line allows can say either. A number goes before a name.
    """
    if _WITHHELD & {one.strip().lower() for value in message.all("Privacy") for one in value.split(";")}:
        return ""
    asserted = [user for one in message.all("P-Asserted-Identity") if (user := _user(one))]
    numbers = [user for user in asserted if _NUMBER.match(user)]
    return (*numbers, *asserted, _user(message.get("From")))[0]


def _user(value: str) -> str:
    user = user_of(address_of(value))
    if user.lower() in _NAMELESS or address_of(value).lower().partition("@")[2].partition(":")[0].endswith(
        "anonymous.invalid"
    ):
        return ""
    return _MARKS.sub("", user) if _NUMBER.match(user) else user
