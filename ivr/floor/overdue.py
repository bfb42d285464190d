"""Promises whose time has come: said in the log, once each; the console and other programs see them too."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from ivr.errors import IvrError
from ivr.floor.service import Floor
from ivr.handoff.followup import FollowUp

LOOK_SECONDS = 5.0
"""How often is looked for what has become overdue."""

_log = logging.getLogger(__name__)


class Overdue:
    """Looks while the floor works. `start`, `close`."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on; what became overdue while nobody looked is told first."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop. Harmless when repeated."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self, now: datetime) -> tuple[FollowUp, ...]:
        """Alarm about what is overdue at `now`, and was not told before. Raises StateError."""
        found = await self._floor.kept(self._floor.store.follow_ups.alarm, now)
        for one in found:
            _log.warning(
                "follow-up %d is overdue: %s in %s, due %s, %s",
                one.id,
                one.request.kind.value,
                one.request.queue,
                one.request.due,
                f"{one.owner}'s" if one.owner else "nobody's",
            )
        if found:
            self._floor.changed()
        return found

    async def _run(self) -> None:
        while True:
            try:
                await self.look(self._floor.clock.wall())
            except IvrError as error:
                _log.error("what is overdue could not be read: %s", error)
            await asyncio.sleep(LOOK_SECONDS)
