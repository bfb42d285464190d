"""A line over a connection, by a clock that stands still."""

from __future__ import annotations

import numpy as np
import pytest
from line_fakes import Clock, DeafWire

from ivr.handover import Route
from ivr.lines.line import LineClosed, Party, TransferContext, TransferOutcome
from ivr.lines.stream import WAITING_KEYS, StreamLine
from ivr.media.dtmf import tones


def line_and_clock() -> tuple[StreamLine, Clock, DeafWire]:
    clock, wire = Clock(), DeafWire()
    return StreamLine(wire, 8000, Party("test:"), clock=clock.now, sleep=clock.sleep), clock, wire


def frames(count: int) -> np.ndarray:
    return np.repeat(np.arange(1, count + 1, dtype=np.int16), 160)


async def test_frames_come_by_the_clock_of_the_start_and_delays_do_not_add_up() -> None:
    line, clock, _ = line_and_clock()
    line.feed(frames(20))
    numbers = []
    for _ in range(10):
        numbers.append(int((await line.recv()).pcm[0]))
        clock.lose(0.013)  # the call works
    assert numbers == list(range(1, 11))
    assert clock.now() == pytest.approx(1000.0 + 10 * 0.02 + 0.013)


async def test_after_a_stall_the_frames_that_are_due_come_at_once() -> None:
    line, clock, _ = line_and_clock()
    line.feed(frames(3))
    await line.recv()
    clock.lose(0.2)
    line.feed(frames(10))
    before = clock.now()
    for _ in range(10):
        await line.recv()
    assert clock.now() == pytest.approx(before) and line.buffer.late == 0


async def test_after_a_sleep_of_the_machine_time_goes_on_from_now() -> None:
    line, clock, _ = line_and_clock()
    await line.recv()
    clock.lose(3600)
    before = clock.now()
    for _ in range(5):
        await line.recv()
    assert clock.now() - before == pytest.approx(0.08)


async def test_what_the_caller_said_before_leaving_is_heard() -> None:
    line, _, wire = line_and_clock()
    line.feed(frames(3)[:400])
    line.end()
    heard = [int((await line.recv()).pcm[0]) for _ in range(3)]
    with pytest.raises(LineClosed):
        await line.recv()
    assert heard == [1, 2, 3] and line.over
    await line.send(np.zeros(160, np.int16))
    line.clear()
    assert wire.sent == [] and wire.cleared == 0
    unable = await line.transfer(Route("a", "a"), (), TransferContext("call-1"))
    assert unable.outcome is not TransferOutcome.DONE


async def test_keys_come_with_the_next_frame_and_strange_ones_not_at_all() -> None:
    line, _, _ = line_and_clock()
    assert [line.key(key) for key in ("1", "#", "x", "", "12", "A")] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    assert (await line.recv()).keys == ("1", "#", "A")
    assert (await line.recv()).keys == ()
    assert sum(line.key("5") for _ in range(2 * WAITING_KEYS)) == WAITING_KEYS


def toned(line: StreamLine, keys: str) -> None:
    line.feed(tones(keys, 8000, seconds=0.1, gap=0.1))


async def pressed(line: StreamLine, ticks: int) -> str:
    return "".join(["".join((await line.recv()).keys) for _ in range(ticks)])


@pytest.mark.parametrize(("in_band", "keys"), [(True, "42#"), (False, "")])
async def test_tones_are_keys_where_the_line_says_so(in_band: bool, keys: str) -> None:
    clock = Clock()
    line = StreamLine(DeafWire(), 8000, Party("test:"), in_band=in_band, clock=clock.now, sleep=clock.sleep)
    toned(line, "42#")
    assert await pressed(line, 35) == keys


async def test_after_a_key_that_came_as_an_event_tones_are_none() -> None:
    clock = Clock()
    line = StreamLine(DeafWire(), 8000, Party("test:"), in_band=True, clock=clock.now, sleep=clock.sleep)
    line.key("4")
    toned(line, "4")
    assert await pressed(line, 15) == "4"


async def test_a_key_that_comes_as_a_tone_and_as_an_event_is_one_key() -> None:
    clock = Clock()
    line = StreamLine(DeafWire(), 8000, Party("test:"), in_band=True, clock=clock.now, sleep=clock.sleep)
    toned(line, "4")
    assert await pressed(line, 12) == "4"
    line.key("4")
    line.key("4")
    toned(line, "7")
    assert await pressed(line, 15) == "4", "the first is the tone again, the second is another press"
