from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Turn
from ivr.meaning import SlotValue

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HandoffStore]:
    with HandoffStore.open(tmp_path / "state" / "queue.db") as opened:
        yield opened


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def request_of() -> Callable[..., HandoffRequest]:
    """request_of("c1", after=30, queue=...): a request that entered `after` seconds after noon."""
    full = HandoffRequest(
        call_id="",
        desk="company",
        queue="billing",
        caller="+49 30 1234",
        want="A question about a bill",
        reason=Reason.NOT_UNDERSTOOD,
        entered="",
        waited=41.5,
        transcript=(Turn("desk", "How can I help you?", 0.02), Turn("caller", "请 bill ünd 😀", 3.1, 0.61)),
        slots=(SlotValue("bill", "482913", "four eight two nine one three", 0.93),),
        skills=("billing",),
        priority=5,
        tried=("asked twice",),
        identity="Anna Berg",
        mood="upset",
    )

    def make(call_id: str, *, after: float = 0, **changes: object) -> HandoffRequest:
        entered = (NOON + timedelta(seconds=after)).isoformat()
        return replace(full, **{"call_id": call_id, "entered": entered, **changes})  # type: ignore[arg-type]

    return make
