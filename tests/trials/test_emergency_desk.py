"""The emergency desk: its sample calls in words, some over their audio, and the rhythm it counts in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.events import Alert, KeyPressed, Understood
from ivr.media.pcm import NARROWBAND
from ivr.mouth.rhythm import TICK_HERTZ
from ivr.parts import Reception
from ivr.trials.callfile import CallFile, load_call, load_calls
from ivr.trials.hold import hold_audio, hold_text

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "calls" / "emergency"
CALLS = load_calls(FOLDER)
HEARD = ("fire-everybody-out", "silent-police")
"""The calls that are held over their audio here; `make bench-desks` holds all."""


@pytest.fixture(scope="module")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    state = tmp_path_factory.mktemp("state")
    settings = load_settings().model_copy(update={"state": state})
    with Reception("emergency", settings, ROOT) as reception:
        yield reception


@pytest.fixture(scope="module")
def voices(reception: Reception) -> Iterator[Voices]:
    voices = Voices.open(reception.desk, reception.settings)
    yield voices
    voices.close()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.call)
def test_the_words_alone(call: CallFile, reception: Reception) -> None:
    assert not hold_text(call, reception).wrong


@pytest.mark.parametrize("name", HEARD)
async def test_the_caller_is_heard(name: str, reception: Reception, voices: Voices) -> None:
    hearing = Hearing.open(reception.desk, reception.settings)
    try:
        held = await hold_audio(load_call(FOLDER / f"{name}.yaml"), reception, hearing, voices, ROOT)
    finally:
        await hearing.close()
    assert not held.wrong
    spoken = [at for at, event in held.events if isinstance(event, Understood | KeyPressed)]
    assert next(at for at, event in held.events if isinstance(event, Alert)) <= spoken[0] + 0.1


async def test_compressions_are_counted_at_110_a_minute(reception: Reception, voices: Voices) -> None:
    (name, *_) = (name for name in reception.desk.beats if name.startswith("intents.cpr_adult.count1"))
    text = next(str(prompt.text) for prompt in reception.desk.prompts() if prompt.name == name)
    (sentence,) = [one async for one in voices.prompts.sentences(name, text, NARROWBAND)]
    sound = sentence.pcm.astype(np.float64)
    time = np.arange(len(sound)) / NARROWBAND
    tone = np.abs(np.convolve(sound * np.exp(-2j * np.pi * TICK_HERTZ * time), np.ones(80) / 80, "same"))
    loud = tone > 0.6 * np.max(tone)
    ticks = (np.flatnonzero(loud[1:] & ~loud[:-1]) + 1) / NARROWBAND
    ticks = ticks[np.diff(ticks, prepend=-1.0) > 0.3]
    assert len(ticks) == len(text.split(",")) == 40
    assert 60.0 / np.mean(np.diff(ticks)) == pytest.approx(110, rel=0.005)
    assert np.max(np.abs(np.diff(ticks) - 60.0 / 110)) <= 0.02
