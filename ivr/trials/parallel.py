"""Trials in several processes at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.parallel import Work
from ivr.trials.find import Trial
from ivr.trials.holder import Holder, HoldOptions
from ivr.trials.result import BROKEN, Result, expected_outcome


def hold_all(
    trials: Sequence[Trial], options: HoldOptions, jobs: int, done: Callable[[Result], None]
) -> list[Result]:
    """Hold all `trials` in `jobs` processes; `done` is told of each result."""
    return Work(Holder, options, _died).do(trials, jobs, done)


def _died(trial: Trial) -> Result:
    wrong = "could not be held: the process that held it died"
    return Result(trial, (wrong,), BROKEN, expected_outcome(trial.call.expect), 0.0, 0.0, 0, "")
