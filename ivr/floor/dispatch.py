"""Dispatches that did not arrive: in the log, again and again, and on every page of the console, until they
did or somebody has told the receiver by other means."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from ivr.chore import Chore
from ivr.errors import IvrError
from ivr.floor.durable import DurableQueue
from ivr.floor.feed import DISPATCH
from ivr.webhooks.outbox import Delivery, Outbox
from ivr.webhooks.schema import Fate
from ivr.webhooks.sender import Sender

LOOK_SECONDS = 30.0
"""How often is looked, beside whenever an attempt was made."""
AGAIN_SECONDS = 10.0
"""After a look that failed."""
REMIND = timedelta(minutes=2)
"""What is still not delivered is said again in the log, in one line for all: where there is no console,
nobody sees it elsewhere."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What one receiver does not know of one emergency.

    since     when the first of it was to be sent; `attempts` at the latest of it, and its `trouble`
    given_up  whether nothing is tried any more
    """

    target: str
    handoff: int
    queue: str
    want: str
    since: datetime
    attempts: int
    trouble: str
    given_up: bool


def undelivered(deliveries: tuple[Delivery, ...]) -> tuple[Undelivered, ...]:
    """By receiver and emergency, the oldest first. Pure."""

    def about(one: Delivery) -> tuple[str, int]:
        return one.target, int(json.loads(one.body)["data"]["handoff"])

    found = []
    for (target, handoff), some in groupby(sorted(deliveries, key=lambda one: (about(one), one.id)), about):
        parts = tuple(some)
        data = json.loads(parts[-1].body)["data"]
        found.append(
            Undelivered(
                target,
                handoff,
                data["queue"],
                data["want"],
                parts[0].made,
                max(one.attempts for one in parts),
                next((one.trouble for one in reversed(parts) if one.trouble), ""),
                all(one.fate is Fate.DEAD for one in parts),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since, one.target, one.handoff)))


class Dispatches:
    """Watches the outbox beside the sender. `start`, `close`; `changed` is the sender's to call."""

    def __init__(self, queue: DurableQueue, outbox: Outbox) -> None:
        self.open: tuple[Undelivered, ...] = ()
        """What is not delivered now."""
        self.sender: Sender | None = None
        self._queue = queue
        self._outbox = outbox
        self._said: datetime | None = None
        self._chore = Chore(self._look, LOOK_SECONDS, AGAIN_SECONDS)

    def changed(self) -> None:
        """What became of an attempt is kept."""
        self._chore.wake()

    async def start(self) -> None:
        """From now on, first what the last run left. Raises StateError."""
        await self.look(self._queue.clock.wall())
        self._chore.start()

    async def close(self) -> None:
        """Stop. Harmless when repeated."""
        await self._chore.close()

    async def look(self, now: datetime) -> None:
        """Read what is not delivered, and tell people what is new of it. Raises StateError."""
        before = {(one.target, one.handoff): one for one in self.open}
        self.open = undelivered(await asyncio.to_thread(self._outbox.undelivered, DISPATCH))
        for one in self.open:
            known = before.pop((one.target, one.handoff), None)
            if known is None or known.given_up is not one.given_up:
                how = "was given up" if one.given_up else "is not delivered"
                self._said = now
                _log.error(
                    "DISPATCH of case %d to %s %s: %s. Tell them by telephone",
                    one.handoff,
                    one.target,
                    how,
                    one.trouble,
                )
        for target, handoff in before:
            _log.warning("dispatch of case %d to %s: they know it now", handoff, target)
        if self.open and (self._said is None or now - self._said >= REMIND):
            self._said = now
            cases = ", ".join(f"{one.handoff} to {one.target}" for one in self.open)
            _log.error("DISPATCH still not delivered: case %s. Tell them by telephone", cases)
        self._queue.changed()

    async def told(self, handoff: int, target: str) -> bool:
        """Somebody has told the receiver: nothing more is sent of what was to be. Raises StateError."""
        found = [
            one.id
            for one in await asyncio.to_thread(self._outbox.undelivered, DISPATCH)
            if one.target == target and json.loads(one.body)["data"]["handoff"] == handoff
        ]
        for number in found:
            if self.sender is not None:
                self.sender.drop(number)
            await asyncio.to_thread(self._outbox.told, number)
        await self.look(self._queue.clock.wall())
        return bool(found)

    async def _look(self) -> bool:
        try:
            await self.look(self._queue.clock.wall())
        except IvrError as error:
            _log.error("what was not delivered cannot be read: %s", error)
            return False
        return True
