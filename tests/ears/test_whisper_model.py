"""Whisper's second opinions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.ears.models import find_model, place
from ivr.ears.recognizer import RECOGNIZER_RATE
from ivr.ears.whisper_model import Whisper, load, said_once
from ivr.errors import ModelError
from ivr.media.pcm import Pcm, from_float
from ivr.media.resample import resample
from ivr.simulation.speakers import RATE, HibariSpeaker
from ivr.trials.callfile import Voice

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder() -> Path:
    """The real model; ``make test`` puts it beside those that calls use, so that it does not change them."""
    pytest.importorskip("ctranslate2")
    found = place(find_model("whisper-tiny-en"), ROOT / "var" / "second")
    if found is None:
        pytest.skip("whisper-tiny-en is not in var/second")
    return found


@pytest.fixture(scope="module")
def whisper(folder: Path) -> Whisper:
    return load(folder, 1)


@pytest.fixture(scope="module")
def said() -> Pcm:
    """A sentence over a telephone line's band, with noise 15 dB below it."""
    speech = HibariSpeaker().speak("The readings are obviously far too high.", Voice())
    pcm = resample(resample(from_float(speech), RATE, 8_000), 8_000, RECOGNIZER_RATE).astype(np.float64)
    noise = np.random.default_rng(1).normal(0.0, np.sqrt(np.mean(pcm**2)) / 10**0.75, len(pcm))
    return np.clip(pcm + noise, -32_768, 32_767).astype(np.int16)


def test_a_sentence_in_noise_is_read_once(whisper: Whisper, said: Pcm) -> None:
    reading = whisper.read(said)
    assert reading is not None
    assert reading.text.lower().rstrip(".") == "the readings are obviously far too high"
    assert 0.6 < reading.confidence <= 1.0
    assert reading.fit is None


def test_a_quick_sentence_is_read_to_its_end(whisper: Whisper) -> None:
    words = "Could I get it for a quarter of the old price if I pay it all up front at the end of the year?"
    speech = HibariSpeaker().speak(words, Voice(speed=1.3))
    reading = whisper.read(resample(resample(from_float(speech), RATE, 8_000), 8_000, RECOGNIZER_RATE))
    assert reading is not None
    assert reading.text.rstrip("?").endswith("at the end of the year")


@pytest.mark.parametrize("level", [0, 3, 600])
def test_where_nobody_speaks_nothing_is_read(whisper: Whisper, level: int) -> None:
    noise = np.random.default_rng(2).normal(0, level, 2 * RECOGNIZER_RATE) if level else np.zeros(32_000)
    assert whisper.read(noise.astype(np.int16)) is None


def test_a_damaged_model_is_one_line(tmp_path: Path, folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"cannot be loaded.*ivr models install whisper-tiny-en"):
        load(tmp_path, 1)


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("The page has not changed. The page has", "The page has not changed."),
        ("Yes? Yes? Yes?", "Yes?"),
        ("neither neither neither neither neither", "neither"),
        ("I want to pay my bill I want to pay my bill", "I want to pay my bill"),
        ("I want to pay my bill I want to pay my bill I want", "I want to pay my bill"),
        ("nine nine one", "nine nine one"),
        ("zero zero zero", "zero zero zero"),
        ("No, no, it is the other one.", "No, no, it is the other one."),
        ("I said I want to pay", "I said I want to pay"),
        ("The page has not changed. The shop is closed.", "The page has not changed. The shop is closed."),
        ("", ""),
    ],
)
def test_what_comes_again_until_the_end_is_said_once(text: str, once: str) -> None:
    assert said_once(text) == once
