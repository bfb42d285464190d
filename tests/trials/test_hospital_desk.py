"""The hospital's desk: its sample calls in words, some over their audio, and what it never says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.events import Alert, HandOff, Say
from ivr.parts import Reception
from ivr.trials.callfile import CallFile, load_call, load_calls
from ivr.trials.hold import hold_audio, hold_text

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "calls" / "hospital"
CALLS = load_calls(FOLDER)
TYPED = [call for call in CALLS if call.call.startswith(("patient", "danger", "night", "visiting", "closed"))]
"""The calls that are typed here; `make bench-desks` holds all, over their audio."""
HEARD = ("danger-during-name",)


@pytest.fixture(scope="module")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    settings = load_settings().model_copy(update={"state": tmp_path_factory.mktemp("state")})
    with Reception("hospital", settings, ROOT) as reception:
        yield reception


@pytest.mark.parametrize("call", TYPED, ids=lambda call: call.call)
def test_the_words_alone(call: CallFile, reception: Reception) -> None:
    assert not hold_text(call, reception).wrong


def test_nobody_learns_who_is_a_patient(reception: Reception) -> None:
    for name in ("patient-by-name", "patient-mother"):
        held = hold_text(load_call(FOLDER / f"{name}.yaml"), reception)
        said = " ".join(event.text.lower() for _, event in held.events if isinstance(event, Say))
        assert "not able to say" in said and "is a patient of ours" not in said
        requests = [event.request for _, event in held.events if isinstance(event, HandOff)]
        assert requests[-1].queue == "wards" and "Nothing was confirmed" in requests[-1].want


@pytest.mark.parametrize("name", HEARD)
async def test_danger_over_audio_reaches_the_emergency_department(name: str, reception: Reception) -> None:
    voices = Voices.open(reception.desk, reception.settings)
    hearing = Hearing.open(reception.desk, reception.settings)
    try:
        held = await hold_audio(load_call(FOLDER / f"{name}.yaml"), reception, hearing, voices, ROOT)
    finally:
        await hearing.close()
        voices.close()
    assert not held.wrong
    assert any(isinstance(event, Alert) for _, event in held.events)
