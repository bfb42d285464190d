"""When the caller's voice makes a prompt pause, and when the prompt goes on: counters of seconds.

A prompt is silent at the first sign of a voice, long before it is known whether words come of it, because
people stop as quickly when they are spoken to. What was heard decides afterwards: nothing, or an "uh-huh",
and the prompt goes on where it was; words, and it is over.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ivr.media.pcm import FRAME_SECONDS


class Move(enum.Enum):
    """What to do with the prompts."""

    PAUSE = enum.auto()
    RESUME = enum.auto()


@dataclass(frozen=True, slots=True)
class BargeInSettings:
    """onset    probability of speech, echo taken out, from which a frame is a voice
    release  probability below which it is none
    voice    seconds of a voice that pause a prompt
    quiet    seconds without a voice, and nothing being heard or read, after which the prompt goes on
    more     seconds by which `voice` grows with each pause that came of nothing, up to `most`: where people
             talk in the background the first sign of a voice means little

    On every second turn of the sample calls (67, with -50 dBFS of noise) silence follows a caller's first
    sample after 0.06 s (median) and 0.11 s (95th percentile). Two frames from 0.5 on would need 0.08 and
    0.14 s; in 96 s of lead and noise they would pause for nothing 6 times, one from 0.4 on does 8 times. A
    prompt that pauses in vain costs less than one that goes on.
    """

    onset: float = 0.4
    release: float = 0.3
    voice: float = 0.02
    more: float = 0.06
    most: float = 0.2
    quiet: float = 0.24


class BargeIn:
    """The counters of one call, fed once a tick."""

    def __init__(self, settings: BargeInSettings | None = None) -> None:
        self._settings = settings or BargeInSettings()
        self._voice = 0.0
        self._quiet = 0.0
        self._vain = 0

    def vain(self) -> None:
        """A pause came of nothing."""
        self._vain += 1

    def meant(self) -> None:
        """Somebody interrupted a prompt."""
        self._vain = 0

    def feed(self, probability: float, *, playing: bool, paused: bool, busy: bool) -> Move | None:
        """20 ms more.

        probability  that the caller speaks
        playing      a prompt that may be interrupted is being played
        paused       it was paused by us
        busy         somebody is being heard, or what was said is still read
        """
        settings = self._settings
        self._voice = self._voice + FRAME_SECONDS if probability >= settings.onset else 0.0
        self._quiet = 0.0 if probability >= settings.release else self._quiet + FRAME_SECONDS
        if paused:
            over = not busy and self._quiet >= settings.quiet - 1e-6
            return Move.RESUME if over else None
        needed = min(settings.most, settings.voice + self._vain * settings.more)
        return Move.PAUSE if playing and self._voice >= needed - 1e-6 else None
