"""Whether what sounds like a caller is our own prompt coming back: the echo of hybrids and loudspeakers.

The last 0.2 s that were heard are compared with everything sent in the 0.35 s before: the delay with the best
normalized cross-correlation of both, then a short filter around it by least squares, because hybrids smear
and delays are no whole samples. What of the newest 60 ms is left when the filtered prompt is taken off is
news; without news it was echo.

The path is kept for the next time, so that a caller who begins to speak over an echo is news at once.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples, to_float

WINDOW = 0.2
"""Seconds that are compared: longer than the detector's tail, so that the end of an echo is seen as one."""
REACH = 0.35
"""Longest delay in seconds: 0.2 of the network, and what lines and jitter buffers add on both ways."""
RECENT = 0.06
"""Newest seconds that are judged."""
SURE = 0.5
"""Share of the window's energy that the prompt explains from which the path is believed and kept."""
LIKELY = 0.25
"""The same from which it is tried."""
NEWS = 0.6
"""Share of the newest sound that may be left over when it was echo: line noise, or what no filter models."""
TAIL = 0.1
"""Newest sound below this share of the echo just before is the end of it, not news."""
FLOOR_SECONDS = 3.0
ABOVE_FLOOR = 4.0
"""What is left must be this many times the energy of the line's noise (6 dB): noise is no news either."""
_TAPS_BEFORE, _TAPS_AFTER = 4, 8
_AUDIBLE = 1e-6  # mean square below which nothing was sent (about -60 dBFS)

Samples = NDArray[np.float32]


class EchoGuard:
    """Knows what was sent and heard in one call at `rate` Hz."""

    def __init__(self, rate: int) -> None:
        self._frame = frame_samples(rate)
        self._window = round(WINDOW * rate)
        self._recent = round(RECENT * rate)
        self._reach = round(REACH * rate)
        self._sent = np.zeros(self._window + self._reach + _TAPS_BEFORE + _TAPS_AFTER, np.float32)
        self._heard = np.zeros(self._window, np.float32)
        self._path: tuple[int, Samples] | None = None
        self._levels: deque[float] = deque(maxlen=round(FLOOR_SECONDS / FRAME_SECONDS))

    def sent(self, pcm: Pcm | None) -> None:
        """The frame that goes out after what was last heard; None is silence."""
        self._sent[: -self._frame] = self._sent[self._frame :]
        self._sent[-self._frame :] = 0.0 if pcm is None else to_float(pcm)

    def heard(self, pcm: Pcm) -> None:
        """The next frame from the caller's side."""
        self._heard[: -self._frame] = self._heard[self._frame :]
        self._heard[-self._frame :] = to_float(pcm)
        self._levels.append(_energy(self._heard[-self._frame :]))

    def is_echo(self) -> bool:
        """Whether there is nothing new in the newest frames. False where nothing was sent lately."""
        sent, heard = self._sent, self._heard
        if float(np.mean(np.square(sent))) < _AUDIBLE:
            return False
        lag = self._delay(sent, heard)
        table = self._shifted(sent, lag)
        taps = _fitted(table, heard)
        share = 1.0 - _energy(heard - table @ taps) / max(_energy(heard), 1e-12)
        if share >= SURE:
            self._path = (lag, taps)
        elif share < LIKELY and self._path is not None:
            lag, taps = self._path
            table = self._shifted(sent, lag)
        elif share < LIKELY:
            return False
        echo = table @ taps
        newest = heard[-self._recent :]
        left = _energy(newest - echo[-self._recent :])
        before = _energy(echo) * self._recent / self._window
        return left <= max(NEWS * _energy(newest), TAIL * before, ABOVE_FLOOR * self._floor())

    def _floor(self) -> float:
        """Energy that as much sound as `RECENT` has had at the quietest moment lately: the line's noise."""
        frames = self._recent // self._frame
        levels = np.array(self._levels)
        return float(np.convolve(levels, np.ones(frames), "valid").min()) if len(levels) >= frames else 0.0

    def _delay(self, sent: Samples, heard: Samples) -> int:
        """Samples between sending and hearing, by the best normalized correlation."""
        size = 1 << (len(sent) + len(heard) - 1).bit_length()
        spectrum = np.fft.rfft(sent, size) * np.conj(np.fft.rfft(heard, size))
        products = np.fft.irfft(spectrum, size)[: len(sent) - len(heard) + 1]
        sums = np.concatenate([[0.0], np.cumsum(np.square(sent, dtype=np.float64))])
        energy = sums[len(heard) :] - sums[: -len(heard)]
        best = int(np.argmax(np.abs(products) / np.sqrt(energy + 1e-6)))
        return min(len(sent) - len(heard) - best, self._reach)

    def _shifted(self, sent: Samples, lag: int) -> Samples:
        """What was sent, as the columns of a filter around `lag`; rows fit what was heard."""
        padded = np.concatenate([sent, np.zeros(_TAPS_BEFORE, np.float32)])
        ends = [len(sent) - lag - shift for shift in range(-_TAPS_BEFORE, _TAPS_AFTER + 1)]
        return np.stack([padded[max(end - self._window, 0) : end] for end in ends], axis=1)


def _fitted(table: Samples, heard: Samples) -> Samples:
    """The filter with the least squared error, held back a little where the prompt says nothing about it."""
    square = table.T @ table
    ridge = 1e-3 * float(np.trace(square)) / len(square) + 1e-9
    solved: Samples = np.linalg.solve(square + ridge * np.eye(len(square), dtype=np.float32), table.T @ heard)
    return solved


def _energy(samples: Samples) -> float:
    return float(np.dot(samples, samples))
