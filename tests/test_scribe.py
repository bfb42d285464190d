"""Whether there is time to write the other side down: quickly no, slowly yes again."""

from __future__ import annotations

from ivr.scribe import BUSY_SECONDS, FREE_SECONDS, Capacity


def ticks(capacity: Capacity, seconds: float, *, free: bool) -> bool:
    enough = capacity.enough
    for _ in range(round(seconds / 0.02)):
        enough = capacity.feed(free=free)
    return enough


def test_short_work_changes_nothing() -> None:
    capacity = Capacity()
    for _ in range(50):
        assert ticks(capacity, BUSY_SECONDS - 0.02, free=False)
        assert capacity.feed(free=True)


def test_no_time_then_time_again() -> None:
    capacity = Capacity()
    assert not ticks(capacity, BUSY_SECONDS, free=False)
    assert not ticks(capacity, FREE_SECONDS - 0.02, free=True)
    assert not ticks(capacity, 0.1, free=False)
    assert not ticks(capacity, FREE_SECONDS - 0.02, free=True)
    assert ticks(capacity, 0.02, free=True)
