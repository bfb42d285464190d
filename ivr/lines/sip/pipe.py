"""What passes between the server and a worker process, as bytes and back. Pure.

Both ways over one local stream: a byte of kind, the number of the call (4 bytes), the length (4 bytes), the
payload: sound as 16-bit little-endian samples at the rate of the call's line, everything else as JSON.
"""

from __future__ import annotations

import enum
import json
import struct
from dataclasses import dataclass

import numpy as np

from ivr.media.pcm import Pcm

_HEADER = struct.Struct(">BII")
LONGEST = 1 << 20


class Kind(enum.IntEnum):
    """What a packet says; who says it in brackets."""

    BEGIN = 0
    """[server] First of all: the `WorkerSettings` as a dictionary."""
    READY = 1
    """[worker] It listens: {"port": n}."""
    BEGUN = 2
    """[worker] A call is answered: {"call_id": ..., "rate": 8000 or 16000, "codec": ...}."""
    SOUND = 3
    """[both] Any number of samples from the caller; one frame to the caller."""
    KEY = 4
    """[worker] {"key": one character}."""
    ENDED = 5
    """[worker] A call is over: {"call_id": ..., "reason": "" or why, "starved": frames that the caller heard
    as silence because they came too late}."""
    HANG_UP = 6
    """[server] End the call."""
    ALIVE = 7
    """[worker] Every second: the stack answers."""
    TRANSFER = 8
    """[server] Refer the caller: {"to": URI}."""
    TRANSFERRED = 9
    """[worker] What became of it: {"done": bool, "detail": ...}."""
    PACE = 10
    """[worker] How late its ticks were since the last such packet: `ivr.lines.sip.pace.Lateness`."""
    DIAL = 12
    """[server] Call somebody, under the number of this packet: {"to": URI, "headers": {...}, "rate": ...}."""
    RINGING = 13
    """[worker] It rings there."""
    SEND_KEY = 14
    """[server] {"key": one character}."""
    REGISTERED = 11
    """[worker] {"user": ..., "ok": bool, "detail": ...}."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One of them."""

    kind: Kind
    call: int
    payload: bytes = b""

    def json(self) -> dict[str, object]:
        """The payload of all kinds but SOUND."""
        found = json.loads(self.payload)
        assert isinstance(found, dict)
        return found

    def pcm(self) -> Pcm:
        """The payload of SOUND."""
        return np.frombuffer(self.payload, dtype="<i2").astype(np.int16)


def packet(kind: Kind, call: int = 0, **told: object) -> bytes:
    """Anything but sound."""
    payload = json.dumps(told).encode()
    return _HEADER.pack(kind, call, len(payload)) + payload


def sound(call: int, pcm: Pcm) -> bytes:
    """Sound."""
    payload = pcm.astype("<i2").tobytes()
    return _HEADER.pack(Kind.SOUND, call, len(payload)) + payload


class Reader:
    """Cuts a stream into packets."""

    def __init__(self) -> None:
        self._left = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """What is whole by now. Raises ValueError when the stream cannot be ours."""
        self._left += data
        found, at = [], 0
        while len(self._left) - at >= _HEADER.size:
            kind, call, length = _HEADER.unpack_from(self._left, at)
            if length > LONGEST:
                raise ValueError(f"a packet of {length} bytes")
            if len(self._left) - at < _HEADER.size + length:
                break
            start = at + _HEADER.size
            found.append(Packet(Kind(kind), call, bytes(self._left[start : start + length])))
            at = start + length
        del self._left[:at]
        return found
