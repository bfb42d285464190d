"""Trials in several processes: all results, and one that dies costs only its own call."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ivr.config import Settings, load_settings
from ivr.trials.find import Trial, Way, find_trials
from ivr.trials.holder import HoldOptions
from ivr.trials.parallel import hold_all
from ivr.trials.result import BROKEN, Result, in_order

ROOT = Path(__file__).resolve().parents[2]
CALLS = ROOT / "tests" / "calls" / "company"


class Deadly:
    """Ends the process that unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings().model_copy(update={"state": tmp_path})


@pytest.fixture
def trials() -> list[Trial]:
    paths = [CALLS / "billing-plain.yaml", CALLS / "spam-robocall.yaml"]
    found, wrong = find_trials(paths, ROOT, way=Way.WORDS)
    assert not wrong
    return found


def test_all_are_held(trials: list[Trial], settings: Settings) -> None:
    told: list[Result] = []
    results = hold_all(trials, HoldOptions(settings), 2, told.append)
    assert [result.trial.shown for result in in_order(results, trials)] == [trial.shown for trial in trials]
    assert all(result.passed for result in results)
    assert sorted(map(id, told)) == sorted(map(id, results))


def test_a_process_that_dies_costs_only_its_call(trials: list[Trial], settings: Settings) -> None:
    folder: Any = Deadly()
    deadly = replace(trials[0], folder=folder)
    told: list[Result] = []
    results = hold_all([deadly, trials[1]], HoldOptions(settings), 2, told.append)
    first, second = in_order(results, trials)
    assert first.outcome == BROKEN
    assert first.wrong == ("could not be held: the process that held it died",)
    assert second.passed
    assert len(told) == 2
