"""How a caller sounds, from their words and from their voice against its own start. Pure, without sound.

Signs add up and fade: words of anger or grief, saying the same again, interrupting, speaking louder or faster
than at the start of the call. No voice is loud or fast by itself: only its change counts. The weights are set
by hand and measured by `make bench-mood`.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.meaning import Mood

WORDS = {Mood.UPSET: 1.3, Mood.ANGRY: 2.0, Mood.DISTRESSED: 2.0}
"""Weight of words of a mood."""
REPEATED, INTERRUPTED = 0.6, 0.4
LOUD, LOUDER = 4.0, 8.0
"""Decibels above the caller's own start."""
FAST = 1.4
"""Words a second, as a share of the caller's own start."""
LEAST_SECONDS = 0.5
"""Of an utterance from which a caller's own loudness is taken: a mumbled "um" is softer than any sentence."""
FADES = 0.75
"""What is left of everything with each utterance."""
UPSET, ANGRY, DISTRESSED = 1.2, 1.9, 1.5
UNREAD, READ = 0.4, 0.75
"""Confidence from which a word counts at all, and from which it counts in full: noise is read as swearing."""
_START = 2
_ALIKE, _LEAST_WORDS = 0.6, 3


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance.

    text         what was heard, "" for nothing
    seconds      how long it was
    loudness     level of the speech in dB relative to full scale, None where there is no sound
    interrupted  it ended something the desk was saying
    feelings     the moods whose words are in it, each with the chance that they are
    sure         the recognizer's confidence in the text, 0 to 1
    """

    text: str
    seconds: float
    loudness: float | None
    interrupted: bool
    feelings: Mapping[Mood, float]
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Noticed:
    """The mood after an utterance, and the signs of it in that utterance."""

    mood: Mood
    signs: tuple[str, ...]


class MoodSense:
    """What is noticed of one caller."""

    def __init__(self) -> None:
        self._words = dict.fromkeys(WORDS, 0.0)
        self._voice = 0.0
        self._loudness: list[float] = []
        self._pace: list[float] = []
        self._before: list[frozenset[str]] = []

    def hear(self, said: Said) -> Noticed:
        """One more utterance."""
        signs: list[str] = []
        for mood in self._words:
            share = said.feelings.get(mood, 0.0) * _believed(said.sure)
            # Squared: a word that only sounds like one ("I'm writing", "frightened") is no mood by itself.
            self._words[mood] = FADES * self._words[mood] + WORDS[mood] * share**2
            if share > 0.0:
                signs.append(f"words: {mood.value}")
        self._voice = FADES * self._voice + self._strain(said, signs)
        return Noticed(self._mood(), tuple(signs))

    def _mood(self) -> Mood:
        upset, angry, distressed = (self._words[mood] for mood in (Mood.UPSET, Mood.ANGRY, Mood.DISTRESSED))
        if distressed >= DISTRESSED and distressed >= angry:
            return Mood.DISTRESSED
        if angry >= ANGRY or (angry > 0.0 and angry + upset + self._voice >= ANGRY + 0.5):
            return Mood.ANGRY
        if max(upset, angry, distressed) + self._voice >= UPSET:
            return Mood.UPSET
        return Mood.CALM

    def _strain(self, said: Said, signs: list[str]) -> float:
        """What the utterance adds beside its words."""
        total = 0.0
        words = re.findall(r"[\w']+", said.text.lower())
        # What has no words is nobody's voice, or another's.
        long = said.seconds >= LEAST_SECONDS and bool(words)
        start = None if said.loudness is None else _start(self._loudness, said.loudness, counts=long)
        above = 0.0 if said.loudness is None or start is None else said.loudness - start
        if above >= LOUD and words:
            total += 1.2 if above >= LOUDER else 0.7
            signs.append("louder")
        content = frozenset(word for word in words if len(word) > 3)
        again = any(len(content & one) >= _ALIKE * min(len(content), len(one)) for one in self._before)
        # A word or two are said again for many reasons, but not louder.
        if content and again and (len(content) >= _LEAST_WORDS or above >= LOUD):
            total += REPEATED
            signs.append("says it again")
        if content:
            self._before.append(content)
        if said.interrupted:
            total += INTERRUPTED
            signs.append("interrupts")
        if len(words) >= _LEAST_WORDS and said.seconds > 0.5:
            pace = len(words) / said.seconds
            if pace >= FAST * (_start(self._pace, pace) or pace):
                total += 0.4
                signs.append("faster")
        return total


def _believed(sure: float) -> float:
    """How much words of such a confidence count, 0 to 1."""
    return min(1.0, max(0.0, (sure - UNREAD) / (READ - UNREAD)))


def _start(known: list[float], value: float, *, counts: bool = True) -> float | None:
    """The caller's own start: the median of the first utterances that count, this one among them while they
    last; None before there is one."""
    if len(known) < _START:
        if counts:
            known.append(value)
        return min(known, default=None)
    return statistics.median(known)
