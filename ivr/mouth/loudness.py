"""From what an engine or a recording gives to what a caller hears: line rate, trimmed, equally loud.

Every prompt passes here, so that a rendered sentence and a recorded one follow each other without a jump.
"""

from __future__ import annotations

import math

import numpy as np
import soxr
from numpy.typing import NDArray

from ivr.media.activity import speech_bounds
from ivr.media.pcm import Pcm, from_float, silence

LEVEL_DBFS = -20.0
"""RMS over the speech. ITU-T P.56 speech level -26 dBov is the middle of a telephone network's range; a
caller in noise hears 6 dB more and µ-law still has 12 dB above it for peaks."""

PEAK_DBFS = -1.0
_CEILING = 10 ** ((PEAK_DBFS - 0.1) / 20)

LOUDER_DB = 6.0
"""For a caller who asks for it: peaks are then turned down, but words stay clear."""

NOTHING_SECONDS = 0.1
"""What a text without anything to pronounce sounds like: this much silence."""

_LEAD = 0.04  # what is left of the silence before speech, and after it
_TRAIL = 0.09
_FADE = 0.01
_WINDOW = 0.02  # the level is measured over these
_GATE_DB = 25.0  # windows this far below the loudest ones are pauses, not speech
_LIMIT_REACH = 0.002  # the limiter looks this far ahead and back


def for_line(samples: NDArray[np.floating], source_rate: int, rate: int) -> Pcm:
    """Float samples in [-1, 1] at `source_rate` Hz as a prompt at `rate` Hz.

    Silence before speech is cut to at most 50 ms and after it to at most 100 ms, the speech brought to
    `LEVEL_DBFS` RMS with no peak over `PEAK_DBFS`, and 10 ms faded at both edges so that nothing clicks.
    Without any speech (nothing over -60 dBFS) the result is a silence of `NOTHING_SECONDS`.
    """
    sound = np.nan_to_num(np.asarray(samples, dtype=np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    bounds = _bounds(sound, source_rate)
    if bounds is None:
        return silence(NOTHING_SECONDS, rate)
    start, end = bounds
    cut = sound[max(0, round((start - _LEAD) * source_rate)) : round((end + _TRAIL) * source_rate)]
    if source_rate != rate:
        cut = soxr.resample(cut, source_rate, rate, quality="HQ")
    for _ in range(2):  # again: with its clicks turned down, speech is softer than it was measured with them
        cut = _limit(cut * np.float32(10 ** ((LEVEL_DBFS - speech_level(cut, rate)) / 20)), rate)
    return from_float(_fade_edges(cut, rate))


def louder(pcm: Pcm, rate: int, decibels: float = LOUDER_DB) -> Pcm:
    """A prompt at `rate` Hz so much louder; its peaks are turned down smoothly where they would clip."""
    sound = pcm.astype(np.float32) / np.float32(32_768)
    return from_float(_limit(sound * np.float32(10 ** (decibels / 20)), rate))


def speech_level(samples: NDArray[np.floating], rate: int) -> float:
    """RMS level in dBFS over the parts that are loud enough to be speech; -inf for silence.

    Two gates as in loudness meters (EBU R 128): the level of the loudest tenth of the 20 ms windows, then
    the mean over all windows within 25 dB of it.
    """
    size = round(_WINDOW * rate)
    whole = len(samples) // size * size
    windows = samples[:whole].reshape(-1, size) if whole else samples.reshape(1, -1)
    power = np.mean(np.square(windows, dtype=np.float64), axis=1) if windows.size else np.zeros(1)
    loudest = float(np.mean(np.sort(power)[-max(1, len(power) // 10) :]))
    if loudest <= 0.0:
        return -math.inf
    return 10 * math.log10(float(np.mean(power[power >= loudest * 10 ** (-_GATE_DB / 10)])))


def _bounds(sound: NDArray[np.float32], rate: int) -> tuple[float, float] | None:
    """Where speech begins and ends, at the full bandwidth, where a last "s" is loud.

    Put between silences, a tight recording is not taken for one with noise around soft consonants.
    """
    pad = len(sound) // 8 + rate // 10
    bounds = speech_bounds(from_float(np.pad(sound, pad) / max(1.0, _peak(sound))), rate)
    return bounds and (bounds[0] - pad / rate, bounds[1] - pad / rate)


def _limit(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Turn down what is over the ceiling, smoothly: the gain is the least in reach, averaged over as much.

    Every gain that enters an average is low enough for the sample it stands for, so the average is as well.
    """
    if _peak(sound) <= _CEILING:
        return sound
    reach = round(_LIMIT_REACH * rate)
    need = np.minimum(1.0, _CEILING / np.maximum(np.abs(sound), 1e-9))
    padded = np.pad(need, 2 * reach, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    gain = np.convolve(least, np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid")
    return (sound * gain).astype(np.float32)


def _fade_edges(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Half a raised cosine over the first and last 10 ms."""
    length = min(round(_FADE * rate), len(sound) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1))).astype(np.float32)
    faded = sound.copy()
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded


def _peak(sound: NDArray[np.float32]) -> float:
    return float(np.max(np.abs(sound))) if len(sound) else 0.0
