"""Dispatches that did not arrive: in the log and on every page of the console until they did, or somebody has
told the receiver by other means."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from ivr.errors import IvrError
from ivr.floor.feed import DISPATCH
from ivr.floor.service import Floor
from ivr.webhooks.outbox import Delivery, Outbox
from ivr.webhooks.schema import Fate
from ivr.webhooks.sender import Sender

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

    def __init__(self, floor: Floor, outbox: Outbox) -> None:
        self.open: tuple[Undelivered, ...] = ()
        """What is not delivered now."""
        self.sender: Sender | None = None
        self._floor = floor
        self._outbox = outbox
        self._look = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """What became of an attempt is kept."""
        self._look.set()

    async def start(self) -> None:
        """From now on, first what the last run left. Raises StateError."""
        await self.look()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop. Harmless when repeated."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> None:
        """Read what is not delivered, and tell people what is new of it. Raises StateError."""
        before = {(one.target, one.handoff): one for one in self.open}
        self.open = undelivered(await asyncio.to_thread(self._outbox.undelivered, DISPATCH))
        for one in self.open:
            known = before.pop((one.target, one.handoff), None)
            if known is None or known.given_up is not one.given_up:
                how = "was given up" if one.given_up else "is not delivered"
                _log.error(
                    "DISPATCH of case %d to %s %s: %s. Tell them by telephone",
                    one.handoff,
                    one.target,
                    how,
                    one.trouble,
                )
        for target, handoff in before:
            _log.warning("dispatch of case %d to %s: they know it now", handoff, target)
        self._floor.changed()

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
        await self.look()
        return bool(found)

    async def _run(self) -> None:
        while True:
            await self._look.wait()
            self._look.clear()
            try:
                await self.look()
            except IvrError as error:
                _log.error("what was not delivered cannot be read: %s", error)
