"""Cuts the stream of a TCP or TLS connection into SIP messages (RFC 3261, 18.3). Pure."""

from __future__ import annotations

import re

from ivr.lines.sip.message import LONGEST, Malformed

_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,6})[ \t]*(?=\r\n)", re.IGNORECASE)


class Framer:
    """Of one connection. Once it has raised it is of no more use: nobody knows where a message begins."""

    def __init__(self) -> None:
        self._left = bytearray()

    @property
    def waiting(self) -> bool:
        """Whether part of a message is there."""
        return bool(self._left)

    def feed(self, data: bytes) -> list[bytes]:
        """What is whole by now. Raises Malformed."""
        self._left += data
        found: list[bytes] = []
        while True:
            while self._left[:2] == b"\r\n":
                del self._left[:2]  # keep-alive (RFC 5626)
            end = self._left.find(b"\r\n\r\n")
            if end < 0:
                if len(self._left) > LONGEST:
                    raise Malformed("a message that is too long")
                return found
            lengths = _LENGTH.findall(bytes(self._left[: end + 2]))
            if len(lengths) != 1:
                raise Malformed("a length that does not fit the message")
            whole = end + 4 + int(lengths[0])
            if whole > LONGEST:
                raise Malformed("a message that is too long")
            if len(self._left) < whole:
                return found
            found.append(bytes(self._left[:whole]))
            del self._left[:whole]
