"""Recordings: two channels in step, readable whenever the call dies, and the disk never harms the call."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from io import FileIO
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import StateError
from ivr.media.pcm import Pcm
from ivr.media.riff import Encoding
from ivr.media.wav import read_wav
from ivr.records.recorder import Recorder


def frame(value: int, rate: int = 8000) -> Pcm:
    return np.full(rate // 50, value, np.int16)


@pytest.mark.parametrize("rate", [8000, 16_000])
def test_the_caller_is_left_and_the_desk_right_in_step(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "call.wav"
    with Recorder(path, rate) as recorder:
        for n in range(1, 131):
            recorder.write(frame(n, rate), frame(-n, rate) if n % 3 else None)
    left, its_rate = read_wav(path, channel=0)
    right, _ = read_wav(path, channel=1)
    assert its_rate == rate
    numbers = np.repeat(np.arange(1, 131), rate // 50)
    np.testing.assert_array_equal(left, numbers)
    np.testing.assert_array_equal(right, np.where(numbers % 3, -numbers, 0))
    assert recorder.seconds == pytest.approx(2.6)
    assert recorder.lost_seconds == 0


@pytest.mark.parametrize("encoding", [Encoding.ULAW, Encoding.ALAW])
def test_g711_takes_half_the_room(tmp_path: Path, encoding: Encoding) -> None:
    for name, chosen in (("full.wav", Encoding.PCM_16), ("small.wav", encoding)):
        with Recorder(tmp_path / name, 8000, encoding=chosen) as recorder:
            for _ in range(100):
                recorder.write(frame(1000), frame(-2000))
    small, full = (tmp_path / "small.wav").stat().st_size, (tmp_path / "full.wav").stat().st_size
    assert small < full * 0.51
    assert read_wav(tmp_path / "small.wav", channel=0)[0] == pytest.approx(1000, rel=0.03)
    assert read_wav(tmp_path / "small.wav", channel=1)[0] == pytest.approx(-2000, rel=0.03)


def test_every_whole_second_can_be_read_while_the_call_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    with Recorder(path, 8000) as recorder:
        for n in range(1, 301):
            recorder.write(frame(n), None)
            if n >= 50:
                assert len(read_wav(path)[0]) == n // 50 * 8000


def test_a_killed_call_leaves_a_recording_up_to_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    program = f"""
import os, signal, numpy as np
from ivr.records.recorder import Recorder
recorder = Recorder({str(path)!r}, 8000)
for n in range(149):
    recorder.write(np.full(160, n, np.int16), None)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    np.testing.assert_array_equal(read_wav(path, channel=0)[0], np.repeat(np.arange(100), 160))


def test_a_call_of_less_than_a_second_is_recorded(tmp_path: Path) -> None:
    with Recorder(tmp_path / "call.wav", 8000) as recorder:
        recorder.write(frame(7), None)
    assert read_wav(tmp_path / "call.wav", channel=0)[0].tolist() == [7] * 160


def test_an_older_recording_of_that_name_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"x" * 100_000)
    with Recorder(path, 8000) as recorder:
        recorder.write(frame(7), None)
    assert path.stat().st_size == 44 + 160 * 4


def test_closing_again_is_harmless_and_writing_then_is_a_mistake(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.wav", 8000)
    recorder.close()
    recorder.close()
    with pytest.raises(ValueError, match="closed"):
        recorder.write(frame(1), None)


def test_frames_of_another_rate_are_a_mistake(tmp_path: Path) -> None:
    with Recorder(tmp_path / "call.wav", 8000) as recorder, pytest.raises(ValueError, match="broadcast"):
        recorder.write(frame(1, 16_000), None)


# --- trouble with the disk ---------------------------------------------------------------------------


class SmallDisk:
    """Lets FileIO write `room` bytes; the write that does not fit is done in part, the next ones fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room = room
        disk = self

        class FullFile(FileIO):
            def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
                growth = max(self.tell() + len(data) - os.fstat(self.fileno()).st_size, 0)
                if growth and not disk.room:
                    raise OSError(errno.ENOSPC, "No space left on device")
                fits = min(growth, disk.room)
                disk.room -= fits
                return super().write(bytes(data)[: len(data) - growth + fits])

        monkeypatch.setattr("ivr.records.recorder.FileIO", FullFile)


def test_a_full_disk_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SmallDisk(monkeypatch, 44 + 32_000 * 2 + 1234)
    told: list[StateError] = []
    path = tmp_path / "call.wav"
    with Recorder(path, 8000, on_trouble=told.append) as recorder:
        for n in range(250):
            recorder.write(frame(n), frame(-n))
            if n == 200:
                disk.room = 10**9  # room again does not tear a hole into the recording
    assert recorder.seconds == 2.0
    assert recorder.lost_seconds == pytest.approx(3.0)
    assert [str(error) for error in told] == [
        f"{path}: the recording cannot be written (No space left on device)."
        " Make room, or record into a folder that exists and may be written"
    ]
    np.testing.assert_array_equal(read_wav(path, channel=0)[0], np.repeat(np.arange(100), 160))
    assert path.stat().st_size == 44 + 32_000 * 2


def test_a_disk_that_is_full_from_the_start_is_an_error_before_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SmallDisk(monkeypatch, 20)
    with pytest.raises(StateError, match=r"call\.wav: the recording cannot be written \(No space left"):
        Recorder(tmp_path / "call.wav", 8000)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_and_a_folder_as_file(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="No such file or directory"):
        Recorder(tmp_path / "none" / "call.wav", 8000)
    with pytest.raises(StateError, match="it exists and is not a file"):
        Recorder(tmp_path, 8000)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StateError, match="it exists and is not a file"):
        Recorder(tmp_path / "pipe", 8000)


def test_trouble_while_closing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    told: list[StateError] = []
    recorder = Recorder(tmp_path / "call.wav", 8000, on_trouble=told.append)
    recorder.write(frame(1), None)
    monkeypatch.setattr(os, "fsync", broken)
    recorder.close()
    assert len(told) == 1
    assert "Input/output error" in str(told[0])
    with pytest.raises(ValueError, match="closed"):
        recorder.write(frame(1), None)


def test_a_file_never_outgrows_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.records.recorder._MOST_BYTES", 44 + 32_000 * 2)
    told: list[StateError] = []
    with Recorder(tmp_path / "call.wav", 8000, on_trouble=told.append) as recorder:
        for _ in range(151):
            recorder.write(frame(1), None)
    assert len(read_wav(tmp_path / "call.wav")[0]) == 16_000
    assert len(told) == 1
    assert "4 GB" in str(told[0])
