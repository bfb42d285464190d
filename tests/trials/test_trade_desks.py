"""The desks of a trade hold their sample calls: all of them in words, some over their recordings.

All recordings are held by `make bench-desks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.parts import Hearing, Reception, Voices
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.hold import hold_audio, hold_text

ROOT = Path(__file__).resolve().parents[2]
HEARD = {
    "shop": ("status-late", "missed-redelivery", "damaged-money"),
    "telecom": ("bill-wrong-pin", "signal-restart-helps", "sim-stolen"),
    "support": ("pair-terms", "computer-dead-visit"),
}
"""By desk: the calls that are heard here, which take what the others take and more."""
CALLS = [call for desk in HEARD for call in load_calls(ROOT / "tests" / "calls" / desk)]


class Desks:
    """Receptions, opened once each, one at a time."""

    def __init__(self, state: Path) -> None:
        self._settings = load_settings().model_copy(update={"state": state})
        self._open: Reception | None = None
        self._name = ""

    def reception(self, name: str) -> Reception:
        if name != self._name:
            self.close()
            self._open, self._name = Reception(name, self._settings, ROOT), name
        assert self._open is not None
        return self._open

    def close(self) -> None:
        if self._open is not None:
            self._open.close()


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    desks = Desks(tmp_path_factory.mktemp("state"))
    yield desks
    desks.close()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.desk}-{call.call}")
async def test_a_call(call: CallFile, desks: Desks) -> None:
    reception = desks.reception(call.desk)
    assert not hold_text(call, reception).wrong
    if call.call not in HEARD[call.desk]:
        return
    hearing = Hearing.open(reception.desk, reception.settings)
    voices = Voices.open(reception.desk, reception.settings)
    try:
        assert not (await hold_audio(call, reception, hearing, voices, ROOT)).wrong
    finally:
        voices.close()
        await hearing.close()


@pytest.mark.parametrize("desk", HEARD)
def test_a_desk_has_twenty_calls_or_more(desk: str) -> None:
    assert sum(call.desk == desk for call in CALLS) >= 20
