"""Barge-in with real ears, a real voice and recorded callers; the line has echo and noise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.events import (
    Answered,
    Backchannel,
    Event,
    PromptEnded,
    PromptPaused,
    PromptResumed,
    Resumption,
    Understood,
)
from ivr.media.wav import read_wav
from ivr.parts import Reception
from ivr.trials.interrupter import Echo, Interrupter

ROOT = Path(__file__).resolve().parents[2]
CALLS = ROOT / "audio" / "calls" / "company"
WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
DESK = """name: Test desk
language: en-US
greeting: >-
  Thank you for calling Northwind, the wholesaler for kitchens and canteens. You can ask me about an order, a
  bill or a delivery, or tell me who you would like to speak to. What can I do for you today?
intents:
  billing:
    label: billing
    say: ["[I have] a question about my (bill|invoice)", "billing [please]"]
    then: {answer: Your bill is on its way.}
"""


@pytest.fixture(scope="module")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    settings = load_settings().model_copy(update={"state": folder / "state"})
    with Reception(folder, settings, ROOT) as reception:
        yield reception


@pytest.fixture(scope="module")
def voices(reception: Reception) -> Iterator[Voices]:
    voices = Voices.open(reception.desk, reception.settings)
    yield voices
    voices.close()


async def hold(reception: Reception, voices: Voices, line: Interrupter) -> list[tuple[float, Event]]:
    events: list[tuple[float, Event]] = []
    hearing = Hearing.open(reception.desk, reception.settings)
    try:
        await reception.hold(
            line, hearing, voices, Answered(WHEN), lambda at, event: events.append((at, event))
        )
    finally:
        await hearing.close()
    return events


def of(events: list[tuple[float, Event]], kind: type) -> list[tuple[float, Event]]:
    return [(at, event) for at, event in events if isinstance(event, kind)]


@pytest.mark.parametrize(("delay", "noise"), [(0.0, None), (0.08, -50.0), (0.2, -45.0)])
async def test_a_prompt_is_not_stopped_by_its_echo(
    reception: Reception, voices: Voices, delay: float, noise: float | None
) -> None:
    line = Interrupter(echo=Echo(-15.0, delay), noise=noise, seconds=16.0)
    events = await hold(reception, voices, line)
    assert not of(events, PromptPaused)
    assert not of(events, PromptEnded)[0][1].interrupted


@pytest.mark.parametrize("echo", [None, Echo(-15.0, 0.1)], ids=["no echo", "echo"])
async def test_a_caller_silences_a_prompt_within_150_ms(
    reception: Reception, voices: Voices, echo: Echo | None
) -> None:
    name = "billing-plain/1.wav"
    began = json.loads((CALLS / "rendered.json").read_text(encoding="utf-8"))[name]["speech"][0][0]
    line = Interrupter(((2.0, read_wav(CALLS / name, rate=8000)[0]),), echo=echo, noise=-50.0, seconds=9.0)
    events = await hold(reception, voices, line)
    first = round((2.0 + began) / 0.02)
    sent = [pcm is not None and bool(pcm.any()) for pcm in line.sent]
    assert any(sent[first - 10 : first])
    # What is sent in a tick is heard in the next 20 ms.
    assert not any(sent[first + 7 : first + 40])
    stopped = of(events, PromptEnded)[0][1]
    assert stopped.interrupted and stopped.said.startswith("Thank you for calling")
    assert of(events, Understood)[0][1].matches


@pytest.mark.parametrize("words", ["Uh-huh.", "Yeah, okay."])
async def test_a_prompt_goes_on_after_a_listeners_words(
    reception: Reception, voices: Voices, words: str
) -> None:
    line = Interrupter(((2.5, voices.synthesizer.speak(words, 8000)),), noise=-50.0, seconds=16.0)
    events = await hold(reception, voices, line)
    assert of(events, PromptPaused) and of(events, Backchannel) and not of(events, Understood)
    assert {event.why for _, event in of(events, PromptResumed)} <= {
        Resumption.BACKCHANNEL,
        Resumption.UNKNOWN,
        Resumption.NOISE,
    }
    assert not of(events, PromptEnded)[0][1].interrupted
