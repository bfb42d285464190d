"""Handing the caller to a person, beside the call's ticks: the queue writes to a disk, which may be slow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from ivr.conversation import Conversation
from ivr.errand import Errand
from ivr.errors import IvrError
from ivr.events import (
    Action,
    ActionFailed,
    Alert,
    CallBackAsked,
    FollowUp,
    HandOff,
    HangUp,
    Outcome,
    Transfer,
)
from ivr.masking import without_values
from ivr.ports import Queue
from ivr.waiting import Waiting, WaitingRoom


class Handing:
    """The handoffs of one call, one at a time.

    room  where the caller may wait for a person, on a paced line of `rate`
    """

    def __init__(
        self,
        queue: Queue,
        talk: Conversation,
        waiting: Waiting,
        room: WaitingRoom,
        *,
        rate: int,
        paced: bool,
    ) -> None:
        self._queue = queue
        self._talk = talk
        self._waiting = waiting
        self._room = room
        self._rate = rate
        self._paced = paced
        self._errand: Errand[int] = Errand(paced=paced)
        self._request: HandOff | Alert | CallBackAsked | FollowUp | None = None

    @property
    def active(self) -> bool:
        """Whether the queue has not answered yet, or its answer was not taken."""
        return self._errand.active

    async def begin(self, action: HandOff, now: float) -> None:
        """Put the call into the queue, with what only the call knows."""
        self._request = HandOff(self._talk.completed(action.request, now), action.hold)
        await self._errand.begin(self._hand(self._request))

    async def alert(self, action: Alert, now: float) -> None:
        """The same, while the desk goes on; of a call in a queue, what it knows now."""
        if self.active:
            await self.wait()
            self.take(now)
        request = self._talk.completed(action.request, now)
        self._request = replace(action, request=request)
        await self._errand.begin(self._hand(HandOff(request, hold=True), meanwhile=action.stays))

    async def begin_call_back(self, action: CallBackAsked) -> None:
        """Let the queue know that the caller wants to be called back, if they have a place in it."""
        if not self._waiting.placed:
            return
        self._request = action
        await self._errand.begin(self._ask(action))

    async def promise(self, action: FollowUp) -> None:
        """Keep what is promised to the caller."""
        self._request = action
        await self._errand.begin(asyncio.to_thread(self._queue.promise, without_values(action.request)))

    async def wait(self) -> None:
        """Until the queue has answered."""
        await self._errand.wait()

    def take(self, now: float) -> ActionFailed | None:
        """Record what the queue answered, when it has; the failure, if it is one."""
        if not self._errand.done or self._request is None:
            return None
        action, self._request = self._request, None
        try:
            number = self._errand.take()
        except IvrError as error:
            self._talk.trouble("queue", error, now)
            # What follows an alert goes on, and so does the desk: its handoff is the next try.
            return None if isinstance(action, Alert) else ActionFailed(action, str(error))
        if isinstance(action, HandOff | Alert):
            self._talk.handed_off(action.request, number, now, alert=isinstance(action, Alert))
        if isinstance(action, FollowUp):
            self._talk.promised(action, number, now)
        return None

    async def settle(self, disposition: str, now: float) -> None:
        """The caller is with somebody: who was alerted need not come."""
        if self._talk.handoff_id is None:
            return
        moment = self._talk.time_of_day(now)
        try:
            await asyncio.to_thread(self._queue.settle, self._talk.handoff_id, disposition, now=moment)
        except IvrError as error:
            self._talk.trouble("queue", error, now)

    async def _hand(self, action: HandOff, *, meanwhile: bool = False) -> int:
        number = self._talk.handoff_id
        if number is None:
            number = await asyncio.to_thread(self._queue.enqueue, action.request)
        else:
            await asyncio.to_thread(self._queue.update, number, action.request)
        if self._waiting.placed:
            await self._waiting.held.changed()
        elif action.hold and self._paced:
            held = await self._room(number, self._rate, meanwhile=meanwhile)
            if held is not None:
                self._waiting.reserve(held)
        return number

    async def _ask(self, action: CallBackAsked) -> int:
        await self._waiting.held.call_back(action.number)
        return 0


def goes_on(failed: ActionFailed, following: Iterable[Action]) -> bool:
    """Whether what follows need not be broken off: a person hears of that promise anyway."""
    return isinstance(failed.what, FollowUp) and any(
        isinstance(action, HandOff | Transfer)
        or (isinstance(action, HangUp) and action.outcome is Outcome.HANDED_OFF)
        for action in following
    )
