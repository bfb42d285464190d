"""The messages of AudioSocket, as bytes and back. Pure.

Every message is one byte of kind, two bytes of length (big endian) and the payload, after the description of
the protocol in Asterisk's documentation ("AudioSocket"). Sound is signed 16-bit little endian, mono; its kind
tells the rate.
"""

from __future__ import annotations

import enum
import struct
import uuid
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ivr.media.pcm import Pcm

_HEADER = struct.Struct(">BH")
LONGEST = 0xFFFF
RATES = {
    0x10: 8_000,
    0x11: 12_000,
    0x12: 16_000,
    0x13: 24_000,
    0x14: 32_000,
    0x15: 44_100,
    0x16: 48_000,
    0x17: 96_000,
    0x18: 192_000,
}
"""Samples a second by kind of sound; older Asterisk knows 0x10 only."""
AUDIO_8K = 0x10


class Kind(enum.IntEnum):
    """What is not sound."""

    HANG_UP = 0x00
    UUID = 0x01
    SILENCE = 0x02
    DTMF = 0x03
    ERROR = 0xFF


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller left, or we do."""


@dataclass(frozen=True, slots=True)
class Identified:
    """First of all: which call this is."""

    call: uuid.UUID


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the caller, as it was sent: one character."""

    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Sound at the rate of its `kind`, any number of samples."""

    kind: int
    pcm: Pcm

    @property
    def rate(self) -> int:
        """Samples a second."""
        return RATES[self.kind]


@dataclass(frozen=True, slots=True)
class PeerError:
    """The peer reports a fault; the code is its own."""

    code: int


Message: TypeAlias = HangUp | Identified | Key | Sound | PeerError


class Reader:
    """Bytes in, messages out, wherever the network cut them.

    fault  why the stream cannot be read any further, in our own words; None while it can
    """

    def __init__(self) -> None:
        self.fault: str | None = None
        self._rest = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes of a message that is not complete: at most its header and 65,535."""
        return len(self._rest)

    def feed(self, data: bytes) -> tuple[Message, ...]:
        """The messages that are complete with `data`; none after a fault, which also is a length that
        cannot be.
        """
        if self.fault is not None:
            return ()
        self._rest += data
        found: list[Message] = []
        at = 0
        while len(self._rest) - at >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._rest, at)
            self.fault = _fault(kind, length)
            end = at + _HEADER.size + length
            if self.fault is not None or len(self._rest) < end:
                break
            if (message := _read(kind, bytes(self._rest[at + _HEADER.size : end]))) is not None:
                found.append(message)
            at = end
        del self._rest[:at]
        return tuple(found)


def sound(kind: int, pcm: Pcm) -> bytes:
    """A message of sound. Raises ValueError for more than fits."""
    data = pcm.astype("<i2", copy=False).tobytes()
    if len(data) > LONGEST:
        raise ValueError(f"a message holds {LONGEST // 2} samples, not {len(pcm)}")
    return _HEADER.pack(kind, len(data)) + data


def hang_up() -> bytes:
    """The call is over."""
    return _HEADER.pack(Kind.HANG_UP, 0)


def identified(call: uuid.UUID) -> bytes:
    """Which call it is: what Asterisk sends first."""
    return _HEADER.pack(Kind.UUID, 16) + call.bytes


def key(pressed: str) -> bytes:
    """A key, as Asterisk sends it."""
    return _HEADER.pack(Kind.DTMF, 1) + pressed.encode("ascii")


def _fault(kind: int, length: int) -> str | None:
    """What is wrong with a header, before its payload is waited for."""
    if kind in RATES:
        return "sound of half a sample" if length % 2 else None
    match kind:
        case Kind.UUID:
            return None if length == 16 else "a UUID that is not 16 bytes long"
        case Kind.DTMF:
            return None if length == 1 else "a key that is not one byte long"
        case Kind.HANG_UP | Kind.SILENCE | Kind.ERROR:
            return None if length <= 16 else "a message that is too long for its kind"
        case _:
            return "an unknown kind of message"


def _read(kind: int, payload: bytes) -> Message | None:
    """The message; None for silence, which is what comes when nothing comes."""
    match kind:
        case Kind.HANG_UP:
            return HangUp()
        case Kind.UUID:
            return Identified(uuid.UUID(bytes=payload))
        case Kind.DTMF:
            return Key(payload.decode("latin-1"))
        case Kind.ERROR:
            return PeerError(payload[0] if payload else 0)
        case Kind.SILENCE:
            return None
        case _:
            return Sound(kind, np.frombuffer(payload, dtype="<i2").astype(np.int16))
