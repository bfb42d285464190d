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
def reception(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reception]:
    settings = load_settings().model_copy(update={"state": tmp_path_factory.mktemp("state")})
    reception = Reception(request.param, settings, ROOT)
    yield reception
    reception.close()


@pytest.mark.parametrize(
    ("reception", "call"),
    [
        pytest.param(desk, call, id=f"{desk}-{call.call}")
        for desk in ("company-ko", "company-zh", "emergency-ko", "emergency-zh")
        for call in load_calls(ROOT / "tests" / "calls" / desk)
    ],
    indirect=["reception"],
)
def test_a_call_in_words(reception: Reception, call: CallFile) -> None:
    assert not hold_text(call, reception).wrong
