"""A whole call that changes its language: voice, ears, holding phrases and words change with it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from call_parts import DESK, WHEN, Done, Talker, Tones, Words, hold

from ivr.config import load_settings
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.errors import ModelError, VoiceError
from ivr.events import (
    Answered,
    CallEnded,
    Event,
    HandedOff,
    LanguageSwitched,
    Outcome,
    PromptStarted,
    Say,
    SwitchLanguage,
    Understood,
)
from ivr.parts import Reception
from ivr.ports import Mind
from ivr.tongues import Sound, Tongue, Tongues
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

ENGLISH = DESK + "languages: {ko: other}\n"
KOREAN = """
name: 작은 가게
language: ko-KR
greeting: 안녕하세요.
handoff: {queue: reception}
intents:
  hours:
    label: 영업 시간
    say: ["언제 열어요"]
    then: {answer: "아홉 시에 엽니다."}
"""


class Others:
    """Opens the Korean desk; slowly where there is a gate, not at all with a fault."""

    def __init__(
        self,
        folder: Path,
        recognizer: Words | None,
        gate: threading.Event | None = None,
        fault: Exception | None = None,
    ) -> None:
        (folder / "other").mkdir()
        (folder / "other" / "desk.yaml").write_text(KOREAN, encoding="utf-8")
        self.desk = load_desk(folder / "other", folder)
        self.matcher = Matcher(self.desk.vocabulary(commands("ko-KR")))
        self.recognizer = recognizer
        self.gate = gate
        self.fault = fault
        self.prompts = Tones()

    def __call__(self, desk: str, sound: bool) -> Tongue:
        assert desk.endswith("other/desk.yaml") and sound
        if self.gate is not None:
            assert self.gate.wait(30)
        if self.fault is not None:
            raise self.fault

        def mind(before: Mind) -> Mind:
            assert isinstance(before, Machine)
            return before.in_the_words_of(self.desk)

        deaf = "" if self.recognizer else "no recognizer of ko"
        heard = Sound(self.prompts, self.recognizer, (Say("holding.1", "잠시만요."),), deaf)
        return Tongue("ko-KR", "작은 가게", mind, self.matcher, heard)


def texts(done: Done) -> list[str]:
    return [event.text for _, event in done.of(PromptStarted) if isinstance(event, PromptStarted)]


async def test_the_call_goes_on_in_korean_and_is_heard_in_korean(tmp_path: Path) -> None:
    others = Others(tmp_path, Words("언제 열어요", "안녕히 계세요"))
    line = Talker([(3.0, 1.0), (8.0, 1.0), (13.0, 1.0)])
    done = await hold(tmp_path, line, "Korean please", desk=ENGLISH, tongues=Tongues(others))
    assert texts(done)[1:4] == ["한국어로 안내해 드리겠습니다.", "안녕하세요.", "아홉 시에 엽니다."]
    assert done.ended.outcome is Outcome.ANSWERED
    (switched,) = [event for _, event in done.of(LanguageSwitched)]
    assert switched == LanguageSwitched("ko-KR", "작은 가게", "scripted")
    assert [event.heard.text for _, event in done.of(Understood) if isinstance(event, Understood)] == [
        "Korean please",
        "언제 열어요",
        "안녕히 계세요",
    ]


async def test_while_the_desk_is_opened_the_caller_hears_that_it_works(tmp_path: Path) -> None:
    line = Talker([(3.0, 1.0), (60.0, None)], paced=True)
    others = Others(tmp_path, Words(), line.until(9.0))
    done = await hold(tmp_path, line, "Korean please", desk=ENGLISH, tongues=Tongues(others))
    said = texts(done)
    assert "One moment, please." in said and "한국어로 안내해 드리겠습니다." in said
    assert done.silence(4.2, 9.0) < 1.6


async def test_who_cannot_be_understood_is_told_so_and_handed_over(tmp_path: Path) -> None:
    others = Others(tmp_path, None)
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "Korean please", desk=ENGLISH, tongues=Tongues(others))
    assert any("한국어를 알아듣지 못합니다" in text for text in texts(done))
    assert done.of(HandedOff) and done.ended.outcome is Outcome.HANDED_OFF
    (switched,) = [event for _, event in done.of(LanguageSwitched)]
    assert isinstance(switched, LanguageSwitched) and not switched.heard and switched.detail


@pytest.mark.parametrize("fault", [VoiceError("no voice"), RuntimeError("a fault of ours")])
async def test_a_desk_that_does_not_open_costs_the_change_only(tmp_path: Path, fault: Exception) -> None:
    others = Others(tmp_path, None, fault=fault)
    done = await hold(tmp_path, Talker([(3.0, 1.0)]), "Korean please", desk=ENGLISH, tongues=Tongues(others))
    assert done.ended.outcome is Outcome.HANDED_OFF and not done.of(LanguageSwitched)


def test_a_reception_opens_the_desk_once_and_typed_calls_need_no_sound(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "desk.yaml").write_text(KOREAN, encoding="utf-8")
    (tmp_path / "desk.yaml").write_text(ENGLISH, encoding="utf-8")
    settings = load_settings().model_copy(update={"state": tmp_path / "state", "cache": tmp_path / "cache"})
    events: list[Event] = []

    def call() -> CallEnded:
        lines = iter(["Korean please", "언제 열어요", "안녕히 계세요"])
        return reception.hold_typed(lines, Answered(WHEN), lambda _, event: events.append(event))

    with Reception(tmp_path, settings, tmp_path) as reception:
        assert call().outcome is call().outcome is Outcome.ANSWERED
        (wanted, *_) = [event for event in events if isinstance(event, SwitchLanguage)]
        opened = reception.tongues.of(wanted.desk, sound=False)
        assert opened is reception.tongues.of(wanted.desk, sound=False) and opened.sound is None
    assert len([event for event in events if isinstance(event, LanguageSwitched)]) == 2


def test_a_desk_without_a_recognizer_is_opened_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(KOREAN, encoding="utf-8")
    settings = load_settings().model_copy(update={"state": tmp_path / "state", "cache": tmp_path / "cache"})

    def none(_: object) -> Words:
        raise ModelError("no recognizer for ko-KR is installed", remedy="Run: ivr models install ko")

    with Reception(tmp_path, settings, tmp_path, none) as reception:
        tongue = reception.tongues.of(str(tmp_path / "desk.yaml"), sound=True)
    assert tongue.sound is not None and tongue.sound.recognizer is None
    assert "ivr models install ko" in tongue.sound.deaf and tongue.sound.holding
