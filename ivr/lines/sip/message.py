"""SIP messages, as bytes and back. Pure.

Strict where a message decides something (RFC 3261, sections 7, 8.1.1, 18.3, 20): what cannot be read without
guessing is `Malformed`, and never reaches the SIP stack behind the gate. Headers keep their order; names come
out in their long form, continued lines on one line, everything else as it came.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass, field

LONGEST = 16 * 1024
"""Bytes of a message: a large offer of a browser is some 6,000."""
MOST_HEADERS = 128
MOST_VIAS = 32

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}\Z")
_METHOD = re.compile(r"[A-Z]{1,32}\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,31}:[!-~]{1,1023}\Z")
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9][0-9])(?: ([^\r\n]*))?\Z", re.IGNORECASE)
_CSEQ = re.compile(r"([0-9]{1,10})\s+([A-Za-z0-9\-.!%*_+`'~]{1,32})\Z")
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+)(?:\s*:\s*([0-9]{1,5}))?\s*(;.*)?\Z",
    re.I,
)
_CALL_ID = re.compile(r"[!-~]{1,255}\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SHORT = {
    "i": "Call-ID", "m": "Contact", "e": "Content-Encoding", "l": "Content-Length", "c": "Content-Type",
    "f": "From", "s": "Subject", "k": "Supported", "t": "To", "v": "Via", "o": "Event", "r": "Refer-To",
    "b": "Referred-By", "x": "Session-Expires",
}  # fmt: skip
_ONCE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")


class Malformed(Exception):  # noqa: N818 - a message of somebody else, no fault of ours
    """The message cannot be read; says why in one of our own phrases."""


@dataclass(frozen=True, slots=True)
class Via:
    """One hop. `params` by name, in small letters; a parameter without a value is ""."""

    transport: str
    host: str
    port: int | None
    params: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {self.host}{port}{_params(self.params)}"


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`method` and `uri`) or a response (`status` and `reason`)."""

    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""

    def get(self, name: str) -> str:
        """The first header of that name, "" without one."""
        small = name.lower()
        return next((value for key, value in self.headers if key.lower() == small), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every header of that name; several in one line are told apart where commas separate them."""
        small = name.lower()
        return tuple(one for key, value in self.headers if key.lower() == small for one in split(value))

    @property
    def call_id(self) -> str:
        """Names the call."""
        return self.get("Call-ID")

    @property
    def cseq(self) -> tuple[int, str]:
        """The number and the method."""
        number, _, method = self.get("CSeq").partition(" ")
        return int(number), method.strip()

    def via(self) -> Via:
        """The topmost. Raises Malformed."""
        return read_via(self.all("Via")[0])

    def tag(self, name: str) -> str:
        """The tag of From or To, "" without one."""
        return params_of(self.get(name)).get("tag", "")

    def options(self, name: str) -> set[str]:
        """The option tags of Supported or Require."""
        return {one.strip().lower() for one in self.all(name)}

    def with_headers(self, headers: Iterable[tuple[str, str]], body: bytes | None = None) -> Message:
        """The same with other headers."""
        body = self.body if body is None else body
        return Message(tuple(headers), body, self.method, self.uri, self.status, self.reason)

    def with_body(self, body: bytes) -> Message:
        """The same with another body."""
        return self.with_headers(self.headers, body)

    def without(self, *names: str) -> Message:
        """The same without headers of these names."""
        small = {name.lower() for name in names}
        return self.with_headers((key, value) for key, value in self.headers if key.lower() not in small)

    def on_top(self, name: str, value: str) -> Message:
        """One header before all others."""
        return self.with_headers(((name, value), *self.headers))

    def replaced(self, name: str, values: Iterable[str]) -> Message:
        """Headers of one name, each on a line of its own, where the first of them was."""
        small, done, out = name.lower(), False, []
        for key, value in self.headers:
            if key.lower() != small:
                out.append((key, value))
            elif not done:
                done = True
                out += [(name, one) for one in values]
        if not done:
            out += [(name, one) for one in values]
        return self.with_headers(out)

    def __bytes__(self) -> bytes:
        first = f"{self.method} {self.uri} SIP/2.0" if self.method else f"SIP/2.0 {self.status} {self.reason}"
        lines = [first, *(f"{name}: {value}" for name, value in self.headers if name != "Content-Length")]
        head = "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", ""])
        return head.encode("utf-8", "surrogateescape") + self.body


def parse(data: bytes) -> Message:
    """A whole message; what follows the length that it gives is left out. Raises Malformed."""
    if len(data) > LONGEST:
        raise Malformed("a message that is too long")
    head, end, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not end:
        raise Malformed("a message without an end of its headers")
    lines = _unfolded(head.decode("utf-8", "surrogateescape"))
    headers = tuple(_header(line) for line in lines[1:])
    if len(headers) > MOST_HEADERS:
        raise Malformed("a message with too many headers")
    message = _started(lines[0], headers, body)
    _check(message)
    length = message.get("Content-Length")
    if length:
        if not (length.isascii() and length.isdecimal()) or len(length) > 6 or int(length) > len(body):
            raise Malformed("a length that does not fit the message")
        body = body[: int(length)]
    return message.with_headers(headers, body)


def read_via(value: str) -> Via:
    """One Via. Raises Malformed."""
    found = _VIA.match(value.strip())
    if found is None or (found[3] is not None and not 0 < int(found[3]) < 65_536):
        raise Malformed("a Via that cannot be read")
    return Via(
        found[1].upper(), found[2], None if found[3] is None else int(found[3]), params_of(found[4] or "")
    )


def split(value: str) -> tuple[str, ...]:
    """The members of a list: at commas that stand outside of quotes and angle brackets."""
    out, depth, quoted, start, skip = [], 0, False, 0, False
    for at, character in enumerate(value):
        if skip:
            skip = False
        elif character == "\\" and quoted:
            skip = True
        elif character == '"':
            quoted = not quoted
        elif quoted:
            pass
        elif character == "<":
            depth += 1
        elif character == ">":
            depth -= 1
        elif character == "," and depth <= 0:
            out.append(value[start:at].strip())
            start = at + 1
    out.append(value[start:].strip())
    return tuple(one for one in out if one)


def params_of(value: str) -> dict[str, str]:
    """The parameters after an address in angle brackets, or after the first semicolon."""
    rest = _QUOTED.sub('""', value)
    rest = rest.rpartition(">")[2] if ">" in rest else rest.partition(";")[2]
    found = {}
    for one in rest.split(";"):
        name, _, text = one.partition("=")
        if name.strip():
            found[name.strip().lower()] = text.strip()
    return found


def address_of(value: str) -> str:
    """The URI of a From, To or Contact, without the name that is shown."""
    rest = _QUOTED.sub("", value)
    if "<" in rest:
        return rest.partition("<")[2].partition(">")[0].strip()
    return rest.partition(";")[0].strip()


def port_of(uri: str) -> int:
    """The port of a SIP URI; 0 without one."""
    found = re.search(r":([0-9]{1,5})(?:[;?]|$)", uri.rpartition("@")[2] or uri)
    port = int(found[1]) if found else 0
    return port if port < 65_536 else 0


def user_of(uri: str) -> str:
    """The user part: the number of a telephone; "" without one."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        return rest.partition(";")[0]
    user, at, _ = rest.rpartition("@")
    return _percent(user.partition(":")[0].partition(";")[0]) if at else ""


def _percent(text: str) -> str:
    """Escapes are UTF-8 (RFC 3261, 25.1); what could break a line of a log is left out."""
    return "".join(filter(str.isprintable, urllib.parse.unquote(text, errors="replace")))


def _params(params: dict[str, str]) -> str:
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in params.items())


def _unfolded(head: str) -> list[str]:
    lines: list[str] = []
    for line in head.split("\r\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.rstrip(" \t")
    if not colon or not _TOKEN.match(name):
        raise Malformed("a header that cannot be read")
    value = value.strip()
    if any((c < " " and c != "\t") or c == "\x7f" for c in value):
        raise Malformed("a header with control characters")
    long = _SHORT.get(name.lower())
    return (long or ("Content-Length" if name.lower() == "content-length" else name), value)


def _started(line: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Message:
    if (status := _STATUS.match(line)) is not None:
        return Message(headers, body, status=int(status[1]), reason=status[2] or "")
    parts = line.split(" ")
    if len(parts) != 3 or parts[2].upper() != "SIP/2.0":
        raise Malformed("a first line that cannot be read")
    if not _METHOD.match(parts[0]) or not _URI.match(parts[1]) or parts[1].startswith("<"):
        raise Malformed("a request line that cannot be read")
    return Message(headers, body, method=parts[0], uri=parts[1])


def _check(message: Message) -> None:
    counts: dict[str, int] = {}
    for name, _ in message.headers:
        counts[name.lower()] = counts.get(name.lower(), 0) + 1
    if any(counts.get(name, 0) > 1 for name in _ONCE):
        raise Malformed("a header twice that may come once")
    if not all(counts.get(name) for name in ("via", "from", "to", "call-id", "cseq")):
        raise Malformed("a message without the headers every message has")
    sequence = _CSEQ.match(message.get("CSeq"))
    if sequence is None or int(sequence[1]) >= 2**31 or (message.method and sequence[2] != message.method):
        raise Malformed("a CSeq that does not fit")
    if not _CALL_ID.match(message.call_id):
        raise Malformed("a Call-ID that cannot be read")
    vias = message.all("Via")
    if len(vias) > MOST_VIAS:
        raise Malformed("a message with too many hops")
    for via in vias:
        read_via(via)
    if message.via().params.get("branch", "x") == "":
        raise Malformed("a Via that cannot be read")
    for name in ("From", "To"):
        value = message.get(name)
        bare = _QUOTED.sub("", value)
        if '"' in bare or bare.count("<") != bare.count(">") or not _URI.match(address_of(value)):
            raise Malformed("an address that cannot be read")
    hops = message.get("Max-Forwards")
    if hops and not (hops.isascii() and hops.isdecimal() and int(hops) < 256):
        raise Malformed("a Max-Forwards that cannot be read")
