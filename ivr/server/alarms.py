"""What must reach people whether or not anybody works in the console: promises that are overdue, dispatches
that did not arrive, and what other programs are told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from ivr.floor.dispatch import Dispatches
from ivr.floor.durable import DurableQueue
from ivr.floor.overdue import Overdue
from ivr.handoff.store import HandoffStore
from ivr.handover import Route
from ivr.server.webhooks import Webhooks
from ivr.serving.webhooks import WebhookSettings
from ivr.waiting import Held


class Alarms:
    """Beside the queue. `start` when it is open, `close` before it is closed."""

    def __init__(self, webhooks: Iterable[WebhookSettings], state: Path) -> None:
        """Raises ConfigError when a webhook's secret cannot be read."""
        self._webhooks = Webhooks(webhooks, state)
        self._overdue: Overdue | None = None

    @property
    def dispatches(self) -> Dispatches | None:
        """Those that did not arrive; None where nobody is told of any."""
        return self._webhooks.dispatches

    async def start(self, queue: DurableQueue) -> None:
        """From now on. Raises StateError."""
        await self._webhooks.start(queue)
        self._overdue = Overdue(queue)
        self._overdue.start()

    async def close(self) -> None:
        """Harmless when repeated."""
        if self._overdue is not None:
            await self._overdue.close()
        await self._webhooks.close()


class Unattended:
    """The queue where there is no console: nobody is rung, but alarmed and told. `start`, `close`."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._queue: DurableQueue | None = None

    async def start(self, store_file: Path) -> None:
        """Open it. Raises StateError."""
        self._queue = DurableQueue(await asyncio.to_thread(HandoffStore.open, store_file))
        await self._alarms.start(self._queue)

    async def wait(
        self, handoff_id: int, rate: int, routes: tuple[Route, ...] = (), *, meanwhile: bool = False
    ) -> Held | None:
        """`WaitingRoom`: nobody waits here, but a call's new or changed handoff is told at once."""
        if self._queue is not None:
            self._queue.changed()
        return None

    async def close(self) -> None:
        """Harmless when repeated."""
        if self._queue is not None:
            await self._alarms.close()
            await self._queue.close()
            self._queue.store.close()
            self._queue = None
