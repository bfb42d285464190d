"""Records of many calls written by one thread, so that a slow disk holds up no caller.

What is written, and in which order, is the same as without it; a process that is killed loses at most what
the thread had not come to yet, which is milliseconds unless the disk stands still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from ivr.errors import StateError
from ivr.events import Event
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.records.log import CallLog
from ivr.records.recorder import Recorder

T = TypeVar("T")

_FRAMES = round(1 / FRAME_SECONDS)


class RecordWriter:
    """The thread. Close it when the last call is over."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")

    async def open(self, state: Path, call_id: str, when: datetime) -> CallLog:
        """As `CallLog.open`."""
        return await self._run(lambda: CallLog.open(state, call_id, when))

    def sink(self, log: CallLog) -> Callable[[float, Event], None]:
        """A sink of the journal that writes to `log`."""

        def record(at: float, event: Event) -> None:
            self._thread.submit(log.record, at, event)

        return record

    async def recorder(
        self, path: Path, rate: int, on_trouble: Callable[[StateError], None]
    ) -> BackgroundRecorder:
        """As `Recorder`; `on_trouble` is called in the thread. Raises StateError."""
        recorder = await self._run(lambda: Recorder(path, rate, on_trouble=on_trouble))
        return BackgroundRecorder(recorder, self._thread)

    async def finish(self, log: CallLog) -> None:
        """Close `log` behind all that was recorded. Raises StateError when the summary cannot be written."""
        await self._run(log.close)

    async def close(self) -> None:
        """Write what waits and end the thread."""
        await asyncio.to_thread(self._thread.shutdown)

    async def _run(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


class BackgroundRecorder:
    """Both sides of a call, handed to the thread once a second."""

    def __init__(self, recorder: Recorder, thread: ThreadPoolExecutor) -> None:
        self._recorder = recorder
        self._thread = thread
        self._waiting: list[tuple[Pcm, Pcm | None]] = []
        self._closed = False

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        """One frame each way."""
        self._waiting.append((caller, desk))
        if len(self._waiting) >= _FRAMES:
            self._hand_over()

    def close(self) -> None:
        """The call is over; the thread writes the rest. Harmless when repeated."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._thread.submit(self._recorder.close)

    def _hand_over(self) -> None:
        frames, self._waiting = self._waiting, []
        self._thread.submit(self._write, frames)

    def _write(self, frames: list[tuple[Pcm, Pcm | None]]) -> None:
        for caller, desk in frames:
            self._recorder.write(caller, desk)
