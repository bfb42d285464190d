"""Pages that stay up to date: when something has changed, each is sent its whole picture."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, time

from ivr.errors import StateError
from ivr.floor.service import Floor
from ivr.handoff.followups import Counts
from ivr.handoff.search import Day, day_so_far

PAUSE_SECONDS = 0.05
"""Between two pictures for the same page."""
DAY_SECONDS = 10.0
"""How old the numbers of the day may be."""

_log = logging.getLogger(__name__)


class Bell:
    """Rings for all pages when the floor has changed."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._ring = asyncio.Event()
        self._again = asyncio.Event()
        self._stop = floor.watch(self.ring)
        self.version = 0
        self.days: dict[str, Day] = {}
        self.follow_ups: dict[str, Counts] = {}
        self._counting: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Something has changed."""
        self.version += 1
        ring, self._ring = self._ring, asyncio.Event()
        ring.set()

    async def wait(self, version: int, seconds: float) -> None:
        """Until it has rung since it had `version`, or `seconds` are over."""
        if self.version != version:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._ring.wait()
        except TimeoutError:
            pass

    def start(self) -> None:
        """Count the day from now on."""
        self._counting = asyncio.create_task(self._count())

    def close(self) -> None:
        """The server ends."""
        self._stop()
        if self._counting is not None:
            self._counting.cancel()

    async def _count(self) -> None:
        while True:
            midnight = datetime.combine(datetime.now().date(), time()).astimezone()
            rules = tuple(self._floor.distributor.floor.rules.values())
            try:
                store = self._floor.store.follow_ups
                self.follow_ups = await asyncio.to_thread(store.counts, self._floor.clock.wall())
                self.days = await self._floor.kept(day_so_far, self._floor.store, midnight, rules)
            except StateError as error:
                _log.error("the numbers of the day cannot be read: %s", error)
            self.ring()
            self._again.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(DAY_SECONDS):
                    await self._again.wait()

    def count_again(self) -> None:
        """Somebody changed what is counted: not only in a while."""
        self._again.set()
