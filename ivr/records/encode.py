"""One event, one line of JSON: ``{"t": seconds since answer, "event": class name, ...fields}``."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import MappingProxyType

from ivr import events
from ivr.events import Event
from ivr.records.codec import CodecError, Json, codec, from_json, to_json

_TIME = "t"
_NAME = "event"


@dataclass(frozen=True, slots=True)
class Entry:
    """`event` happened `t` seconds after the call was answered."""

    t: float
    event: Event


def _events() -> Mapping[str, type]:
    kinds: dict[str, type] = {}
    for name in events.__all__:
        kind = getattr(events, name)
        if not (inspect.isclass(kind) and is_dataclass(kind)):
            continue
        codec(kind)  # an event that cannot be recorded fails here, when the program starts
        if {_TIME, _NAME} & {field.name for field in fields(kind)}:
            raise TypeError(f"{kind.__name__} has a field {_TIME!r} or {_NAME!r}, which the log uses itself")
        kinds[kind.__name__] = kind
    return MappingProxyType(kinds)


EVENTS = _events()
"""Every class of `ivr.events` by its name in the log."""


def encode(t: float, event: Event) -> dict[str, Json]:
    """`event` as JSON data; the order of keys is always the same. `t` is rounded to milliseconds."""
    if not math.isfinite(t):
        raise ValueError(f"{t} is no time")
    return {_TIME: round(float(t), 3), _NAME: type(event).__name__, **to_json(event)}


def decode(data: object) -> Entry:
    """What `encode` made into an entry again. Raises CodecError."""
    if not isinstance(data, dict):
        raise CodecError("an object is needed")
    t, name = data.get(_TIME), data.get(_NAME)
    if not isinstance(t, int | float) or isinstance(t, bool):
        raise CodecError(f"{_TIME}: a number of seconds is needed")
    if not isinstance(name, str) or name not in EVENTS:
        raise CodecError(f"{_NAME}: the name of an event is needed")
    try:
        seconds = float(t)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise CodecError(f"{_TIME}: a number of seconds is needed")
    return Entry(seconds, from_json(EVENTS[name], data))


def to_line(t: float, event: Event) -> bytes:
    """One line of a log, UTF-8, with its end of line."""
    data = encode(t, event)
    try:
        return json.dumps(data, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        # half of a surrogate pair, which only escapes can hold
        return json.dumps(data).encode() + b"\n"


def from_line(line: bytes) -> Entry:
    """The entry of one line. Raises CodecError, whatever the bytes are."""
    try:
        data = json.loads(line.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not a line of JSON ({type(error).__name__})") from None
    return decode(data)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
