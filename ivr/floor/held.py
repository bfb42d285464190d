"""A caller who holds the line: music, news of the line, and at last a room with an operator in it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from ivr.events import HoldNews, Transfer
from ivr.floor.room import Part, Room
from ivr.handover import Route
from ivr.lines.line import TransferOutcome, TransferResult
from ivr.media import dtmf
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.media.tones import endless, hold_music
from ivr.waiting import Joined, News, PassOn, Press, Whisper

PATIENCE_SECONDS = 4.0
"""How long a caller waits for a whisper to begin."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words in a conversation with a person, as they were recognized. `at` is in seconds since 1970."""

    who: str
    text: str
    confidence: float
    at: float


@dataclass(frozen=True, slots=True)
class Passed:
    """The caller is being passed on `to` somebody outside; `trouble`: why that did not come about."""

    to: str
    trouble: str = ""


class Whispering:
    """A sentence for the operator before they are joined with the caller: counted in frames. Pure.

    It waits for its sound and for the operator's ear, but not longer than `PATIENCE_SECONDS`.
    """

    def __init__(self, operator: str) -> None:
        self.operator = operator
        self.sound: Pcm | None = None
        self._begun = False
        self._waited = 0.0

    def tick(self, room: Room) -> bool:
        """20 ms more; whether it is over."""
        self._waited += FRAME_SECONDS
        if self._begun:
            return not room.whispering
        there = any(seat.part is Part.TALK for seat in room.seats)
        if self.sound is not None and there:
            room.whisper(self.sound)
            self._begun = True
        return not self._begun and self._waited >= PATIENCE_SECONDS


class Hall(Protocol):
    """Where callers hold the line: `ivr.floor.lines.HeldLines`."""

    def changed(self) -> None:
        """Something that consoles show."""

    async def want_call_back(self, handoff: int, number: str) -> None:
        """The caller will hang up and be called back. Raises StateError."""

    async def renew(self, handoff: int) -> None:
        """More is known of it, or it is more urgent than before. Raises StateError."""

    def passed_on(self, handoff: int, to: str) -> None:
        """The caller is with somebody outside."""

    def left(self, held: HeldCaller) -> None:
        """The call is over."""


class HeldCaller:
    """`ivr.waiting.Held` for the call, and the room that consoles come into."""

    def __init__(self, handoff: int, rate: int, hall: Hall, routes: tuple[Route, ...] = ()) -> None:
        self.handoff = handoff
        self.room = Room(rate)
        self.routes = routes
        self.said: list[Said] = []
        self.kept = 0
        """How many of them are with the case."""
        self.passed_to: Passed | None = None
        self.gone = False
        """Whether they are with somebody outside, and no longer ours."""
        self.joined = False
        self.whispering: Whispering | None = None
        self.both_written = False
        """Whether what the operator says is written down too."""
        self.calling = ""
        """How far it is with a call-back that nobody has answered yet."""
        self._hall = hall
        self._music = endless(hold_music(rate), rate)
        self._news: deque[News] = deque()
        self._over = False

    # --- for the call ----------------------------------------------------------------------------------

    def news(self) -> News | None:
        """See `Held`."""
        return self._news.popleft() if self._news else None

    def exchange(self, pcm: Pcm) -> Pcm:
        """See `Held`."""
        if self.whispering is not None and self.whispering.tick(self.room):
            self.join(self.whispering.operator)
        frame = self.room.exchange(pcm)
        return frame if self.joined else next(self._music)

    def keys(self, keys: tuple[str, ...]) -> None:
        """See `Held`."""
        for key in keys:
            self.heard(f"presses {key}", 1.0)

    def heard(self, text: str, confidence: float) -> None:
        """See `Held`."""
        if text:
            self.said.append(Said("caller", text, confidence, time.time()))
            self._hall.changed()

    def tones(self, keys: str) -> None:
        """See `Held`."""
        self.room.play(dtmf.tones(keys, self.room.rate))

    def passed(self, transfer: Transfer, result: TransferResult) -> None:
        """See `Held`."""
        name = transfer.route.label or transfer.route.name
        if result.outcome is TransferOutcome.DONE:
            self.gone = True
            self.joined = False
            self.passed_to = None
            self._hall.passed_on(self.handoff, name)
        else:
            self.passed_to = Passed(name, result.detail or "it cannot be reached")
            self._hall.changed()

    async def changed(self) -> None:
        """See `Held`."""
        await self._hall.renew(self.handoff)

    async def call_back(self, number: str) -> None:
        """See `Held`."""
        await self._hall.want_call_back(self.handoff, number)

    def leave(self) -> None:
        """See `Held`."""
        if not self._over:
            self._over = True
            self._hall.left(self)

    def spoken(self, text: str, confidence: float) -> None:
        """See `Held`."""
        if text:
            self.said.append(Said("operator", text, confidence, time.time()))
            self._hall.changed()

    def written(self, *, both: bool) -> None:
        """See `Held`."""
        if both is not self.both_written:
            self.both_written = both
            self._hall.changed()

    def whisper(self, sound: Pcm) -> None:
        """See `Held`."""
        if self.whispering is not None:
            self.whispering.sound = sound

    # --- for the consoles ------------------------------------------------------------------------------

    def tell(self, news: News) -> None:
        """Something for the call; it looks every 20 ms."""
        if isinstance(news, HoldNews):  # only the latest is worth saying
            self._news = deque(one for one in self._news if not isinstance(one, HoldNews))
        self._news.append(news)

    def join(self, operator: str) -> None:
        """The operator and the caller hear each other from now on."""
        self.whispering = None
        self.joined = True
        self.tell(Joined(operator))
        self._hall.changed()

    def whisper_first(self, operator: str, text: str) -> None:
        """The operator hears a sentence, the caller music; then they are joined."""
        self.whispering = Whispering(operator)
        self.tell(Whisper(text))

    def pass_on(self, route: Route, reason: str) -> bool:
        """Pass the caller on to somebody outside; False when that is tried already."""
        if self.passed_to is not None and not self.passed_to.trouble:
            return False
        self.passed_to = Passed(route.label or route.name)
        self.tell(PassOn(Transfer(route, (), reason)))
        self._hall.changed()
        return True

    def take_back(self) -> None:
        """Pass the caller on no more."""
        if self.passed_to is not None and not self.gone:
            self.passed_to = None
            self.tell(PassOn(None))
            self._hall.changed()

    def press(self, keys: str) -> None:
        """Keys for the caller's line."""
        self.tell(Press(keys))
