from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ivr.media.pcm import from_float, to_float
from ivr.mouth.loudness import LEVEL_DBFS, LOUDER_DB, PEAK_DBFS, for_line, louder, speech_level

RATE = 8_000


def syllables(seconds: float, rate: int = RATE, level: float = 0.1) -> np.ndarray:
    """A 200 Hz buzz that swells and fades four times a second, as speech does."""
    t = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 200 * k * t) / k for k in range(1, 9))
    return (level * buzz * (0.15 + 0.85 * np.sin(2 * np.pi * 2 * t) ** 2)).astype(np.float32)


@pytest.mark.parametrize("level", [0.005, 0.1, 0.6])
@pytest.mark.parametrize("source", [8_000, 22_050, 24_000])
@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_every_prompt_is_equally_loud(measure, level, source, rate):
    pcm = for_line(syllables(2.0, source, level), source, rate)
    assert measure.speech_dbfs(pcm, rate) == pytest.approx(LEVEL_DBFS, abs=1.0)
    assert measure.peak_dbfs(pcm) <= PEAK_DBFS
    assert len(pcm) / rate == pytest.approx(2.0, abs=0.05)


def test_long_silence_is_cut_and_none_of_the_speech():
    quiet = np.zeros(RATE * 3, np.float32)
    speech = syllables(1.0)
    pcm = for_line(np.concatenate((quiet, speech, quiet)), RATE, RATE)
    loud = np.flatnonzero(np.abs(pcm.astype(int)) > 30)
    assert loud[0] / RATE <= 0.05
    assert (len(pcm) - loud[-1]) / RATE <= 0.10
    assert 1.0 <= len(pcm) / RATE <= 1.15


def test_a_soft_consonant_at_the_end_of_a_tight_recording_stays():
    rng = np.random.default_rng(1)
    hiss = (rng.standard_normal(RATE // 5) * 0.01).astype(np.float32)  # 0.2 s, 20 dB below the vowels
    pcm = for_line(np.concatenate((syllables(0.6), hiss)), RATE, RATE)
    assert len(pcm) / RATE >= 0.79
    tail = to_float(pcm)[-RATE // 8 : -RATE // 40]
    assert np.sqrt(np.mean(tail**2)) > 0.003


def test_pauses_do_not_count_as_speech():
    pause = np.zeros(RATE, np.float32)
    dense = for_line(syllables(2.0), RATE, RATE)
    sparse = for_line(np.concatenate((syllables(1.0), pause, syllables(1.0))), RATE, RATE)
    assert np.abs(sparse.astype(int)).max() == pytest.approx(np.abs(dense.astype(int)).max(), rel=0.1)


def test_single_loud_clicks_are_turned_down_and_the_rest_keeps_its_level(measure):
    speech = syllables(2.0, level=0.02)
    speech[4_000::4_000] = 1.0
    pcm = for_line(speech, RATE, RATE)
    assert measure.peak_dbfs(pcm) <= PEAK_DBFS
    assert measure.speech_dbfs(pcm, RATE) == pytest.approx(LEVEL_DBFS, abs=2.5)


def test_the_limiter_turns_down_smoothly():
    """Clipping a loud low tone would put power where the tone has none."""
    t = np.arange(RATE) / RATE
    tone = (np.sin(2 * np.pi * 100 * t) * (0.05 + 0.95 * (np.abs(t - 0.5) < 0.03))).astype(np.float32)
    pcm = for_line(tone, RATE, RATE)
    power = np.abs(np.fft.rfft(pcm.astype(float))) ** 2
    bins = np.fft.rfftfreq(len(pcm), 1 / RATE)
    assert power[bins > 1_500].sum() / power.sum() < 1e-4


def test_edges_fade():
    pcm = for_line(syllables(0.5, level=0.5), RATE, RATE)
    loudest = int(np.abs(pcm.astype(int)).max())
    assert np.abs(pcm[:2].astype(int)).max() < loudest * 0.02
    assert np.abs(pcm[-2:].astype(int)).max() < loudest * 0.02


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0, np.float32), np.zeros(9_000, np.float32), np.full(9_000, np.nan, np.float32)],
    ids=["nothing", "silence", "not numbers"],
)
def test_without_speech_there_is_a_short_silence(samples):
    pcm = for_line(samples, RATE, RATE)
    assert len(pcm) == RATE // 10
    assert not pcm.any()


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, st.integers(0, 3_000), elements=st.floats(-4, 4, width=32) | st.just(math.nan)),
    st.sampled_from([8_000, 11_025, 24_000]),
)
def test_any_samples_give_a_prompt_below_the_peak(samples, source):
    pcm = for_line(samples, source, RATE)
    assert pcm.dtype == np.int16
    assert np.abs(pcm.astype(int)).max(initial=0) <= 10 ** (PEAK_DBFS / 20) * 32768


def test_speech_level_of_a_known_tone():
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert speech_level(tone, RATE) == pytest.approx(-3.01, abs=0.05)
    assert speech_level(np.zeros(RATE), RATE) == -math.inf
    assert speech_level(np.zeros(0), RATE) == -math.inf


def test_the_same_twice_is_the_same():
    once = for_line(syllables(1.0), RATE, RATE)
    assert np.array_equal(once, for_line(syllables(1.0), RATE, RATE))
    again = for_line(to_float(once), RATE, RATE)
    assert abs(len(again) - len(once)) <= RATE * 0.05
    assert speech_level(to_float(again), RATE) == pytest.approx(LEVEL_DBFS, abs=0.2)
    assert np.array_equal(from_float(to_float(once)).shape, once.shape)


def test_louder_is_six_decibels_and_never_clips():
    rng = np.random.default_rng(1)
    soft = for_line(rng.normal(0, 0.05, 16_000).astype(np.float32), 16_000, 8_000)
    loud = louder(soft, 8_000)
    gain = speech_level(to_float(loud), 8_000) - speech_level(to_float(soft), 8_000)
    assert gain == pytest.approx(LOUDER_DB, abs=0.5)
    peaks = from_float(np.sin(np.arange(8_000) / 3).astype(np.float32) * 0.85)
    assert np.abs(to_float(louder(peaks, 8_000))).max() <= 10 ** (PEAK_DBFS / 20)
