"""Without a console: what is overdue and what did not arrive alarms, and other programs are told."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.floor.dispatch import REMIND
from ivr.floor.durable import DurableQueue
from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest, HandoffRequest, Reason
from ivr.server.alarms import Alarms, Unattended
from ivr.serving.webhooks import WebhookSettings
from ivr.webhooks.outbox import Outbox

NOW = datetime.now(UTC)


def overdue() -> FollowUpRequest:
    due = (NOW - timedelta(hours=1)).isoformat()
    return FollowUpRequest("c1", "desk", "bills", FollowUpKind.MESSAGE, "A bill", due, due, "+4930")


def emergency(call: str) -> HandoffRequest:
    return HandoffRequest(
        call, "desk", "fire", "+4930", "fire", Reason.EMERGENCY, NOW.isoformat(), 1.0, priority=0
    )


async def until(said: str, caplog: pytest.LogCaptureFixture, chances: int = 500) -> None:
    """Until the log has it; every look of the alarms is on a thread."""
    for _ in range(chances):
        if said in caplog.text:
            return
        await asyncio.to_thread(int)
        await asyncio.sleep(0.01)
    raise AssertionError(caplog.text)


def settings(folder: Path) -> WebhookSettings:
    """A centre at a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "secret").write_text("a secret of twenty-four bytes")
    return WebhookSettings(name="centre", url=f"http://127.0.0.1:{port}/", secret_file=folder / "secret")


async def test_nobody_at_work_and_yet_people_are_alarmed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    file = tmp_path / "queue.sqlite"
    with HandoffStore.open(file) as call:
        call.promise(overdue())
        unattended = Unattended(Alarms([settings(tmp_path)], tmp_path))
        await unattended.start(file)
        await until("follow-up 1 is overdue: message in bills", caplog)
        number = call.enqueue(emergency("c2"))
        assert await unattended.wait(number, 8000) is None  # as a call of this process asks
        await until(f"DISPATCH of case {number} to centre is not delivered", caplog)
        await unattended.close()
        await unattended.close()
    with Outbox.open(tmp_path / "webhooks.sqlite") as outbox:
        told = [(one.kind, json.loads(one.body)["data"].get("follow_up")) for one in outbox.waiting()]
    assert ("follow-up.overdue", 1) in told and ("dispatch", None) in told


async def test_what_stays_undelivered_is_said_again_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with HandoffStore.open(tmp_path / "queue.sqlite") as store:
        queue, alarms = DurableQueue(store), Alarms([settings(tmp_path)], tmp_path)
        await alarms.start(queue)
        first, second = store.enqueue(emergency("c1")), store.enqueue(emergency("c2"))
        queue.changed()
        for number in (first, second):
            await until(f"DISPATCH of case {number} to centre is not delivered", caplog)
        assert alarms.dispatches is not None
        caplog.clear()
        now = queue.clock.wall()
        for after in (timedelta(0), REMIND, REMIND * 1.5, REMIND * 2):
            await alarms.dispatches.look(now + after)
        await alarms.close()
        await queue.close()
    again = (
        f"DISPATCH still not delivered: case {first} to centre, {second} to centre. Tell them by telephone"
    )
    assert [record.getMessage() for record in caplog.records] == [again, again]
