"""Are callers who are upset noticed, and calm ones left alone? Sixty calls over the telephone.

    python -m bench.mood [--calls 30] [--words]

Thirty callers become upset, angry or distressed, by their words, by saying it again, or by a louder and
faster voice; thirty are calm, many of them with something that went wrong. Each turn is spoken by one of
several voices over 8 kHz mu-law with a little noise, and heard by a call to a desk.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ruamel.yaml import YAML

from bench.emergency import VOICES
from bench.report import Result, report
from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.events import Answered, Event, MoodNoticed
from ivr.lines.script import Leave
from ivr.lines.wavfile import Mode, WavLine
from ivr.meaning import Mood
from ivr.parts import Reception
from ivr.simulation.speakers import Speakers
from ivr.simulation.telephone import Surroundings, over_the_line
from ivr.trials.callfile import LineSound, Noise, Voice

ROOT = Path(__file__).resolve().parent.parent
WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=timezone(timedelta(hours=1)))
DESK = """
name: A desk that listens
language: en-US
greeting: Hello.
start: listen
stay: {say: [Go on., I see., Tell me more.], after: 5}
intents:
  listen: {label: to talk, say: ["I want to talk"], then: {stay: {say: [How can I help you?], after: 5}}}
"""
CALM_LEVEL, RAISED_LEVEL, FASTER = -24.0, -16.0, 1.3
"""dB of the speech, and how much faster a raised voice is."""


def main() -> int:
    """Exit status 0 when every mark is met."""
    parser = argparse.ArgumentParser(prog="python -m bench.mood", description=__doc__)
    parser.add_argument("--calls", type=int, default=30, help="of each kind")
    parser.add_argument("--words", action="store_true", help="typed: what the words alone come to")
    wanted = parser.parse_args()
    path = ROOT / "bench" / "data" / "moods.yaml"
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    shares = asyncio.run(_all({kind: calls[: wanted.calls] for kind, calls in data.items()}, wanted.words))
    results = [
        Result(f"upset callers noticed, of {wanted.calls}", shares["upset"], "%", (">=", 90.0)),
        Result(f"calm callers taken for upset, of {wanted.calls}", shares["calm"], "%", ("<=", 5.0)),
    ]
    return 0 if report("mood", results, ["onnxruntime", "hibari-tts"]) else 1


async def _all(data: dict[str, list[list[str]]], typed: bool) -> dict[str, float]:
    """By kind the share of calls in which a mood was noticed, in percent."""
    shares: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings().model_copy(update={"state": Path(folder)})
        (Path(folder) / "desk.yaml").write_text(DESK, encoding="utf-8")
        with Reception(Path(folder), settings, ROOT) as reception:
            voices = Voices.open(reception.desk, settings)
            hearing = Hearing.open(reception.desk, settings)
            speakers = Speakers()
            surroundings = Surroundings(speakers)
            try:
                for kind, calls in data.items():
                    noticed = 0
                    for number, turns in enumerate(calls):
                        events: list[tuple[float, Event]] = []
                        sink = lambda at, event, into=events: into.append((at, event))  # noqa: E731
                        if typed:
                            words = iter([turn.lstrip("!") for turn in turns])
                            reception.hold_typed(words, Answered(WHEN), sink)
                        else:
                            files = _record(turns, number, speakers, surroundings, Path(folder))
                            line = WavLine([*files, Leave()], mode=Mode.TURNS)
                            await reception.hold(line, hearing, voices, Answered(WHEN), sink)
                        moods = [event.mood for _, event in events if isinstance(event, MoodNoticed)]
                        found = any(mood is not Mood.CALM for mood in moods)
                        noticed += found
                        if found != (kind == "upset"):
                            print(f"{kind}: {turns}: {[str(mood) for mood in moods]}", file=sys.stderr)
                    shares[kind] = round(100.0 * noticed / len(calls), 1)
            finally:
                await hearing.close()
                voices.close()
    return shares


def _record(
    turns: list[str], number: int, speakers: Speakers, surroundings: Surroundings, folder: Path
) -> list[Path]:
    """The caller's turns as WAV files; those marked with ! in a raised voice."""
    files = []
    for turn, text in enumerate(turns):
        raised = text.startswith("!")
        voice = VOICES[number % len(VOICES)]
        speed = min(1.6, voice.speed * (FASTER if raised else 1.0))
        sound = speakers.speak(text.lstrip("!"), Voice.model_validate(voice.model_dump() | {"speed": speed}))
        level = RAISED_LEVEL if raised else CALM_LEVEL
        line = LineSound(noise=Noise.PINK, snr=30.0, level=level)
        path = folder / f"{turn}.wav"
        path.write_bytes(over_the_line(sound, line, surroundings, number))
        files.append(path)
    return files


if __name__ == "__main__":
    sys.exit(main())
