"""The microphone line over a sounddevice module without a sound card: sound both ways, and every fault."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from line_fakes import FakeSound, FakeStatus, FakeStream

from ivr.errors import DeviceError
from ivr.lines.line import LineClosed, TransferContext, TransferOutcome
from ivr.lines.microphone import MicrophoneLine
from ivr.media.pcm import Pcm

FRAME = 320


def block(value: int, samples: int = FRAME) -> Pcm:
    return np.full(samples, value, np.int16)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    fake = FakeSound(at_start=(block(1),))
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


@pytest.fixture
async def started(sound: FakeSound) -> tuple[MicrophoneLine, FakeStream]:
    line = MicrophoneLine()
    await line.recv()
    return line, sound.streams[0]


async def test_the_device_is_opened_at_once_and_started_with_the_call(sound: FakeSound) -> None:
    line = MicrophoneLine()
    options = sound.streams[0].options
    assert (options["samplerate"], options["blocksize"], options["channels"]) == (16_000, FRAME, 1)
    assert options["dtype"] == "int16"
    assert not sound.streams[0].started
    await line.recv()
    assert sound.streams[0].started
    await line.hang_up()
    assert sound.streams[0].closed


async def test_blocks_of_any_length_come_as_frames(started: tuple[MicrophoneLine, FakeStream]) -> None:
    line, stream = started
    for value, samples in ((2, 100), (3, 500), (4, 360)):
        stream.block(block(value, samples))
    heard = np.concatenate([(await line.recv()).pcm for _ in range(3)])
    np.testing.assert_array_equal(heard, np.concatenate((block(2, 100), block(3, 500), block(4, 360))))


async def test_the_desk_is_played_after_a_cushion_and_then_silence(
    started: tuple[MicrophoneLine, FakeStream],
) -> None:
    line, stream = started
    played = []
    for value in (None, 10, 11, 12, 13, None, None, None, None):
        await line.send(None if value is None else block(value))
        stream.block(block(0))
        played.append(stream.played[-1])
    wanted = [0, 0, 0, 10, 11, 12, 13, 0, 0]
    np.testing.assert_array_equal(np.concatenate(played), np.concatenate([block(value) for value in wanted]))
    assert line.losses.underruns == 0


async def test_a_late_frame_uses_the_cushion_and_a_later_one_is_an_underrun(
    started: tuple[MicrophoneLine, FakeStream],
) -> None:
    line, stream = started
    await line.send(block(10))
    for _ in range(3):  # 40 ms of cushion and the frame
        stream.block(block(0))
    assert line.losses.underruns == 0
    stream.block(block(0))
    assert line.losses.underruns == 1
    assert not stream.played[-1].any()
    await line.send(None)
    stream.block(block(0))
    assert line.losses.underruns == 1


async def test_what_the_sound_system_loses_is_counted(started: tuple[MicrophoneLine, FakeStream]) -> None:
    line, stream = started
    stream.block(block(1), FakeStatus(input_overflow=True))
    stream.block(block(1), FakeStatus(output_underflow=True))
    assert (line.losses.overflows, line.losses.underruns) == (1, 1)


async def test_a_call_that_is_too_slow_loses_the_oldest_frames(
    started: tuple[MicrophoneLine, FakeStream],
) -> None:
    line, stream = started
    for value in range(60):
        stream.block(block(value))
    await asyncio.sleep(0)
    assert line.losses.dropped == 10
    assert (await line.recv()).pcm[0] == 10


async def test_a_slow_loudspeaker_loses_the_oldest_frames(
    started: tuple[MicrophoneLine, FakeStream],
) -> None:
    line, stream = started
    for value in range(100, 160):
        await line.send(block(value))
    assert line.losses.dropped == 11  # 60 frames and one piece of cushion, 50 may wait
    stream.block(block(0))
    assert stream.played[-1][0] == 110


async def test_another_device_rate_is_resampled_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = np.arange(44_100) / 44_100
    tone = np.rint(10_000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    sound = FakeSound(rates=(44_100,), at_start=tuple(tone.reshape(50, 882)))
    monkeypatch.setitem(sys.modules, "sounddevice", sound)
    line = MicrophoneLine()
    heard = np.concatenate([(await line.recv()).pcm for _ in range(45)])
    crossings = np.flatnonzero((heard[:-1] < 0) & (heard[1:] >= 0))
    assert 16_000 / np.diff(crossings[5:]).mean() == pytest.approx(440, rel=0.005)
    for frame in np.tile(
        block(0, 8) + np.array([0, 7, 10, 7, 0, -7, -10, -7], np.int16) * 1000, 2000
    ).reshape(50, -1):
        await line.send(frame)
        sound.streams[0].block(block(0, 882))
    out = np.concatenate(sound.streams[0].played[-45:])
    crossings = np.flatnonzero((out[:-1] < 0) & (out[1:] >= 0))
    assert 44_100 / np.diff(crossings[100:-5]).mean() == pytest.approx(2000, rel=0.005)
    assert line.losses.underruns == 0


async def test_an_unplugged_device_ends_the_call(started: tuple[MicrophoneLine, FakeStream]) -> None:
    line, stream = started
    stream.block(block(5))
    stream.lost()
    assert (await line.recv()).pcm[0] == 5
    with pytest.raises(LineClosed):
        await line.recv()


async def test_a_device_that_delivers_nothing_ends_the_call(
    started: tuple[MicrophoneLine, FakeStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.lines.microphone._NO_SOUND_SECONDS", 0.0)
    with pytest.raises(LineClosed, match="no sound"):
        await started[0].recv()


async def test_blocks_after_the_end_of_the_program_do_no_harm(sound: FakeSound) -> None:
    line = MicrophoneLine()
    loop = asyncio.new_event_loop()
    try:
        line._start(loop)
    finally:
        loop.close()
    sound.streams[0].block(block(1))
    sound.streams[0].lost()


async def test_the_last_words_are_played_before_the_device_is_closed(
    started: tuple[MicrophoneLine, FakeStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    line, stream = started
    await line.send(block(10))
    await line.send(block(11))
    await line.send(None)

    async def pass_time(_: float) -> None:
        stream.block(block(0))

    monkeypatch.setattr("ivr.lines.microphone.asyncio.sleep", pass_time)
    await line.hang_up()
    assert [int(played[0]) for played in stream.played[1:]] == [0, 0, 10, 11]
    assert stream.closed


async def test_a_transfer_is_accepted(started: tuple[MicrophoneLine, FakeStream]) -> None:
    from ivr.handover import Route

    done = await started[0].transfer(Route("billing", "billing"), (), TransferContext("call-1"))
    assert done.outcome is TransferOutcome.DONE


# --- keys --------------------------------------------------------------------------------------------


async def test_typed_keys_come_with_the_next_frame(sound: FakeSound) -> None:
    master, slave = os.openpty()
    with io.FileIO(slave, closefd=True) as raw, io.TextIOWrapper(io.BufferedReader(raw)) as terminal:
        line = MicrophoneLine(keyboard=terminal)
        assert (await line.recv()).keys == ()
        os.write(master, b"12x #\n")
        keys: tuple[str, ...] = ()
        async with asyncio.timeout(60):  # however long the terminal takes to hand the line over
            while len(keys) < 3:
                sound.streams[0].block(block(0))
                keys += (await line.recv()).keys
                await asyncio.sleep(0)
        assert keys == ("1", "2", "#")
        sound.streams[0].block(block(0))
        assert (await line.recv()).keys == ()
        await line.hang_up()
    os.close(master)


# --- what is missing ---------------------------------------------------------------------------------


def test_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match=r"the package sounddevice is not installed.*ivr\[mic\]"):
        MicrophoneLine()


def test_no_portaudio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DeviceError, match=r"PortAudio is missing\. Install it.* apt install libportaudio2"):
        MicrophoneLine()


def test_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSound(rates=()))
    with pytest.raises(DeviceError, match=r"microphone: cannot be opened \(Error querying device -1\)\. C"):
        MicrophoneLine()


def test_an_unknown_device(sound: FakeSound) -> None:
    with pytest.raises(DeviceError, match=r"No input device matching 'Jabra'.*python -m sounddevice lists"):
        MicrophoneLine(device="Jabra")


def test_a_device_that_refuses_every_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = FakeSound(rates=(44_100,))
    monkeypatch.setattr(sound, "query_devices", lambda *_: {"default_samplerate": 96_000.0})
    monkeypatch.setitem(sys.modules, "sounddevice", sound)
    with pytest.raises(DeviceError, match="Invalid sample rate"):
        MicrophoneLine()
