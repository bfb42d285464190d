"""Desks in other languages hold their sample calls in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.parts import Reception
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.hold import hold_text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    settings = load_settings().model_copy(update={"state": tmp_path_factory.mktemp("state")})
    reception = Reception("company-ko", settings, ROOT)
    yield reception
    reception.close()


@pytest.mark.parametrize(
    "call", load_calls(ROOT / "tests" / "calls" / "company-ko"), ids=lambda call: str(call.call)
)
def test_a_korean_call(call: CallFile, korean: Reception) -> None:
    assert not hold_text(call, korean).wrong
