"""Who speaks in a call: the caller, or nobody."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.ears.callers_voice import PERHAPS, CallersVoice
from ivr.media.pcm import FRAME_SECONDS, Pcm

NOISE = np.random.default_rng(5)


class Detector:
    """A detector that takes every frame for speech with the same probability."""

    def __init__(self, speech: float) -> None:
        self.speech = speech

    async def judge(self, pcm: Pcm) -> float:
        return self.speech

    def reset(self) -> None: ...


def sound(level: float, seconds: float = FRAME_SECONDS) -> Pcm:
    return NOISE.normal(0, level, round(8000 * seconds)).astype(np.int16)


@pytest.mark.parametrize(("speech", "left"), [(1.0, 0.0), (PERHAPS - 0.01, PERHAPS - 0.01)])
async def test_what_comes_back_of_a_prompt_is_nobody(speech: float, left: float) -> None:
    """What hardly sounds like speech is not compared with the prompt: that costs time."""
    voice = CallersVoice(8000, Detector(speech))
    before, heard = np.zeros(160, np.int16), []
    for _ in range(50):
        heard.append(await voice.heard(before // 4))
        before = sound(3000.0)
        voice.sent(before)
    assert heard[-20:] == [left] * 20


async def test_without_a_prompt_it_is_the_caller() -> None:
    voice = CallersVoice(8000, Detector(1.0))
    assert [await voice.heard(sound(3000.0)) for _ in range(50)] == [1.0] * 50


async def test_a_voice_that_is_no_louder_than_what_is_always_heard_is_somebody_else() -> None:
    voice = CallersVoice(8000, Detector(1.0))
    for _ in range(500):
        crowd = await voice.heard(sound(300.0))
    assert crowd == 0.0
    assert [await voice.heard(sound(3000.0)) for _ in range(20)][-1] == 1.0
