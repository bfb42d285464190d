"""The sound of one call inside a worker: the stack's streams on one side, 8 or 16 kHz mono on the other.

The stack replaces its streams when the call is renegotiated; sound of that moment is lost and the next
operation speaks to the new ones, perhaps at another rate.

The stack takes a frame for the caller every 20 ms in a thread of its own; where there is none, it sends
silence, and that is a gap in the middle of a word. So some silence waits in front of our first frame. It is
written with that frame: before, the stack would have sent it by the time the call begins to speak.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from baresip.audio import AudioInfo, AudioStats
from baresip.errors import AudioNotActive, AudioRestarted

from ivr.media.pcm import FRAME_SECONDS, NARROWBAND, WIDEBAND, Pcm, silence
from ivr.media.resample import Resampler

AHEAD_FRAMES = 1
"""Frames of silence that go first, so that a frame that is up to 20 ms late is still in time. Each frame that
was missing adds one more: what comes late is sent all the same."""
MOST_AHEAD, CALLS_A_FRAME = 2, 5
"""One frame more goes first where a worker has five calls or more: the more calls, the later frames come.
Calls that were there before get theirs while nobody speaks. Of 30 conversations 130 to 200 frames were late
in 35 s with one, with up to four 28 to 228; each makes callers wait longer, and hear a stopped prompt."""
SPARE_FRAMES = 2
"""Frames that may wait beyond these before one that is silent is left out."""
LOOK_FRAMES = 50
"""How often we look how many wait and how many were missing: once a second."""
SPARE_LOOKS = 3
"""How often in a row more must have waited than needed."""


class Streams(Protocol):
    """`baresip.audio.CallAudio`."""

    def info(self) -> AudioInfo:
        """Rates and channels. Raises AudioNotActive."""

    def read(self, max_bytes: int) -> bytes:
        """What came."""

    def write(self, pcm: bytes) -> int:
        """Bytes taken."""

    def stats(self) -> AudioStats:
        """What was missing. Raises AudioNotActive."""


def frames_ahead(calls: int) -> int:
    """Frames of silence that go first in the sound of a call that is one of `calls`."""
    return min(MOST_AHEAD, AHEAD_FRAMES + calls // CALLS_A_FRAME)


class CallSound:
    """Of one call.

    rate     samples a second of the line: as given, or 16,000 where the codec of the first streams has it
    restarts times the streams were replaced
    starved  frames that the caller heard as silence because ours were not there yet
    spared   silent frames left out
    """

    def __init__(
        self, streams: Streams, rate: int = 0, wanted_ahead: Callable[[], int] = lambda: AHEAD_FRAMES
    ) -> None:
        """`wanted_ahead` frames of silence go first; it may change during the call."""
        self.rate = rate
        self._wanted_ahead = wanted_ahead
        self._ahead = 0
        self.restarts = 0
        self.starved = 0
        self.spared = 0
        self._missing = 0
        self._written = 0
        self._deep = 0
        self._streams = streams
        self._info: AudioInfo | None = None
        self._in = self._out = Resampler(NARROWBAND, NARROWBAND)

    def open(self) -> bool:
        """Whether sound flows both ways by now."""
        try:
            info = self._streams.info()
        except AudioNotActive:
            self._info = None
            return False
        if not (info.tx_ready and info.rx_ready):
            return False
        self._info = info
        self.rate = self.rate or (NARROWBAND if info.rx_sample_rate == NARROWBAND else WIDEBAND)
        self._in = Resampler(info.rx_sample_rate, self.rate)
        self._out = Resampler(self.rate, info.tx_sample_rate)
        self._written = self._deep = 0
        return True

    def read(self) -> Pcm:
        """What came from the caller since the last time."""
        nothing = np.zeros(0, dtype=np.int16)
        if self._info is None and not self.open():
            return nothing
        assert self._info is not None
        try:
            data = self._streams.read(self._info.rx_capacity or 65_536)
        except (AudioNotActive, AudioRestarted):
            self._again()
            return nothing
        return self._in.feed(_mono(np.frombuffer(data, dtype=np.int16), self._info.rx_channels))

    def write(self, pcm: Pcm) -> None:
        """One frame to the caller."""
        if self._info is None and not self.open():
            return
        assert self._info is not None
        try:
            if not self._written or not pcm.any():
                self._lead(self._info)
            if self._deep >= SPARE_LOOKS and not pcm.any():
                self._deep, self.spared = 0, self.spared + 1
                return
            self._write(self._out.feed(pcm), self._info)
            # After a write that went well: `stats` alone would go over to new streams without a word.
            if self._written % LOOK_FRAMES == 0:
                self._look(self._info)
            self._written += 1
        except (AudioNotActive, AudioRestarted):
            self._again()

    def _lead(self, info: AudioInfo) -> None:
        """Where nobody speaks: more silence where more is wanted now. Of less, `_look` takes care."""
        if not self._written:
            self._ahead = 0
        wanted = self._wanted_ahead()
        if wanted > self._ahead:
            self._write(silence((wanted - self._ahead) * FRAME_SECONDS, info.tx_sample_rate), info)
        self._ahead = wanted

    def _look(self, info: AudioInfo) -> None:
        """With the first frame, and then now and then."""
        stats = self._streams.stats()
        missing = stats.tx_silence_frames + stats.tx_starved_frames
        if self._written:
            self.starved += max(0, missing - self._missing)
            waiting = stats.tx_buffered / (2 * info.tx_channels * info.tx_sample_rate)
            deep = waiting >= (1 + self._ahead + SPARE_FRAMES) * FRAME_SECONDS
            self._deep = self._deep + 1 if deep else 0
        self._missing = missing

    def _write(self, pcm: Pcm, info: AudioInfo) -> None:
        if len(pcm):
            self._streams.write((np.repeat(pcm, info.tx_channels) if info.tx_channels > 1 else pcm).tobytes())

    def _again(self) -> None:
        self.restarts += 1
        self._info = None


def _mono(pcm: Pcm, channels: int) -> Pcm:
    if channels <= 1:
        return pcm
    whole = len(pcm) - len(pcm) % channels
    mixed: Pcm = pcm[:whole].reshape(-1, channels).mean(axis=1).round().astype(np.int16)
    return mixed
