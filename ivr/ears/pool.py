"""Recognition in threads: a bounded number of them for all calls, each stream's jobs strictly in order.

The engines free the interpreter lock while they work, so threads scale with cores. A stream is served by one
thread at a time: its next job starts when the one before is done. Of the streams that have work, threads
take the one whose caller waits longest, one job each: who speaks long does not hold up the others.

Some work nobody waits for yet (`later`): it begins when nothing else is ready, and leaves one of several
threads free, unless a job that somebody waits for is behind it in its stream.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias, TypeVar

from ivr.priority import give_way

T = TypeVar("T")
_Job: TypeAlias = tuple[Future[Any], Callable[[], Any], bool, float | None]

WAITING_JOBS = 1_000
"""Jobs that may wait before `run` makes its callers wait too: 100 calls, 10 pieces of 0.1 s each."""


class RecognizerPool:
    """Runs jobs of many streams on a few threads; used from one event loop."""

    def __init__(self, threads: int, waiting_jobs: int = WAITING_JOBS) -> None:
        if threads < 1:
            raise ValueError("a pool needs a thread")
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._jobs: dict[object, deque[_Job]] = {}
        self._ready: list[tuple[float, int, object]] = []
        self._numbers = itertools.count()
        self._later: deque[object] = deque()
        self._most_later = max(1, threads - 1)
        self._running_later = 0
        self._closed = False
        self._places = asyncio.Semaphore(waiting_jobs)
        self._threads = [
            threading.Thread(target=self._serve, name=f"recognizer-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def run(
        self, stream: object, job: Callable[[], T], *, later: bool = False, since: float | None = None
    ) -> T:
        """What `job` returns or raises, when the jobs given before for the same stream (hashable) are done.

        later  nobody waits for it yet: it gives way to all jobs that are not
        since  from when on somebody waits for it, of `time.monotonic`; None: from when it is its turn

        Jobs of the same moment start in the order in which `run` was first stepped. Cancelling takes the job
        out of the queue; one that has begun runs to its end, and the stream's next one waits for it. Raises
        RuntimeError when the pool is closed.
        """
        async with self._places:
            future: Future[T] = Future()
            with self._lock:
                if self._closed:
                    raise RuntimeError("the recognizer pool is closed")
                waiting = self._jobs.setdefault(stream, deque())
                waiting.append((future, job, later, since))
                if len(waiting) == 1:
                    self._line_up(stream)
                elif not later and stream in self._later:
                    self._later.remove(stream)  # somebody waits for what stands before it, too
                    self._line_up(stream)
            return await asyncio.wrap_future(future)

    @property
    def free(self) -> bool:
        """Whether a thread has nothing to do."""
        with self._lock:
            return len(self._jobs) < len(self._threads)

    def has_room(self, stream: object) -> bool:
        """Whether a thread has nothing to do beside what is done for `stream`."""
        with self._lock:
            return len(self._jobs.keys() - {stream}) < len(self._threads)

    @property
    def pressed(self) -> bool:
        """Whether as many streams wait for a thread as there are threads: every job makes somebody wait."""
        with self._lock:
            return len(self._ready) >= len(self._threads)

    def cancel(self, stream: object) -> None:
        """Drop the jobs of `stream` that have not begun: whoever awaits them gets CancelledError."""
        with self._lock:
            waiting = list(self._jobs.get(stream, ()))
        for future, *_ in waiting:
            future.cancel()

    async def close(self) -> None:
        """Cancel what has not begun, let what has begun end, stop the threads. Harmless when repeated."""
        with self._lock:
            self._closed = True
            waiting = [job for jobs in self._jobs.values() for job in jobs]
            self._work.notify_all()
        for future, *_ in waiting:
            future.cancel()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _line_up(self, stream: object) -> None:
        """The stream's first job may begin."""
        waited_for = [since for *_, later, since in self._jobs[stream] if not later]
        if waited_for:
            now = time.monotonic()
            since = min(now if since is None else since for since in waited_for)
            heapq.heappush(self._ready, (since, next(self._numbers), stream))
        else:
            self._later.append(stream)
        self._work.notify()

    def _next(self) -> object | None:
        """The stream to serve; None: there is nothing for this thread now."""
        if self._ready:
            return heapq.heappop(self._ready)[-1]
        if self._later and self._running_later < self._most_later:
            return self._later.popleft()
        return None

    def _serve(self) -> None:
        give_way()
        while True:
            with self._work:
                while (stream := self._next()) is None:
                    if self._closed and not self._later:
                        return
                    self._work.wait()
                future, job, later, _ = self._jobs[stream][0]
                self._running_later += later
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:  # noqa: BLE001 - delivered to whoever awaits the job
                    future.set_exception(error)
            with self._work:
                # While it runs, a job stays first in its queue: that keeps the stream's next one back.
                jobs = self._jobs[stream]
                jobs.popleft()
                self._running_later -= later
                if jobs:
                    self._line_up(stream)
                else:
                    del self._jobs[stream]
                if self._closed:
                    self._work.notify_all()
                elif later:
                    self._work.notify()  # another that can wait may begin
