"""Asking another model about what the first one left open."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ivr.config import load_settings
from ivr.ears import choose
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.endpointer import Endpointer
from ivr.ears.listener import Listener, Spoken
from ivr.ears.models import find_model
from ivr.ears.moonshine import Moonshine
from ivr.ears.pool import RecognizerPool
from ivr.ears.second import ALONE, LONGEST, SecondOpinion, TwoOpinions, with_second, worth_it
from ivr.meaning import Clarity, Completeness, Hypothesis
from ivr.media.pcm import Pcm
from tests.ears.test_listener import QUIET, VOICE, Heard, Stream, Words

FREE, HELD = Hypothesis("my bell", 0.6), Hypothesis("my bill", 0.9, fit=-0.1)
OTHER = Hypothesis("my bill", 0.8)


class Unsure(Words):
    """A recognizer whose readings are `readings`."""

    def __init__(self, *readings: Hypothesis) -> None:
        super().__init__()
        self.readings = readings

    def stream(self, *_: object) -> Stream:
        stream = super().stream()
        stream.finish = lambda: self.readings  # type: ignore[method-assign]
        return stream


class Again:
    """A model for second opinions that notes what it was given."""

    name = "again"

    def __init__(self, fault: Exception | None = None) -> None:
        self.given: list[Pcm] = []
        self.closed = False
        self._fault = fault

    def read(self, pcm: Pcm) -> Hypothesis | None:
        self.given.append(pcm)
        if self._fault is not None:
            raise self._fault
        return OTHER

    def close(self) -> None:
        self.closed = True


@pytest.fixture
async def pool() -> AsyncIterator[RecognizerPool]:
    pool = RecognizerPool(1)
    yield pool
    await pool.close()


async def heard(
    pool: RecognizerPool,
    *readings: Hypothesis,
    doubtful: bool = True,
    seconds: float = 1.0,
    fault: Exception | None = None,
) -> tuple[tuple[Hypothesis, ...], Again, list[tuple[Hypothesis, ...]]]:
    """What came of an utterance, the second model, and the readings that were doubted or not."""
    again, vad, asked = Again(fault), Heard(), list[tuple[Hypothesis, ...]]()

    def doubt(some: tuple[Hypothesis, ...], at: float) -> Clarity:
        asked.append(some)
        return Clarity.DOUBTFUL if doubtful else Clarity.CLEAR

    ears = Listener(
        8000, vad, Endpointer(), TwoOpinions(Unsure(*readings), again), pool, lambda _: Completeness.UNKNOWN,
        wait_for_readings=True, clarity=doubt,
    )  # fmt: skip
    frames = [QUIET] * 50 + [VOICE] * round(seconds / 0.02) + [QUIET] * 150
    for frame in frames:
        vad.speaks = frame is VOICE
        for event in await ears.feed(frame):
            if isinstance(event, Spoken):
                return event.heard.hypotheses, again, asked
    raise AssertionError("nothing was heard")


async def test_what_is_doubtful_is_read_again_as_a_whole(pool: RecognizerPool) -> None:
    readings, again, asked = await heard(pool, FREE, HELD)
    assert readings == (FREE, OTHER, HELD)
    assert asked == [(FREE, HELD), readings], "and what is meant with it is known before the call asks"
    (pcm,) = again.given
    assert 1.2 * 16_000 < len(pcm) < 2.5 * 16_000  # with what lay before the first word, at 16 kHz


async def test_a_second_model_that_fails_costs_nothing_of_what_was_heard(
    pool: RecognizerPool, caplog: pytest.LogCaptureFixture
) -> None:
    readings, again, _ = await heard(pool, FREE, HELD, fault=RuntimeError("out of memory"))
    assert (readings, len(again.given)) == ((FREE, HELD), 1)
    assert "no second opinion: again fails" in caplog.text


async def test_what_is_clear_is_not(pool: RecognizerPool) -> None:
    readings, again, _ = await heard(pool, FREE, HELD, doubtful=False)
    assert (readings, again.given) == ((FREE, HELD), [])


@pytest.mark.parametrize(
    "readings", [(Hypothesis("my bell", 0.95), HELD), (Hypothesis("", 0.0, fit=-99.0),)], ids=["sure", "none"]
)
async def test_certain_words_and_mere_noise_are_not_read_again(
    pool: RecognizerPool, readings: tuple[Hypothesis, ...]
) -> None:
    _, again, _ = await heard(pool, *readings, seconds=2.5)
    assert again.given == []


def test_long_sound_is_not_worth_it() -> None:
    second = np.zeros(16_000, np.int16)
    assert worth_it((FREE,), [second] * round(LONGEST))
    assert not worth_it((FREE,), [second] * (round(LONGEST) + 1))


async def test_while_others_wait_nothing_is_read_again(
    pool: RecognizerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecognizerPool, "has_room", lambda *_: False)
    readings, again, _ = await heard(pool, FREE, HELD)
    assert (readings, again.given) == ((FREE, HELD), [])


def test_both_are_one_recognizer() -> None:
    words, again = Words(), Again()
    both = TwoOpinions(words, again)
    assert isinstance(both, SecondOpinion)
    assert not isinstance(words, SecondOpinion)
    assert (both.name, both.language, both.streaming) == ("words + again", "en", False)
    both.close()
    assert again.closed


def test_another_reading_is_a_free_one() -> None:
    assert with_second((HELD,), OTHER) == (OTHER, HELD)
    assert with_second((FREE, HELD), None) == (FREE, HELD)


def test_what_goes_round_in_circles_is_none() -> None:
    """So Whisper reads people who talk behind the caller."""
    round_and_round = Hypothesis("It is a great thing " + "to be able " * 9 + "to be", 0.6)
    assert with_second((HELD,), round_and_round) == (HELD,)
    assert with_second((FREE, HELD), round_and_round) == (FREE, HELD)
    twice = Hypothesis("No no, I want to be able to be there", 0.6)
    assert with_second((HELD,), twice) == (twice, HELD)


@pytest.mark.parametrize("first", [(HELD,), (Hypothesis(" ", 0.0), HELD)], ids=["none", "empty"])
def test_words_that_only_an_unsure_second_model_hears_are_none(first: tuple[Hypothesis, ...]) -> None:
    invented = Hypothesis("Thank you very much.", ALONE - 0.01)
    assert with_second(first, invented) == first
    assert with_second((FREE, HELD), invented) == (FREE, invented, HELD)


def test_english_has_a_second_opinion_where_the_model_is_installed(
    tmp_path: Path, moonshine_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[Path, int]] = []

    def load(folder: Path, threads: int) -> Again:
        loaded.append((folder, threads))
        return Again()

    monkeypatch.setattr(choose.whisper_model, "load", load)
    (tmp_path / "moonshine-tiny-en").symlink_to(moonshine_folder)
    settings = load_settings(environ={"IVR_MODELS": str(tmp_path), "IVR_RECOGNIZER_THREADS": "3"})
    assert isinstance(open_recognizer(RecognizerKind.AUTO, "en-GB", settings), Moonshine)
    whisper = tmp_path / "whisper-tiny-en"
    whisper.mkdir()
    for file in find_model("whisper-tiny-en").files:
        with (whisper / file.name).open("wb") as sparse:
            sparse.truncate(file.size)
    both = open_recognizer(RecognizerKind.AUTO, "en-GB", settings)
    assert both.name == "moonshine tiny + again"
    assert loaded == [(whisper, 3)]


def test_a_second_model_without_its_library_stops_no_call(
    tmp_path: Path, moonshine_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)  # as in another environment of the same user
    (tmp_path / "moonshine-tiny-en").symlink_to(moonshine_folder)
    whisper = tmp_path / "whisper-tiny-en"
    whisper.mkdir()
    for file in find_model("whisper-tiny-en").files:
        with (whisper / file.name).open("wb") as sparse:
            sparse.truncate(file.size)
    settings = load_settings(environ={"IVR_MODELS": str(tmp_path)})
    assert isinstance(open_recognizer(RecognizerKind.AUTO, "en-GB", settings), Moonshine)
    assert "no second opinion: whisper-tiny-en: the package ctranslate2 cannot be imported" in caplog.text
