"""Other languages are opened before callers want them, while there is memory for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import ivr.engines
import ivr.server.ahead
from ivr.config import Settings
from ivr.errors import ModelError
from ivr.media.pcm import Pcm
from ivr.server.ahead import SPARE_BYTES, Ahead
from ivr.server.desks import Desks

ENGLISH = """
name: Small
language: en-US
voice: pyttsx3
greeting: Hello.
handoff: {queue: reception}
languages: {zh: ../chinese, ko: ../korean}
intents:
  hours: {say: ["when are you open"], then: {answer: "From nine to five."}}
"""
OTHER = """
name: {name}
language: {language}
voice: pyttsx3
greeting: "{greeting}"
handoff: {{queue: reception}}
intents:
  hours: {{say: ["{say}"], then: {{answer: "{answer}"}}}}
"""


class Mute:
    """A voice that says nothing, and notes what and when."""

    name = "mute"

    def __init__(self, language: str, spoken: list[str]) -> None:
        self.language = language
        self.spoken = spoken

    def speak(self, text: str, rate: int, tempo: float = 1.0) -> Pcm:
        self.spoken.append(text)
        return np.zeros(rate // 10, np.int16)

    def close(self) -> None: ...


class Deaf:
    name, language, streaming = "deaf", "en", False

    def close(self) -> None: ...


def recognizer(_: object, language: str, __: object, **___: object) -> Deaf:
    if language == "zh-CN":
        raise ModelError("no recognizer for zh-CN is installed", remedy="Run: ivr models install zh")
    return Deaf()


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Desks, list[str]]:
    korean = OTHER.format(
        name="작은 가게",
        language="ko-KR",
        greeting="안녕하세요.",
        say="언제 열어요",
        answer="아홉 시에 엽니다.",
    )
    chinese = OTHER.format(
        name="小店", language="zh-CN", greeting="您好。", say="几点开门", answer="九点开门。"
    )
    for name, text in (("small", ENGLISH), ("korean", korean), ("chinese", chinese)):
        (tmp_path / "grammars" / name).mkdir(parents=True)
        (tmp_path / "grammars" / name / "desk.yaml").write_text(text, encoding="utf-8")
    spoken: list[str] = []
    monkeypatch.setattr(ivr.engines, "open_recognizer", recognizer)
    monkeypatch.setattr(ivr.engines, "open_synthesizer", lambda _, language: Mute(language, spoken))
    return Desks(Settings(state=tmp_path / "state", cache=tmp_path / "cache"), tmp_path), spoken


async def opened(desks: Desks, free: Callable[[], int | None]) -> list[str]:
    """Which languages are open when all was looked at."""
    await desks.load(("small",))
    ahead = Ahead(desks, free)
    ahead.begin()
    ahead.begin()  # a reload meanwhile
    assert ahead._task is not None
    await ahead._task
    await ahead.close()
    desk = desks.take("small")
    found = [
        code
        for code, file in desk.reception.desk.languages.items()
        if desk.reception.tongues.has(str(file), sound=True)
    ]
    desks.give_back(desk)
    await desks.close()
    return found


async def test_languages_are_open_with_their_prompts_before_anybody_asks(
    desks: tuple[Desks, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await opened(desks[0], lambda: None) == ["zh", "ko"]
    assert {"您好。", "안녕하세요.", "아홉 시에 엽니다."} <= set(desks[1])
    assert "desk small: ko is open for callers who change to it" in caplog.text
    assert (
        "desk small: zh is open for callers who change to it, and hears nothing: no recognizer" in caplog.text
    )
    assert len([one for one in caplog.records if "ko is open" in one.getMessage()]) == 1


async def test_languages_for_which_there_is_no_memory_are_opened_when_wanted(
    desks: tuple[Desks, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    left = iter([SPARE_BYTES, *[SPARE_BYTES - 1] * 3])
    assert await opened(desks[0], lambda: next(left)) == ["zh"]
    assert "ko is opened at the first change of the language: only 999 MB are free" in caplog.text


@pytest.mark.parametrize("calls", [0, 1])
async def test_the_collector_is_kept_off_what_is_open_unless_somebody_calls(
    desks: tuple[Desks, list[str]], monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    kept: list[bool] = []
    monkeypatch.setattr(ivr.server.ahead, "keep", lambda: kept.append(True))
    await desks[0].load(("korean",))
    ahead = Ahead(desks[0], lambda: None, lambda: calls)
    ahead.begin()
    assert ahead._task is not None
    await ahead._task
    await ahead.close()
    await desks[0].close()
    assert kept == [True] * (calls == 0)


async def test_nothing_is_opened_while_somebody_calls(
    desks: tuple[Desks, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ivr.server.ahead, "LOOK_SECONDS", 0.001)
    await desks[0].load(("small",))
    desk = desks[0].take("small")
    tongues, files = desk.reception.tongues, [str(file) for file in desk.reception.desk.languages.values()]
    seen: list[tuple[int, int]] = []
    left = iter([2, 1, 0, 1, 0, 0])

    def calls() -> int:
        seen.append((next(left), sum(tongues.has(file, sound=True) for file in files)))
        return seen[-1][0]

    ahead = Ahead(desks[0], lambda: None, calls)
    assert ahead.done
    ahead.begin()
    assert ahead._task is not None and not ahead.done
    await ahead._task
    assert ahead.done
    assert seen == [(2, 0), (1, 0), (0, 0), (1, 1), (0, 1), (0, 2)]  # calls, and languages open then
    assert all(tongues.has(file, sound=True) for file in files)
    await ahead.close()
    desks[0].give_back(desk)
    await desks[0].close()


async def test_a_server_that_ends_while_somebody_calls_opens_nothing(desks: tuple[Desks, list[str]]) -> None:
    await desks[0].load(("small",))
    ahead = Ahead(desks[0], lambda: None, lambda: 1)
    ahead.begin()
    await asyncio.sleep(0)  # it waits for the call to end
    await ahead.close()
    assert desks[1] == [text for text in desks[1] if text.isascii()]
    await desks[0].close()


async def test_a_server_that_ends_opens_nothing_more(desks: tuple[Desks, list[str]]) -> None:
    await desks[0].load(("small",))
    ahead = Ahead(desks[0], lambda: None)
    ahead.begin()
    await ahead.close()  # before it could begin
    desk = desks[0].take("small")
    assert not any(
        desk.reception.tongues.has(str(file), sound=True) for file in desk.reception.desk.languages.values()
    )
    desks[0].give_back(desk)
    await desks[0].close()
