"""When a system is left alone."""

from __future__ import annotations

from ivr.lookups.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_lets_one_attempt_through_after_its_rest() -> None:
    breaker = Breaker(most=2, rest=30.0)
    breaker.failed(0.0)
    breaker.succeeded()
    breaker.failed(1.0)
    assert breaker.allows(1.0)
    breaker.failed(2.0)
    assert not breaker.allows(31.9)
    assert breaker.allows(32.0)
    assert not breaker.allows(32.1), "one attempt at a time"
    breaker.failed(33.0)
    assert not breaker.allows(62.9)
    assert breaker.allows(63.0)
    breaker.succeeded()
    assert breaker.allows(63.1)
