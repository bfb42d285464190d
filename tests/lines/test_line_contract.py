"""What every line must do, whatever carries the call."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from line_fakes import Clock, DeafWire, FakeSound

import ivr.lines
from ivr.handover import Route
from ivr.lines.leg import Leg
from ivr.lines.leg_line import LegLine
from ivr.lines.line import Line, LineClosed, Party, Received, TransferContext, TransferResult
from ivr.lines.microphone import MicrophoneLine
from ivr.lines.stream import StreamLine
from ivr.lines.wavfile import CallerLine, WavLine
from ivr.media.pcm import LINE_RATES, frame_samples
from ivr.media.wav import write_wav

Open = Callable[[], Line]


def tone(rate: int, seconds: float) -> np.ndarray:
    return (8000 * np.sin(np.arange(round(rate * seconds)) / 3)).astype(np.int16)


def streamed(rate: int) -> StreamLine:
    """A peer that sent half a second and is gone."""
    clock = Clock()
    line = StreamLine(DeafWire(), rate, Party("stream:"), clock=clock.now, sleep=clock.sleep)
    line.feed(tone(rate, 0.51))
    line.end()
    return line


@pytest.fixture(
    params=[
        "wav 8 kHz",
        "wav 16 kHz",
        "wav paced",
        "wav keys",
        "microphone",
        "microphone 44.1 kHz",
        "stream 8 kHz",
        "stream 16 kHz",
    ]
)
def open_line(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a line whose caller leaves after half a second or so."""
    kind: str = request.param
    if kind.startswith("wav"):
        rate = 16_000 if "16" in kind else 8_000
        write_wav(tmp_path / "a.wav", tone(rate, 0.51), rate)
        clock = Clock()
        turns = ["keys:12#"] if "keys" in kind else [tmp_path / "a.wav"]
        return lambda: WavLine(
            turns,
            paced="paced" in kind,
            hang_up_after=0.1,
            max_seconds=0.6,
            clock=clock.now,
            sleep=clock.sleep,
        )
    if kind.startswith("stream"):
        rate = 16_000 if "16" in kind else 8_000
        return lambda: streamed(rate)
    rate = 44_100 if "44.1" in kind else 16_000
    blocks = tuple(tone(rate, 0.02) for _ in range(30))
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSound(rates=(rate,), at_start=blocks))
    monkeypatch.setattr("ivr.lines.microphone._NO_SOUND_SECONDS", 0.01)
    return MicrophoneLine


def test_every_adapter_is_tested_here() -> None:
    modules = [
        importlib.import_module(f"ivr.lines.{m.name}") for m in pkgutil.iter_modules(ivr.lines.__path__)
    ]
    adapters = {
        one
        for module in modules
        for _, one in inspect.getmembers(module, inspect.isclass)
        if one not in (Line, Leg) and one.__module__.startswith("ivr.lines") and hasattr(one, "recv")
    }
    # WavLine is a CallerLine; a LegLine has no end of its own: whoever called hears of it from the leg.
    assert adapters == {WavLine, CallerLine, MicrophoneLine, StreamLine, LegLine}


async def test_frames_come_one_by_one_until_the_end(open_line: Open) -> None:
    line = open_line()
    assert line.rate in LINE_RATES
    assert isinstance(line.paced, bool)
    assert isinstance(line.party, Party)
    assert line.party.uri.partition(":")[0] in ("wav", "mic", "stream")
    frames: list[Received] = []
    with pytest.raises(LineClosed):
        while len(frames) < 1000:
            frames.append(await line.recv())
            await line.send(np.zeros(frame_samples(line.rate), np.int16) if len(frames) < 10 else None)
    assert 20 <= len(frames) <= 35
    for received in frames:
        assert received.pcm.shape == (frame_samples(line.rate),)
        assert received.pcm.dtype == np.int16
        assert isinstance(received.keys, tuple)
    for _ in range(2):  # and it stays ended
        with pytest.raises(LineClosed):
            await line.recv()
    await line.send(None)
    await line.hang_up()


async def test_hanging_up_ends_it_and_may_be_repeated(open_line: Open) -> None:
    line = open_line()
    await line.recv()
    await line.send(None)
    await line.hang_up()
    await line.hang_up()
    with pytest.raises(LineClosed):
        await line.recv()
    await line.send(np.zeros(frame_samples(line.rate), np.int16))


async def test_hanging_up_before_the_first_frame(open_line: Open) -> None:
    line = open_line()
    await line.hang_up()
    with pytest.raises(LineClosed):
        await line.recv()


async def test_hanging_up_wakes_whoever_waits_for_a_frame(open_line: Open) -> None:
    line = open_line()
    await line.recv()

    async def drain() -> None:
        while True:
            await line.recv()

    waiting = asyncio.create_task(drain())
    await asyncio.sleep(0)
    await line.hang_up()
    with pytest.raises(LineClosed):
        await waiting


async def test_other_tasks_run_between_frames(open_line: Open) -> None:
    line = open_line()
    ran = []
    asyncio.get_running_loop().call_soon(ran.append, True)
    await line.recv()
    assert ran
    await line.hang_up()


async def test_a_frame_of_the_wrong_length_is_refused(open_line: Open) -> None:
    line = open_line()
    await line.recv()
    with pytest.raises(ValueError, match="samples"):
        await line.send(np.zeros(7, np.int16))
    await line.hang_up()


async def test_what_waits_can_be_cleared_at_any_time(open_line: Open) -> None:
    line = open_line()
    line.clear()
    await line.recv()
    await line.send(np.zeros(frame_samples(line.rate), np.int16))
    line.clear()
    await line.hang_up()
    line.clear()


async def test_a_transfer_has_a_result(open_line: Open) -> None:
    line = open_line()
    await line.recv()
    route = Route("billing", "the billing department", extension="201")
    result = await line.transfer(route, (), TransferContext("call-1"))
    assert isinstance(result, TransferResult)
    await line.hang_up()
