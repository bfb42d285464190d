"""Promises whose time has come: said in the log, once each; the console and other programs see them too."""

from __future__ import annotations

import logging
from datetime import datetime

from ivr.chore import Chore
from ivr.errors import IvrError
from ivr.floor.durable import DurableQueue
from ivr.handoff.followup import FollowUp

LOOK_SECONDS = 5.0
"""How often is looked for what has become overdue."""
AGAIN_SECONDS = 60.0
"""After a look that failed: a disk that is full fills no log."""
MOST_LINES = 10
"""Lines for one look: after a long stop everything is overdue at once. The others are counted."""

_log = logging.getLogger(__name__)


class Overdue:
    """Looks while the queue is open. `start`, `close`."""

    def __init__(self, queue: DurableQueue) -> None:
        self._queue = queue
        self._chore = Chore(self._due, LOOK_SECONDS, AGAIN_SECONDS)

    def start(self) -> None:
        """From now on; what became overdue while nobody looked is told first."""
        self._chore.start()

    async def close(self) -> None:
        """Stop. Harmless when repeated."""
        await self._chore.close()

    async def look(self, now: datetime) -> tuple[FollowUp, ...]:
        """Alarm about what is overdue at `now`, and was not told before. Raises StateError."""
        found = await self._queue.kept(self._queue.store.follow_ups.alarm, now)
        for one in found[:MOST_LINES]:
            _log.warning(
                "follow-up %d is overdue: %s in %s, due %s, %s",
                one.id,
                one.request.kind.value,
                one.request.queue,
                one.request.due,
                f"{one.owner}'s" if one.owner else "nobody's",
            )
        if len(found) > MOST_LINES:
            _log.warning("%d more are overdue: ivr followups list --overdue", len(found) - MOST_LINES)
        if found:
            self._queue.changed()
        return found

    async def _due(self) -> bool:
        try:
            await self.look(self._queue.clock.wall())
        except IvrError as error:
            _log.error("what is overdue could not be read: %s", error)
            return False
        return True
