"""Lines by address: ``wav:FILE`` and ``mic:DEVICE``, each with options after a question mark.

========================================================  =============================================
``wav:calls/bill.wav``                                    a recorded caller
``wav:a.wav?then=b.wav&then=keys:1%23&hang_up_after=2``   several turns and keys
``wav:call.wav?mode=side&paced=yes``                      a whole side of a call, in real time
``mic:``                                                  the default microphone and loudspeaker
``mic:USB?keys=yes``                                      a device by (part of) its name, keys typed
========================================================  =============================================

As in every URI, ``%``, ``?``, ``&`` and ``#`` inside a name or value are percent-encoded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qs, unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.errors import UnknownError
from ivr.lines.line import Line
from ivr.lines.microphone import MicrophoneLine
from ivr.lines.wavfile import Mode, WavLine


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _WavOptions(_Options):
    """The options of `WavLine`; `then` can be given several times."""

    then: tuple[str, ...] = ()
    mode: Mode = Mode.AUTO
    paced: bool = False
    reaction: float = Field(default=0.4, ge=0, le=60)
    hang_up_after: float | None = Field(default=None, ge=0, le=3600)
    max_seconds: float = Field(default=3600, ge=1, le=86_400)
    caller: str = ""
    called: str = ""


class _MicOptions(_Options):
    keys: bool = False


_AnyOptions = TypeVar("_AnyOptions", bound=_Options)


def open_line(uri: str) -> Line:
    """The line that `uri` names, ready for one call.

    Raises UnknownError for a scheme, option or value that does not exist, AudioError or DeviceError when the
    line itself cannot be opened.
    """
    scheme, separator, rest = uri.partition(":")
    opener = _OPENERS.get(scheme.lower()) if separator else None
    if opener is None:
        what = f"there is no line {scheme!r}" if separator else "is not the address of a line"
        known = ", ".join(f"{name}:" for name in _OPENERS)
        raise UnknownError(what, place=uri, remedy=f"Addresses begin with one of: {known}")
    if "#" in rest:
        raise UnknownError("an address cannot hold the sign #", place=uri, remedy="Write it as %23")
    address, _, query = rest.partition("?")
    return opener(uri, unquote(address), query)


def _open_wav(uri: str, address: str, query: str) -> Line:
    options = _parse(_WavOptions, uri, query)
    return WavLine((address, *options.then), **options.model_dump(exclude={"then"}))


def _open_mic(uri: str, address: str, query: str) -> Line:
    options = _parse(_MicOptions, uri, query)
    return MicrophoneLine(device=address or None, keyboard=sys.stdin if options.keys else None)


def _parse(model: type[_AnyOptions], uri: str, query: str) -> _AnyOptions:
    """The options after the question mark; an option that is not a list takes its last value."""
    given = parse_qs(query, keep_blank_values=True)
    values = {key: tuple(value) if key == "then" else value[-1] for key, value in given.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        if key in model.model_fields:
            what, remedy = f"{key}={first['input']}: {first['msg']}", "Correct the value"
        else:
            what, remedy = f"unknown option {key!r}", f"Known options: {', '.join(model.model_fields)}"
        raise UnknownError(what, place=uri, remedy=remedy) from None


_OPENERS: dict[str, Callable[[str, str, str], Line]] = {"wav": _open_wav, "mic": _open_mic}
