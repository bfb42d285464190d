"""One direction of a bridge between two rates: whole frames in, whole frames out."""

from __future__ import annotations

import numpy as np

from ivr.media.pcm import Pcm, frame_samples
from ivr.media.resample import Resampler


class Matched:
    """Frames at `from_rate` as frames at `to_rate`. Equal rates pass bit for bit; others are 30 ms late."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._resampler = None if from_rate == to_rate else Resampler(from_rate, to_rate)
        self._size = frame_samples(to_rate)
        self._ready = np.zeros(2 * self._size, dtype=np.int16)

    def feed(self, pcm: Pcm) -> Pcm:
        """The frame that goes out for the one that came in."""
        if self._resampler is None:
            return pcm
        self._ready = np.concatenate([self._ready, self._resampler.feed(pcm)])
        frame = self._ready[: self._size]
        self._ready = self._ready[self._size :]
        return np.pad(frame, (0, self._size - len(frame)))
