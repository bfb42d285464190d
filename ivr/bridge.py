"""Two legs: from calling somebody to the end of their talk with the caller. Pure; time is an argument.

DIALLING -> RINGING -> JOINED -> OVER
     `---------`--------------> OVER   (busy, no answer, declined, unreachable: the caller is ours again)
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ivr.lines.leg import LegAnswered, LegCause, LegEnded, LegEvent, LegRinging

PATIENCE = 30.0
"""Seconds until a telephone that nobody answers counts as such: six rings or so."""


class Stage(enum.Enum):
    """How far it is."""

    DIALLING = enum.auto()
    RINGING = enum.auto()
    JOINED = enum.auto()
    OVER = enum.auto()


class Hears(enum.Enum):
    """What the caller hears."""

    MUSIC = enum.auto()
    RINGING = enum.auto()
    OTHER = enum.auto()


@dataclass(frozen=True, slots=True)
class BridgeEnd:
    """How it ended. `joined`: they have talked, for `seconds`; else the caller is ours again."""

    joined: bool
    cause: LegCause
    detail: str = ""
    seconds: float = 0.0


class Bridge:
    """One attempt to join a caller with somebody else, begun at `now`."""

    def __init__(self, now: float, patience: float = PATIENCE) -> None:
        self.stage = Stage.DIALLING
        self.end: BridgeEnd | None = None
        self._until = now + patience
        self._joined_at = 0.0
        self._sound = False

    @property
    def hears(self) -> Hears:
        """What the caller hears now."""
        if self.stage is Stage.JOINED or (self.stage is Stage.RINGING and self._sound):
            return Hears.OTHER
        return Hears.RINGING if self.stage is Stage.RINGING else Hears.MUSIC

    def handle(self, event: LegEvent, now: float) -> None:
        """Something happened at the other end; what comes after the end changes nothing."""
        match event:
            case _ if self.stage is Stage.OVER:
                pass
            case LegRinging(sound=sound) if self.stage is not Stage.JOINED:
                self.stage = Stage.RINGING
                self._sound = self._sound or sound
            case LegAnswered() if self.stage is not Stage.JOINED:
                self.stage = Stage.JOINED
                self._joined_at = now
            case LegEnded(cause=cause, detail=detail):
                self._over(cause, detail, now)
            case _:
                pass

    def seconds(self, now: float) -> float:
        """How long both have been joined."""
        return round(now - self._joined_at, 3) if self.stage is Stage.JOINED else 0.0

    def tick(self, now: float) -> None:
        """Time passed: who does not answer is not called forever."""
        if self.stage in (Stage.DIALLING, Stage.RINGING) and now >= self._until:
            self._over(LegCause.NO_ANSWER, "", now)

    def _over(self, cause: LegCause, detail: str, now: float) -> None:
        joined, seconds = self.stage is Stage.JOINED, self.seconds(now)
        if not joined and cause is LegCause.HUNG_UP:
            cause = LegCause.DECLINED  # they hung up instead of answering
        self.stage = Stage.OVER
        self.end = BridgeEnd(joined, cause, detail, seconds)
