"""How long a grammar takes: free and held readings of 3 s of speech, and grammars of 10,000 phrases.

An utterance is read as the pool of a call reads it: from its sound at 16 kHz to all of its readings, one
utterance at a time, on the recognizer's thread and the one beside it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from statistics import median

from bench.report import Result, percentile
from ivr.ears.recognizer import RECOGNIZER_RATE, Grammar, Recognizer
from ivr.evaluation.cases import Case
from ivr.meaning import Choice, Expect, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.media.activity import speech_bounds
from ivr.media.pcm import Pcm
from ivr.media.resample import resample
from ivr.media.wav import read_wav
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

LONG = (2.5, 3.5)
"""Seconds of speech that stand for an utterance of 3 s."""
AROUND = 0.3
PHRASES, NAMES = 10_000, 5_000
_VERBS = ("book", "cancel", "change", "check", "order", "return", "renew", "repair", "send", "track")
_THINGS = ("a hotel room", "the blue sofa", "my contract", "a parcel", "the front door", "a red bicycle")
_SOUNDS = (
    "ba",
    "den",
    "fi",
    "gor",
    "han",
    "jo",
    "kel",
    "lin",
    "mar",
    "nes",
    "pol",
    "ri",
    "sam",
    "ton",
    "vic",
)


def utterances(cases: Iterable[Case]) -> list[Pcm]:
    """The speech of about 3 s in recordings, at 16 kHz with `AROUND` seconds on both sides."""
    out = []
    for case in cases:
        assert case.audio is not None
        pcm, rate = read_wav(case.audio)
        bounds = speech_bounds(pcm, rate)
        if bounds is not None and LONG[0] <= bounds[1] - bounds[0] <= LONG[1]:
            first = max(0, round((bounds[0] - AROUND) * rate))
            out.append(resample(pcm[first : round((bounds[1] + AROUND) * rate)], rate, RECOGNIZER_RATE))
    return out


def seconds(recognizer: Recognizer, sounds: Sequence[Pcm], grammar: Grammar) -> list[tuple[float, float]]:
    """Of reading each sound, freely and held, by the clock and of the recognizer's thread alone; the first
    ones, which fill caches, are read twice."""
    out = []
    for number, pcm in enumerate([*sounds[:2], *sounds]):
        stream = recognizer.stream((), grammar)
        stream.feed(pcm)
        started, busy = time.perf_counter(), time.thread_time()
        stream.finish()
        if number >= 2:
            out.append((time.perf_counter() - started, time.thread_time() - busy))
    return out


def reading_time(recognizer: Recognizer, cases: Iterable[Case], grammar: Grammar) -> list[Result]:
    """Median and 95th percentile of an utterance of 3 s."""
    both = seconds(recognizer, utterances(cases), grammar)
    times, busy = [clock for clock, _ in both], [thread for _, thread in both]
    return [
        Result(f"free and held, {len(times)} of 3 s, median", median(times), "s", ("<=", 0.25)),
        Result("free and held, p95", percentile(times, 0.95), "s", ("<=", 0.5)),
        Result("  the recognizer's thread busy, median", median(busy), "s"),
        Result("  the recognizer's thread busy, p95", percentile(busy, 0.95), "s"),
    ]


def large_grammars(recognizer: Recognizer, cases: Iterable[Case]) -> list[Result]:
    """The same with 10,000 phrases and with a directory of 5,000 names, and how long they take to compile."""
    sounds = utterances(cases)[:20]
    rng = random.Random(1)
    out = []
    for what, vocabulary in (
        (f"{PHRASES:,} phrases", phrases(rng)),
        (f"{NAMES:,} names", directory(rng)),
    ):
        matcher = Matcher(vocabulary)
        started = time.perf_counter()
        graph = matcher.grammar(Expect())
        compiled = time.perf_counter() - started
        assert graph is not None
        both = seconds(recognizer, sounds, lambda graph=graph: graph)
        clock, busy = (1000 * median(column) for column in zip(*both, strict=True))
        out += [
            Result(f"grammar of {what}: compiled", 1000 * compiled, "ms"),
            Result(f"grammar of {what}: 3 s read, median", clock, "ms", ("<=", 500.0)),
            Result("  the recognizer's thread busy", busy, "ms"),
        ]
    return out


def phrases(rng: random.Random) -> Vocabulary:
    """10,000 sentences as a hundred intents."""
    texts: set[str] = set()
    while len(texts) < PHRASES:
        verb, thing = rng.choice(_VERBS), rng.choice(_THINGS)
        texts.add(f"I would like to {verb} {thing} from {_made(rng)} for {_made(rng)}")
    ordered = sorted(texts)
    each = PHRASES // 100
    intents = (
        IntentSpec(f"wish{n}", tuple(ordered[n * each : (n + 1) * each])) for n in range(PHRASES // each)
    )
    return Vocabulary("en-US", tuple(intents), commands("en"))


def directory(rng: random.Random) -> Vocabulary:
    """5,000 people to ask for."""
    names: set[str] = set()
    while len(names) < NAMES:
        names.add(f"{_made(rng).title()} {_made(rng).title()}")
    people = tuple(Choice(name, (name,)) for name in sorted(names))
    slot = SlotSpec("person", SlotType.NAME, choices=people)
    reach = IntentSpec(
        "reach", ("[I would like to] (speak|talk) to {person}", "{person} please"), (), (slot,)
    )
    return Vocabulary("en-US", (reach,), commands("en"))


def _made(rng: random.Random) -> str:
    return "".join(rng.choice(_SOUNDS) for _ in range(rng.randint(2, 3)))
