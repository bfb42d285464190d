"""Something that takes its time, done beside the ticks of a call, so that its sound never stops."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """One thing at a time. On an unpaced line it is waited for, so that it takes no time of the call."""

    def __init__(self, *, paced: bool) -> None:
        self._paced = paced
        self._task: asyncio.Task[T] | None = None

    @property
    def active(self) -> bool:
        """Whether something was begun whose result was not taken yet."""
        return self._task is not None

    @property
    def done(self) -> bool:
        """Whether there is a result to take."""
        return self._task is not None and self._task.done()

    async def begin(self, work: Coroutine[None, None, T]) -> None:
        """Do it; what was active is given up."""
        self.give_up()
        self._task = asyncio.ensure_future(work)
        if not self._paced:
            await asyncio.wait([self._task])

    def peek(self) -> T:
        """The result, which can still be taken; only when `done`."""
        assert self._task is not None
        return self._task.result()

    def take(self) -> T:
        """The result, once. Raises what the work raised; only when `done`."""
        task, self._task = self._task, None
        assert task is not None
        return task.result()

    async def wait(self) -> None:
        """Until there is a result to take, or nothing is active."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def give_up(self) -> None:
        """Nothing more comes of it."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
