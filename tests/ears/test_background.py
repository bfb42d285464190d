"""People behind the caller, told from the caller by their level."""

from __future__ import annotations

import numpy as np

from ivr.ears.background import Background
from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples

SIZE = frame_samples(8000)
CROWD, CALLER = 100.0, 1000.0
"""Amplitudes: the caller is 20 dB above the people behind."""


def frame(amplitude: float, rng: np.random.Generator) -> Pcm:
    """20 ms of noise."""
    return (amplitude * rng.standard_normal(SIZE)).astype(np.int16)


def judged(*parts: tuple[float, float, float]) -> list[np.ndarray]:
    """What the background makes of parts of a call, each (seconds, amplitude, probability of speech)."""
    background, rng, found = Background(), np.random.default_rng(5), []
    for seconds, amplitude, probability in parts:
        count = round(seconds / FRAME_SECONDS)
        found.append(np.array([background.heard(frame(amplitude, rng), probability) for _ in range(count)]))
    return found


def test_a_crowd_is_nobody_and_the_caller_is_heard_above_it() -> None:
    crowd, caller, after = judged((4.0, CROWD, 0.7), (2.0, CALLER, 0.9), (2.0, CROWD, 0.7))
    assert (crowd[100:] == 0.0).all()
    assert (caller == 0.9).mean() > 0.95
    assert (after[:5] == 0.7).all(), "soft ends of words"
    assert (after[25:] == 0.0).all()


def test_a_soft_voice_counts_where_the_background_is_no_voice() -> None:
    _, loud, soft = judged((4.0, CROWD, 0.05), (2.0, CALLER, 0.9), (0.9, 1.5 * CROWD, 0.6))
    assert (loud == 0.9).all() and (soft == 0.6).all()


def test_nothing_is_taken_away_before_the_background_is_known() -> None:
    (at_once,) = judged((1.0, CROWD, 0.9))
    assert (at_once == 0.9).all()


def test_a_long_answer_over_a_crowd_is_heard_to_its_end() -> None:
    """Between syllables the crowd is heard, and its level is not lost while the caller speaks on."""
    syllables = [(0.25, CALLER, 0.9), (0.05, CROWD, 0.7)] * 40
    _, *answer = judged((4.0, CROWD, 0.7), *syllables)
    assert (np.concatenate(answer) > 0.0).mean() > 0.95


def test_a_crowd_that_comes_later_is_known_within_seconds() -> None:
    *_, crowd = judged((4.0, 3.0, 0.0), (2.0, CALLER, 0.9), (12.0, CROWD, 0.7))
    assert (crowd[-100:] == 0.0).all()
