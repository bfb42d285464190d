"""What is looked after again and again beside the calls: whether something is due, and doing it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

AGAIN_SECONDS = 600.0
"""After one that failed."""


def wall_clock() -> datetime:
    """Now, in the zone of this machine."""
    return datetime.now().astimezone()


class Chore:
    """Calls `look` every so many seconds; `again` seconds after one that failed. `start` once, then `close`.

    look  says whether all went well
    """

    def __init__(
        self, look: Callable[[], Awaitable[bool]], every: float, again: float = AGAIN_SECONDS
    ) -> None:
        self._look = look
        self._every = every
        self._again = again
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look now, and once more if it is looking already."""
        self._woken.set()

    async def close(self) -> None:
        """What is under way is broken off, and done after the next start. Harmless when repeated."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            well = await self._look()
            try:
                async with asyncio.timeout(self._every if well else self._again):
                    await self._woken.wait()
            except TimeoutError:
                pass
