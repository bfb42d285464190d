"""Callers who are not callers: silence, music, a tone, noise, and a monologue of ten minutes.

Each must be brought to a polite end in bounded time. The sounds are made here; the monologue is spoken by the
project's own voice.
"""

from __future__ import annotations

import math
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.report import Result
from ivr.config import Settings
from ivr.engines import Hearing, Voices
from ivr.events import Answered, Event, Outcome, PromptStarted
from ivr.lines.wavfile import Mode, WavLine
from ivr.media.pcm import NARROWBAND, Pcm, from_float
from ivr.media.wav import write_wav
from ivr.mouth.synthesizer import Synthesizer
from ivr.parts import Reception

CALLERS = ("silence", "a tone", "white noise", "music", "a monologue")
SECONDS = 600.0
WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=timezone(timedelta(hours=1)))
LONGEST = 180.0
"""Seconds a call may take that nobody ever says anything sensible in."""

SENTENCES = (
    "Well, the weather was very bad that summer and the harvest was late.",
    "My grandmother always said that the river would rise again in autumn.",
    "Then we walked along the old railway until it was almost dark.",
    "There were three dogs in the yard, and none of them would bark.",
    "I never understood why the clock in the tower went backwards.",
)


async def strange_caller(name: str, desk: str, settings: Settings, root: Path) -> Result:
    """Hold a call with one of `CALLERS`: how long it took, and what was said last."""
    with Reception(desk, settings, root) as reception, tempfile.TemporaryDirectory() as folder:
        hearing = Hearing.open(reception.desk, settings)
        voices = Voices.open(reception.desk, settings)
        try:
            path = Path(folder) / "caller.wav"
            write_wav(path, _sound(name, voices.synthesizer), NARROWBAND)
            events: list[Event] = []
            line = WavLine([path], mode=Mode.SIDE)
            ended = await reception.hold(
                line, hearing, voices, Answered(WHEN), lambda _, event: events.append(event)
            )
        finally:
            voices.close()
            await hearing.close()
    spoken = [event.text for event in events if isinstance(event, PromptStarted)]
    polite = ended.outcome is not Outcome.FAILED and bool(spoken)
    print(f"caller is {name}: {ended.outcome}, last said {spoken[-1:]}", file=sys.stderr)
    seconds = ended.seconds if polite else math.inf
    return Result(f"caller is {name}: {ended.outcome} after", seconds, "s", ("<=", LONGEST))


def _sound(name: str, voice: Synthesizer) -> Pcm:
    rng = np.random.default_rng(1)
    t = np.arange(int(SECONDS * NARROWBAND)) / NARROWBAND
    match name:
        case "silence":
            return np.zeros(len(t), dtype=np.int16)
        case "a tone":
            return from_float(0.3 * np.sin(2 * np.pi * 440 * t))
        case "white noise":
            return from_float(0.1 * rng.standard_normal(len(t)))
        case "music":
            return from_float(_music(t, rng))
        case "a monologue":
            return _monologue(voice)
        case _:
            raise ValueError(name)


def _music(t: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Chords of a pentatonic scale with overtones, a new one every 0.4 s, with a beat below."""
    scale = 220.0 * 2 ** (np.array([0, 3, 5, 7, 10, 12]) / 12)
    beat = (t / 0.4).astype(int)
    chosen = scale[rng.integers(0, len(scale), (3, beat.max() + 1))]
    decay = np.exp(-3.0 * (t % 0.4))
    sound = np.zeros_like(t)
    for notes in chosen:
        for overtone in (1, 2, 3):
            sound += np.sin(2 * np.pi * overtone * notes[beat] * t) / overtone
    return 0.08 * sound * decay + 0.1 * np.sin(2 * np.pi * 70 * t) * np.exp(-12.0 * (t % 0.8))


def _monologue(voice: Synthesizer) -> Pcm:
    spoken = np.concatenate([voice.speak(sentence, NARROWBAND) for sentence in SENTENCES])
    return np.tile(spoken, int(np.ceil(SECONDS * NARROWBAND / len(spoken))))[: int(SECONDS * NARROWBAND)]
