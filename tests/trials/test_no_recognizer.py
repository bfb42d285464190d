"""Calls of a desk whose language has no recognizer here: what needs none is held all the same."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ivr.config import Settings, load_settings
from ivr.errors import ModelError
from ivr.trials.find import Trial, Way, find_trials
from ivr.trials.holder import Holder, HoldOptions

ROOT = Path(__file__).resolve().parents[2]
CALLS = ROOT / "tests" / "calls"


@pytest.fixture
def without(tmp_path: Path) -> Settings:
    """No model is installed."""
    return load_settings().model_copy(update={"state": tmp_path, "models": tmp_path / "none"})


def trial(file: str) -> Trial:
    [found], wrong = find_trials([CALLS / file], ROOT)
    assert not wrong and found.way is Way.SOUND
    return found


def test_a_call_of_keys_alone_is_held(without: Settings) -> None:
    with closing(Holder(HoldOptions(without))) as holder:
        result = holder.hold(trial("emergency-zh/silent-police.yaml"))
    assert result.passed, result.wrong
    assert result.trial.way is Way.WORDS


def test_a_spoken_call_says_what_to_install(without: Settings) -> None:
    with (
        closing(Holder(HoldOptions(without))) as holder,
        pytest.raises(ModelError, match="ivr models install"),
    ):
        holder.hold(trial("company/billing-plain.yaml"))
