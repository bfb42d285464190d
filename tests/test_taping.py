"""Recordings hold both sides of a call, frame for frame, and no tone of a key."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.dtmf import DtmfDetector, tones
from ivr.media.pcm import Pcm, frame_samples, frames
from ivr.taping import AFTER, BEFORE, Taping


class Tape:
    def __init__(self) -> None:
        self.caller: list[Pcm] = []
        self.desk: list[Pcm | None] = []

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        self.caller.append(caller)
        self.desk.append(desk)

    def close(self) -> None: ...


def taped(pcm: Pcm, rate: int, private: frozenset[int] = frozenset()) -> Tape:
    tape = Tape()
    taping = Taping(rate, (tape,))
    for number, frame in enumerate(frames(pcm, rate)):
        taping.write(frame, np.full(frame_samples(rate), number, np.int16), private=number in private)
    taping.flush()
    return tape


def noise(rate: int, seconds: float) -> Pcm:
    return np.random.default_rng(7).normal(0, 300, round(rate * seconds)).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.6])
def test_a_number_that_was_typed_cannot_be_read_out_of_it(rate: int, seconds: float) -> None:
    keys = tones("4829", rate, seconds=seconds, gap=0.06)
    before, after = noise(rate, 1.013), noise(rate, 1.0)
    line = np.concatenate([before, keys, after]) + noise(rate, 1.013 + len(keys) / rate + 1.0) // 3
    assert "".join(DtmfDetector(rate).feed(line)) == "4829"
    tape = taped(line, rate)
    kept = np.concatenate(tape.caller)
    assert DtmfDetector(rate).feed(kept) == ()
    inside = kept[len(before) : len(before) + len(keys) - round(0.06 * rate)]
    assert not inside.any(), "not even the beginning of a tone"
    # What was said is all there, but for the moment before and after.
    size = frame_samples(rate)
    first = len(before) - (BEFORE + 2) * size
    last = len(before) + len(keys) + (AFTER + 3) * size
    assert (kept[:first] == line[:first]).all() and (kept[last : len(line)] == line[last:]).all()


def test_both_sides_stay_together() -> None:
    line = noise(8000, 1.0)
    tape = taped(line, 8000, frozenset(range(10, 20)))
    assert [int(frame[0]) for frame in tape.desk if frame is not None] == list(range(50))
    assert [bool(frame.any()) for frame in tape.caller] == [not 10 <= number < 20 for number in range(50)]
