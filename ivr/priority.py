"""Who goes first on the processor: the loop of all calls, then recognition and speech."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

BEHIND = 10
"""Steps of niceness that work in the background has more than the loop that moves every call's sound: a tenth
of its weight where both want the same core."""


def give_way() -> None:
    """Let the calling thread work behind the loop. Only Linux has niceness a thread.

    A thread of a process that is behind as a whole is not put further back: others there wait for it.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, max(BEHIND, os.getpriority(os.PRIO_PROCESS, thread)))
