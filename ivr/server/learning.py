"""Learning a desk's sentences beside running calls: in a process of its own, behind them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from ivr.meaning import Vocabulary
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import learned_model, to_learn

_NICE = 15


def learned_apart(vocabulary: Vocabulary, cache: Path) -> LearnedModel | None:
    """As `learned_model`; what is not in `cache` is put there by another process first.

    In ours it would take all cores, and Python's lock, from recognition and sound for seconds. Where that
    process cannot be had, or dies, it is learned here all the same. Raises ModelError.
    """
    if to_learn(vocabulary, cache):
        with (
            contextlib.suppress(BrokenProcessPool, OSError),
            ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _give_way) as pool,
        ):
            pool.submit(_learn, vocabulary, cache).result()
    return learned_model(vocabulary, cache)


def _give_way() -> None:
    """Ctrl-C is for the server, which drains its calls."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)


def _learn(vocabulary: Vocabulary, cache: Path) -> None:
    learned_model(vocabulary, cache)
