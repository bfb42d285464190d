"""Finding speech in a recording by energy."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.activity import speech_bounds
from ivr.media.pcm import Pcm, silence

RNG = np.random.default_rng(7)


def babble(seconds: float, rate: int, dbfs: float = -20.0) -> Pcm:
    """Noise whose level swings like syllables, 4 a second."""
    count = round(seconds * rate)
    swing = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(count) / rate)
    return (
        np.rint(RNG.standard_normal(count) * swing * 32768 * 10 ** (dbfs / 20))
        .clip(-32768, 32767)
        .astype(np.int16)
    )


def hiss(seconds: float, rate: int, dbfs: float) -> Pcm:
    return np.rint(RNG.standard_normal(round(seconds * rate)) * 32768 * 10 ** (dbfs / 20)).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_speech_between_silences(rate: int) -> None:
    pcm = np.concatenate((silence(0.5, rate), babble(1.0, rate), silence(2.0, rate)))
    bounds = speech_bounds(pcm, rate)
    assert bounds == pytest.approx((0.5, 1.5), abs=0.02)


@pytest.mark.parametrize("noise", [-70, -50, -40])
def test_speech_over_hiss(noise: float) -> None:
    pcm = np.concatenate((silence(1.0, 8000), babble(1.0, 8000), silence(3.0, 8000))) + hiss(5.0, 8000, noise)
    assert speech_bounds(pcm, 8000) == pytest.approx((1.0, 2.0), abs=0.08)


def test_speech_that_fills_the_recording() -> None:
    assert speech_bounds(babble(1.0, 8000), 8000) == pytest.approx((0.0, 1.0), abs=0.08)


def test_a_short_word_in_a_long_silence() -> None:
    pcm = np.concatenate((silence(20, 8000), babble(0.25, 8000), silence(9.75, 8000)))
    assert speech_bounds(pcm, 8000) == pytest.approx((20.0, 20.25), abs=0.02)


def test_a_click_is_not_speech() -> None:
    pcm = np.concatenate((babble(1.0, 8000), silence(2.0, 8000)))
    pcm[20_000:20_010] = 20_000
    assert speech_bounds(pcm, 8000) == pytest.approx((0.0, 1.0), abs=0.02)


def test_steady_sound_counts_as_speech() -> None:
    assert speech_bounds(hiss(2.0, 8000, -30), 8000) == pytest.approx((0.0, 2.0), abs=0.1)


@pytest.mark.parametrize(
    "pcm", [silence(0, 8000), silence(0.004, 8000), silence(3, 8000), hiss(1, 8000, -75)]
)
def test_silence_has_no_speech(pcm: Pcm) -> None:
    assert speech_bounds(pcm, 8000) is None


def test_a_single_window() -> None:
    assert speech_bounds(babble(0.015, 8000), 8000) is None
