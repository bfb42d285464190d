"""The one interface through which a call reaches us, whatever carries it.

A line delivers exactly one frame for every 20 ms of the call and takes at most one in the same time. A line
whose peer is silent delivers silence, never nothing. Its end is one exception. A *paced* line takes 20 ms of
wall-clock time for each frame (a telephone, a microphone); an unpaced one (a WAV file) returns at once, so
that the call runs as fast as the CPU allows.
"""

from __future__ import annotations

import enum
import unicodedata
import urllib.parse
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ivr.handover import Route, Unreached
from ivr.meaning import SlotValue
from ivr.media.pcm import Pcm

KEYS = "0123456789*#ABCD"
"""The keys a telephone can send."""
_URL = "%:/?#[]@!$&'()*+,;=-._~"
_HEADER_CHARACTERS = 200


class LineClosed(Exception):  # noqa: N818 - the end of a call is no error
    """The other side is gone: no frame will come any more. Not an error.

    fault  why, when it was no hang-up: a connection that broke, a process that died
    """

    def __init__(self, what: str = "", fault: str = "") -> None:
        self.fault = fault
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Received:
    """20 ms from the caller: one frame of sound, and the keys pressed since the last one."""

    pcm: Pcm
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """Who is on the line, as the line knows it; "" where it does not."""

    uri: str
    caller: str = ""
    called: str = ""


class TransferOutcome(enum.Enum):
    """What became of a transfer."""

    DONE = "done"
    """The caller is with somebody else: the call is over for us."""
    REFUSED = "refused"
    """The other side did not want it; the caller is still on our line."""
    UNABLE = "unable"
    """The line has no way to pass callers on; the caller is still on it."""


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What became of a transfer; `detail` is a short reason when it was not done, `why` its kind."""

    outcome: TransferOutcome
    detail: str = ""
    why: Unreached = Unreached.FAILED


@dataclass(frozen=True, slots=True)
class TransferContext:
    """What goes along with a caller who is passed on, so that nobody has to ask again.

    call_id      names the call in our records
    reason       what the caller wants, one sentence
    summary_url  where whoever answers can read what was said, "" without one
    """

    call_id: str
    reason: str = ""
    summary_url: str = ""

    def headers(self) -> dict[str, str]:
        """As SIP headers; those without a value are left out.

        Whatever a caller said can be in the reason: the values are printable ASCII on one line, so that
        nobody can speak a header of their own into the message.
        """
        values = {
            "X-IVR-Call": _one_line(self.call_id),
            "X-IVR-Reason": _one_line(self.reason),
            "X-IVR-Summary": urllib.parse.quote(self.summary_url.strip(), safe=_URL),
        }
        return {name: value for name, value in values.items() if value}


class Line(Protocol):
    """One call's connection to the outside."""

    @property
    def rate(self) -> int:
        """Samples a second both ways, 8,000 or 16,000."""

    @property
    def paced(self) -> bool:
        """Whether `recv` takes real time."""

    @property
    def party(self) -> Party:
        """Who called whom, over what."""

    async def recv(self) -> Received:
        """The next 20 ms from the caller. Raises LineClosed when there is no more."""

    async def send(self, pcm: Pcm | None) -> None:
        """The next 20 ms to the caller, in step with `recv`; None when the desk says nothing."""

    def clear(self) -> None:
        """Drop what was sent and has not been played yet: a prompt was stopped. Takes no time."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """Pass the caller on; the call ends for us when it is done.

        It may take as long as the other side takes to answer: `recv` and `send` go on meanwhile. Cancelled
        when the caller hangs up.
        """

    async def hang_up(self) -> None:
        """End the call from our side; `recv` raises LineClosed afterwards. Harmless when repeated."""


@runtime_checkable
class KeySender(Protocol):
    """What some lines can do beside: send keys as events."""

    def send_keys(self, keys: str) -> bool:
        """Whether they go out as events. Takes no time."""


def send_keys(line: Line, keys: str) -> bool:
    """Whether the line sends the keys as events; else they must be heard as tones."""
    return isinstance(line, KeySender) and line.send_keys(keys)


def _one_line(text: str) -> str:
    """Printable ASCII: accents taken off, everything else that a header cannot hold a space."""
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(c if " " <= c <= "~" else "" if unicodedata.combining(c) else " " for c in plain)
    return " ".join(kept.split())[:_HEADER_CHARACTERS].rstrip()
