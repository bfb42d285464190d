"""Handing the caller to a person, beside the call's ticks: the queue writes to a disk, which may be slow."""

from __future__ import annotations

import asyncio

from ivr.conversation import Conversation
from ivr.errand import Errand
from ivr.errors import IvrError
from ivr.events import ActionFailed, HandOff
from ivr.ports import Queue


class Handing:
    """The handoffs of one call, one at a time."""

    def __init__(self, queue: Queue, talk: Conversation, *, paced: bool) -> None:
        self._queue = queue
        self._talk = talk
        self._errand: Errand[int] = Errand(paced=paced)
        self._request: HandOff | None = None

    @property
    def active(self) -> bool:
        """Whether the queue has not answered yet, or its answer was not taken."""
        return self._errand.active

    async def begin(self, action: HandOff, now: float) -> None:
        """Put the call into the queue, with what only the call knows."""
        self._request = HandOff(self._talk.completed(action.request, now))
        await self._errand.begin(asyncio.to_thread(self._queue.enqueue, self._request.request))

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
            return ActionFailed(action, str(error))
        self._talk.handed_off(action.request, number, now)
        return None
