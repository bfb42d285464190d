"""G.711: 16-bit samples to and from the 8-bit codes of the telephone network.

µ-law is used in North America and Japan, A-law elsewhere. The tables follow ITU-T G.711 (11/88), tables 1a to
2b, for samples scaled to 16 bits; samples are coded by magnitude, so that a wave and its mirror image get
codes that differ in the sign bit alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ivr.media.pcm import Pcm

_ULAW_BIAS = 132  # 33 on the 14-bit scale of the standard: every segment then starts at a power of two
_ULAW_CLIP = 32_635
_ALAW_TOGGLE = 0x55  # even bits are inverted on the line


def encode_ulaw(pcm: Pcm) -> bytes:
    """One µ-law byte for each sample; the loudest samples are clipped to ±32,124."""
    return _ULAW_CODES[pcm.view(np.uint16)].tobytes()


def decode_ulaw(codes: bytes) -> Pcm:
    """One sample for each µ-law byte; every byte is valid."""
    return _ULAW_SAMPLES[np.frombuffer(codes, dtype=np.uint8)]


def encode_alaw(pcm: Pcm) -> bytes:
    """One A-law byte for each sample; the loudest samples are clipped to ±32,256."""
    return _ALAW_CODES[pcm.view(np.uint16)].tobytes()


def decode_alaw(codes: bytes) -> Pcm:
    """One sample for each A-law byte; every byte is valid. A-law has no zero: silence decodes to ±8."""
    return _ALAW_SAMPLES[np.frombuffer(codes, dtype=np.uint8)]


def _every_sample() -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Magnitude and sign of all int16 values, in the order of their unsigned bit patterns."""
    values = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return np.abs(values), values < 0


def _leading_bit(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """Position of the highest bit that is set, of positive values small enough for log2 to be exact."""
    return np.floor(np.log2(values)).astype(np.int32)


def _ulaw_codes() -> NDArray[np.uint8]:
    magnitude, negative = _every_sample()
    biased = np.minimum(magnitude, _ULAW_CLIP) + _ULAW_BIAS
    segment = _leading_bit(biased) - 7
    code = (negative << 7) | (segment << 4) | ((biased >> (segment + 3)) & 0x0F)
    return (~code & 0xFF).astype(np.uint8)


def _ulaw_samples() -> NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _ULAW_BIAS) << ((code & 0x70) >> 4)) - _ULAW_BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_codes() -> NDArray[np.uint8]:
    magnitude, negative = _every_sample()
    steps = np.minimum(magnitude >> 4, 2047)
    segment = np.maximum(_leading_bit(np.maximum(steps, 1)) - 3, 1)  # the two lowest segments share one step
    upper = (segment << 4) | ((steps >> (segment - 1)) & 0x0F)
    code: NDArray[np.int32] = np.where(steps < 32, steps, upper)
    return ((code | (~negative << 7)) ^ _ALAW_TOGGLE).astype(np.uint8)


def _alaw_samples() -> NDArray[np.int16]:
    code = np.arange(256) ^ _ALAW_TOGGLE
    segment = (code & 0x70) >> 4
    middle = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, middle, (middle + 256) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


_ULAW_CODES = _ulaw_codes()
_ULAW_SAMPLES = _ulaw_samples()
_ALAW_CODES = _alaw_codes()
_ALAW_SAMPLES = _alaw_samples()
