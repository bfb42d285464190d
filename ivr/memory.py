"""Giving memory back to the system: what loading took and no longer needs."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return free memory to the system, in about 10 ms.

    glibc keeps it for later: 50 MB after the lexicons of English are read. Others give it back unasked.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(ctypes.c_size_t(0))
