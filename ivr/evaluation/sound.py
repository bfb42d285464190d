"""Recordings as a call would carry them: another line, and noise around the caller."""

from __future__ import annotations

import enum
import functools
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.errors import AudioError
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import NARROWBAND, Pcm, from_float, silence, to_float
from ivr.media.wav import read_wav

LEAD, TAIL = 0.5, 1.5
"""Seconds of the line before and after a recording; the tail is longer than any wait for more words."""

_MARGIN_DB = 15.9
_WINDOW = 0.02


class LineKind(enum.StrEnum):
    """A line that sound is sent over before it is heard."""

    G711 = "g711"
    """8 kHz, µ-law."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A recording of noise, mixed `snr` dB below the active speech; `seed` chooses the places in it."""

    file: Path
    snr: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What lies between a recording and the recognizer."""

    line: LineKind | None = None
    noise: Noise | None = None

    def check(self) -> None:
        """Raise AudioError for noise that cannot be used."""
        if self.noise is not None:
            pcm = _noise(self.noise.file, NARROWBAND)
            if not pcm.any():
                raise AudioError("is silent", place=str(self.noise.file), remedy="Give a recording of noise")

    def heard(self, recording: Path, name: str) -> tuple[Pcm, int]:
        """A recording with lead and tail as it arrives, and its rate. The same `name` gets the same noise.

        Sums louder than full scale are scaled down as a whole. Raises AudioError.
        """
        pcm, rate = read_wav(recording, rate=None if self.line is None else NARROWBAND)
        padded = np.concatenate([silence(LEAD, rate), pcm, silence(TAIL, rate)])
        if self.noise is not None:
            padded = mix(
                padded, active_level(pcm, rate), _piece(self.noise, name, len(padded), rate), self.noise.snr
            )
        if self.line is LineKind.G711:
            padded = decode_ulaw(encode_ulaw(padded))
        return padded, rate


def active_level(pcm: Pcm, rate: int) -> float:
    """Level of speech while it is active, dB relative to full scale, -inf for silence.

    The level of the windows that lie above a threshold which is itself 15.9 dB below that level, found by
    iteration: the definition of ITU-T P.56 (method B), here on windows of 20 ms instead of an envelope.
    """
    size = round(_WINDOW * rate)
    whole = to_float(pcm[: len(pcm) // size * size]).astype(np.float64).reshape(-1, size)
    power: NDArray[np.float64] = np.mean(np.square(whole), axis=1)
    if not power.any():
        return -math.inf
    level = 10.0 * math.log10(float(power.mean()))
    for _ in range(50):
        active = power[power >= 10.0 ** ((level - _MARGIN_DB) / 10.0)]
        new = 10.0 * math.log10(float(active.mean()))
        if abs(new - level) < 0.01:
            break
        level = new
    return level


def mix(pcm: Pcm, speech_level: float, noise: Pcm, snr: float) -> Pcm:
    """`pcm` with noise of the same length, `snr` dB below `speech_level`; as it is when either is silent."""
    around = to_float(noise).astype(np.float64)
    rms = float(np.sqrt(np.mean(np.square(around)))) if len(around) else 0.0
    if rms == 0.0 or not math.isfinite(speech_level):
        return pcm
    both = to_float(pcm) + around * (10.0 ** ((speech_level - snr) / 20.0) / rms)
    return from_float(both / max(1.0, float(np.abs(both).max())))


def _piece(noise: Noise, name: str, length: int, rate: int) -> Pcm:
    """As much of the noise, from a place that depends on seed and name alone; the recording goes round."""
    pcm = _noise(noise.file, rate)
    digest = hashlib.blake2b(f"{noise.seed}\0{name}".encode("utf-8", "replace"), digest_size=8).digest()
    start = int.from_bytes(digest, "big") / 2**64  # the same moment of the noise at any rate
    places = (np.arange(length) + int(start * len(pcm))) % len(pcm)
    return pcm[places]


@functools.lru_cache(maxsize=4)
def _noise(file: Path, rate: int) -> Pcm:
    pcm, _ = read_wav(file, rate=rate)
    return pcm
