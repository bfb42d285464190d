"""When a holding phrase is due, frame by frame."""

from __future__ import annotations

import pytest

from ivr.events import Say
from ivr.holding import Holding

PHRASES = tuple(Say(f"holding.{n}", f"{n}") for n in (1, 2, 3))


def said(
    holding: Holding, seconds: float, *, working: bool = True, start: float = 0.0
) -> list[tuple[float, str]]:
    """Which phrases were due when, if nothing is audible."""
    found = []
    for tick in range(1, round(seconds / 0.02) + 1):
        now = round(start + tick * 0.02, 6)
        if (phrase := holding.feed(now, audible=False, working=working)) is not None:
            found.append((now, phrase.text))
    return found


def test_phrases_come_in_turn_and_the_first_only_once() -> None:
    assert said(Holding(PHRASES), 7.3) == [
        (1.2, "1"), (2.4, "2"), (3.6, "3"), (4.8, "2"), (6.0, "3"), (7.2, "2"),
    ]  # fmt: skip


def test_after_other_work_the_first_phrase_comes_again() -> None:
    holding = Holding(PHRASES)
    assert said(holding, 2.5)[-1][1] == "2"
    said(holding, 0.02, working=False, start=2.5)
    assert said(holding, 2.0, start=2.52)[0][1] == "1"


def test_who_does_not_work_says_nothing() -> None:
    assert said(Holding(PHRASES), 10.0, working=False) == []


def test_silence_counts_from_the_last_sound_of_either() -> None:
    holding = Holding(PHRASES)
    holding.feed(0.5, audible=True, working=True)
    holding.spoke(1.0)
    assert said(holding, 1.5, start=1.0) == [(2.2, "1")]


def test_a_reading_that_comes_at_once_needs_no_phrase() -> None:
    holding = Holding(PHRASES)
    assert said(holding, 3.0, working=False) == []
    assert said(holding, 0.2, start=3.0) == []
    assert said(holding, 0.1, start=3.2) == [(3.24, "1")]


@pytest.mark.parametrize("count", [0, 1])
def test_few_phrases(count: int) -> None:
    texts = [text for _, text in said(Holding(PHRASES[:count]), 5.0)]
    assert texts == ["1"] * (4 * count)
