"""Trials in several processes at once: recognition does not scale in the threads of one."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize

from ivr.trials.find import Trial
from ivr.trials.holder import Holder, HoldOptions
from ivr.trials.result import BROKEN, Result, expected_outcome

_holder: Holder | None = None


def hold_all(
    trials: Sequence[Trial], options: HoldOptions, jobs: int, done: Callable[[Result], None]
) -> list[Result]:
    """Hold all `trials` in `jobs` processes; `done` is told of each result. The order is that of their ends.

    One job holds them in this process. A process that dies costs the call it held, not the others.
    """
    if jobs == 1:
        results = []
        with Holder(options) as holder:
            for trial in trials:
                results.append(holder.hold(trial))
                done(results[-1])
        return results
    results = _hold_in(trials, options, jobs, done)
    # A process that died took the others' unfinished calls with it: each once more, on its own.
    finished = {result.trial.shown for result in results}
    for trial in trials:
        if trial.shown not in finished:
            alone = _hold_in([trial], options, 1, done)
            if not alone:
                alone = [_died(trial)]
                done(alone[0])
            results += alone
    return results


def _hold_in(
    trials: Sequence[Trial], options: HoldOptions, jobs: int, done: Callable[[Result], None]
) -> list[Result]:
    """The results until the end, or until a process dies."""
    results: list[Result] = []
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(options,)
    )
    try:
        futures: list[Future[Result]] = [pool.submit(_hold, trial) for trial in trials]
        for future in as_completed(futures):
            try:
                result = future.result()
            except BrokenProcessPool:
                continue
            results.append(result)
            done(result)
    finally:
        pool.shutdown(cancel_futures=True)
    return results


def _begin(options: HoldOptions) -> None:
    """In a new process. Ctrl-C is for the process that shows the results; this one ends its call first."""
    global _holder  # noqa: PLW0603 - what a process of the pool has, nothing else can hold
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _holder = Holder(options)
    Finalize(None, _holder.close, exitpriority=10)


def _hold(trial: Trial) -> Result:
    assert _holder is not None
    return _holder.hold(trial)


def _died(trial: Trial) -> Result:
    wrong = "could not be held: the process that held it died"
    return Result(trial, (wrong,), BROKEN, expected_outcome(trial.call.expect), 0.0, 0.0, 0, "")
