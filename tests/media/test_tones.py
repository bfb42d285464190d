"""Music and ringing: there all the time, soft, without clicks, inside the telephone's band."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ivr.media.pcm import level_dbfs
from ivr.media.tones import endless, hold_music, ringing


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize(("make", "quiet"), [(hold_music, 0.1), (ringing, 1.02)])
def test_a_sound_for_who_waits(make, quiet: float, rate: int) -> None:
    pcm = make(rate)
    assert np.abs(pcm).max() <= 32768 * 10 ** (-23.9 / 20)
    assert -40 < level_dbfs(pcm) < -24
    frames = list(itertools.islice(endless(pcm, rate), 1000))
    assert all(len(frame) == rate // 50 for frame in frames)
    silent = "".join(" " if frame.any() else "x" for frame in frames)
    assert max(map(len, silent.split()), default=0) * 0.02 <= quiet
    whole = np.concatenate(frames).astype(float)
    spectrum = np.abs(np.fft.rfft(whole)) ** 2
    hertz = np.fft.rfftfreq(len(whole), 1 / rate)
    assert spectrum[(hertz > 300) & (hertz < 3400)].sum() > 0.97 * spectrum.sum()
    assert np.abs(np.diff(whole)).max() < 2500
