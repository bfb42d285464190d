"""Frames of one rate as frames of another."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.match import Matched


def test_equal_rates_are_bit_exact() -> None:
    frame = np.arange(160, dtype=np.int16)
    assert Matched(8000, 8000).feed(frame) is frame


@pytest.mark.parametrize(("came", "goes"), [(8000, 16000), (16000, 8000)])
def test_a_tone_survives_and_every_frame_is_whole(came: int, goes: int) -> None:
    matched = Matched(came, goes)
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(came) / came)).astype(np.int16)
    frames = [matched.feed(tone[at : at + came // 50]) for at in range(0, came, came // 50)]
    assert {len(frame) for frame in frames} == {goes // 50}
    whole = np.concatenate(frames)[goes // 5 :].astype(float)
    assert np.fft.rfft(whole * np.hanning(len(whole))).__abs__().argmax() == pytest.approx(440 * 0.8, abs=1)
    assert np.abs(whole).max() == pytest.approx(8000, rel=0.02)
    assert np.abs(np.diff(whole)).max() < 8000 * 2 * np.pi * 440 / goes * 1.1, "no gaps"
