"""Words counted in an even rhythm: one a beat, with a soft tick on it, as a metronome has.

A synthesizer that is given "one, two, three" keeps no rhythm. So each word is made alone and laid on its beat
with the moment at which it becomes loud.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ivr.media.pcm import Pcm, from_float

TICK_SECONDS, TICK_HERTZ, TICK_LEVEL = 0.03, 1_250.0, 0.25
FADE_SECONDS = 0.02
_ATTACK = 0.25
"""Part of its loudest moment at which a word is taken to begin."""
_WINDOW = 0.01


def counted_words(text: str) -> tuple[str, ...]:
    """The words of a count, in order; several words between commas are one beat."""
    return tuple(word.strip() for word in re.split(r"[,.;]", text) if word.strip())


def counted(text: str, per_minute: int, rate: int, speak: Callable[[str], Pcm]) -> Pcm:
    """The words of a text, `per_minute` of them a minute, at a sample rate; as long as its beats."""
    words = counted_words(text)
    beat = 60.0 / per_minute
    lead = round(0.25 * beat * rate)  # what of the first word comes before its beat
    whole: NDArray[np.float64] = np.zeros(lead + round(len(words) * beat * rate))
    sounds = {word: _cut(speak(word), round(beat * rate), rate) for word in dict.fromkeys(words)}
    tick = _tick(rate)
    for number, word in enumerate(words):
        at = lead + round(number * beat * rate)
        sound, onset = sounds[word]
        start = max(0, at - onset)
        part = sound[: len(whole) - start]
        whole[start : start + len(part)] += part
        whole[at : at + len(tick)] += tick[: len(whole) - at]
    return from_float(np.clip(whole, -0.99, 0.99))


def _cut(pcm: Pcm, longest: int, rate: int) -> tuple[NDArray[np.float64], int]:
    """A word without the silence around it, no longer than a beat, and where it becomes loud."""
    if not pcm.any():
        return np.zeros(0), 0
    sound = pcm.astype(np.float64) / 32768.0
    size = round(_WINDOW * rate)
    level = np.sqrt(np.convolve(sound**2, np.ones(size) / size, mode="same"))
    loud = np.flatnonzero(level >= 0.02 * level.max())
    sound, level = sound[loud[0] : loud[-1] + 1], level[loud[0] : loud[-1] + 1]
    onset = min(int(np.argmax(level >= _ATTACK * level.max())), longest // 4)
    if len(sound) > longest:
        sound = sound[:longest].copy()
    fade = min(len(sound), round(FADE_SECONDS * rate))
    sound[-fade:] = sound[-fade:] * np.linspace(1.0, 0.0, fade)
    return sound, onset


def _tick(rate: int) -> NDArray[np.float64]:
    time = np.arange(round(TICK_SECONDS * rate)) / rate
    tick: NDArray[np.float64] = TICK_LEVEL * np.exp(-time / 0.008) * np.sin(2 * np.pi * TICK_HERTZ * time)
    return tick
