"""Frames out of what the network delivers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ivr.lines.jitter import CUSHION, LOOK_FRAMES, MOST, SPARE, JitterBuffer
from ivr.media.pcm import Pcm


def numbered(count: int, first: int = 0) -> Pcm:
    """Frames that tell their number in every sample."""
    return np.repeat(np.arange(first, first + count, dtype=np.int16), 160)


def loud(frames: int) -> Pcm:
    return np.full(160 * frames, 9000, np.int16)


@given(st.lists(st.integers(0, 500), max_size=40))
def test_nothing_is_lost_or_changed_however_it_was_cut(sizes: list[int]) -> None:
    pcm = (np.arange(sum(sizes)) % 30_000).astype(np.int16)
    buffer, out, at = JitterBuffer(8000), list[Pcm](), 0
    for size in sizes:
        buffer.feed(pcm[at : at + size])
        at += size
        while (len(buffer)) > CUSHION and (frame := buffer.next()) is not None:
            out.append(frame)
    buffer.end()
    while (frame := buffer.next()) is not None:
        out.append(frame)
    heard = np.concatenate([np.zeros(0, np.int16), *out])
    assert np.array_equal(heard[: len(pcm)], pcm)
    assert not heard[len(pcm) :].any() and len(heard) - len(pcm) < 160


def test_the_first_frames_wait_for_a_cushion_and_so_do_those_after_a_gap() -> None:
    buffer = JitterBuffer(8000)
    buffer.feed(loud(1))
    assert buffer.next() is None and buffer.late == 0
    buffer.feed(loud(1))
    assert buffer.next() is not None and buffer.next() is not None
    assert buffer.next() is None and buffer.late == 1
    buffer.feed(loud(1))
    assert buffer.next() is None
    buffer.feed(loud(1))
    assert buffer.next() is not None


def test_more_than_a_second_is_not_kept() -> None:
    buffer = JitterBuffer(8000)
    buffer.feed(numbered(MOST + 7))
    frame = buffer.next()
    assert frame is not None and frame[0] == 7
    assert (len(buffer), buffer.dropped) == (MOST - 1, 7)


def steady(buffer: JitterBuffer, pcm: Pcm, ticks: int) -> None:
    for _ in range(ticks):
        buffer.feed(pcm)
        assert buffer.next() is not None


def test_what_always_waits_is_thinned_out_where_it_is_quiet() -> None:
    buffer = JitterBuffer(8000)
    buffer.feed(loud(CUSHION + SPARE + 3))
    steady(buffer, loud(1), LOOK_FRAMES)
    assert buffer.dropped == 0  # speech is left alone at first
    steady(buffer, np.zeros(160, np.int16), 20)
    assert buffer.dropped == 1
    steady(buffer, loud(1), 2 * LOOK_FRAMES)
    assert buffer.dropped == 2  # in the end even speech


def test_a_little_that_waits_is_left_alone() -> None:
    buffer = JitterBuffer(8000)
    buffer.feed(loud(CUSHION + 1))
    steady(buffer, np.zeros(160, np.int16), 5 * LOOK_FRAMES)
    assert buffer.dropped == 0
