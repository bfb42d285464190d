"""All callers who hold the line, told what becomes of them. Listens to the floor."""

from __future__ import annotations

import asyncio

from ivr.events import HoldDelayed, HoldNews, HoldRefused, HoldReturned
from ivr.floor.held import HeldCaller
from ivr.floor.room import Part, Room, Seat
from ivr.floor.service import Floor
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.meaning import Route
from ivr.waiting import Held, Joined, Parted, Relieved, WaitsAgain


class HeldLines:
    """`ivr.floor.held.Hall`."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self._callers: dict[int, HeldCaller] = {}
        self._telling: set[asyncio.Task[object]] = set()
        self._stop = floor.listen(self)

    def close(self) -> None:
        """The server ends."""
        self._stop()

    def caller(self, handoff: int) -> HeldCaller | None:
        """Who holds the line with this handoff."""
        return self._callers.get(handoff)

    async def wait(self, handoff_id: int, rate: int, routes: tuple[Route, ...] = ()) -> Held | None:
        """`WaitingRoom`: a place in the line. None where nobody is at work who could come."""
        handoff = await self.floor.kept(self.floor.store.get, handoff_id)
        if not self.floor.distributor.floor.at_work(handoff.request.queue):
            return None
        held = HeldCaller(handoff_id, rate, self, routes)
        self._callers[handoff_id] = held
        await self.floor.enter(handoff_id, on_line=True)
        return held

    def sit(self, handoff: int, name: str, part: Part) -> tuple[Room, Seat] | None:
        """Somebody's microphone and ear in a conversation; None when the caller holds no line of ours."""
        held = self._callers.get(handoff)
        return None if held is None or held.gone else (held.room, held.room.sit(name, part))

    # --- `Hall` ----------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something that consoles show."""
        self.floor.changed()

    async def want_call_back(self, handoff: int, number: str) -> None:
        """The caller will hang up and be called back. Raises StateError."""
        await self.floor.want_call_back(handoff, number)

    async def renew(self, handoff: int) -> None:
        """More is known of it, or it is more urgent than before. Raises StateError."""
        await self.floor.renew(handoff)

    def passed_on(self, handoff: int, to: str) -> None:
        """The caller is with somebody outside: for the operator it is over."""
        talk = self.floor.distributor.floor.talks.get(handoff)
        if talk is not None:
            self._tell(told.Ended(talk.operator, handoff, f"passed on to {to}"))

    def left(self, handoff: int) -> None:
        """The call is over."""
        if (held := self._callers.pop(handoff, None)) is not None:
            held.room.clear()
        self._tell(told.CallerLeft(handoff))

    def _tell(self, message: told.Message) -> None:
        task = asyncio.ensure_future(self.floor.tell(message))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    # --- `Listener` of the floor -----------------------------------------------------------------------

    def done(self, action: do.Action) -> None:
        """What the caller, and the room, must know."""
        held = self._callers.get(getattr(action, "handoff", 0))
        if held is None:
            return
        match action:
            case do.Connect(operator):
                held.joined = True
                held.tell(Joined(operator))
            case do.HandedOver(operator, _, before):
                held.room.part(before)
                held.tell(Relieved(before, operator))
            case do.GuestLeft(operator):
                held.room.part(operator)
            case do.TalkEnded() if held.gone:
                held.room.clear()
            case do.TalkEnded(operator):
                held.joined = False
                held.tell(Parted(operator))
            case do.PassedOn(operator):
                self._waits_again(held)
                held.tell(WaitsAgain(operator))
            case do.TellReturned():
                self._waits_again(held)
                held.tell(HoldReturned())
            case do.TellPosition(_, position, wait):
                held.tell(HoldNews(position, wait))
            case do.TellDelay():
                held.tell(HoldDelayed())
            case do.Refuse():
                held.tell(HoldRefused())
            case _:
                pass

    def _waits_again(self, held: HeldCaller) -> None:
        held.take_back()
        held.joined = False
        held.room.on_hold = False
        held.room.clear()
