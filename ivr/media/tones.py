"""Sounds that are no speech: a telephone that rings at the other end, and music for who waits.

Both are made here, so that nobody has to ask for a licence. They are calm, and well inside 300 to 3,400 Hz.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ivr.media.pcm import Pcm, frame_samples, from_float

LEVEL = 10 ** (-24 / 20)
"""Peak of both, relative to full scale: softer than prompts."""

_CHORDS = ((0, 4, 7, 12), (-3, 0, 4, 9), (-7, 0, 5, 9), (-5, -1, 2, 7))  # C, a, F, G in semitones from C
_C = 523.25
_NOTE_SECONDS = 0.25
_RING_ON, _RING_OFF = 1.0, 1.0
"""Shorter pauses than any exchange's: no silence of ours is longer than 1.5 s."""


@functools.cache
def hold_music(rate: int) -> Pcm:
    """Eight seconds of broken chords that begin where they end. Do not write into it."""
    notes = [note for chord in _CHORDS for note in (*chord, *chord[::-1])]
    size = round(_NOTE_SECONDS * rate)
    whole: NDArray[np.float64] = np.zeros(len(notes) * size)
    time = np.arange(round(1.2 * rate)) / rate
    shape = np.minimum(time / 0.01, 1.0) * np.exp(-3.5 * time)
    for number, note in enumerate(notes):
        hertz = _C * 2 ** (note / 12)
        sound = shape * (np.sin(2 * np.pi * hertz * time) + 0.3 * np.sin(4 * np.pi * hertz * time))
        places = (number * size + np.arange(len(sound))) % len(whole)
        whole[places] += sound
    return from_float(LEVEL * whole / np.max(np.abs(whole)))


@functools.cache
def ringing(rate: int) -> Pcm:
    """One ring and the pause after it, 440 and 480 Hz (ITU-T E.180, North America). Do not write into it."""
    time = np.arange(round(_RING_ON * rate)) / rate
    fade = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
    ring = LEVEL * fade * (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) / 2
    return from_float(np.concatenate([ring, np.zeros(round(_RING_OFF * rate))]))


def endless(pcm: Pcm, rate: int) -> Iterator[Pcm]:
    """Frames of a sound that begins again at its end."""
    size = frame_samples(rate)
    for start in itertools.count(0, size):
        yield np.take(pcm, range(start, start + size), mode="wrap")
