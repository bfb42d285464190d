"""The one interface through which a call reaches us, whatever carries it.

A line delivers exactly one frame for every 20 ms of the call and takes at most one in the same time. A line
whose peer is silent delivers silence, never nothing. Its end is one exception. A *paced* line takes 20 ms of
wall-clock time for each frame (a telephone, a microphone); an unpaced one (a WAV file) returns at once, so
that the call runs as fast as the CPU allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ivr.meaning import Route, SlotValue
from ivr.media.pcm import Pcm

KEYS = "0123456789*#ABCD"
"""The keys a telephone can send."""


class LineClosed(Exception):  # noqa: N818 - the end of a call is no error
    """The other side is gone: no frame will come any more. Not an error."""


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


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What became of a transfer; `detail` is a short reason when it was not accepted."""

    accepted: bool
    detail: str = field(default="")


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

    async def transfer(self, route: Route, slots: tuple[SlotValue, ...]) -> TransferResult:
        """Pass the caller on; the call ends for us when it is accepted."""

    async def hang_up(self) -> None:
        """End the call from our side; `recv` raises LineClosed afterwards. Harmless when repeated."""
