"""Danger said in any state of any desk, by telephone: is a person alerted, and how soon after the words?

    python -m bench.emergency [--wordings 60] [--words]

Sixty wordings that no desk holds are spoken by several voices over 8 kHz mu-law, each in another state of a
call to one of two desks: asked anything, dictating, giving digits, a name or a yes, after an answer, out of
hours, over a prompt, and while the call is being passed on. Harmless words about the same things, and every
sample call of the desks that expects no emergency, must alarm nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ruamel.yaml import YAML

from bench.report import Result, of_runs, report
from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.events import Alert, Answered, Event, Understood
from ivr.lines.wavfile import Mode, WavLine
from ivr.meaning import Expect, Hypothesis
from ivr.parts import Reception
from ivr.simulation.speakers import RATE, Speakers
from ivr.simulation.telephone import Surroundings, over_the_line
from ivr.trials.callfile import LineSound, Voice

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench" / "data" / "emergencies.yaml"
OPEN = datetime(2026, 11, 24, 10, 15, tzinfo=timezone(timedelta(hours=1)))
CLOSED = OPEN.replace(hour=22)
LATEST = 1.5
"""Seconds after the last word."""
LINE = LineSound(lead=0.2, tail=0.3)
CALLER = "+33142685300"
OVER = 1.2
"""Seconds after the answer at which a caller speaks over the greeting."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a call stands when the words are said: what the caller said before; over the greeting where
    `over` is set."""

    name: str
    desk: str
    before: tuple[str, ...] = ()
    when: datetime = OPEN
    over: bool = False


STATES = (
    State("asked anything", "company"),
    State("a message is dictated", "company", ("I'd like to leave a message.",)),
    State("a number is asked for", "examples/front-desk", ("Please call me back.",)),
    State(
        "a yes is asked for",
        "examples/front-desk",
        ("Please call me back.", "Five five five, oh one four two."),
    ),
    State("a name is asked for", "company", ("I'd like to speak to somebody in person by name.",)),
    State("anything else", "company", ("When are you open?",)),
    State("out of hours", "company", (), CLOSED),
    State("over the greeting", "company", (), OPEN, over=True),
    State("asked anything, small desk", "examples/front-desk"),
    State("asked for help before", "examples/front-desk", ("Can you help me?",)),
)
VOICES = (
    Voice(),
    Voice(pitch=-8, tract=0.87),
    Voice(pitch=2, tract=1.05, speed=1.1),
    Voice(pitch=-5, tract=0.92, speed=1.2),
    Voice(pitch=3, tract=1.08, speed=1.15),
    Voice(pitch=-10, tract=0.85, speed=1.05),
)


def main() -> int:
    """Exit status 0 when every mark is met."""
    parser = argparse.ArgumentParser(prog="python -m bench.emergency", description=__doc__)
    parser.add_argument("--wordings", type=int, default=60, help="how many of them are spoken")
    parser.add_argument("--words", action="store_true", help="only what typed words come to, without sound")
    wanted = parser.parse_args()
    data = YAML(typ="safe").load(DATA.read_text(encoding="utf-8"))
    danger, harmless = data["danger"][: wanted.wordings], data["harmless"]
    results = _typed(danger, harmless)
    if not wanted.words:
        results += asyncio.run(_spoken(danger))
    return 0 if report("emergency", results, ["onnxruntime", "hibari-tts"]) else 1


def _typed(danger: Sequence[str], harmless: Sequence[str]) -> list[Result]:
    """Of the words alone, in every state: the matcher's part."""
    missed = false = 0
    for desk in ("company", "examples/front-desk"):
        with tempfile.TemporaryDirectory() as folder:
            settings = load_settings().model_copy(update={"state": Path(folder)})
            with Reception(desk, settings, ROOT) as reception:
                least = reception.desk.thresholds.urgent

                def alarms(text: str, reception: Reception = reception, least: float = least) -> bool:
                    found = reception.matcher.match((Hypothesis(text, 0.9),), Expect(), OPEN)
                    return any(one.urgent and one.score >= least for one in found)

                missed += sum(not alarms(text) for text in danger)
                false += sum(alarms(text) for text in harmless)
    return [
        Result(f"typed: danger missed ({len(danger)} wordings, two desks)", missed, "", ("<=", 0)),
        Result(f"typed: false alarms ({len(harmless)} sentences, two desks)", false, "", ("<=", 0)),
    ]


async def _spoken(danger: Sequence[str]) -> list[Result]:
    speakers = Speakers()
    surroundings = Surroundings(speakers)
    late: list[float] = []
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings().model_copy(update={"state": Path(folder)})
        for desk in dict.fromkeys(state.desk for state in STATES):
            with Reception(desk, settings, ROOT) as reception:
                voices = Voices.open(reception.desk, settings)
                hearing = Hearing.open(reception.desk, settings)
                try:
                    for number, text in enumerate(danger):
                        state = STATES[number % len(STATES)]
                        if state.desk != desk:
                            continue
                        voice = VOICES[number // len(STATES) % len(VOICES)]
                        turns = _record((*state.before, text), state, voice, speakers, surroundings, folder)
                        waited = await _one(state, turns, reception, hearing, voices)
                        print(f"{state.name}: {text!r}: {waited}", file=sys.stderr)
                        if waited is None:
                            missed.append(text)
                        else:
                            late.append(waited)
                finally:
                    await hearing.close()
                    voices.close()
    many = len(danger)
    alerted = many - len(missed)
    return [
        Result(f"spoken in {len(STATES)} states, of {many}: a person alerted", alerted, "", (">=", many)),
        Result("from the last word to the alert, worst", max(late, default=99.0), "s", ("<=", LATEST)),
        of_runs("from the last word to the alert", late or [99.0], "s"),
    ]


def _record(
    texts: Sequence[str],
    state: State,
    voice: Voice,
    speakers: Speakers,
    surroundings: Surroundings,
    folder: str,
) -> tuple[list[Path], float]:
    """The caller's turns as WAV files, and the seconds of speech in the last."""
    files, length = [], 0.0
    for number, words in enumerate(texts):
        line = LINE.model_copy(update={"lead": OVER}) if state.over else LINE
        sound = speakers.speak(words, voice)
        path = Path(folder) / f"{number}.wav"
        path.write_bytes(over_the_line(sound, line, surroundings, number))
        files.append(path)
        length = len(sound) / RATE
    return files, length


async def _one(
    state: State, turns: tuple[list[Path], float], reception: Reception, hearing: Hearing, voices: Voices
) -> float | None:
    """Seconds from the last word to the alert, None where there was none."""
    files, length = turns
    events: list[tuple[float, Event]] = []
    line = WavLine(files, mode=Mode.SIDE if state.over else Mode.TURNS, caller=CALLER)
    await reception.hold(
        line, hearing, voices, Answered(state.when, CALLER), lambda at, event: events.append((at, event))
    )
    alert = next((at for at, event in events if isinstance(event, Alert)), None)
    if alert is None:
        heard = [event.heard.text for _, event in events if isinstance(event, Understood)]
        print(f"not alerted, heard {heard}", file=sys.stderr)
        return None
    if state.over:
        return round(alert - (OVER + length), 3)
    speech = line.turns[len(state.before)].speech
    assert speech is not None
    return round(alert - speech[1], 3)


if __name__ == "__main__":
    sys.exit(main())
