"""Spectra as Whisper wants them: the logarithm of 80 mel bands, every 10 ms of 16 kHz sound. Pure.

Radford et al. 2022 (arXiv:2212.04356), section 2.2; bands as in Slaney's Auditory Toolbox: linear up to
1 kHz, logarithmic above, each of the same area.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ivr.ears.recognizer import RECOGNIZER_RATE

Floats = NDArray[np.float32]

BANDS = 80
STEP = RECOGNIZER_RATE // 100
"""Samples from one spectrum to the next."""
_WINDOW = RECOGNIZER_RATE // 40
_DEEP = 8.0
"""Powers of ten below the loudest band at which everything counts as silence."""
_LINEAR_HZ, _LINEAR_MELS = 1_000.0, 15.0
_LOG_STEP = math.log(6.4) / 27.0


def log_mel(samples: Floats) -> Floats:
    """The spectra of samples in [-1, 1), (80, time): one for each whole 10 ms, about -1 to 1."""
    around = np.pad(samples, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(around, _WINDOW)[::STEP][: len(samples) // STEP]
    power = np.square(np.abs(np.fft.rfft(windows * _HANN, axis=1)))
    bands = np.log10(np.maximum(_FILTERS @ power.T, 1e-10))
    bands = np.maximum(bands, bands.max(initial=-10.0) - _DEEP)
    return np.asarray((bands + 4.0) / 4.0, dtype=np.float32)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _LINEAR_HZ * np.exp(_LOG_STEP * (mels - _LINEAR_MELS))
    return np.where(mels < _LINEAR_MELS, mels * _LINEAR_HZ / _LINEAR_MELS, above)


def _filters() -> Floats:
    """Weight of every frequency in every band, (80, 201)."""
    top = _LINEAR_MELS + math.log(RECOGNIZER_RATE / 2 / _LINEAR_HZ) / _LOG_STEP
    edges = _hertz(np.linspace(0.0, top, BANDS + 2))
    low, middle, high = (edges[i : i + BANDS, np.newaxis] for i in range(3))
    hertz = np.fft.rfftfreq(_WINDOW, 1.0 / RECOGNIZER_RATE)
    rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    weights = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (high - low))
    return np.asarray(weights, dtype=np.float32)


_FILTERS = _filters()
_HANN = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
