"""One utterance while it is heard and read: its sound, its loudness, and where its words lie in the call."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from dataclasses import dataclass, field

import numpy as np

from ivr.ears.recognizer import RecognizerStream
from ivr.ears.second import SecondOpinion
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm, mean_square

FULL_SCALE = 20.0 * math.log10(32_768.0)


@dataclass(slots=True, eq=False)
class Utterance:
    """Times are seconds of the call; sound is at the recognizer's rate.

    first      where its sound begins, a little before speech does at `started`
    waiting    sound that is not yet given to the recognizer
    sound      what was given, where there is a `second` opinion
    ended      where speech ended; `closed_at` by `time.monotonic`
    pauses     how many there were; `paused`: in one now
    free       the reading in the last pause, which may be under way
    glanced    whether somebody looked at what is heard so far; `seen` is what was read then
    job        the readings of the whole
    """

    stream: RecognizerStream
    recognizer: str
    started: float
    first: float
    waiting: list[Pcm] = field(default_factory=list)
    second: SecondOpinion | None = None
    sound: list[Pcm] = field(default_factory=list)
    ended: float = 0.0
    closed_at: float = 0.0
    paused: bool = False
    pauses: int = 0
    free: asyncio.Task[Hypothesis | None] | None = None
    glanced: bool = False
    seen: str | None = None
    job: asyncio.Task[tuple[Hypothesis, ...]] | None = None
    _power: float = 0.0
    _voiced: int = 0

    def take(self) -> Pcm:
        """What the recognizer was not given yet; counts as given."""
        pcm = np.concatenate(self.waiting) if self.waiting else np.zeros(0, np.int16)
        self.waiting = []
        if self.second is not None:
            self.sound.append(pcm)
        return pcm

    def voice(self, pcm: Pcm) -> None:
        """A frame in which the caller speaks."""
        self._power += mean_square(pcm)
        self._voiced += 1

    def loudness(self) -> float | None:
        """Level of the speech in dB relative to full scale; None where there was none."""
        if self._voiced == 0 or self._power <= 0.0:
            return None
        return round(10.0 * math.log10(self._power / self._voiced) - FULL_SCALE, 1)

    def in_call(self, reading: Hypothesis) -> Hypothesis:
        """The reading with its words placed in the call instead of in the utterance."""
        words = tuple(
            dataclasses.replace(
                word, start=round(word.start + self.first, 3), end=round(word.end + self.first, 3)
            )
            for word in reading.words
        )
        return dataclasses.replace(reading, words=words)
