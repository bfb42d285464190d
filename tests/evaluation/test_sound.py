"""Recordings over another line and with noise."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import AudioError
from ivr.evaluation.sound import LEAD, TAIL, Conditions, LineKind, Noise, active_level, mix
from ivr.media.g711 import decode_ulaw
from ivr.media.pcm import Pcm, level_dbfs, silence
from ivr.media.wav import write_wav

RATE = 8_000


def tone(seconds: float, level: float = 6_000.0, rate: int = RATE) -> Pcm:
    places = np.arange(round(seconds * rate)) / rate
    return np.rint(level * np.sin(2 * math.pi * 440 * places)).astype(np.int16)


def hiss(seconds: float, seed: int = 0, level: float = 500.0) -> Pcm:
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).astype(np.int16)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    write_wav(path, np.concatenate([silence(0.5, RATE), tone(1.0), silence(0.5, RATE)]), RATE)
    return path


@pytest.fixture
def noise_file(tmp_path: Path) -> Path:
    path = tmp_path / "noise.wav"
    write_wav(path, hiss(1.3), RATE)
    return path


def test_the_active_level_does_not_depend_on_silence() -> None:
    loud = tone(1.0)
    inside = np.concatenate([silence(3.0, RATE), loud, silence(5.0, RATE)])
    assert active_level(loud, RATE) == pytest.approx(level_dbfs(loud), abs=0.05)
    assert active_level(inside, RATE) == pytest.approx(level_dbfs(loud), abs=0.3)
    assert active_level(np.concatenate([loud, hiss(4.0, level=20.0)]), RATE) == pytest.approx(
        level_dbfs(loud), abs=0.1
    )


def test_silence_and_nothing_have_no_level() -> None:
    assert active_level(silence(1.0, RATE), RATE) == -math.inf
    assert active_level(silence(0.0, RATE), RATE) == -math.inf


@pytest.mark.parametrize("snr", [-5.0, 6.0, 15.0, 24.0])
def test_noise_lies_so_far_below_the_speech(snr: float) -> None:
    speech, noise = tone(1.0, 2_000.0), hiss(1.0)
    around = mix(speech, active_level(speech, RATE), noise, snr).astype(np.int32) - speech
    assert level_dbfs(speech) - level_dbfs(around.astype(np.int16)) == pytest.approx(snr, abs=0.1)


def test_a_mixture_is_never_clipped() -> None:
    speech = tone(1.0, 30_000.0)
    both = mix(speech, active_level(speech, RATE), hiss(1.0), 0.0)
    assert abs(both.astype(int)).max() <= 32_767
    assert (abs(both.astype(int)) >= 32_760).sum() < 5


def test_nothing_is_mixed_into_silence_nor_silence_into_anything() -> None:
    quiet, loud = silence(1.0, RATE), tone(1.0)
    assert mix(quiet, active_level(quiet, RATE), hiss(1.0), 6.0) is quiet
    assert mix(loud, active_level(loud, RATE), quiet, 6.0) is loud


def test_a_recording_has_line_before_and_after_it(recording: Path) -> None:
    pcm, rate = Conditions().heard(recording, "speech.wav")
    assert rate == RATE
    assert len(pcm) == round((LEAD + 2.0 + TAIL) * RATE)
    start = round((LEAD + 0.5) * RATE)
    assert np.array_equal(pcm[start : start + RATE], tone(1.0))
    assert not pcm[: round(LEAD * RATE)].any()


def test_g711_is_8_khz_and_mu_law(tmp_path: Path) -> None:
    path = tmp_path / "wide.wav"
    write_wav(path, tone(1.0, rate=16_000), 16_000)
    assert Conditions().heard(path, "wide.wav")[1] == 16_000
    pcm, rate = Conditions(LineKind.G711).heard(path, "wide.wav")
    assert rate == 8_000
    assert set(np.unique(pcm)) <= set(np.unique(decode_ulaw(bytes(range(256)))))
    assert len(np.unique(pcm)) > 50


def test_the_same_case_gets_the_same_noise(recording: Path, noise_file: Path) -> None:
    def heard(seed: int, name: str, snr: float = 10.0) -> Pcm:
        return Conditions(noise=Noise(noise_file, snr, seed)).heard(recording, name)[0]

    first = heard(1, "a.wav")
    assert np.array_equal(first, heard(1, "a.wav"))
    assert not np.array_equal(first, heard(2, "a.wav"))
    assert not np.array_equal(first, heard(1, "b.wav"))
    assert first[: round(LEAD * RATE)].any(), "the line's noise begins before the speech"
    assert first[-RATE:].any()
    quieter = heard(1, "a.wav", 20.0)[:2_000].astype(float)
    louder = first[:2_000].astype(float)
    assert np.corrcoef(quieter, louder)[0, 1] > 0.999, "another ratio takes the same place of the noise"


def test_silent_noise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.wav"
    write_wav(path, silence(1.0, RATE), RATE)
    with pytest.raises(AudioError, match="silent"):
        Conditions(noise=Noise(path, 10.0)).check()
    with pytest.raises(AudioError, match="no such file"):
        Conditions(noise=Noise(tmp_path / "missing.wav", 10.0)).check()
    Conditions().check()
