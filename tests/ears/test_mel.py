"""Spectra for Whisper."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.ears.mel import log_mel


def tone(hertz: float, seconds: float = 1.0, loud: float = 0.5) -> np.ndarray:
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 16_000)) / 16_000)).astype(np.float32)


# 15 mels up to 1 kHz, then one for each factor of 6.4 ** (1 / 27), 80 bands up to 8 kHz = 45.2 mels: the
# middle of band n is at (n + 1) * 45.2 / 81 mels.
@pytest.mark.parametrize(("hertz", "band"), [(400.0, 10), (1000.0, 26), (2000.0, 44), (4000.0, 62)])
def test_a_tone_is_loudest_in_its_band(hertz: float, band: int) -> None:
    spectra = log_mel(tone(hertz))
    assert spectra.shape == (80, 100)
    assert int(spectra[:, 50].argmax()) == band


def test_what_is_far_below_the_loudest_is_silence() -> None:
    spectra = log_mel(np.concatenate([tone(500.0), np.zeros(16_000, np.float32)]))
    assert spectra[:, 150:190].max() == pytest.approx(spectra.max() - 2.0)


def test_ten_times_the_power_is_a_quarter_more() -> None:
    quiet, loud = (log_mel(tone(500.0, loud=level)) for level in (0.05, 0.05 * 10**0.5))
    assert loud.max() - quiet.max() == pytest.approx(0.25, abs=1e-3)
