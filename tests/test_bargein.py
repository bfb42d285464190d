"""When a voice pauses a prompt, frame by frame."""

from __future__ import annotations

import pytest

from ivr.bargein import BargeIn, Move

_ = 0.0
X = 0.9


def moves(frames: list[float], *, playing: bool = True, busy: bool = False) -> list[tuple[int, Move]]:
    """What is done at which frame, when the prompts do as they are told."""
    machine, paused, done = BargeIn(), False, []
    for number, probability in enumerate(frames):
        move = machine.feed(probability, playing=playing and not paused, paused=paused, busy=busy)
        if move is not None:
            done.append((number, move))
            paused = move is Move.PAUSE
    return done


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([_] * 50, []),
        ([_, 0.39, _, 0.39], []),
        ([_, X, X, X], [(1, Move.PAUSE)]),
        ([X, *[_] * 12], [(0, Move.PAUSE), (12, Move.RESUME)]),
        ([X, *[_] * 11], [(0, Move.PAUSE)]),
        ([X, *[_] * 8, 0.35, *[_] * 12], [(0, Move.PAUSE), (21, Move.RESUME)]),
        ([X, *[_] * 12, X, X], [(0, Move.PAUSE), (12, Move.RESUME), (13, Move.PAUSE)]),
    ],
    ids=["silence", "perhaps", "voice", "click", "not yet", "soft voice", "again"],
)
def test_a_voice_pauses_and_quiet_resumes(frames: list[float], expected: list[tuple[int, Move]]) -> None:
    assert moves(frames) == expected


def test_what_may_not_be_interrupted_is_not_paused() -> None:
    assert moves([X] * 20, playing=False) == []


def test_nothing_goes_on_while_somebody_is_heard() -> None:
    assert moves([X, *[_] * 50], busy=True) == [(0, Move.PAUSE)]


def test_pauses_in_vain_make_it_patient_and_an_interruption_quick_again() -> None:
    machine = BargeIn()

    def frames_needed() -> int:
        machine.feed(0.0, playing=True, paused=False, busy=False)
        return next(
            n for n in range(1, 50) if machine.feed(X, playing=True, paused=False, busy=False) is Move.PAUSE
        )

    needed = []
    for _ in range(5):
        needed.append(frames_needed())
        machine.vain()
    assert needed == [1, 4, 7, 10, 10]
    machine.meant()
    assert frames_needed() == 1
