"""Resampling: length, place in time, the telephone band, no trace of the chunks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media.pcm import Pcm
from ivr.media.resample import Resampler, resample

PAIRS = [(8000, 16000), (16000, 8000), (44100, 16000), (11025, 8000), (48000, 16000), (24000, 8000)]


def tone(frequency: float, rate: int, seconds: float = 1.0, peak: float = 10_000) -> Pcm:
    return np.rint(peak * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)).astype(
        np.int16
    )


def in_chunks(pcm: Pcm, stream: Resampler, sizes: list[int]) -> Pcm:
    out, start, turn = [], 0, 0
    while start < len(pcm):
        size = sizes[turn % len(sizes)]
        out.append(stream.feed(pcm[start : start + size]))
        start, turn = start + size, turn + 1
    return np.concatenate([*out, stream.flush()])


def snr_db(signal: Pcm, other: Pcm) -> float:
    noise = np.mean((signal.astype(float) - other) ** 2)
    return float(10 * np.log10(np.mean(signal.astype(float) ** 2) / max(noise, 1e-9)))


@pytest.mark.parametrize("low_delay", [True, False])
@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
@given(sizes=st.lists(st.integers(1, 2000), min_size=1, max_size=5), samples=st.integers(0, 6000))
def test_chunks_leave_no_trace(
    from_rate: int, to_rate: int, low_delay: bool, sizes: list[int], samples: int
) -> None:
    pcm = np.random.default_rng(samples).integers(-20_000, 20_000, samples).astype(np.int16)
    whole = in_chunks(pcm, Resampler(from_rate, to_rate, low_delay=low_delay), [max(samples, 1)])
    chunked = in_chunks(pcm, Resampler(from_rate, to_rate, low_delay=low_delay), sizes)
    np.testing.assert_array_equal(chunked, whole)
    assert chunked.dtype == np.int16
    assert len(chunked) == round(samples * to_rate / from_rate)


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_a_tone_stays_the_same_tone_at_the_same_time(from_rate: int, to_rate: int) -> None:
    expected = tone(440, to_rate)[to_rate // 4 : -to_rate // 4]
    at_once = resample(tone(440, from_rate), from_rate, to_rate)[to_rate // 4 : -to_rate // 4]
    assert snr_db(expected, at_once) > 60
    live = in_chunks(tone(440, from_rate), Resampler(from_rate, to_rate), [from_rate // 50])
    best = max(snr_db(expected, np.roll(live, -shift)[to_rate // 4 : -to_rate // 4]) for shift in range(16))
    assert best > 15  # a fixed shift of a part of a sample remains when going down
    level = np.sqrt(np.mean(live[to_rate // 4 : -to_rate // 4].astype(float) ** 2))
    assert level == pytest.approx(10_000 / np.sqrt(2), rel=0.005)


def test_going_up_live_is_as_exact_as_at_once() -> None:
    live = in_chunks(tone(1000, 8000), Resampler(8000, 16000), [160])
    assert snr_db(tone(1000, 16000)[2000:-2000], live[2000:-2000]) > 60


@pytest.mark.parametrize(("from_rate", "to_rate", "at_most"), [(8000, 16000, 0.031), (48000, 16000, 0.014)])
def test_live_delay_is_short_and_constant(from_rate: int, to_rate: int, at_most: float) -> None:
    stream, delays, given_out = Resampler(from_rate, to_rate), [], 0
    for n in range(1, 101):
        given_out += len(stream.feed(np.zeros(from_rate // 50, dtype=np.int16)))
        delays.append(n * 0.02 - given_out / to_rate)
    assert max(delays[10:]) <= at_most
    assert max(delays[10:]) - min(delays[10:]) < 0.001


@pytest.mark.parametrize("low_delay", [True, False])
def test_the_telephone_band_passes_and_nothing_is_added(low_delay: bool) -> None:
    for frequency in (300, 1000, 3400):
        up = in_chunks(tone(frequency, 8000), Resampler(8000, 16000, low_delay=low_delay), [160])[4000:12000]
        spectrum = np.abs(np.fft.rfft(up * np.hanning(len(up)))) * 4 / len(up)
        peak = frequency // 2
        assert spectrum[peak] == pytest.approx(10_000, rel=0.01)
        spectrum[peak - 5 : peak + 6] = 0
        assert spectrum.max() < 10_000 * 10 ** (-70 / 20)
    down = in_chunks(tone(6000, 16000), Resampler(16000, 8000, low_delay=low_delay), [320])[2000:-2000]
    assert np.abs(down).max() <= 1


def test_loud_sound_is_clipped_not_wrapped() -> None:
    square = np.where(np.arange(8000) % 16 < 8, 32767, -32768).astype(np.int16)
    up = resample(square, 8000, 16000)
    assert up.max() == 32767
    assert up.min() == -32768
    assert (up[100:-100][np.repeat(square, 2)[100:-100] > 0] > -16_000).all()


def test_after_a_flush_a_new_stream_begins() -> None:
    stream = Resampler(8000, 16000)
    first = in_chunks(tone(440, 8000), stream, [160])
    np.testing.assert_array_equal(in_chunks(tone(440, 8000), stream, [333]), first)


def test_equal_rates_change_nothing_and_wait_for_nothing() -> None:
    pcm = tone(440, 8000)
    stream = Resampler(8000, 8000)
    np.testing.assert_array_equal(stream.feed(pcm), pcm)
    assert len(stream.flush()) == 0
    assert resample(pcm, 16000, 16000) is pcm
