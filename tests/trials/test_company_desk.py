"""The company desk holds every sample call: over the recorded audio with real ears, and in words alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.config import Settings, load_settings
from ivr.parts import Hearing, Reception, Voices
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.find import recorded
from ivr.trials.hold import hold_audio, hold_text

ROOT = Path(__file__).resolve().parents[2]
CALLS = load_calls(ROOT / "tests" / "calls" / "company")


@pytest.fixture(scope="module")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    state = tmp_path_factory.mktemp("state")
    settings = load_settings().model_copy(update={"state": state})
    with Reception("company", settings, ROOT) as reception:
        yield reception


@pytest.fixture(scope="module")
def voices(reception: Reception) -> Iterator[Voices]:
    voices = Voices.open(reception.desk, reception.settings)
    yield voices
    voices.close()


async def hear(call: CallFile, reception: Reception, voices: Voices, settings: Settings) -> tuple[str, ...]:
    hearing = Hearing.open(reception.desk, settings)
    try:
        return (await hold_audio(call, reception, hearing, voices, ROOT)).wrong
    finally:
        await hearing.close()


@pytest.mark.parametrize("call", [call for call in CALLS if recorded(call)], ids=lambda call: call.call)
async def test_the_caller_is_heard(call: CallFile, reception: Reception, voices: Voices) -> None:
    assert not await hear(call, reception, voices, reception.settings)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.call)
def test_the_words_alone(call: CallFile, reception: Reception) -> None:
    assert not hold_text(call, reception).wrong
