"""A second party that we call ourselves, to be joined with a caller: what a line that can dial out offers.

A `Leg` lives in the ticks of the caller's line: it never waits, and delivers silence when nothing came.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from ivr.handover import Unreached
from ivr.lines.line import Received, TransferContext
from ivr.media.pcm import Pcm


class LegCause(enum.StrEnum):
    """Why a leg is over."""

    HUNG_UP = "hung up"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"


UNREACHED = {
    LegCause.BUSY: Unreached.BUSY,
    LegCause.DECLINED: Unreached.DECLINED,
    LegCause.NO_ANSWER: Unreached.NO_ANSWER,
}
"""What of it the caller is told; of others that it failed."""


@dataclass(frozen=True, slots=True)
class LegRinging:
    """It rings there; `sound`: the network sends its own ringing, to be passed on to the caller."""

    sound: bool = False


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """Somebody is there."""


@dataclass(frozen=True, slots=True)
class LegEnded:
    """Nobody is there any more, or nobody came; `detail` is for the record."""

    cause: LegCause
    detail: str = ""


LegEvent: TypeAlias = LegRinging | LegAnswered | LegEnded


class Leg(Protocol):
    """One party that was called."""

    @property
    def rate(self) -> int:
        """Samples a second both ways, 8,000 or 16,000."""

    def events(self) -> tuple[LegEvent, ...]:
        """What happened since the last time, in order."""

    def recv(self) -> Received:
        """The 20 ms that are due, silence when nothing came, and the keys since the last time."""

    async def send(self, pcm: Pcm | None, keys: tuple[str, ...] = ()) -> None:
        """The next 20 ms and keys to it; None is silence. Ignored after the end."""

    async def hang_up(self) -> None:
        """End it, or stop calling. Harmless when repeated."""


@runtime_checkable
class Dialer(Protocol):
    """Calls somebody."""

    @property
    def dials(self) -> bool:
        """Whether there is a way out."""

    async def dial(self, target: str, context: TransferContext) -> Leg:
        """Begin to call `target` (an extension, a number, an address); the context goes along as headers.

        Raises LineError when it cannot even be tried.
        """
