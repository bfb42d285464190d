"""Desks that are replaced while calls go on: real desks, a recognizer that hears nothing."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from call_parts import MemoryLeg

import ivr.engines
from ivr.config import Settings
from ivr.errors import DeskError, UnknownError
from ivr.floor.lines import Surveyed
from ivr.handoff.queue import Handoff, State
from ivr.handover import HandoffRequest, Reason
from ivr.lines.leg import LegCause, LegEnded
from ivr.lines.leg_line import LegLine
from ivr.lines.line import Party, Received
from ivr.server.desks import Desks
from ivr.waiting import no_waiting_room

DESK = """
name: {name}
language: en-US
voice: pyttsx3
greeting: Hello.
handoff: {{queue: reception}}
intents:
  hours:
    say: ["when are you open"]
    then: {{answer: "From nine to five."}}
"""


class Deaf:
    name, language, streaming = "deaf", "en", False

    def close(self) -> None: ...


class Mute:
    """A voice that says nothing, at once."""

    name, language = "mute", "en"

    def __init__(self) -> None:
        self.closed = False

    def speak(self, text: str, rate: int, tempo: float = 1.0) -> object:
        import numpy as np

        return np.zeros(rate // 10, np.int16)

    def close(self) -> None:
        self.closed = True


def write(folder: Path, text: str) -> None:
    """Change the desk, also for a clock that is slower than the test."""
    file = folder / "desk.yaml"
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(before + 1_000_000_000, before + 1_000_000_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "grammars" / "small"
    folder.mkdir(parents=True)
    write(folder, DESK.format(name="Old"))
    return folder


@pytest.fixture
async def desks(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desks]:
    monkeypatch.setattr(ivr.engines, "open_recognizer", lambda *_, **__: Deaf())
    monkeypatch.setattr(ivr.engines, "open_synthesizer", lambda *_: Mute())
    desks = Desks(Settings(state=tmp_path / "state", cache=tmp_path / "cache"), tmp_path)
    await desks.load(("small",))
    yield desks
    await desks.close()


async def test_a_changed_desk_answers_new_calls_and_the_old_one_those_that_began_with_it(
    desks: Desks, folder: Path
) -> None:
    old = desks.take("small")
    write(folder, DESK.format(name="New"))
    assert await desks.reload(("small",)) == {"small": None}
    new = desks.take("small")
    assert (old.reception.desk.name, new.reception.desk.name) == ("Old", "New")
    assert old.hearing is new.hearing  # the model is loaded once
    voice = old.voices.synthesizer
    assert isinstance(voice, Mute) and not voice.closed
    desks.give_back(old)
    await desks.load(())  # the close runs beside
    async with asyncio.timeout(5):
        while not voice.closed:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    desks.give_back(new)


async def test_a_call_back_has_the_ears_of_the_desk_that_took_the_call(desks: Desks) -> None:
    now = datetime.now(UTC)
    request = HandoffRequest("c", "Old", "desk", "+49", "A bill", Reason.ASKED, now.isoformat(), 1.0)
    case = Handoff(7, request, now, State.WAITING)
    assert (minutes := desks.minutes(case, 8000)) is not None
    minutes.close()
    assert desks.minutes(replace(case, request=replace(request, desk="Gone")), 8000) is None


class Presses(MemoryLeg):
    """Somebody who presses 4 when they were asked, and hangs up at the next question."""

    def recv(self) -> Received:
        if len(self.heard) >= 90:
            self.script = [(0.0, LegEnded(LegCause.HUNG_UP))]
        return Received(super().recv().pcm * 0, ("4",) if len(self.heard) == 40 else ())


async def test_the_desk_asks_whom_we_called_back(desks: Desks, folder: Path) -> None:
    write(folder, DESK.format(name="Old") + "survey: yes\n")
    assert await desks.reload(("small",)) == {"small": None}
    now = datetime.now(UTC)
    request = HandoffRequest("c", "Old", "desk", "+49", "A bill", Reason.ASKED, now.isoformat(), 1.0, 5)
    case = Handoff(7, request, now, State.WRAPPING_UP)

    async def ask(case: Handoff) -> Surveyed | None:
        passed = itertools.count()
        line = LegLine(
            Presses([]), Party("sip:+49"), clock=lambda: next(passed) * 0.02, sleep=lambda _: asyncio.sleep(0)
        )
        line.alone()
        return await desks.survey(case, line, "ann", None, no_waiting_room)

    found = await ask(case)
    assert found is not None
    assert [(slot.name, slot.value) for slot in found.answers] == [("satisfaction", "4")]
    said = [turn.text for turn in found.transcript if turn.who == "desk"]
    assert "how satisfied are you" in said[0] and "what could we do better" in said[1]
    assert "Hello." not in said
    assert await ask(replace(case, request=replace(request, priority=0))) is None, "an emergency"
    assert await ask(replace(case, request=replace(request, desk="Gone"))) is None
    write(folder, DESK.format(name="Old"))
    await desks.reload(("small",))
    assert await ask(case) is None, "the survey is off"


async def test_a_desk_with_a_fault_is_rejected_and_the_old_one_stays(desks: Desks, folder: Path) -> None:
    write(folder, "name: 5\n")
    (error,) = (await desks.reload(("small",))).values()
    assert isinstance(error, DeskError)
    desk = desks.take("small")
    assert desk.reception.desk.name == "Old"
    desks.give_back(desk)
    assert await desks.reload(("small",)) == {}  # told once
    write(folder, DESK.format(name="Mended"))
    assert await desks.reload(("small",)) == {"small": None}


async def test_a_desk_that_did_not_change_is_loaded_again_only_when_told(desks: Desks) -> None:
    assert await desks.reload(("small",)) == {}
    assert await desks.reload(("small",), force=True) == {"small": None}


async def test_a_desk_whose_folder_is_gone_stays(desks: Desks, folder: Path) -> None:
    folder.rename(folder.with_name("gone"))  # noqa: ASYNC240 - a test may
    (error,) = (await desks.reload(("small",))).values()
    assert isinstance(error, UnknownError) and desks.has("small")


async def test_other_files_of_the_folder_count_too(desks: Desks, folder: Path) -> None:
    (folder / "people.csv").write_text("name\n")
    assert await desks.reload(("small",)) == {"small": None}


async def test_prompts_are_made_ahead_for_the_rates_of_the_calls(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, int]] = []

    class Noting(Mute):
        def speak(self, text: str, rate: int, tempo: float = 1.0) -> object:
            made.append((text, rate))
            return super().speak(text, rate)

    monkeypatch.setattr(ivr.engines, "open_recognizer", lambda *_, **__: Deaf())
    monkeypatch.setattr(ivr.engines, "open_synthesizer", lambda *_: Noting())
    settings = Settings(state=tmp_path / "state", cache=tmp_path / "cache")
    desks = Desks(settings, tmp_path, rates={"small": (8000, 16_000)}.__getitem__)
    await desks.load(("small",))
    await desks.close()
    greetings = [rate for text, rate in made if text == "Hello."]
    assert greetings == [8000, 16_000]


async def test_what_is_looked_up_in_a_file_is_no_change_of_the_desk(desks: Desks, folder: Path) -> None:
    (folder / "orders.csv").write_text("number,state\n1,packed\n", encoding="utf-8")
    table = '{table: {file: orders.csv, by: {number: "{caller}"}}, keep: [state]}'
    step = "    then: {lookup: orders, found: {answer: yes}, none: {answer: no}}\n"
    text = DESK.format(name="Shop").partition("    then:")[0] + step + f"lookups:\n  orders: {table}\n"
    write(
        folder,
        text.replace("answer: yes", 'answer: "It is {orders.state}."').replace("answer: no", "answer: No."),
    )
    assert await desks.reload(("small",)) == {"small": None}
    (folder / "orders.csv").write_text("number,state\n1,shipped and gone\n", encoding="utf-8")
    assert await desks.reload(("small",)) == {}
    (folder / "staff.csv").write_text("name\nAnna\n", encoding="utf-8")
    assert await desks.reload(("small",)) == {"small": None}


SHARED = """
intents:
  parking:
    label: where to park
    say: ["where can I park"]
    then: {{answer: "{where}"}}
"""


async def test_a_file_that_desks_share_is_watched(desks: Desks, folder: Path) -> None:
    shared = folder.parent / "shared.yaml"
    shared.write_text(SHARED.format(where="In the yard."), encoding="utf-8")
    write(folder, DESK.format(name="Sharing") + "use: ../shared.yaml\n")
    assert await desks.reload(("small",)) == {"small": None}
    assert await desks.reload(("small",)) == {}
    shared.write_text("intents: {parking: 5}\n", encoding="utf-8")
    (error,) = (await desks.reload(("small",))).values()
    assert isinstance(error, DeskError)
    shared.write_text(SHARED.format(where="Behind the house."), encoding="utf-8")
    assert await desks.reload(("small",)) == {"small": None}
    desk = desks.take("small")
    assert "Behind the house." in [prompt.text for prompt in desk.reception.desk.prompts()]
    desks.give_back(desk)


async def test_a_file_whose_name_comes_with_a_fault_is_watched_too(desks: Desks, folder: Path) -> None:
    table = folder.parent / "tables" / "staff.csv"
    table.parent.mkdir()
    table.write_text("who\nAnna\n", encoding="utf-8")
    write(folder, DESK.format(name="Staffed") + "data: {staff: {file: ../tables/staff.csv, key: name}}\n")
    (error,) = (await desks.reload(("small",))).values()
    assert isinstance(error, DeskError)
    table.write_text("name\nAnna\n", encoding="utf-8")
    assert await desks.reload(("small",)) == {"small": None}
