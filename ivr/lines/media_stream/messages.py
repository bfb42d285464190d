"""The messages of a media stream, as text and back. Pure.

Every message is a JSON object with an ``event``, after Twilio's description ("Media Streams - WebSocket
messages"). Sound is µ-law at 8,000 samples a second, base64. From the provider: connected, start, media,
dtmf, mark, stop. To it: media, mark, clear.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TypeAlias

from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm

LONGEST = 256
"""Characters of a name or number that are kept."""
_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


class Broken(ValueError):  # noqa: N818 - the peer's fault
    """A message that is none. `kind` is one of our own phrases, without the peer's words."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class Connected:
    """First of all."""


@dataclass(frozen=True, slots=True)
class Start:
    """The call begins: names of stream and call, and what our answer to the provider passed along."""

    stream: str
    call: str
    caller: str
    called: str


@dataclass(frozen=True, slots=True, eq=False)
class Media:
    """Sound of the caller. `chunk` counts up."""

    stream: str
    chunk: int | None
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the caller."""

    stream: str
    key: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What we sent before the mark of this name has been played, or was dropped."""

    stream: str
    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The caller is gone."""

    stream: str


@dataclass(frozen=True, slots=True)
class Other:
    """Something newer than this file, or the other party's sound: it does not matter."""


Message: TypeAlias = Connected | Start | Media | Key | Mark | Stop | Other


def read(text: str) -> Message:
    """One message. Raises Broken."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Broken("a message that is no JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("event"), str):
        raise Broken("a message without an event")
    stream = _text(found, "streamSid")
    match found["event"]:
        case "connected":
            return Connected()
        case "start":
            return _start(_part(found, "start"), stream)
        case "media":
            return _media(_part(found, "media"), stream)
        case "dtmf":
            return Key(stream, _text(_part(found, "dtmf"), "digit"))
        case "mark":
            return Mark(stream, _text(_part(found, "mark"), "name"))
        case "stop":
            return Stop(stream)
        case _:
            return Other()


def media(stream: str, pcm: Pcm) -> str:
    """Sound to the caller."""
    payload = base64.b64encode(encode_ulaw(pcm)).decode("ascii")
    return json.dumps({"event": "media", "streamSid": stream, "media": {"payload": payload}})


def mark(stream: str, name: str) -> str:
    """To be sent back when what came before it has been played."""
    return json.dumps({"event": "mark", "streamSid": stream, "mark": {"name": name}})


def clear(stream: str) -> str:
    """Drop what was not played yet."""
    return json.dumps({"event": "clear", "streamSid": stream})


def _start(start: dict[str, object], stream: str) -> Start:
    given = start.get("mediaFormat", _FORMAT)
    if given != _FORMAT:
        raise Broken("a call whose sound is not µ-law at 8,000 Hz")
    stream = stream or _text(start, "streamSid")
    if not stream:
        raise Broken("a start message without a stream")
    custom = start.get("customParameters")
    numbers = custom if isinstance(custom, dict) else {}
    return Start(stream, _text(start, "callSid"), _text(numbers, "caller"), _text(numbers, "called"))


def _media(part: dict[str, object], stream: str) -> Message:
    if part.get("track", "inbound") != "inbound":
        return Other()
    payload = part.get("payload")
    if not isinstance(payload, str):
        raise Broken("a media message without sound")
    try:
        codes = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise Broken("sound that is no base64") from None
    chunk = _text(part, "chunk")
    return Media(stream, int(chunk) if chunk.isascii() and chunk.isdecimal() else None, decode_ulaw(codes))


def _part(found: dict[str, object], name: str) -> dict[str, object]:
    part = found.get(name)
    if not isinstance(part, dict):
        raise Broken("a message without its content")
    return part


def _text(found: dict[str, object], name: str) -> str:
    """Printable text; numbers count as text, everything else as none."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)[:LONGEST].strip()
    return text if text.isprintable() else ""
