"""Moonshine tiny: English, a whole segment at a time, on one thread and a second one for held readings.

Moonshine was trained on segments of speech with little around them: long silence makes it answer nothing, no
silence at all costs it the first sound of short words. So each segment is brought to `MARGIN` of silence at
both ends before it is read.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ivr.ears.free_reading import Reading, greedy
from ivr.ears.grammar_decoder import GrammarDecoder, agreed
from ivr.ears.moonshine_model import Decoding, MoonshineModel
from ivr.ears.recognizer import RECOGNIZER_RATE, Grammar, anything
from ivr.ears.token_graph import TokenGraph
from ivr.meaning import Hypothesis, Word
from ivr.media.pcm import Pcm, to_float
from ivr.wordgraph import WordGraph

MARGIN = 0.3
"""Seconds of silence wanted at each end: digits held to the ten words rise from 91.5 to 98.5 % with it."""
SECOND_MARGIN, SURE = 0.1, 0.7
"""A reading less sure than this is made again with other silence around, and the surer one is kept.

The model is not steady: with 0.3 s around them, 28 of 200 spoken digits and 10 of 520 prompts came back
empty, with the second reading 5 and 1. Words wrong fall from 46 to 40 % (single digits, read freely) and from
24.6 to 23.6 % (orders in kitchen noise at 12 dB), for 1.1 to 1.5 times the work. While callers wait for a
thread, what was read at all is taken as it is: of the second readings only those of empty ones are made.
"""
SHORTEST = 0.1
"""Seconds of sound below which there is nothing to read (the maker's limit)."""
WORST_FIT = -3.0
"""Held readings that fit worse are nothing, but for the best: most other speech is here or lower."""
NOTHING_HELD = Hypothesis("", 0.0, fit=-99.0, likelihood=-99.0)
"""The held reading where the search found no phrase at all: that it was held is known from it."""
SHORT = 1.2
"""Seconds of speech up to which an unsure utterance is held to the grammar with both amounts of silence."""
LONGEST_HELD = 10.0
"""Seconds of sound up to which it is also read held to the grammar, which bounds the work."""
LONGEST = 30.0
"""Seconds read at once; longer sound is cut at its quietest place (the maker's limit is 64)."""
Begun = tuple[Decoding, Reading]
"""The first step on a sound, and what is read freely from there."""
_QUIET = 1e-4
_SILENT_PEAK = 8
"""Sound that never leaves +-8 of 32,768 is a line without a signal."""
_STEP = RECOGNIZER_RATE // 100


class Moonshine:
    """The loaded model as a `Recognizer`."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        """Load the model in `folder`; `cache` is where a form of it that takes less memory is kept.

        Raises ModelError.
        """
        self.model = MoonshineModel(folder, cache)
        self._held = GrammarDecoder(self.model)
        self._lock = threading.Lock()
        self._waited_for: Callable[[], bool] = lambda: False
        self._graphs: WeakKeyDictionary[WordGraph, TokenGraph] = WeakKeyDictionary()

    @property
    def name(self) -> str:
        """The engine and the model."""
        return "moonshine tiny"

    @property
    def language(self) -> str:
        """Moonshine tiny knows English only."""
        return "en"

    @property
    def streaming(self) -> bool:
        """The work is done by `peek` and `finish`."""
        return False

    def stream(self, phrases: tuple[str, ...] = (), grammar: Grammar = anything) -> MoonshineStream:
        """A stream for one utterance, read freely and held to `grammar`; `phrases` is not used."""
        return MoonshineStream(self.model, lambda several: self._hold(several, grammar), self._waited_for)

    def spare_when(self, waited_for: Callable[[], bool]) -> None:
        """Readings are not made a second time while `waited_for`."""
        self._waited_for = waited_for

    def close(self) -> None:
        """Nothing to do: sessions and threads are freed with the last reference."""

    def _hold(self, several: Sequence[Begun], grammar: Grammar) -> tuple[Hypothesis, ...]:
        """The held readings of the same sound with different silence around it."""
        if (graph := grammar()) is None:
            return ()
        with self._lock:
            tokens = self._graphs.get(graph)
            if tokens is None:
                tokens = self._graphs[graph] = TokenGraph(graph, self._held.spelling)
        readings = agreed([self._held.read(begun, tokens, greedy) for begun, greedy in several])
        if not readings:
            return (NOTHING_HELD,)
        return tuple(
            Hypothesis(" ".join(one.words), one.chance, fit=one.fit, likelihood=one.likelihood)
            for one in readings
            if one.fit > WORST_FIT or one is readings[0]
        )


class MoonshineStream:
    """One utterance: collects sound, reads all of it at `peek` and `finish`.

    Times of words are seconds since the first sample that was fed. The model has none: they are spread over
    the speech by the words' lengths.
    """

    def __init__(
        self,
        model: MoonshineModel,
        hold: Callable[[Sequence[Begun]], tuple[Hypothesis, ...]] = lambda several: (),
        waited_for: Callable[[], bool] = lambda: False,
    ) -> None:
        """`hold` makes the held readings of a sound, begun once or with different silence around it.

        waited_for  whether callers wait while this is read
        """
        self._model = model
        self._hold = hold
        self._waited_for = waited_for
        self._begun: list[Begun] = []
        self._held: tuple[Hypothesis, ...] = ()
        self._settled = True
        self._parts: list[Pcm] = []
        self._hypothesis: Hypothesis | None = None
        self._current = True

    def feed(self, pcm: Pcm) -> None:
        """Keep more sound (16 kHz)."""
        if len(pcm):
            self._parts.append(pcm)
            self._current = self._settled = False

    def peek(self) -> Hypothesis | None:
        """Read what was fed so far; free when nothing was fed since the last reading."""
        if not self._current:
            self._hypothesis = self._read(np.concatenate(self._parts))
            self._current = True
        return self._hypothesis

    def settle(self) -> None:
        """Make the held readings of what was fed, from the encoder's pass for the free one."""
        self.peek()
        if not self._settled:
            self._held = self._hold(self._begun) if self._begun else ()
            self._settled = True

    def finish(self) -> tuple[Hypothesis, ...]:
        """Read what was fed: freely, one reading or none, then held, best first; () without speech."""
        hypothesis = self.peek()
        self.settle()
        self._parts.clear()
        return (hypothesis, *self._held) if hypothesis is not None else self._held

    def _read(self, pcm: Pcm) -> Hypothesis | None:
        readings = [self._read_piece(piece) for piece in pieces(pcm)]
        if len(pcm) > LONGEST_HELD * RECOGNIZER_RATE:
            self._begun = []
        words = [word for reading in readings for word in _words(self._model, reading)]
        if not words:
            return None
        start, end = speech_span(pcm)
        timed = _spread(words, start / RECOGNIZER_RATE, end / RECOGNIZER_RATE)
        tokens = sum(len(reading.tokens) for reading in readings)
        confidence = sum(reading.confidence * len(reading.tokens) for reading in readings) / tokens
        return Hypothesis(" ".join(word.text for word in timed), confidence, timed)

    def _read_piece(self, pcm: Pcm) -> Reading:
        best = Reading()
        self._begun = []
        first, last = speech_span(pcm)
        short = last - first <= SHORT * RECOGNIZER_RATE
        for margin in (MARGIN, SECOND_MARGIN):
            if best.tokens and self._waited_for():
                break
            if best.confidence < SURE and (samples := with_margins(pcm, margin)) is not None:
                begun = self._model.start(self._model.encode(samples))
                reading = greedy(self._model, samples, begun)
                if margin == MARGIN or short:
                    self._begun.append((begun, reading))
                best = max(best, reading, key=lambda reading: reading.confidence)
        return best


def with_margins(pcm: Pcm, seconds: float = MARGIN) -> NDArray[np.float32] | None:
    """The speech in `pcm` with `seconds` of silence at each end, as floats; None when there is too little."""
    if len(pcm) < SHORTEST * RECOGNIZER_RATE or max(int(pcm.max()), -int(pcm.min())) <= _SILENT_PEAK:
        return None
    margin = round(seconds * RECOGNIZER_RATE)
    first, last = speech_span(pcm)
    kept = to_float(pcm[max(0, first - margin) : last + margin])
    return np.pad(kept, (max(0, margin - first), max(0, last + margin - len(pcm))))


def speech_span(pcm: Pcm) -> tuple[int, int]:
    """First and last (exclusive) sample of what is within 40 dB of the loudest 10 ms.

    Soft ends of words ("eleventh") lie below the 30 dB of ivr.media.activity; cutting there costs 0.7 % WER.
    """
    loud = np.flatnonzero((power := _power(pcm)) > power.max(initial=0.0) * _QUIET)
    return (int(loud[0]) * _STEP, (int(loud[-1]) + 1) * _STEP) if len(loud) else (0, len(pcm))


def pieces(pcm: Pcm) -> list[Pcm]:
    """`pcm` in parts of at most `LONGEST` seconds, cut at the quietest place of the part's last third."""
    longest = round(LONGEST * RECOGNIZER_RATE)
    if len(pcm) <= longest:
        return [pcm]
    power = np.convolve(_power(pcm[:longest]), np.ones(20), "same")
    from_step = len(power) * 2 // 3
    cut = (from_step + int(power[from_step : len(power) - 10].argmin())) * _STEP
    return [pcm[:cut], *pieces(pcm[cut:])]


def _power(pcm: Pcm) -> NDArray[np.float64]:
    """Mean square of each whole 10 ms."""
    whole = pcm[: len(pcm) // _STEP * _STEP].astype(np.float64)
    steps: NDArray[np.float64] = np.square(whole).reshape(-1, _STEP).mean(axis=1)
    return steps


def _words(model: MoonshineModel, reading: Reading) -> list[tuple[str, float]]:
    """Words of a reading with the geometric mean of their tokens' chances."""
    groups: list[tuple[list[int], list[float]]] = []
    for token, log in zip(reading.tokens, reading.log_probabilities, strict=True):
        piece = model.tokenizer.id_to_token(token) or ""
        if not groups or piece.startswith("▁"):
            groups.append(([], []))
        groups[-1][0].append(token)
        groups[-1][1].append(log)
    words = []
    for tokens, logs in groups:
        if text := model.tokenizer.decode(tokens).strip():
            words.append((text, math.exp(sum(logs) / len(logs))))
    return words


def _spread(words: list[tuple[str, float]], start: float, end: float) -> tuple[Word, ...]:
    letters = sum(len(text) + 1 for text, _ in words)
    each = (end - start) / letters
    timed, at = [], start
    for text, confidence in words:
        until = at + each * (len(text) + 1)
        timed.append(Word(text, at, until, confidence))
        at = until
    return tuple(timed)
