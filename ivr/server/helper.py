"""Work that would be felt in every call is done by a process of its own, with low priority."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ivr.errors import StateError

LONGEST_SECONDS = 3_600.0
_NICE = 15


async def run_ivr(arguments: Sequence[str], place: str, failed: str, *, cwd: Path | None = None) -> str:
    """Run a command of ours; the last line it told.

    Raises StateError, "`failed` (why)" at `place`, when it does not end well.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ivr",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1"},
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            _, told = await process.communicate()
    except TimeoutError:
        raise StateError(f"{failed} (it took {LONGEST_SECONDS:g} s)", place=place) from None
    finally:
        if process.returncode is None:  # too slow, or nobody waits for it any more
            process.kill()
            await process.wait()
    last = told.decode("utf-8", "replace").strip().rpartition("\n")[2].removeprefix("error: ")
    if process.returncode:
        raise StateError(f"{failed} ({last})", place=place)
    return last
