"""The description of a caller's sound (SDP) as the gate reads it before the stack does. Pure."""

from __future__ import annotations

import ipaddress
import re
from email.message import Message as Part
from email.parser import BytesParser
from email.policy import HTTP

from ivr.lines.sip.message import Message

SDP = "application/sdp"
STATIC = {"0": "pcmu", "8": "pcma", "9": "g722"}
"""Numbers of payloads that need no map (RFC 3551)."""
HELD = "X-IVR-Held"
"""Tells the worker that the caller's offer keeps the call on hold; from outside it is not let in."""
_HOLD = re.compile(rb"(?m)^(?:a=(?:inactive|sendonly)|c=IN IP4 0\.0\.0\.0|c=IN IP6 ::)\s*$")
_MEDIA = re.compile(rb"(?m)^m=audio ([0-9]+)(?:/[0-9]+)? \S+ ([0-9 ]+)")
_MAP = re.compile(rb"(?m)^a=rtpmap:([0-9]+) ([A-Za-z0-9.-]+)/")
Answer = tuple[int, str, list[tuple[str, str]]]
_CONNECTION = re.compile(rb"(?m)^(c=IN IP([46]) )([^\r\n /]+)")


def unwrapped(message: Message) -> Message:
    """The message with its SDP alone where that is one part of several: trunks of the old telephone network
    send theirs beside it (ISUP, RFC 3204), and the stack reads no such body."""
    kind = message.get("Content-Type")
    if kind.partition("/")[0].strip().lower() != "multipart":
        return message
    head = f"Content-Type: {kind}\r\n\r\n".encode("utf-8", "surrogateescape")
    for part in BytesParser(policy=HTTP).parsebytes(head + message.body).walk():
        if part.get_content_type() == SDP and (body := _payload(part)):
            return message.replaced("Content-Type", [SDP]).with_body(body)
    return message


def unread(message: Message, host: str, codecs: frozenset[str]) -> Answer | None:
    """The answer to an offer that cannot be read, is nowhere that `host`, our address, reaches, or has none
    of our codecs; None when all is well. In a call the stack would agree to it, and nobody would hear more.

    A message without a body offers nothing: then we do.
    """
    if not message.body:
        return None
    if message.get("Content-Type").partition(";")[0].strip().lower() != SDP:
        return 415, "Unsupported Media Type", [("Accept", SDP)]
    if not message.body.startswith(b"v=0"):
        return 400, "Bad Session Description", []
    families = {int(family) for _, family, _ in _CONNECTION.findall(message.body)}
    ours = _address(host)
    if families and ours is not None and ours.version not in families:
        return 488, "Not Acceptable Here", [("Warning", '300 ivr "Incompatible network protocol"')]
    if not _offered(message.body) & codecs:
        return 488, "Not Acceptable Here", [("Warning", '305 ivr "Incompatible media format"')]
    return None


def told_of_hold(message: Message) -> Message:
    """For the worker: who has the call on hold from the start (RFC 3264, 8.4) need not hear of us at once."""
    message = message.without(HELD)
    return message.on_top(HELD, "yes") if _HOLD.search(message.body) else message


def _offered(body: bytes) -> set[str]:
    """The codecs of all lines of sound that are not refused, in small letters."""
    named = {number.decode(): name.decode().lower() for number, name in _MAP.findall(body)}
    numbers = (number for port, some in _MEDIA.findall(body) if int(port) for number in some.decode().split())
    return {named.get(number) or STATIC.get(number, "") for number in numbers}


def seen_from(message: Message, host: str) -> Message:
    """The offer of a telephone behind a router whose messages come from `host`, on the Internet.

    It writes its address of the network at home, where nobody outside can send sound to. The router's goes in
    its place, which reaches the telephone where the router keeps its ports.
    """
    source = _address(host)
    if not message.body or source is None or not source.is_global:
        return message

    def outside(found: re.Match[bytes]) -> bytes:
        told = _address(found[3].decode("ascii", "replace"))
        if told is None or told.version != source.version or not told.is_private or told.is_unspecified:
            return found[0]  # 0.0.0.0 is a call on hold
        return found[1] + host.encode()

    return message.with_body(_CONNECTION.sub(outside, message.body))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _payload(part: Part) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""
