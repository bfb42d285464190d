"""Words in an even rhythm: measured in the sound, however long the words are."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.pcm import Pcm, from_float
from ivr.mouth.rhythm import counted, counted_words

RATE = 8_000


def speak(word: str) -> Pcm:
    """A tone as long as the word, with silence around it."""
    time = np.arange(int(0.12 * len(word) * RATE)) / RATE
    quiet = np.zeros(RATE // 5)
    return from_float(np.concatenate([quiet, 0.4 * np.sin(2 * np.pi * 300 * time), quiet]))


def beats(pcm: Pcm, rate: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Seconds at which something begins: where the level rises fast."""
    size = rate // 100
    sound = pcm[: len(pcm) // size * size].astype(np.float64).reshape(-1, size)
    level = np.sqrt(np.mean(sound**2, axis=1))
    loud = level > 0.3 * level.max()
    return (np.flatnonzero(loud[1:] & ~loud[:-1]) + 1) * 0.01


@pytest.mark.parametrize("per_minute", [100, 110, 120])
def test_every_word_is_on_its_beat(per_minute: int) -> None:
    pcm = counted("one, two, three, four, " * 5, per_minute, RATE, lambda word: speak(word[:3]))
    found = beats(pcm, RATE)
    assert len(found) == 20
    gaps = np.diff(found)
    assert 60.0 / np.mean(gaps) == pytest.approx(per_minute, rel=0.01)
    assert np.max(np.abs(gaps - 60.0 / per_minute)) <= 0.02


def test_a_word_longer_than_a_beat_does_not_delay_the_next() -> None:
    pcm = counted("extraordinarily, two", 110, RATE, speak)
    assert len(pcm) == pytest.approx((2 + 0.25) * 60 / 110 * RATE, abs=2)


def test_no_sound_is_no_sound() -> None:
    assert counted_words("one, two; three.") == ("one", "two", "three")
    assert len(counted("one", 110, RATE, lambda word: np.zeros(0, np.int16))) > 0
