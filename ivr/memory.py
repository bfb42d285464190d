"""Giving memory back to the system: what loading took and no longer needs."""

from __future__ import annotations

import asyncio
import ctypes
import sys

_ARENA_MAX = -8
"""glibc's number for the setting (malloc.h)."""


def share_one_heap() -> None:
    """Let all threads take memory from one heap; to be called before there are many.

    By default glibc gives each thread a heap of its own that keeps the most it ever took: 20 MB after
    some calls.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Return free memory to the system, in about 10 ms.

    glibc keeps it for later: 50 MB after the lexicons of English are read. Others give it back unasked.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(ctypes.c_size_t(0))


class Tidying:
    """Memory given back between calls, at most once in `every` seconds however many calls end.

    What calls take and free lies in pieces that glibc keeps: 40 MB after 50 calls.
    """

    def __init__(self, every: float = 5.0) -> None:
        self._every = every
        self._last: float | None = None

    def due(self, now: float) -> bool:
        """Whether it is time again at `now`, seconds of a monotonic clock; True counts as done."""
        if self._last is not None and now - self._last < self._every:
            return False
        self._last = now
        return True

    async def after_call(self, now: float) -> None:
        """Give back what the call that has just ended took, beside the calls that go on."""
        if self.due(now):
            await asyncio.to_thread(give_back)
