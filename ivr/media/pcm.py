"""Frames of PCM: the one form in which sound travels inside a call.

Sound is a one-dimensional NumPy array of 16-bit signed samples, mono, at the rate of the call's line
(8,000 or 16,000 Hz). A *frame* is 20 ms of it: 160 or 320 samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pcm: TypeAlias = NDArray[np.int16]
"""Samples, shape (n,), int16, mono."""

FRAME_SECONDS = 0.02
NARROWBAND = 8_000
WIDEBAND = 16_000
LINE_RATES = (NARROWBAND, WIDEBAND)


def frame_samples(rate: int) -> int:
    """Samples in one 20 ms frame at `rate` Hz."""
    return rate // 50


def silence(seconds: float, rate: int) -> Pcm:
    """Digital silence of `seconds`, rounded to whole samples."""
    return np.zeros(round(seconds * rate), dtype=np.int16)


def duration(pcm: Pcm, rate: int) -> float:
    """Seconds of sound in `pcm`."""
    return len(pcm) / rate


def frames(pcm: Pcm, rate: int) -> Iterator[Pcm]:
    """Cut `pcm` into whole frames; the last one is padded with silence."""
    size = frame_samples(rate)
    for start in range(0, len(pcm), size):
        frame = pcm[start : start + size]
        yield frame if len(frame) == size else np.pad(frame, (0, size - len(frame)))


def mean_square(sound: NDArray[np.int16] | NDArray[np.float32]) -> float:
    """Power of samples, in the square of their unit; 0 for none. 2 us a frame, by `np.mean` 10."""
    if not len(sound):
        return 0.0
    samples = sound.astype(np.float32, copy=False)
    return float(samples.dot(samples)) / len(samples)


def level_dbfs(pcm: Pcm) -> float:
    """RMS level in dB relative to full scale; -inf for digital silence or no samples."""
    power = mean_square(pcm) / 32768.0**2
    return 10.0 * math.log10(power) if power > 0.0 else -math.inf


def to_float(pcm: Pcm) -> NDArray[np.float32]:
    """Samples as float32 in [-1, 1)."""
    return pcm.astype(np.float32) / 32768.0


def from_float(samples: NDArray[np.floating]) -> Pcm:
    """Float samples in [-1, 1] as int16; louder ones are clipped, NaN becomes silence."""
    clean = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.asarray(np.rint(np.clip(clean, -1.0, 1.0) * 32767.0), dtype=np.int16)
