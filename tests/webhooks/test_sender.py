"""Deliveries to a real receiver over HTTP: signed, tried again, put aside, sent again, never lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from ivr.errors import UnknownError
from ivr.webhooks.outbox import Message, Outbox
from ivr.webhooks.schema import Fate, metadata
from ivr.webhooks.sender import Sender, Target
from ivr.webhooks.signature import genuine

KEY = b"a secret of twenty-four bytes"
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


class Receiver:
    """Answers as told, with 200 when nothing is told; keeps what came."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.came.append((headers, await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield receiver
    await runner.cleanup()


class Watched(Outbox):
    """Tells when something in it was changed, in whatever thread."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.loop = asyncio.get_running_loop()
        self.changed = asyncio.Event()

    def _change(self, number: int, **values: object) -> None:
        super()._change(number, **values)
        self.loop.call_soon_threadsafe(self.changed.set)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self.changed.wait()
                self.changed.clear()


@pytest.fixture
async def outbox(tmp_path: Path) -> Watched:
    return Watched.open(tmp_path / "webhooks.sqlite")


def target(url: str, **more: object) -> Target:
    return Target("crm", url, KEY, **({"first": 0.01, "longest": 0.02} | more))  # type: ignore[arg-type]


def message(kind: str = "queue.entered", to: str = "crm") -> Message:
    return Message(to, kind, NOON, {"handoff": 7, "want": "Rechnung – ü"})


async def test_a_delivery_is_signed(receiver: Receiver, outbox: Watched) -> None:
    sender = Sender(outbox, [target(receiver.url)])
    (number,) = outbox.put([message()])
    sender.start()
    await outbox.until(lambda: not outbox.waiting())
    ((headers, body),) = receiver.came
    assert genuine(KEY, headers, body, time.time())
    assert not genuine(b"another secret of so many bytes", headers, body, time.time())
    assert headers["webhook-id"] == f"ivr-{number}"
    assert headers["content-type"] == "application/json"
    told = json.loads(body)
    assert told == {
        "type": "queue.entered",
        "timestamp": "2026-05-03T12:00:00+00:00",
        "data": {"handoff": 7, "want": "Rechnung – ü"},
    }
    assert outbox.dead() == ()
    await sender.close()
    outbox.close()


async def test_tried_again_then_put_aside_then_sent_again(receiver: Receiver, outbox: Watched) -> None:
    receiver.answers = [500, 503, 302]
    sender = Sender(outbox, [target(receiver.url, attempts=3)])
    sender.start()
    (number,) = outbox.put([message()])
    sender.wake()
    await outbox.until(lambda: bool(outbox.dead()))
    (dead,) = outbox.dead()
    assert (dead.id, dead.fate, dead.attempts, dead.trouble) == (number, Fate.DEAD, 3, "HTTP 302")
    assert len(receiver.came) == 3
    assert outbox.revive(number) == 1
    with pytest.raises(UnknownError, match=f"delivery {number}: is not in the list of what nobody took"):
        outbox.revive(number)
    outbox.changed.clear()
    sender.wake()
    await outbox.until(lambda: len(receiver.came) == 4 and not outbox.waiting())
    assert outbox.dead() == ()
    await sender.close()
    outbox.close()


async def test_a_receiver_that_wants_no_more(receiver: Receiver, outbox: Watched) -> None:
    receiver.answers = [410]
    sender = Sender(outbox, [target(receiver.url)])
    outbox.put([message(), message(to="nobody")])
    sender.start()
    await outbox.until(lambda: len(outbox.dead()) == 2)
    assert {one.trouble for one in outbox.dead()} == {
        "HTTP 410",
        "there is no target nobody in the settings",
    }
    assert len(receiver.came) == 1
    assert outbox.revive() == 2
    await sender.close()
    outbox.close()


async def test_what_was_not_sent_is_sent_after_the_next_start(receiver: Receiver, tmp_path: Path) -> None:
    with Watched.open(tmp_path / "w.sqlite") as outbox:
        nowhere = Sender(outbox, [target("http://127.0.0.1:9/", attempts=100, first=60, longest=60)])
        outbox.put([message()], source="queue", place=41)
        nowhere.start()
        await outbox.until(lambda: outbox.waiting()[0].attempts == 1)
        assert outbox.waiting()[0].trouble
        await nowhere.close()
    with Watched.open(tmp_path / "w.sqlite") as outbox:
        assert outbox.place("queue") == 41
        assert outbox.place("other") is None
        sender = Sender(outbox, [target(receiver.url)])
        sender.start()
        await outbox.until(lambda: not outbox.waiting())
        assert len(receiver.came) == 1
        await sender.close()


async def test_what_was_sent_is_forgotten_some_day(outbox: Watched) -> None:
    first, _ = outbox.put([message(), message()])
    outbox.sent(first)
    outbox.forget(NOON + timedelta(days=6))
    outbox.forget(NOON + timedelta(days=8))
    assert [one.id for one in outbox.waiting()] == [2]
    with outbox._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert connection.exec_driver_sql("select count(*) from deliveries").scalar() == 1
    outbox.close()
