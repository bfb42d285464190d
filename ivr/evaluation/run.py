"""Putting every case through what a call would put it through, and counting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.ears.recognizer import Recognizer
from ivr.errors import AudioError, IvrError
from ivr.evaluation.cases import Case
from ivr.evaluation.hearing import Ear, Reading
from ivr.evaluation.jsonl import CaseError
from ivr.evaluation.judge import Judged, judge
from ivr.evaluation.sound import Conditions
from ivr.meaning import Completeness, Expect, Hypothesis, Match
from ivr.media.wav import read_wav
from ivr.understanding.courtesy import COURTESIES
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import load_words
from ivr.wordgraph import WordGraph

EARS = 2
"""Recordings that are heard at the same time, each on a thread of its own."""
LEAST_TRUST = 0.25
"""Trust below which a held reading is not taken for the words of a recording, whatever the threshold."""
PHRASES = 2_000
"""Phrases that a recognizer is given, as in a call."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What is evaluated: a matcher in one state of a dialog, at one time of day.

    threshold  a best match with a lower score is rejected
    """

    matcher: Matcher
    expect: Expect
    language: str
    when: datetime
    threshold: float

    def match(self, hypotheses: tuple[Hypothesis, ...]) -> tuple[tuple[Match, ...], float]:
        """The matches and the seconds they took."""
        started = time.perf_counter()
        matches = self.matcher.match(hypotheses, self.expect, self.when)
        return matches, time.perf_counter() - started

    def believed(self, hypotheses: tuple[Hypothesis, ...]) -> str:
        """What was said: the held reading where it is trusted enough not to be rejected."""
        return self.matcher.believed(hypotheses, self.expect, self.when, max(self.threshold, LEAST_TRUST))

    def completeness(self, text: str) -> Completeness:
        """Whether the words finish something that may be said."""
        return self.matcher.completeness(text, self.expect, self.when)

    def phrases(self) -> tuple[str, ...]:
        """What may be said, for the recognizer."""
        return self.matcher.phrases(self.expect, PHRASES)

    def grammar(self) -> WordGraph | None:
        """What may be said, for a recognizer that can be held to it."""
        return self.matcher.grammar(self.expect)


def wants(expected: Expect) -> Expect:
    """What is listened for, without what asks for nothing: no case has such a label."""
    return replace(expected, commands=expected.commands - COURTESIES)


Done = Callable[[], None]
"""Called once a case, when its slow part is done."""


def check_recordings(cases: Sequence[Case]) -> None:
    """Read every recording once, so that a broken one is known before hours of work. Raises CaseError."""
    for case in cases:
        if case.audio is not None:
            try:
                read_wav(case.audio)
            except AudioError as error:
                raise _at(case, error) from None


def evaluate(
    cases: Sequence[Case],
    understanding: Understanding,
    conditions: Conditions,
    open_recognizer: Callable[[], Recognizer],
    done: Done = lambda: None,
) -> tuple[Judged, ...]:
    """Every case judged, in their order; the recognizer is opened only for recordings, and closed.

    Raises IvrError: a recording or noise that cannot be read, a recognizer that is missing or fails.
    """
    spoken = [number for number, case in enumerate(cases) if case.audio is not None]
    readings: dict[int, Reading] = {}
    if spoken:
        recognizer = open_recognizer()
        try:
            readings = asyncio.run(_hear_all(cases, spoken, understanding, conditions, recognizer, done))
        finally:
            recognizer.close()
    words = load_words(understanding.language)
    judged = []
    for number, case in enumerate(cases):  # after the recordings, so that nothing else takes the processor
        reading = readings.get(number)
        hypotheses = (Hypothesis(case.text, 1.0),) if reading is None else reading.hypotheses
        matches, seconds = understanding.match(hypotheses)
        recognize = None if reading is None else reading.seconds
        judged.append(
            judge(
                case,
                hypotheses,
                matches,
                understanding.threshold,
                words,
                believed=understanding.believed(hypotheses),
                match=seconds,
                recognize=recognize,
            )
        )
        if reading is None:
            done()
    return tuple(judged)


async def _hear_all(
    cases: Sequence[Case],
    spoken: Sequence[int],
    understanding: Understanding,
    conditions: Conditions,
    recognizer: Recognizer,
    done: Done,
) -> dict[int, Reading]:
    left = iter(spoken)
    readings: dict[int, Reading] = {}
    phrases = understanding.phrases()
    ears = [
        Ear(recognizer, understanding.completeness, phrases, understanding.grammar)
        for _ in range(min(EARS, len(spoken)))
    ]

    async def hear(ear: Ear) -> None:
        for number in left:
            readings[number] = await _hear(cases[number], ear, conditions)
            done()

    try:
        async with asyncio.TaskGroup() as group:
            for ear in ears:
                group.create_task(hear(ear))
    except* IvrError as errors:
        raise errors.exceptions[0] from None
    finally:
        for ear in ears:
            await ear.close()
    return readings


async def _hear(case: Case, ear: Ear, conditions: Conditions) -> Reading:
    assert case.audio is not None
    try:
        pcm, rate = conditions.heard(case.audio, case.name)
    except AudioError as error:
        raise _at(case, error) from None
    return await ear.hear(pcm, rate)


def _at(case: Case, error: AudioError) -> CaseError:
    return CaseError(error.what, place=f"{case.place}: {case.name}", remedy=error.remedy)
