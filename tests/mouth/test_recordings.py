from __future__ import annotations

import numpy as np
import pytest

from ivr.errors import AudioError, UnknownError
from ivr.media.wav import write_wav
from ivr.mouth.recordings import Recordings, check_name


def tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return (3_000 * np.sin(2 * np.pi * 300 * t) * (1 + np.sin(2 * np.pi * 3 * t))).astype(np.int16)


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("source", [8_000, 16_000, 44_100])
def test_recordings_come_at_the_line_rate_and_level_of_prompts(tmp_path, measure, source, rate):
    write_wav(tmp_path / "greeting.wav", tone(source), source)
    sound = Recordings(tmp_path).get("greeting", rate)
    assert sound is not None
    assert len(sound) / rate == pytest.approx(1.0, abs=0.1)
    assert measure.speech_dbfs(sound, rate) == pytest.approx(-20, abs=1.5)


def test_names(tmp_path):
    for name in ("greeting", "no_input.1", "intents.billing.answer.2", ".hidden", "Take 2 (old)"):
        write_wav(tmp_path / f"{name}.wav", tone(8_000), 8_000)
    write_wav(tmp_path / "shout.WAV", tone(8_000), 8_000)
    (tmp_path / "notes.txt").write_text("not a recording")
    recordings = Recordings(tmp_path)
    assert recordings.names == {"greeting", "no_input.1", "intents.billing.answer.2", "shout"}
    assert recordings.get("farewell", 8_000) is None


def test_no_folder_has_no_recordings(tmp_path):
    assert Recordings(None).names == Recordings(tmp_path / "missing").names == frozenset()


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"not a wave file at all", b"ID3\x03" * 50],
    ids=["empty", "torn", "text", "mp3"],
)
def test_a_broken_recording_is_an_error_that_names_the_file(tmp_path, content):
    write_wav(tmp_path / "fine.wav", tone(8_000), 8_000)
    (tmp_path / "greeting.wav").write_bytes(content)
    with pytest.raises(AudioError) as caught:
        Recordings(tmp_path)
    assert str(tmp_path / "greeting.wav") in str(caught.value)


def test_a_silent_recording_is_an_error_that_names_the_file(tmp_path):
    write_wav(tmp_path / "greeting.wav", np.zeros(8_000, np.int16), 8_000)
    with pytest.raises(AudioError, match="greeting.wav"):
        Recordings(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        ".",
        "",
        "a/b",
        "a\\b",
        "/etc/passwd",
        "a..b",
        ".a",
        "a.",
        "c:x",
        "con",
        "NUL.1",
        "a\0b",
        "a\n",
        "a b",
    ],
)
def test_names_that_could_leave_the_folder_are_refused(name):
    with pytest.raises(UnknownError):
        check_name(name)


def test_names_of_prompts_pass():
    for name in ("greeting", "no_input.1", "slots.order.number.ask.2", "routes.billing", "éloge"):
        assert check_name(name) == name
