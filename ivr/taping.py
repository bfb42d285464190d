"""What goes into recordings: both sides of a call, without the tones of keys.

A number may be typed before the desk has asked for it, and then nobody knows yet that it is sensitive. Which
keys were pressed stands in the event log, where what is sensitive is masked; their sound is worth nothing to
anybody but who wants to read a number out of a recording. So the caller's side is silent from before a tone
can have begun until after its end, whoever the tone was meant for.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from ivr.media.dtmf import DtmfDetector
from ivr.media.pcm import Pcm
from ivr.ports import FrameTap

BEFORE = 5
"""Frames that wait to be written: 100 ms. A tone is certain 40 to 60 ms after its beginning."""
AFTER = 2
"""Frames after a tone that are silent too: its end lies in one of them."""


class Taping:
    """The taps of one call at `rate` Hz, `BEFORE` frames behind it."""

    def __init__(self, rate: int, taps: tuple[FrameTap, ...]) -> None:
        self._taps = taps
        self._tones = DtmfDetector(rate)
        self._waiting: deque[tuple[Pcm, Pcm | None]] = deque()
        self._silent = 0

    def write(self, caller: Pcm, desk: Pcm | None, *, private: bool) -> None:
        """The next frame each way; `private`: nothing of the caller may be kept."""
        if not self._taps:
            return
        if self._tones.feed(caller) or self._tones.down:
            self._waiting = deque((np.zeros_like(heard), sent) for heard, sent in self._waiting)
            self._silent = AFTER + 1
        quiet = private or self._silent > 0
        self._silent = max(0, self._silent - 1)
        self._waiting.append((np.zeros_like(caller) if quiet else caller, desk))
        if len(self._waiting) > BEFORE:
            self._put()

    def flush(self) -> None:
        """The call is over: what waits is written."""
        while self._waiting:
            self._put()

    def _put(self) -> None:
        caller, desk = self._waiting.popleft()
        for tap in self._taps:
            tap.write(caller, desk)
