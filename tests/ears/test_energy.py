"""The energy gate, on made-up sound."""

from __future__ import annotations

import numpy as np

from ivr.ears.energy import EnergyVad
from ivr.media.pcm import Pcm, frames, silence

RATE = 8_000


def noise(seconds: float, level: float, seed: int = 0) -> Pcm:
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).astype(np.int16)


def judged(vad: EnergyVad, pcm: Pcm) -> list[bool]:
    return [vad.feed(frame) > 0.5 for frame in frames(pcm, RATE)]


def test_a_burst_over_silence_is_speech_exactly_while_it_lasts() -> None:
    found = judged(
        EnergyVad(RATE), np.concatenate([silence(0.5, RATE), noise(0.4, 2000), silence(0.5, RATE)])
    )
    assert found == [False] * 25 + [True] * 20 + [False] * 25


def test_a_noisy_line_becomes_the_floor() -> None:
    vad = EnergyVad(RATE)
    hum = noise(20.0, 400)
    assert judged(vad, hum)[0], "at first the noise cannot be told from speech"
    found = judged(vad, np.concatenate([noise(1.0, 400, 1), noise(0.4, 8000, 2), noise(0.5, 400, 3)]))
    assert found == [False] * 50 + [True] * 20 + [False] * 25


def test_faint_sound_on_a_silent_line_is_nothing() -> None:
    vad = EnergyVad(RATE)
    assert not any(judged(vad, np.concatenate([silence(2.0, RATE), noise(1.0, 15)])))


def test_frames_of_any_length_and_reset() -> None:
    vad = EnergyVad(RATE)
    sound = np.concatenate([silence(0.5, RATE), noise(0.1, 2000)])
    for start in range(0, len(sound), 33):
        last = vad.feed(sound[start : start + 33])
    assert last > 0.9
    vad.reset()
    assert vad.feed(silence(0.02, RATE)) < 0.1
