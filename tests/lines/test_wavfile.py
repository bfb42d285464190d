"""Recorded callers: which mode, which rate, real time, errors before the call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from line_fakes import Clock

from ivr.errors import AudioError, UnknownError
from ivr.handover import Route
from ivr.lines.line import LineClosed, Received, TransferContext, TransferOutcome
from ivr.lines.wavfile import Mode, Recording, WavLine, parse_keys
from ivr.media.dtmf import tones
from ivr.media.pcm import Pcm, silence
from ivr.media.resample import resample
from ivr.media.wav import read_wav, write_wav

RNG = np.random.default_rng(3)


def voice(seconds: float, rate: int = 8000) -> Pcm:
    return RNG.integers(-9000, 9000, round(seconds * rate)).astype(np.int16)


def wav(path: Path, pcm: Pcm, rate: int = 8000) -> Path:
    write_wav(path, pcm, rate)
    return path


async def play(line: WavLine, desk: str = "") -> list[Received]:
    """Play the line to its end; the desk speaks in the frames where `desk` has a d."""
    frames: list[Received] = []
    try:
        while True:
            frames.append(await line.recv())
            speaks = desk[len(frames) - 1 : len(frames)] == "d"
            await line.send(np.zeros(line.rate // 50, np.int16) if speaks else None)
    except LineClosed:
        return frames


def all_sound(frames: list[Received]) -> Pcm:
    return np.concatenate([received.pcm for received in frames])


async def test_a_short_file_is_a_turn_and_a_long_one_a_whole_side(tmp_path: Path) -> None:
    short, long = wav(tmp_path / "short.wav", voice(15)), wav(tmp_path / "long.wav", voice(15.1))
    waiting = await play(WavLine([short], max_seconds=2))
    assert not all_sound(waiting).any()
    starting = await play(WavLine([long], max_seconds=2))
    np.testing.assert_array_equal(all_sound(starting), read_wav(long)[0][:16_000])


async def test_the_mode_overrides_the_length(tmp_path: Path) -> None:
    short, long = wav(tmp_path / "short.wav", voice(1)), wav(tmp_path / "long.wav", voice(16))
    assert all_sound(await play(WavLine([short], mode=Mode.SIDE, max_seconds=2))).any()
    assert not all_sound(await play(WavLine([long], mode=Mode.TURNS, max_seconds=2))).any()
    with pytest.raises(AudioError, match=r"long\.wav: a caller's whole side is one file, not 2"):
        WavLine([short, long], mode=Mode.SIDE)


async def test_several_files_and_keys_are_turns(tmp_path: Path) -> None:
    one, two = wav(tmp_path / "1.wav", voice(20)), wav(tmp_path / "2.wav", voice(0.5))
    line = WavLine([one, "keys:7#", two], hang_up_after=0.2)
    reply = "d" + "." * 60
    frames = await play(line, "d" * 10 + "." * 1025 + reply + reply + reply)
    assert [turn.name for turn in line.turns] == [str(one), "keys:7#", str(two)]
    assert "".join(key for received in frames for key in received.keys) == "7#"
    # The reaction to the greeting of 10 frames is 20 frames of silence.
    assert line.turns[0].started == pytest.approx(0.6)
    assert line.turns[0].ended == pytest.approx(20.6)
    start = round(line.turns[2].started * 8000)
    np.testing.assert_array_equal(all_sound(frames)[start : start + 4000], read_wav(two)[0])
    assert len(frames) * 0.02 == pytest.approx(line.turns[2].ended + 0.2)


async def test_turns_tell_where_speech_lay_in_the_call(tmp_path: Path) -> None:
    pcm = np.concatenate((silence(0.5, 8000), voice(1), silence(0.7, 8000)))
    line = WavLine([wav(tmp_path / "1.wav", pcm)], hang_up_after=0)
    await play(line, "d")
    assert line.turns[0].speech == pytest.approx((0.42 + 0.5, 0.42 + 1.5), abs=0.011)
    known = WavLine([Recording(tmp_path / "1.wav", speech=(0.6, 1.2))], hang_up_after=0)
    await play(known, "d")
    assert known.turns[0].speech == pytest.approx((1.02, 1.62))


async def test_the_rate_is_the_best_that_any_file_has(tmp_path: Path) -> None:
    narrow = wav(tmp_path / "8.wav", voice(0.5))
    middle = wav(tmp_path / "11.wav", voice(0.5, 11_025), 11_025)
    wide = wav(tmp_path / "44.wav", voice(0.5, 44_100), 44_100)
    assert WavLine([narrow, middle, "keys:1"]).rate == 8000
    assert WavLine(["keys:1"]).rate == 8000
    assert WavLine([wide], rate=8000).rate == 8000
    line = WavLine([narrow, wide], hang_up_after=0)
    assert line.rate == 16_000
    frames = await play(line, "d" + "." * 100 + "d")
    start = round(line.turns[0].started * 16_000)
    expected = resample(read_wav(narrow)[0], 8000, 16_000)
    np.testing.assert_array_equal(all_sound(frames)[start : start + 8000], expected)


async def test_a_paced_line_keeps_to_absolute_deadlines(tmp_path: Path) -> None:
    clock = Clock()
    line = WavLine(["keys:1"], paced=True, clock=clock.now, sleep=clock.sleep)
    assert line.paced
    times = []
    for n in range(200):
        await line.recv()
        times.append(clock.time - 1000)
        clock.lose(0.011 if n % 3 else 0.0)  # the call's own work
    np.testing.assert_allclose(times, [0.02 * n for n in range(1, 201)], atol=1e-6)


async def test_a_paced_line_catches_up_after_a_stall(tmp_path: Path) -> None:
    clock = Clock()
    line = WavLine(["keys:1"], paced=True, clock=clock.now, sleep=clock.sleep)
    await line.recv()
    clock.lose(1.0)
    for _ in range(50):
        await line.recv()
    assert clock.time == pytest.approx(1001.02)
    await line.recv()
    assert clock.time == pytest.approx(1001.04)


async def test_an_unpaced_line_takes_no_time(tmp_path: Path) -> None:
    clock = Clock()
    await play(WavLine(["keys:1"], max_seconds=60, clock=clock.now, sleep=clock.sleep))
    assert clock.time == 1000


async def test_a_frame_that_is_not_sent_is_silence(tmp_path: Path) -> None:
    line = WavLine([wav(tmp_path / "1.wav", voice(1))], max_seconds=2)
    await line.recv()
    await line.send(np.zeros(160, np.int16))
    for _ in range(30):
        await line.recv()
    assert line.turns[0].started == pytest.approx(0.42)


async def test_a_transfer_is_accepted_and_remembered(tmp_path: Path) -> None:
    line = WavLine([wav(tmp_path / "1.wav", voice(1))], caller="+44 20 7946 0000", called="100")
    assert line.party.caller == "+44 20 7946 0000"
    assert line.party.called == "100"
    assert line.party.uri == f"wav:{tmp_path / '1.wav'}"
    route = Route("billing", "the billing department")
    assert line.transferred is None
    done = await line.transfer(route, (), TransferContext("call-1"))
    assert done.outcome is TransferOutcome.DONE
    assert line.transferred == route


async def test_errors_come_before_the_call(tmp_path: Path) -> None:
    good = wav(tmp_path / "good.wav", voice(1))
    (tmp_path / "bad.wav").write_text("this is not sound")
    with pytest.raises(AudioError, match=r"bad\.wav: is a text file"):
        WavLine([good, tmp_path / "bad.wav"])
    with pytest.raises(AudioError, match="at least one recording"):
        WavLine([])


@pytest.mark.parametrize(("text", "keys"), [("keys:1234#", "1234#"), ("keys:*0", "*0"), ("keys:aD", "AD")])
def test_keys(text: str, keys: str) -> None:
    assert "".join(parse_keys(text)) == keys


@pytest.mark.parametrize(
    ("text", "what"), [("keys:12x", "'X' is not a"), ("keys:", "no keys"), ("keys:1 2", "' '")]
)
def test_what_is_no_key(text: str, what: str) -> None:
    with pytest.raises(UnknownError, match=what):
        WavLine([text])


async def test_the_hang_up_during_the_wait_for_a_frame_counts(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def sleep(_: float) -> None:
        await gate.wait()

    line = WavLine(["keys:1"], paced=True, sleep=sleep)
    waiting = asyncio.create_task(line.recv())
    await asyncio.sleep(0)
    await line.hang_up()
    gate.set()
    with pytest.raises(LineClosed):
        await waiting


@pytest.mark.shared
async def test_real_clips_as_turns(shared: Path) -> None:
    clips = sorted((shared / "speech" / "en-commands").rglob("*.wav"))[:2]
    line = WavLine(clips, hang_up_after=0.5)
    frames = await play(line, "d" + "." * 1000 + "d")
    assert [turn.name for turn in line.turns] == [str(clip) for clip in clips]
    for turn in line.turns:
        assert turn.speech is not None
        first, last = (round(second * line.rate) for second in turn.speech)
        assert turn.started <= turn.speech[0] < turn.speech[1] <= turn.ended
        assert np.abs(all_sound(frames)[first:last]).max() > 1000


async def test_tones_in_a_recording_are_keys(tmp_path: Path) -> None:
    sound = np.concatenate([voice(0.3), tones("12#", 8000)])
    frames = await play(WavLine([wav(tmp_path / "a.wav", sound)], mode=Mode.SIDE, max_seconds=2))
    assert "".join(key for received in frames for key in received.keys) == "12#"
