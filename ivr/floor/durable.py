"""The durable queue in an event loop: its work in one thread, and who is to know that something happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ivr.floor.clock import Clock
from ivr.handoff.store import HandoffStore

_T = TypeVar("_T")


class DurableQueue:
    """A store that is open, and belongs to whoever opened it. `close` lets go of the thread only."""

    def __init__(self, store: HandoffStore, clock: Clock | None = None) -> None:
        self.store = store
        self.clock = clock or Clock()
        self._watchers: list[Callable[[], None]] = []
        # One thread: the store's steps are in the order in which they were decided.
        self._keeper = ThreadPoolExecutor(1, "floor")

    async def close(self) -> None:
        """When what is under way is kept. Harmless when repeated."""
        self._keeper.shutdown()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after everything that happened; returns what stops that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def changed(self) -> None:
        """Tell the watchers to look again."""
        for watcher in tuple(self._watchers):
            watcher()

    async def kept(self, work: Callable[..., _T], *args: object) -> _T:
        """`work` in the store's thread. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._keeper, work, *args)
