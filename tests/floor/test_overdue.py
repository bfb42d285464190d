"""What is overdue is told once: in the log, and to other programs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.floor.durable import DurableQueue
from ivr.floor.feed import Feed
from ivr.floor.overdue import MOST_LINES, Overdue
from ivr.floor.service import Floor
from ivr.handoff.followup import FollowUpStepKind
from ivr.handoff.rules import CallBackRules, QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest, HandoffRequest, Reason
from ivr.webhooks.outbox import Outbox
from ivr.webhooks.sender import Sender, Target

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def promised(name: str, hours: float) -> FollowUpRequest:
    due = NOON + timedelta(hours=hours)
    return FollowUpRequest(
        name, "desk", "bills", FollowUpKind.MESSAGE, "A bill", NOON.isoformat(), due.isoformat(), "+4930"
    )


async def test_overdue_is_said_once_over_restarts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    key = b"x" * 24
    targets = [
        Target("all", "http://127.0.0.1:9/", key),
        Target("late", "http://127.0.0.1:9/", key, frozenset({"follow-up.overdue"})),
    ]
    with Outbox.open(tmp_path / "w.sqlite") as outbox:
        for hours, fresh in ((0.5, []), (1.5, [1]), (1.6, []), (2.5, [2])):
            with HandoffStore.open(tmp_path / "q.sqlite") as store:  # a run of the program
                floor, sender = Floor(store), Sender(outbox, targets)
                await floor.start()
                feed = Feed(floor, sender)
                await feed.start()
                if hours == 0.5:
                    store.promise(promised("first", 1))
                    store.promise(promised("second", 2))
                    store.promise(promised("third", 3))
                found = await Overdue(floor).look(NOON + timedelta(hours=hours))
                assert [one.id for one in found] == fresh
                if hours == 2.5:
                    store.follow_ups.settle(3, FollowUpStepKind.DONE, "told her", by="ann", now=NOON)
                await feed.close()
                await floor.close()
                await sender.close()
        told = [(one.target, one.kind, json.loads(one.body)["data"]) for one in outbox.waiting()]
    assert [(kind, data["follow_up"]) for target, kind, data in told if target == "late"] == [
        ("follow-up.overdue", 1),
        ("follow-up.overdue", 2),
    ]
    assert [(kind, data["follow_up"]) for target, kind, data in told if target == "all"] == [
        ("follow-up.made", 1),
        ("follow-up.made", 2),
        ("follow-up.made", 3),
        ("follow-up.overdue", 1),
        ("follow-up.overdue", 2),
        ("follow-up.settled", 3),
    ]
    assert told[-1][2] == {
        "follow_up": 3,
        "call": "third",
        "desk": "desk",
        "queue": "bills",
        "kind": "message",
        "what": "A bill",
        "caller": "+4930",
        "contact": "",
        "to": "",
        "due": "2026-05-03T15:00:00+00:00",
        "state": "done",
        "operator": "ann",
        "outcome": "told her",
    }
    assert [record.getMessage() for record in caplog.records] == [
        "follow-up 1 is overdue: message in bills, due 2026-05-03T13:00:00+00:00, nobody's",
        "follow-up 2 is overdue: message in bills, due 2026-05-03T14:00:00+00:00, nobody's",
    ]


async def test_what_is_overdue_after_a_long_stop_fills_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with HandoffStore.open(tmp_path / "q.sqlite") as store:
        for number in range(MOST_LINES + 2):
            store.promise(promised(str(number), 1))
        queue = DurableQueue(store)
        found = await Overdue(queue).look(NOON + timedelta(hours=2))
        await queue.close()
    assert len(found) == MOST_LINES + 2
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == MOST_LINES + 1
    assert said[-1] == "2 more are overdue: ivr followups list --overdue"


async def test_it_looks_by_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with HandoffStore.open(tmp_path / "q.sqlite") as store:
        store.promise(promised("first", 1))  # long ago
        floor = Floor(store)
        await floor.start()
        overdue = Overdue(floor)
        rung = []
        floor.watch(lambda: rung.append(1))
        overdue.start()
        while not rung:
            await floor.kept(int)
        await overdue.close()
        await floor.close()
    assert "follow-up 1 is overdue" in caplog.text


async def test_who_wants_to_be_called_back_is_promised_it(tmp_path: Path) -> None:
    with HandoffStore.open(tmp_path / "q.sqlite") as store:
        floor = Floor(store, [QueueRules("bills", call_back=CallBackRules(within=600))])
        await floor.start()
        request = HandoffRequest(
            "c1", "desk", "bills", "+4930", "A bill", Reason.ASKED, datetime.now(UTC).isoformat(), 1.0
        )
        number = store.enqueue(request)
        await floor.enter(number, on_line=True)
        await floor.want_call_back(number, "0301234")
        (promise,) = store.follow_ups.find()
        await floor.close()
    assert promise.due is not None
    assert promise.due - promise.made == timedelta(minutes=10)
    assert (promise.request.contact, promise.request.queue, promise.handoff) == ("0301234", "bills", number)
