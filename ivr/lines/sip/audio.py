"""The sound of one call inside a worker: the stack's streams on one side, 8 or 16 kHz mono on the other.

The stack replaces its streams when the call is renegotiated; sound of that moment is lost and the next
operation speaks to the new ones, perhaps at another rate.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from baresip.audio import AudioInfo
from baresip.errors import AudioNotActive, AudioRestarted

from ivr.media.pcm import NARROWBAND, WIDEBAND, Pcm, silence
from ivr.media.resample import Resampler

AHEAD_FRAMES = 1
"""Frames of silence that go first, so that a frame that is a little late is still in time."""
MOST_AHEAD_SECONDS = 0.5
"""What may wait in the stack before frames for the caller are left out."""


class Streams(Protocol):
    """`baresip.audio.CallAudio`."""

    def info(self) -> AudioInfo:
        """Rates and channels. Raises AudioNotActive."""

    def read(self, max_bytes: int) -> bytes:
        """What came."""

    def write(self, pcm: bytes) -> int:
        """Bytes taken."""


class CallSound:
    """Of one call.

    rate     samples a second of the line: as given, or 16,000 where the codec of the first streams has it
    restarts times the streams were replaced
    """

    def __init__(self, streams: Streams, rate: int = 0) -> None:
        self.rate = rate
        self.restarts = 0
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
        self._write(silence(AHEAD_FRAMES * 0.02, info.tx_sample_rate))
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
        if self._info is not None or self.open():
            self._write(self._out.feed(pcm))

    def _write(self, pcm: Pcm) -> None:
        info = self._info
        if info is None or not len(pcm):
            return
        try:
            if info.tx_channels > 1:
                pcm = np.repeat(pcm, info.tx_channels)
            self._streams.write(pcm.tobytes())
        except (AudioNotActive, AudioRestarted):
            self._again()

    def _again(self) -> None:
        self.restarts += 1
        self._info = None


def _mono(pcm: Pcm, channels: int) -> Pcm:
    if channels <= 1:
        return pcm
    whole = len(pcm) - len(pcm) % channels
    mixed: Pcm = pcm[:whole].reshape(-1, channels).mean(axis=1).round().astype(np.int16)
    return mixed
