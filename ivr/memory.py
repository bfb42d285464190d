"""Giving memory back to the system, which loading took; and keeping the collector off what is left."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import sys
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
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


def keep() -> None:
    """Collect what nobody holds any more, and let the collector never look at what is left.

    To be called while nobody calls: desks with their phrases are a million objects, and each time the
    collector goes through them the process stands still for 0.1 s, and no call has sound.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Return free memory to the system, in about 10 ms.

    glibc keeps it for later: 50 MB after the lexicons of English are read. Others give it back unasked.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(ctypes.c_size_t(0))


def free_bytes(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> int | None:
    """What can be taken before the system swaps or kills: of the machine, and of the container we are in.

    None where the system does not tell (Linux does: proc(5), and memory.max of control groups version 2).
    """
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = meminfo.read_text(encoding="ascii").splitlines()
        found.append(int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]) * 1024)
    with contextlib.suppress(OSError, ValueError):  # "max": no limit
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        found.append(limit - int((group / "memory.current").read_text(encoding="ascii")))
    return min(found, default=None)


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
