"""What happens in the queue reaches the outbox: each step once, whatever ends in between."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.floor.feed import SOURCE, Feed
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.search import last_step
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason
from ivr.webhooks.outbox import Delivery, Outbox
from ivr.webhooks.sender import Sender, Target


def request(name: str) -> HandoffRequest:
    return HandoffRequest(
        call_id=name,
        desk="d",
        queue="desk",
        caller="+4930",
        want="A bill",
        reason=Reason.ASKED,
        entered=datetime.now(UTC).isoformat(),
        waited=1.0,
    )


def told_to(outbox: Outbox, name: str) -> list[tuple[str, str]]:
    return [(one.kind, json.loads(one.body)["data"]["how"]) for one in outbox.waiting() if one.target == name]


@pytest.fixture
def targets() -> list[Target]:
    """Nothing is sent: the sender is not started."""
    key = b"x" * 24
    return [
        Target("all", "http://127.0.0.1:9/", key),
        Target("ends", "http://127.0.0.1:9/", key, frozenset({"queue.ended"})),
    ]


async def test_each_step_is_told_once(tmp_path: Path, targets: list[Target]) -> None:
    with HandoffStore.open(tmp_path / "q.sqlite") as store, Outbox.open(tmp_path / "w.sqlite") as outbox:
        store.enqueue(request("before"))  # before the first start of all: not told
        sender = Sender(outbox, targets)
        floor = Floor(store)
        await floor.start()
        feed = Feed(floor, sender)
        await feed.start()
        await floor.tell(told.SignedOn("ann"))
        number = store.enqueue(request("a"))
        await floor.enter(number, on_line=True)
        await floor.tell(told.Taken("ann", number))
        await floor.tell(told.Ended("ann", number))
        await floor.write_up(number, "ann", "settled", "sent a copy")
        left = store.enqueue(request("b"))
        await floor.enter(left, on_line=True)
        await floor.tell(told.CallerLeft(left))
        await feed.close()
        assert told_to(outbox, "all") == [
            ("queue.entered", "entered"),
            ("queue.connected", "accepted"),
            ("queue.ended", "ended"),
            ("queue.written-up", "done"),
            ("queue.entered", "entered"),
            ("queue.ended", "abandoned"),
        ]
        assert told_to(outbox, "ends") == [("queue.ended", "ended"), ("queue.ended", "abandoned")]
        last: Delivery = outbox.waiting()[4]
        data = json.loads(last.body)["data"]
        assert data["disposition"] == "settled" and data["operator"] == "ann" and data["caller"] == "+4930"
        # Another program, while nobody watches; then a new start.
        store.enqueue(request("c"))
        again = Feed(floor, sender)
        await again.start()
        await again.close()
        assert told_to(outbox, "all")[-1] == ("queue.entered", "entered")
        assert len(told_to(outbox, "all")) == 7
        assert outbox.place(SOURCE) == last_step(store)
        await floor.close()
        await sender.close()
