"""Our own prompt, coming back: told from a caller by the sound alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.ears.echo import EchoGuard
from ivr.media.g711 import decode_ulaw, encode_ulaw
from ivr.media.pcm import Pcm, frame_samples
from ivr.media.wav import read_wav

CALLS = Path(__file__).parent.parent.parent / "audio" / "calls" / "company"
PROMPT = CALLS / "billing-plain" / "1.wav"
CALLER = CALLS / "callback-corrected" / "1.wav"


def echoes(sent: Pcm, heard: Pcm, rate: int, loud: int = 60) -> np.ndarray:
    """Whether it is echo, for each frame in which something is heard."""
    guard, size, found = EchoGuard(rate), frame_samples(rate), []
    for at in range(0, min(len(sent), len(heard)) - size, size):
        frame = heard[at : at + size]
        guard.heard(frame)
        if np.abs(frame.astype(int)).mean() > loud:
            found.append(guard.is_echo())
        guard.sent(sent[at : at + size])
    return np.array(found)


def coming_back(sent: Pcm, rate: int, delay: float, gain: float = 10 ** (-15 / 20)) -> Pcm:
    """The echo over a telephone line: later by `delay` and a frame, softer, in 8 bits."""
    lag = frame_samples(rate) + round(delay * rate)
    late = np.concatenate([np.zeros(lag), sent.astype(float)])[: len(sent)] * gain
    return decode_ulaw(encode_ulaw(late.astype(np.int16)))


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("delay", [0.0, 0.0371, 0.1, 0.2])
def test_a_line_echo_is_known(delay: float, rate: int) -> None:
    prompt, _ = read_wav(PROMPT, rate=rate)
    found = echoes(prompt, coming_back(prompt, rate, delay), rate)
    assert len(found) > 40 and found[2:].all()


def test_a_smeared_echo_in_noise_is_known() -> None:
    prompt, _ = read_wav(PROMPT, rate=8000)
    smeared = np.convolve(coming_back(prompt, 8000, 0.08), [0.7, 0.4, -0.3, 0.2, -0.1])[: len(prompt)]
    noisy = smeared + np.random.default_rng(3).normal(0, 100, len(prompt))
    assert echoes(prompt, noisy.astype(np.int16), 8000, loud=150)[2:].mean() > 0.97


def test_a_caller_is_no_echo_whatever_the_desk_says() -> None:
    prompt, caller = read_wav(PROMPT, rate=8000)[0], read_wav(CALLER, rate=8000)[0]
    size = min(len(prompt), len(caller))
    assert echoes(prompt[:size], caller[:size], 8000).mean() < 0.1


def test_a_caller_who_speaks_over_an_echo_is_heard() -> None:
    prompt, caller = read_wav(PROMPT, rate=8000)[0], read_wav(CALLER, rate=8000)[0]
    size = min(len(prompt), len(caller))
    both = coming_back(prompt, 8000, 0.1)[:size].astype(int) + caller[:size]
    loud = np.abs(caller[:size].astype(int)) > 2000
    assert loud.any()
    first = int(np.flatnonzero(loud)[0]) // 160
    guard = EchoGuard(8000)
    told = []
    for at in range(0, size - 160, 160):
        guard.heard(both[at : at + 160].astype(np.int16))
        told.append(guard.is_echo())
        guard.sent(prompt[at : at + 160])
    assert not all(told[first : first + 4]), "within 80 ms"


def test_where_nothing_was_sent_nothing_comes_back() -> None:
    caller, _ = read_wav(CALLER, rate=8000)
    assert not echoes(np.zeros_like(caller), caller, 8000).any()
