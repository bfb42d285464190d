"""Changing the sample rate, as a stream or at once, with libsoxr.

Two engines of libsoxr, chosen by what they cost a caller (measured with 20 ms chunks, soxr 1.1):

====================== ============== ============== ================== =======================
engine                 8 k → 16 k      48 k → 16 k    flat (-0.1 dB) to   used for
====================== ============== ============== ================== =======================
variable-rate (fixed   30 ms           12.5 ms        3.6 kHz of 4        `Resampler`: live sound
ratio), "low delay"
"HQ", block by block   up to 115 ms    up to 36 ms    3.6 kHz of 4        `resample`: files
"LQ", block by block   up to 61 ms     20 ms          2.8 kHz of 4        nothing: dull speech
====================== ============== ============== ================== =======================

The delay is how long a sample waits for its successors, not a shift in time: output sample 0 is input
sample 0 (within 1 ms when going down). `flush` gives what still waits. Images and aliases: below -100 dB.

Both work on floats inside: libsoxr's 16-bit output is dithered with a random seed, and a call must give the
same result each time it is played.
"""

from __future__ import annotations

import numpy as np
import soxr

from ivr.media.pcm import Pcm


class Resampler:
    """One stream of sound from one rate to another, with a short and constant delay.

    `feed` takes chunks of any length. After `flush` it is ready for a new stream.
    """

    def __init__(self, from_rate: int, to_rate: int, *, low_delay: bool = True) -> None:
        self.from_rate = from_rate
        self.to_rate = to_rate
        self._stream = None if from_rate == to_rate else _open(from_rate, to_rate, low_delay)
        self._taken = 0
        self._given = 0

    def feed(self, pcm: Pcm) -> Pcm:
        """What is ready, at the new rate, after `pcm` came in at the old one; may be empty."""
        if self._stream is None:
            return pcm
        ready = _to_pcm(self._stream.resample_chunk(pcm.astype(np.float32)))
        self._taken += len(pcm)
        self._given += len(ready)
        return ready

    def flush(self) -> Pcm:
        """The rest of the stream; the whole is then round(samples · to_rate / from_rate) long."""
        if self._stream is None:
            return np.zeros(0, dtype=np.int16)
        rest = _to_pcm(self._stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True))
        missing = round(self._taken * self.to_rate / self.from_rate) - self._given
        self._stream.clear()
        self._taken = self._given = 0
        # Between unrelated rates the variable-rate engine ends up to two samples early or late.
        return np.pad(rest, (0, max(missing - len(rest), 0)))[: max(missing, 0)]


def resample(pcm: Pcm, from_rate: int, to_rate: int) -> Pcm:
    """All of `pcm` at `to_rate`; the same array when the rates are equal."""
    stream = Resampler(from_rate, to_rate, low_delay=False)
    return pcm if from_rate == to_rate else np.concatenate((stream.feed(pcm), stream.flush()))


def _open(from_rate: int, to_rate: int, low_delay: bool) -> soxr.ResampleStream:
    return soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="HQ", vr=low_delay)


def _to_pcm(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Pcm:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


# The variable-rate engine fills tables that the whole process shares when it is first opened, without a lock:
# here that happens before there is a second thread.
_open(8_000, 16_000, low_delay=True)
