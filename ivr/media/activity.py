"""Where speech begins and ends in a recording, after the fact, by energy alone.

For placing recorded callers on a call's timeline and for measuring waits on waveforms. Ears that listen to a
live caller use a trained detector instead; this one sees the whole recording and needs no model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ivr.media.pcm import Pcm

_WINDOW = 0.01
_LOUD_WINDOWS = 10  # speech is at least 0.1 s long: its level is that of the loudest windows
_RANGE_DB = 30.0  # the softest sounds of speech (the f of "half") lie about this far below
_QUIET_DB = 45.0  # noise this far below speech cannot be taken for it
_NOISY_RANGE_DB = 14.0  # what remains of the range where noise covers the rest
_SILENCE_DB = -60.0  # relative to full scale: below this nobody hears anything on a telephone


def speech_bounds(pcm: Pcm, rate: int) -> tuple[float, float] | None:
    """Seconds to the first and past the last sample of speech, in steps of 10 ms; None when all is silence.

    Quiet recordings: what lies within 30 dB of the loudest tenth of a second is speech, except single 10 ms
    windows (clicks). Where there is noise, the threshold is set between the two heaps that the levels form
    (N. Otsu, "A threshold selection method from gray-level histograms", 1979), on levels smoothed over 50 ms.

    Measured on 100 clips of telephone speech with kitchen noise, end of speech against the same clip without:
    at 24 dB 90 % within -0.14 to +0.01 s, median -0.01 s; at 15 dB median +0.01 s, but a quarter more than
    0.3 s late; at 9 dB mostly the end of the recording. Steady sound counts as speech throughout.
    """
    size = round(_WINDOW * rate)
    windows = pcm[: len(pcm) // size * size].reshape(-1, size).astype(np.float64)
    if len(windows) == 0:
        return None
    level: NDArray[np.float64] = 10 * np.log10(np.mean(np.square(windows / 32768), axis=1) + 1e-12)
    speech = float(np.mean(np.sort(level)[-_LOUD_WINDOWS:]))
    threshold = max(speech - _RANGE_DB, _SILENCE_DB)
    if np.percentile(level, 10) > speech - _QUIET_DB:
        level = np.convolve(np.pad(level, 2, mode="edge"), np.full(5, 0.2), "valid")
        threshold = max(threshold, min(_between_heaps(level), speech - _NOISY_RANGE_DB))
    active = np.pad(level > threshold, 2)
    near = active[:-4] | active[1:-3] | active[3:-1] | active[4:]
    places = np.flatnonzero(active[2:-2] & near)
    return (float(places[0]) * _WINDOW, float(places[-1] + 1) * _WINDOW) if len(places) else None


def _between_heaps(level: NDArray[np.float64]) -> float:
    """The threshold that parts levels into two classes with the largest variance between them."""
    ordered = np.sort(level)
    if len(ordered) < 2:
        return float(ordered[0])
    below = np.arange(1, len(ordered))
    above = len(ordered) - below
    sums = np.cumsum(ordered)
    apart = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
    best = int(np.argmax(below * above * np.square(apart)))
    return float(ordered[best] + ordered[best + 1]) / 2
