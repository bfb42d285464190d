"""Work in several processes at once: recognition does not scale in the threads of one."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Worker(Protocol[T_contra, R_co]):
    """What does the work in one process, one piece after another."""

    def hold(self, piece: T_contra, /) -> R_co:
        """Do one piece."""

    def close(self) -> None:
        """Let go of everything."""


class Work(Generic[T, R]):
    """Pieces of work for several processes.

    begin  makes the worker of a process; it is sent there, so it is a class or function with `options`
    died   the result of a piece whose process died
    """

    def __init__(self, begin: Callable[[Any], Worker[T, R]], options: object, died: Callable[[T], R]) -> None:
        self._begin = begin
        self._options = options
        self._died = died

    def do(self, pieces: Sequence[T], jobs: int, done: Callable[[R], None]) -> list[R]:
        """The results in the order of the pieces; `done` is told of each when it is there.

        One job works in this process. A process that dies costs the piece it worked on, not the others.
        """
        if jobs == 1:
            worker = self._begin(self._options)
            try:
                results = []
                for piece in pieces:
                    results.append(worker.hold(piece))
                    done(results[-1])
                return results
            finally:
                worker.close()
        found = self._in_processes(dict(enumerate(pieces)), jobs, done)
        # A process that died took the others' unfinished pieces with it: each once more, on its own.
        for number, piece in enumerate(pieces):
            if number not in found:
                alone = self._in_processes({number: piece}, 1, done)
                if number not in alone:
                    alone = {number: self._died(piece)}
                    done(alone[number])
                found |= alone
        return [found[number] for number in range(len(pieces))]

    def _in_processes(self, pieces: dict[int, T], jobs: int, done: Callable[[R], None]) -> dict[int, R]:
        """The results by number until the end, or until a process dies."""
        found: dict[int, R] = {}
        pool = ProcessPoolExecutor(
            jobs,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(self._begin, self._options),
        )
        try:
            futures: dict[Future[Any], int] = {
                pool.submit(_hold, piece): number for number, piece in pieces.items()
            }
            for future in as_completed(futures):
                try:
                    result: R = future.result()
                except BrokenProcessPool:
                    continue
                found[futures[future]] = result
                done(result)
        finally:
            pool.shutdown(cancel_futures=True)
        return found


_worker: Worker[Any, Any] | None = None


def _start(begin: Callable[[Any], Worker[Any, Any]], options: object) -> None:
    """In a new process. Ctrl-C is for the process that shows the results; this one ends its piece first."""
    global _worker  # noqa: PLW0603 - what a process of the pool has, nothing else can hold
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = begin(options)
    Finalize(None, _worker.close, exitpriority=10)


def _hold(piece: object) -> object:
    assert _worker is not None
    return _worker.hold(piece)
