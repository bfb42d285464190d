"""A flood of bad input is one line in the log."""

from __future__ import annotations

from ivr.lines.offences import MOST_KINDS, PERIOD, Offences


def test_the_first_is_told_at_once_and_the_rest_counted() -> None:
    offences = Offences()
    assert offences.note("bad message", "192.0.2.1", 0.0) == "bad message, from 192.0.2.1"
    assert [offences.note("bad message", "192.0.2.2", t / 1000) for t in range(1, 5000)] == [None] * 4999
    line = offences.note("bad message", "192.0.2.3", PERIOD)
    assert line == "bad message, from 192.0.2.3, and 4999 more since the last such line"
    assert offences.counts == {"bad message": 5001}


def test_each_kind_is_told_for_itself() -> None:
    offences = Offences()
    assert offences.note("one", "a", 0.0) and offences.note("other", "a", 0.0)
    assert offences.note("one", "a", 1.0) is None


def test_kinds_are_bounded() -> None:
    offences = Offences()
    for number in range(10 * MOST_KINDS):
        offences.note(f"kind {number}", "a", 0.0)
    assert len(offences.counts) == MOST_KINDS + 1
