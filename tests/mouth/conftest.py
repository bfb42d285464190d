"""The real voices, opened once, and measures of sound that share nothing with the code they test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ivr.media.pcm import Pcm
from ivr.mouth.hibari_voice import HibariVoice
from ivr.mouth.pyttsx3_voice import Pyttsx3Voice


@pytest.fixture(scope="session")
def hibari() -> HibariVoice:
    return HibariVoice("en-US")


@pytest.fixture(scope="session")
def espeak() -> Iterator[Pyttsx3Voice]:
    voice = Pyttsx3Voice("en-US")
    yield voice
    voice.close()


class Measure:
    """Level, edges and bands of a prompt."""

    @staticmethod
    def windows(pcm: Pcm, rate: int) -> np.ndarray:
        """dBFS of each 10 ms."""
        size = rate // 100
        cut = pcm[: len(pcm) // size * size].reshape(-1, size).astype(float) / 32768
        return 10 * np.log10(np.mean(cut**2, axis=1) + 1e-12)

    @classmethod
    def speech_dbfs(cls, pcm: Pcm, rate: int) -> float:
        """Mean power of the windows above -42 dBFS: what is speech once the level is right."""
        levels = cls.windows(pcm, rate)
        loud = levels[levels > -42]
        return float(10 * np.log10(np.mean(10 ** (loud / 10)))) if len(loud) else -120.0

    @staticmethod
    def peak_dbfs(pcm: Pcm) -> float:
        return float(20 * np.log10(np.max(np.abs(pcm.astype(int))) / 32768))

    @classmethod
    def silence_around(cls, pcm: Pcm, rate: int) -> tuple[float, float]:
        """Seconds below -55 dBFS before and after everything louder."""
        loud = np.flatnonzero(cls.windows(pcm, rate) > -55)
        return loud[0] / 100, len(pcm) / rate - (loud[-1] + 1) / 100

    @staticmethod
    def share(pcm: Pcm, rate: int, low: float, high: float) -> float:
        """Share of the power between two frequencies."""
        power = np.abs(np.fft.rfft(pcm.astype(float))) ** 2
        bins = np.fft.rfftfreq(len(pcm), 1 / rate)
        return float(power[(bins >= low) & (bins < high)].sum() / power.sum())


@pytest.fixture(scope="session")
def measure() -> type[Measure]:
    return Measure
