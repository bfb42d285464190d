"""Evening out what a network delivers: pieces of sound go in when they come, whole frames come out in time.

Pure: it reads no clock. Nothing is lost while the sender keeps pace: a late piece is played later, and what
arrives in a heap is played one frame after another. Two things would otherwise add up: frames that waited
since the start, and a sender whose clock is faster than ours. So once in `LOOK_FRAMES` a frame is left out if
there were always more waiting than needed, one that is nearly silent when there is one.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from ivr.media.pcm import Pcm, frame_samples

CUSHION = 2
"""Frames that wait before the first one is played, and again after they ran out: 40 ms."""
SPARE = 3
"""Frames that may wait beyond the cushion before one is left out."""
MOST = 50
"""Frames that may wait at all: one second. Beyond, the oldest go."""
LOOK_FRAMES = 500
"""How long more frames than needed must have waited: ten seconds."""
QUIET = 200
"""Peak of a frame whose loss nobody hears: -44 dBFS."""


class JitterBuffer:
    """One direction of a call; `look`: how many frames must have waited before one is left out.

    late     times a frame was due and not there
    dropped  frames left out
    """

    def __init__(self, rate: int, look: int = LOOK_FRAMES) -> None:
        self._look = look
        self.late = 0
        self.dropped = 0
        self._size = frame_samples(rate)
        self._frames: deque[Pcm] = deque()
        self._part = np.zeros(0, dtype=np.int16)
        self._filling = True
        self._looked = 0
        self._least = MOST

    def __len__(self) -> int:
        """Whole frames that wait."""
        return len(self._frames)

    def feed(self, pcm: Pcm) -> None:
        """Sound of any length."""
        if len(self._part):
            pcm = np.concatenate((self._part, pcm))
        whole = len(pcm) - len(pcm) % self._size
        for start in range(0, whole, self._size):
            self._frames.append(pcm[start : start + self._size])
        self._part = pcm[whole:]
        while len(self._frames) > MOST:
            self._frames.popleft()
            self.dropped += 1

    def end(self) -> None:
        """No more comes: what is left is played without waiting for more, the last frame filled up."""
        if len(self._part):
            self._frames.append(np.pad(self._part, (0, self._size - len(self._part))))
            self._part = self._part[:0]
        self._filling = False

    def next(self) -> Pcm | None:
        """The frame that is due, None when there is none."""
        if self._filling and len(self._frames) < CUSHION:
            return None
        self._filling = False
        if not self._frames:
            self.late += 1
            self._filling = True
            return None
        self._thin_out()
        return self._frames.popleft()

    def _thin_out(self) -> None:
        self._least = min(self._least, len(self._frames))
        self._looked += 1
        if self._looked < self._look:
            return
        spare = self._least > CUSHION + SPARE
        quiet = int(np.abs(self._frames[0]).max(initial=0)) < QUIET
        if spare and (quiet or self._looked >= 2 * self._look):
            self._frames.popleft()
            self.dropped += 1
        if not spare or quiet or self._looked >= 2 * self._look:
            self._looked = 0
            self._least = MOST
