"""Telephone keys as tones in the sound: one frequency of a row and one of a column at once (ITU-T Q.23).

Goertzel's algorithm, as a product with sampled exponentials, over windows of 25.6 ms that begin every
12.8 ms: the eight frequencies, each also a little lower and higher, and the second harmonics of the columns.
The phase between the halves of a window tells how far off a tone is. What has to hold is after ITU-T Q.24:
tones of 40 ms are taken, gaps of 40 ms part two keys, 1.5 % off in frequency is still a key and 3.5 % is
none, the higher tone may be 4 dB louder or 8 dB softer than the lower. Speech is told apart by what else is
in it.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ivr.media.pcm import NARROWBAND, Pcm, mean_square, to_float

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
LAYOUT = ("123A", "456B", "789C", "*0#D")
WINDOW = 205
"""Samples at 8 kHz: the frequencies lie near its multiples of 39 Hz."""
LEAST = 10 ** (-36 / 10)
"""Least mean square of a tone pair: -36 dBFS, about what Q.24 asks for below 0 dBm0."""
SHARE, BEST = 0.7, 0.9
"""Share of the energy that both tones have together, 1 without noise: in each window, and in the best one. A
window at the edge of a tone has less."""
SPREAD = 0.012
"""How far the lower and the higher try of a frequency are from it."""
OFF = 0.025
"""Largest distance of a tone from its frequency."""
APART = 10 ** (6 / 10)
"""Factor by which the strongest frequency of a group must exceed the next: 6 dB."""
TWIST_UP, TWIST_DOWN = 10 ** (5 / 10), 10 ** (-9 / 10)
HARMONIC = 10 ** (-12 / 10)
"""Most energy at a column's second harmonic, relative to the column: voices have more. (Those of rows lie
among the columns.)"""
HITS, MISSES = 2, 2
"""Windows in a row that begin and end a key."""

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


class DtmfDetector:
    """The keys in one direction of a call at `rate` Hz, 8,000 or 16,000."""

    def __init__(self, rate: int) -> None:
        scale = rate // NARROWBAND
        self._size = WINDOW * scale
        self._hop = self._size // 2
        self._waves = _waves(rate, self._size)
        self._half_seconds = self._size / 2 / rate
        self._kept: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._candidate = ""
        self._hits = 0
        self._best = 0.0
        self._down = ""
        self._misses = 0

    @property
    def down(self) -> str:
        """The key that is being pressed, "" for none."""
        return self._down

    def feed(self, pcm: Pcm) -> tuple[str, ...]:
        """The keys that were recognized with this sound, each once, as soon as it is certain."""
        self._kept = np.concatenate([self._kept, to_float(pcm)])
        keys = []
        while len(self._kept) >= self._size:
            key = self._step(*self._judge(self._kept[: self._size]))
            if key:
                keys.append(key)
            self._kept = self._kept[self._hop :]
        return tuple(keys)

    def _step(self, heard: str, share: float) -> str:
        """One more window, in which `heard` was the key; the key that begins with it."""
        same = bool(heard) and heard == self._candidate
        self._hits = self._hits + 1 if same else int(bool(heard))
        self._best = max(self._best, share) if same else share
        self._candidate = heard
        if heard and heard == self._down:
            self._misses = 0
            return ""
        self._misses += 1
        if self._down and self._misses >= MISSES:
            self._down = ""
        if self._hits >= HITS and self._best >= BEST and not self._down:
            self._down, self._misses = heard, 0
            return heard
        return ""

    def _judge(self, sound: NDArray[np.float32]) -> tuple[str, float]:
        """The key whose tones make up the window, "" for none, and their share of it."""
        power = mean_square(sound)
        if power < LEAST:
            return "", 0.0
        window = sound.astype(np.float64)
        half = len(window) // 2
        # Not by "@": at 16 kHz that is BLAS with threads, which on a busy machine wait 50 ms for each other.
        first = np.einsum("ij,j->i", self._waves[:, :half], window[:half])
        second = np.einsum("ij,j->i", self._waves[:, half:], window[half:])
        energy = np.square(np.abs(first + second)) * 2 / len(window) ** 2
        tried = energy[:24].reshape(8, 3)
        rows, columns = tried.max(axis=1)[:4], tried.max(axis=1)[4:]
        row, column = int(np.argmax(rows)), int(np.argmax(columns))
        low, high = float(rows[row]), float(columns[column])
        fits = (
            low + high >= SHARE * power
            and TWIST_DOWN * low <= high <= TWIST_UP * low
            and low >= APART * float(np.partition(rows, -2)[-2])
            and high >= APART * float(np.partition(columns, -2)[-2])
            and energy[24 + column] <= HARMONIC * high
            and self._near(first, second, row)
            and self._near(first, second, 4 + column)
        )
        return (LAYOUT[row][column], (low + high) / power) if fits else ("", 0.0)

    def _near(self, first: Complex, second: Complex, number: int) -> bool:
        """Whether the tone is as near to its frequency as a telephone's, by the phase of the halves."""
        middle = 3 * number + 1
        turned = float(np.angle(second[middle] * np.conj(first[middle])))
        return abs(turned) <= 2 * np.pi * OFF * (*ROWS, *COLUMNS)[number] * self._half_seconds


@functools.cache
def _waves(rate: int, size: int) -> Complex:
    """One exponential a row: the eight frequencies, each lower, exact, higher; the columns' harmonics."""
    tried = [f * factor for f in (*ROWS, *COLUMNS) for factor in (1 - SPREAD, 1.0, 1 + SPREAD)]
    hertz = np.array([*tried, *(2 * f for f in COLUMNS)])
    waves: Complex = np.exp(-2j * np.pi * np.outer(hertz, np.arange(size)) / rate)
    return waves


def tones(keys: str, rate: int, *, seconds: float = 0.1, gap: float = 0.1, level: float = -12.0) -> Pcm:
    """Keys as they sound; each tone has the RMS `level` in dBFS. Raises ValueError for an unknown key."""
    parts: list[Floats] = []
    time = np.arange(round(seconds * rate)) / rate
    amplitude = np.sqrt(2) * 10 ** (level / 20)
    for key in keys:
        row = next((n for n, line in enumerate(LAYOUT) if key in line), None)
        if row is None:
            raise ValueError(f"{key!r} is not a telephone key")
        both = np.sin(2 * np.pi * ROWS[row] * time)
        both = both + np.sin(2 * np.pi * COLUMNS[LAYOUT[row].index(key)] * time)
        parts += [amplitude * both, np.zeros(round(gap * rate))]
    whole = np.concatenate(parts) if parts else np.zeros(0)
    return np.asarray(np.clip(np.rint(whole * 32767), -32768, 32767), dtype=np.int16)
