"""Learning a desk's sentences beside running calls: in a process of its own, behind them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from multiprocessing.context import SpawnProcess
from pathlib import Path

from ivr.errors import IvrError, ModelError
from ivr.meaning import Vocabulary
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import learned_model, to_learn

_NICE = 15


class Learner:
    """Learns for one server; `close` ends what is being learned. For use by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[SpawnProcess] = set()
        self._closed = False

    def __call__(self, vocabulary: Vocabulary, cache: Path) -> LearnedModel | None:
        """As `learned_model`; what is not in `cache` is put there by another process first.

        In ours it would take all cores, and Python's lock, from recognition and sound for seconds. Where that
        process cannot be had, or dies, it is learned here all the same. Raises ModelError, also when the
        server ends meanwhile: nobody needs the model any more, and nobody must wait for it.
        """
        if to_learn(vocabulary, cache):
            ended = None
            with contextlib.suppress(OSError):
                ended = self._learn_apart(vocabulary, cache)
            if self._closed or ended == -signal.SIGTERM:  # before it could set that aside
                raise ModelError("the server ends: nothing is learned any more")
        return learned_model(vocabulary, cache)

    def close(self) -> None:
        """Nothing is learned any more. Harmless when repeated."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.kill()

    def _learn_apart(self, vocabulary: Vocabulary, cache: Path) -> int | None:
        """The exit status; None when it was not begun."""
        given = (vocabulary, cache, _NICE)
        process = multiprocessing.get_context("spawn").Process(target=_learn, args=given)
        with self._lock:
            if self._closed:
                return None
            process.start()
            self._processes.add(process)
        try:
            process.join()
            return process.exitcode
        finally:
            with self._lock:
                self._processes.discard(process)
            process.close()


def _learn(vocabulary: Vocabulary, cache: Path, nice: int) -> None:
    """In the other process. Ctrl-C and SIGTERM, which reach all of a service, are for the server: it drains
    its calls and then ends us."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    os.nice(nice)
    with contextlib.suppress(IvrError):  # the server meets the same, and says it
        learned_model(vocabulary, cache)
