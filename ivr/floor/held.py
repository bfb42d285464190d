"""Callers who hold the line: each has music, news of the line, and at last a room with an operator in it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from ivr.events import HoldDelayed, HoldNews, HoldRefused, HoldReturned
from ivr.floor.room import Part, Room, Seat
from ivr.floor.service import Floor
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.media.pcm import Pcm
from ivr.media.tones import endless, hold_music
from ivr.waiting import Held, Joined, News, Parted


@dataclass(frozen=True, slots=True)
class Said:
    """Words in a conversation with a person, as they were recognized. `at` is in seconds since 1970."""

    who: str
    text: str
    confidence: float
    at: float


class HeldCaller:
    """`Held` for the call, and the room that consoles come into."""

    def __init__(self, handoff: int, rate: int, lines: HeldLines) -> None:
        self.handoff = handoff
        self.room = Room(rate)
        self.said: list[Said] = []
        self._lines = lines
        self._music = endless(hold_music(rate), rate)
        self._news: deque[News] = deque()
        self._over = False
        self.joined = False

    def news(self) -> News | None:
        """See `Held`."""
        return self._news.popleft() if self._news else None

    def exchange(self, pcm: Pcm) -> Pcm:
        """See `Held`."""
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
            self._lines.floor.changed()

    async def changed(self) -> None:
        """See `Held`."""
        await self._lines.floor.renew(self.handoff)

    async def call_back(self, number: str) -> None:
        """See `Held`."""
        await self._lines.floor.want_call_back(self.handoff, number)

    def leave(self) -> None:
        """See `Held`."""
        if not self._over:
            self._over = True
            self._lines.left(self)

    def tell(self, news: News) -> None:
        """Something for the call; it looks every 20 ms."""
        if isinstance(news, HoldNews):  # only the latest is worth saying
            self._news = deque(one for one in self._news if not isinstance(one, HoldNews))
        self._news.append(news)


class HeldLines:
    """All callers who hold the line. Listens to the floor."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self._callers: dict[int, HeldCaller] = {}
        self._leaving: set[asyncio.Task[object]] = set()
        self._stop = floor.listen(self)

    def close(self) -> None:
        """The server ends."""
        self._stop()

    def caller(self, handoff: int) -> HeldCaller | None:
        """Who holds the line with this handoff."""
        return self._callers.get(handoff)

    async def wait(self, handoff_id: int, rate: int) -> Held | None:
        """`WaitingRoom`: a place in the line. None where nobody is at work who could come."""
        handoff = await self.floor.kept(self.floor.store.get, handoff_id)
        if not self.floor.distributor.floor.at_work(handoff.request.queue):
            return None
        held = HeldCaller(handoff_id, rate, self)
        self._callers[handoff_id] = held
        await self.floor.enter(handoff_id, on_line=True)
        return held

    def left(self, held: HeldCaller) -> None:
        """The call is over."""
        self._callers.pop(held.handoff, None)
        for seat in held.room.seats:
            held.room.rise(seat)
        task = asyncio.ensure_future(self.floor.tell(told.CallerLeft(held.handoff)))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def sit(self, handoff: int, name: str, part: Part) -> tuple[Room, Seat] | None:
        """Somebody's microphone and ear in a conversation; None when the caller holds no line of ours."""
        held = self._callers.get(handoff)
        return None if held is None else (held.room, held.room.sit(name, part))

    def done(self, action: do.Action) -> None:
        """`Listener` of the floor."""
        held = self._callers.get(getattr(action, "handoff", 0))
        if held is None:
            return
        match action:
            case do.Connect(operator):
                held.joined = True
                held.tell(Joined(operator))
            case do.TalkEnded(operator):
                held.joined = False
                held.tell(Parted(operator))
            case do.TellReturned():
                held.joined = False
                held.room.on_hold = False
                held.tell(HoldReturned())
            case do.TellPosition(_, position, wait):
                held.tell(HoldNews(position, wait))
            case do.TellDelay():
                held.tell(HoldDelayed())
            case do.Refuse():
                held.tell(HoldRefused())
            case _:
                pass
