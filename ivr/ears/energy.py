"""An energy gate: speech is what is clearly louder than the quietest the line has been. For tests and tones.

It needs no model and is exact on made-up sound, but takes any loud noise for speech; calls use Silero VAD.
"""

from __future__ import annotations

import math

import numpy as np

from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples, level_dbfs

FLOOR_START = -60.0
"""dBFS taken for the line's noise before anything was heard."""
FLOOR_LOWEST = -70.0
"""dBFS below which no line is: digital silence must not make every breath speech."""
FLOOR_RISE = 3.0
"""dB a second by which the floor follows a line that becomes noisier."""
ABOVE_FLOOR = 12.0
"""dB above the floor at which speech is as likely as not."""


class EnergyVad:
    """The detector of one call at `rate` Hz."""

    def __init__(self, rate: int) -> None:
        self._size = frame_samples(rate)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._floor = FLOOR_START
        self._kept = np.empty(0, dtype=np.int16)
        self._probability = 0.0

    def feed(self, pcm: Pcm) -> float:
        """Probability of speech in the newest whole 20 ms; 0 before the first."""
        self._kept = np.concatenate([self._kept, pcm])
        while len(self._kept) >= self._size:
            level = max(level_dbfs(self._kept[: self._size]), FLOOR_LOWEST)
            self._floor = min(level, self._floor + FLOOR_RISE * FRAME_SECONDS)
            self._probability = 1.0 / (1.0 + math.exp(-(level - self._floor - ABOVE_FLOOR)))
            self._kept = self._kept[self._size :]
        return self._probability

    async def judge(self, pcm: Pcm) -> float:
        """As `feed`."""
        return self.feed(pcm)
