"""The noise of a simulated caller's line goes on all through the call, as far below the voice as wanted."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.pcm import NARROWBAND, frame_samples, silence
from ivr.simulation.speakers import RATE, Speakers
from ivr.simulation.telephone import Line, Surroundings, speech_rms, spoken_into
from ivr.trials.callfile import Coding, LineSound, Noise

SIZE = frame_samples(NARROWBAND)
NOISY = LineSound(coding=Coding.ALAW, noise=Noise.PINK, snr=12.0, level=-22.0)


@pytest.fixture(scope="module")
def surroundings() -> Surroundings:
    return Surroundings(Speakers())


def decibels(pcm: np.ndarray) -> float:
    return float(10.0 * np.log10(np.mean(np.square(pcm / 32_768.0))))


def frames_of(line: Line, seconds: float, first: int = 0) -> np.ndarray:
    count = round(seconds * NARROWBAND / SIZE)
    return np.concatenate([line(first + at, silence(0.02, NARROWBAND)) for at in range(count)])


def test_silence_is_as_noisy_as_the_line_and_comes_again(surroundings: Surroundings) -> None:
    line = Line(NOISY, surroundings, 3)
    around = frames_of(line, 4.0)
    assert decibels(around) == pytest.approx(-34.0, abs=1.0)
    length = len(line.noise) // SIZE * SIZE
    assert np.array_equal(line(0, silence(0.02, NARROWBAND)), line(length // SIZE, silence(0.02, NARROWBAND)))
    assert np.array_equal(around, frames_of(Line(NOISY, surroundings, 3), 4.0))


def test_words_are_at_their_level_and_leave_the_noise_to_the_line(surroundings: Surroundings) -> None:
    time = np.arange(RATE) / RATE
    words = (0.2 * np.sin(2.0 * np.pi * 1_000.0 * time)).astype(np.float32)
    said = spoken_into(words, NOISY, surroundings, 3)
    level = speech_rms(said / np.float32(32_768.0), NARROWBAND)
    assert 20.0 * np.log10(level) == pytest.approx(-22.0, abs=0.3)
    assert not said[: round(0.3 * NARROWBAND)].any()


def test_an_uncoded_line_adds_its_noise_and_nothing_else(surroundings: Surroundings) -> None:
    line = Line(NOISY.model_copy(update={"coding": Coding.PCM16, "noise": Noise.NONE}), surroundings, 3)
    frame = np.arange(SIZE, dtype=np.int16)
    assert np.array_equal(line(5, frame), frame)
