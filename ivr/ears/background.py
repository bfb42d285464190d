"""Other people behind the caller: voices that are no louder than what is heard when the caller is silent.

A voice detector takes a room full of people, or a television, for speech, and an utterance then begins before
the caller speaks and does not end after it. The caller's voice is louder. So where what is heard between
utterances is itself a voice, a frame counts as the caller's only while sound clearly above that is, or just
was, there. Where it is hum, hiss or traffic, which the detector does not take for speech, nothing changes:
there the soft endings of words would be lost for no gain.
"""

from __future__ import annotations

import math
from collections import deque

from ivr.media.pcm import FRAME_SECONDS, Pcm, mean_square

SMOOTHED = 5
"""Frames whose mean power is the level (0.1 s): shorter than a syllable."""
REMEMBERED = 250
"""Frames from which the level of the background is taken (5 s), anew every `SMOOTHED` frames."""
QUIET_SHARE = 0.2
"""The background is the level that this share of the remembered frames is below: callers pause as often. Of
people talking at once it is about 3 dB below their mean."""
BEGINNING, GOING_ON = 9.0, 6.5
"""Decibels above the background from which the caller begins to speak, and goes on. With 11 and 8 the gain in
people talking was the same, but orders in kitchen noise at 6 dB fell from 83 to 78 % right."""
HELD = 0.3
"""Seconds after a frame of the caller's in which they go on."""
ENDING = 0.16
"""Seconds after such a frame that are the caller's too: soft ends of words."""
RISING = 0.5
"""Decibels a second by which voices behind a caller who is speaking may become louder: what is soft in a long
answer is no background."""
ALONE = 0.8
"""Seconds without anything above the background from which it is heard alone."""
JUDGED, FEWEST = 150, 20
"""Frames of the background alone from which is known whether it is a voice (3 s), and how many it takes."""
VOICED = 0.4
"""Probability of speech from which a frame of background is a voice, as for the endpointer."""
VOICE_SHARE = 0.2
"""Share of such frames from which the background is a voice: of people talking at once it is 0.4, of hum,
hiss and traffic 0."""
_SILENT = -90.0


class Background:
    """What is heard behind one caller. Pure: frames are its clock."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=SMOOTHED)
        self._levels: deque[float] = deque(maxlen=REMEMBERED)
        self._voiced: deque[bool] = deque(maxlen=JUDGED)
        self._count = 0
        self._level = _SILENT
        self._since_caller = self._since_above = 0.0

    @property
    def is_voice(self) -> bool:
        """Whether people are heard when the caller is silent."""
        return len(self._voiced) >= FEWEST and sum(self._voiced) >= VOICE_SHARE * len(self._voiced)

    def heard(self, pcm: Pcm, probability: float) -> float:
        """The next frame, in which somebody speaks with `probability`: the chance that the caller does."""
        above = self._above(pcm)
        self._since_above = 0.0 if above >= GOING_ON else self._since_above + FRAME_SECONDS
        caller = above >= (GOING_ON if self._since_caller <= HELD else BEGINNING)
        self._since_caller = 0.0 if caller else self._since_caller + FRAME_SECONDS
        if self._since_above > ALONE:
            self._voiced.append(probability >= VOICED)
        return 0.0 if self._since_caller > ENDING and self.is_voice else probability

    def _above(self, pcm: Pcm) -> float:
        """Decibels of the newest `SMOOTHED` frames above the background."""
        self._powers.append(mean_square(pcm))
        level = _decibels(sum(self._powers) / len(self._powers))
        self._levels.append(level)
        if self._count % SMOOTHED == 0:
            found = sorted(self._levels)[int(QUIET_SHARE * len(self._levels))]
            speaking = self.is_voice and self._since_caller <= ALONE
            self._level = min(found, self._level + RISING * SMOOTHED * FRAME_SECONDS) if speaking else found
        self._count += 1
        return level - self._level


def _decibels(power: float) -> float:
    return 10.0 * math.log10(power / 32_768.0**2) if power > 0.0 else _SILENT
