"""The rendered callers: up to date, small, the same every time, as loud and as noisy as their recipe says."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.make_calls import Piece, Recipe, Studio, main, recipes, stale
from ivr.simulation.speakers import RATE, Speakers
from ivr.simulation.telephone import Surroundings, over_the_line, speech_rms
from ivr.trials.callfile import Coding, Engine, LineSound, Noise, Voice, load_calls


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio()


@pytest.fixture(scope="module")
def surroundings() -> Surroundings:
    return Surroundings(Speakers())


def decibels(value: float) -> float:
    return float(20.0 * np.log10(value))


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def recipe(words: str = "Billing, please.", **line: object) -> Recipe:
    return Recipe(
        Path("x/1.wav"), (Piece(words, Voice(pitch=-6, tract=0.9)),), LineSound.model_validate(line)
    )


DESKS = sorted(
    path.name for path in (Path(__file__).parents[2] / "tests" / "calls").iterdir() if path.is_dir()
)


@pytest.mark.parametrize("desk", DESKS)
def test_all_files_are_rendered_from_the_calls_as_they_are(root: Path, desk: str) -> None:
    assert stale(desk) == ([], [])
    files = list((root / "audio" / "calls" / desk).rglob("*.wav"))
    assert sum(file.stat().st_size for file in files) < 6_000_000


def test_a_changed_call_makes_its_files_stale(root: Path, tmp_path: Path) -> None:
    for part in (Path("audio") / "calls" / "company", Path("tests") / "calls" / "company"):
        shutil.copytree(root / part, tmp_path / part)
    call = tmp_path / "tests" / "calls" / "company" / "billing-plain.yaml"
    call.write_text(call.read_text(encoding="utf-8").replace("my invoice", "my bill"), encoding="utf-8")
    (tmp_path / "tests" / "calls" / "company" / "wrong-number.yaml").unlink()
    old, left_over = stale("company", tmp_path)
    assert [r.audio.as_posix() for r in old] == ["billing-plain/1.wav"]
    assert left_over == ["wrong-number/1.wav"]


def test_check_says_that_all_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["company", "--check"]) == 0
    assert "up to date" in capsys.readouterr().out


def test_the_same_recipe_gives_the_same_bytes() -> None:
    noisy = recipe(noise=Noise.BABBLE, snr=12)
    assert Studio().render(noisy) == Studio().render(noisy)
    assert Studio().render(noisy).wav[:4] == b"RIFF"


def test_a_float_file_does_not_hold_the_time_of_day(surroundings: Surroundings) -> None:
    wav = over_the_line(tone(0.5), LineSound(coding=Coding.FLOAT, rate=48_000), surroundings, 1)
    stamp = wav.index(b"PEAK") + 12
    assert wav[stamp : stamp + 4] == bytes(4)
    assert len(soundfile.read(io.BytesIO(wav))[0]) == pytest.approx(1.3 * 48_000, abs=2)


def test_words_voice_and_line_all_change_the_digest() -> None:
    base = recipe()
    others = [recipe("Sales, please."), recipe(snr=19), Recipe(Path("x/2.wav"), base.pieces, base.line)]
    others.append(Recipe(base.audio, (Piece("Billing, please.", Voice(pitch=-5, tract=0.9)),), base.line))
    assert len({r.digest for r in [base, *others]}) == 5
    assert recipe().digest == base.digest


def test_espeak_says_the_same_whatever_it_said_before() -> None:
    speakers, voice = Speakers(), Voice(engine=Engine.ESPEAK)
    first = speakers.speak("Sales, please.", voice)
    assert len(first) > 0.4 * RATE
    assert np.array_equal(first, speakers.speak("Sales, please.", voice))


def test_pitch_lowers_the_voice_and_tempo_shortens_it() -> None:
    speakers = Speakers()
    own = speakers.speak("I have a question about my invoice.", Voice())
    low = speakers.speak("I have a question about my invoice.", Voice(pitch=-9))
    fast = speakers.speak("I have a question about my invoice.", Voice(speed=1.3))
    moved = [b / a for a, b in zip(pitches(own), pitches(low), strict=False) if a and b]
    assert float(np.median(moved)) == pytest.approx(2 ** (-9 / 12), rel=0.05)
    assert len(fast) < 0.87 * len(own)


def pitches(sound: np.ndarray) -> list[float]:
    """Pitch in Hz of each 40 ms piece by normalized autocorrelation, 0 where it is soft."""
    size, found = round(0.04 * RATE), []
    for start in range(0, len(sound) - 2 * size, size):
        piece = sound[start : start + 2 * size].astype(np.float64)
        energy = np.convolve(piece**2, np.ones(size), "valid")
        lags = np.correlate(piece, piece[:size], "valid") / np.sqrt(energy)
        window = lags[RATE // 320 : RATE // 70]
        loud = np.abs(piece).max() > 0.2 * np.abs(sound).max()
        found.append(RATE / (RATE // 320 + int(window.argmax())) if loud else 0.0)
    return found


def test_pauses_are_as_long_as_they_are_written() -> None:
    speakers = Speakers()
    short = speakers.speak(("Um,", 0.2, "billing."), Voice())
    long = speakers.speak(("Um,", 1.2, "billing."), Voice())
    assert len(long) - len(short) == RATE


@pytest.mark.parametrize("noise", [Noise.PINK, Noise.STREET, Noise.HUM, Noise.BABBLE])
def test_level_and_noise_are_as_written(surroundings: Surroundings, noise: Noise) -> None:
    line = LineSound(coding=Coding.PCM16, rate=16_000, noise=noise, snr=12, level=-23, lead=1.0, tail=1.0)
    heard, rate = soundfile.read(io.BytesIO(over_the_line(tone(2.0), line, surroundings, 7)))
    clean, _ = soundfile.read(
        io.BytesIO(over_the_line(tone(2.0), line.model_copy(update={"noise": Noise.NONE}), surroundings, 7))
    )
    assert decibels(speech_rms(clean, rate)) == pytest.approx(-23, abs=0.3)
    left = heard - clean
    assert decibels(float(np.sqrt(np.mean(left**2)))) == pytest.approx(-35, abs=1.0)


@pytest.mark.parametrize(
    ("coding", "rate", "channels", "subtype"),
    [
        (Coding.ULAW, 8_000, 1, "ULAW"),
        (Coding.ALAW, 8_000, 1, "ALAW"),
        (Coding.PCM8, 11_025, 1, "PCM_U8"),
        (Coding.PCM24, 44_100, 2, "PCM_24"),
        (Coding.FLOAT, 48_000, 1, "FLOAT"),
    ],
)
def test_the_file_has_the_format_it_was_asked_for(
    surroundings: Surroundings, coding: Coding, rate: int, channels: int, subtype: str
) -> None:
    line = LineSound(coding=coding, rate=rate, channels=channels, lead=0.5, tail=0.25)
    info = soundfile.info(io.BytesIO(over_the_line(tone(1.0), line, surroundings, 1)))
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("WAV", subtype, rate, channels)
    assert info.duration == pytest.approx(1.75, abs=0.01)


def test_a_silence_is_rendered_as_the_noise_of_its_line(root: Path, studio: Studio) -> None:
    calls = {call.call: call for call in load_calls(root / "tests" / "calls" / "company")}
    first = recipes(calls["silence-only"])[0]
    sound, rate = soundfile.read(io.BytesIO(studio.render(first).wav))
    assert len(sound) / rate == pytest.approx(9.0 + first.line.lead + first.line.tail, abs=0.01)
    assert decibels(float(np.sqrt(np.mean(sound**2)))) == pytest.approx(
        first.line.level - first.line.snr, abs=1.5
    )


def test_the_index_says_where_somebody_speaks(root: Path, studio: Studio) -> None:
    line = LineSound(coding=Coding.PCM16, lead=1.0, tail=0.5)
    pieces = (Piece("Sales, please.", Voice()), Piece(2.0, Voice()), Piece(("Um,", 0.5, "now."), Voice()))
    rendered = studio.render(Recipe(Path("x/1.wav"), pieces, line))
    sound, rate = soundfile.read(io.BytesIO(rendered.wav))
    (first, first_end), (second, second_end) = rendered.speech
    assert first == pytest.approx(1.03, abs=0.001)
    assert second - first_end == pytest.approx(2.06, abs=0.002)
    assert second_end == pytest.approx(len(sound) / rate - 0.53, abs=0.002)
    for start, end in ((0.0, first), (first_end, second), (second_end, len(sound) / rate)):
        quiet = sound[round((start + 0.02) * rate) : round((end - 0.02) * rate)]
        assert np.abs(quiet).max() < 0.03 * np.abs(sound).max()
    index = json.loads((root / "audio" / "calls" / "company" / "rendered.json").read_text(encoding="utf-8"))
    assert len(index["whole-side/whole.wav"]["speech"]) == 2
    assert index["silence-only/1.wav"]["speech"] == []
