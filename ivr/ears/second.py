"""A second opinion: another recognizer's reading of sound whose first one left it open what was meant."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from ivr.ears.free_reading import loop_length
from ivr.ears.recognizer import RECOGNIZER_RATE, Grammar, Recognizer, RecognizerStream, Sparing, anything
from ivr.meaning import Clarity, Hypothesis
from ivr.media.pcm import Pcm

LONGEST = 10.0
"""Seconds of sound up to which there is a second opinion, which bounds the caller's wait."""
CERTAIN = 0.9
"""Confidence of a free reading from which the words are what was said, whatever they mean: of 23 such
sentences that left open what was meant, as many were taken rightly after a second opinion as before it."""
ALONE = 0.5
"""Confidence from which a second reading counts where the first model read no words. Of people who talk
behind the caller, Whisper makes "Thank you very much" at 0.2 to 0.49. Such words ended prompts that the
caller was listening to, and were not understood: so it went in nine of 504 calls that came to a person."""

_log = logging.getLogger(__name__)

Judge: TypeAlias = Callable[[tuple[Hypothesis, ...], float], Clarity]
"""What readings, known at a time of the call, leave open; asked in any thread."""


def clear(hypotheses: tuple[Hypothesis, ...], now: float) -> Clarity:
    """Nothing is ever asked twice, or not to the end."""
    return Clarity.CLEAR


class Rereader(Protocol):
    """A loaded model that reads a whole utterance at once; safe to use from several threads."""

    @property
    def name(self) -> str:
        """The engine and the model."""

    def read(self, pcm: Pcm) -> Hypothesis | None:
        """What is said in `pcm` (16 kHz); None when nothing is, as far as it can tell."""

    def close(self) -> None:
        """Free the model."""


@runtime_checkable
class SecondOpinion(Protocol):
    """A recognizer that can be asked again about sound that was read."""

    def reread(self, pcm: Pcm) -> Hypothesis | None:
        """Another reading of a whole utterance (16 kHz), from another model; None when it has none."""


class TwoOpinions:
    """A recognizer, and another model for what it leaves open."""

    def __init__(self, first: Recognizer, second: Rereader) -> None:
        self._first = first
        self._second = second

    @property
    def name(self) -> str:
        """Both models."""
        return f"{self._first.name} + {self._second.name}"

    @property
    def language(self) -> str:
        """The first one's."""
        return self._first.language

    @property
    def streaming(self) -> bool:
        """The first one's."""
        return self._first.streaming

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> RecognizerStream:
        """A stream of the first one."""
        return self._first.stream(phrases, grammar)

    def spare_when(self, waited_for: Callable[[], bool]) -> None:
        """The first one spares."""
        if isinstance(self._first, Sparing):
            self._first.spare_when(waited_for)

    def reread(self, pcm: Pcm) -> Hypothesis | None:
        """What the second one reads; None where it fails: what was heard first is not lost for that."""
        try:
            return self._second.read(pcm)
        # The edge of a library of its own: whatever it raises, the call goes on with the first reading.
        except Exception as error:  # noqa: BLE001
            _log.warning("no second opinion: %s fails (%r)", self._second.name, error)
            return None

    def close(self) -> None:
        """Free both."""
        self._first.close()
        self._second.close()


def worth_it(readings: Sequence[Hypothesis], sound: Sequence[Pcm]) -> bool:
    """Whether a second opinion may tell more than the readings of `sound` (16 kHz), and comes in time."""
    free = next((one for one in readings if one.fit is None), None)
    return (
        0 < sum(len(pcm) for pcm in sound) <= LONGEST * RECOGNIZER_RATE
        and any(one.text.strip() for one in readings)
        and (free is None or free.confidence < CERTAIN)
    )


def with_second(readings: tuple[Hypothesis, ...], second: Hypothesis | None) -> tuple[Hypothesis, ...]:
    """The readings with another free one, behind the free ones and before those held to the grammar.

    What only the second model takes for words has to be the surer of them; what goes round in circles ("to be
    able to be able to be able") is what it makes of people who talk behind the caller.
    """
    free = tuple(one for one in readings if one.fit is None)
    alone = not any(one.text.strip() for one in free)
    if second is None or (alone and second.confidence < ALONE) or loop_length(second.text.lower().split()):
        return readings
    return (*free, second, *(one for one in readings if one.fit is not None))
