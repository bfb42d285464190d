"""The dispatch of an emergency, from the caller's words to a real receiver that is down and then up."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ivr.config import load_settings
from ivr.events import Answered
from ivr.floor.dispatch import Dispatches, undelivered
from ivr.floor.feed import DISPATCH, Feed
from ivr.floor.service import Floor
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason
from ivr.meaning import SlotValue
from ivr.parts import Reception
from ivr.stores import QUEUE_FILE
from ivr.webhooks.outbox import Delivery, Message, Outbox
from ivr.webhooks.schema import Fate
from ivr.webhooks.sender import Sender, Target
from ivr.webhooks.signature import genuine

KEY = b"a secret of twenty-four bytes"


class Centre:
    """A dispatch centre that answers only while it is up, and takes nothing that is not signed."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.came: list[dict[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not genuine(KEY, headers, body, time.time()):
            return web.Response(status=401)
        self.came.append(json.loads(body))
        return web.Response(status=204)

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/", self.take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()


class Room:
    """What `ivr serve` has of it: floor, feed, sender, alarm."""

    def __init__(self, store: HandoffStore, outbox: Outbox, centre: Centre, **target: Any) -> None:
        self.floor = Floor(store)
        self.dispatches = Dispatches(self.floor, outbox)
        values = {"kinds": frozenset({DISPATCH}), "first": 0.01, "longest": 0.05, "attempts": 1_000} | target
        centre_target = Target("centre", f"http://127.0.0.1:{centre.port}/", KEY, **values)
        self.sender = Sender(outbox, [centre_target], self.dispatches.changed)
        self.dispatches.sender = self.sender
        self.feed = Feed(self.floor, self.sender)

    async def __aenter__(self) -> Room:
        await self.floor.start()
        self.sender.start()
        await self.dispatches.start()
        await self.feed.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feed.close()
        await self.dispatches.close()
        await self.sender.close()
        await self.floor.close()

    async def until(self, wanted: Callable[[], bool]) -> None:
        """Until something that the floor tells makes it true."""
        happened = asyncio.Event()
        stop = self.floor.watch(happened.set)
        async with asyncio.timeout(20):
            while not wanted():
                await happened.wait()
                happened.clear()
        stop()


def call_the_emergency_desk(root: Path, folder: Path) -> None:
    """A house burns; typed, the caller is cut off."""
    settings = load_settings().model_copy(update={"state": folder})
    with Reception(root / "grammars" / "emergency", settings, root) as reception:
        lines = iter(["twelve Quay Street in Port Alder", "my house is on fire", "yes"])
        reception.hold_typed(lines, Answered(datetime.now(UTC), "+442079460123"))


async def test_from_the_callers_words_to_a_centre_that_was_down(
    root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    centre = Centre()
    with HandoffStore.open(tmp_path / QUEUE_FILE) as store, Outbox.open(tmp_path / "w.sqlite") as outbox:
        async with Room(store, outbox, centre) as room:
            await asyncio.to_thread(call_the_emergency_desk, root, tmp_path)
            room.floor.changed()  # a call of this process would have said so
            await room.until(lambda: bool(room.dispatches.open))
            (alarm,) = room.dispatches.open
            assert (alarm.target, alarm.handoff, alarm.given_up) == ("centre", 1, False)
            assert alarm.trouble
            assert f"DISPATCH of case 1 to centre is not delivered: {alarm.trouble[:20]}" in caplog.text
            assert centre.came == []
            async with centre.up():
                await room.until(lambda: not room.dispatches.open)
                told = [one["data"] for one in sorted(centre.came, key=lambda one: one["data"]["version"])]
    assert "dispatch of case 1 to centre: they know it now" in caplog.text
    assert {one["type"] for one in centre.came} == {"dispatch"}
    assert [one["handoff"] for one in told] == [1] * len(told)
    assert told[-1]["caller"] == "+442079460123"
    assert "place" in told[-1]["facts"], told
    versions = [one["version"] for one in told]
    assert len(versions) == len(set(versions)) > 1  # at the first words, and when more was known


def emergency(**more: Any) -> HandoffRequest:
    values: dict[str, Any] = {
        "call_id": "c1",
        "desk": "Emergency",
        "queue": "fire",
        "caller": "+4930",
        "want": "EMERGENCY: fire",
        "reason": Reason.EMERGENCY,
        "entered": datetime.now(UTC).isoformat(),
        "waited": 1.0,
        "priority": 0,
    }
    return HandoffRequest(**(values | more))


async def test_the_alarm_outlives_a_restart_and_a_call_ends_it(tmp_path: Path) -> None:
    centre = Centre()
    with HandoffStore.open(tmp_path / "q.sqlite") as store, Outbox.open(tmp_path / "w.sqlite") as outbox:
        async with Room(store, outbox, centre, attempts=2) as room:
            number = store.enqueue(emergency())
            room.floor.changed()
            await room.until(lambda: any(one.given_up for one in room.dispatches.open))
        async with Room(store, outbox, centre, attempts=2) as room:
            assert [one.handoff for one in room.dispatches.open] == [number]
            assert not await room.dispatches.told(number, "somebody else")
            assert await room.dispatches.told(number, "centre")
            assert room.dispatches.open == ()
        assert [one.fate for one in outbox.dead()] == []


async def test_who_was_told_by_telephone_is_sent_no_more(tmp_path: Path) -> None:
    centre = Centre()
    with HandoffStore.open(tmp_path / "q.sqlite") as store, Outbox.open(tmp_path / "w.sqlite") as outbox:
        async with Room(store, outbox, centre, first=30.0, longest=30.0) as room:
            number = store.enqueue(emergency())
            room.floor.changed()
            await room.until(lambda: bool(room.dispatches.open))
            assert await room.dispatches.told(number, "centre")
            assert room.sender._under_way == {}
        assert outbox.waiting() == ()


async def test_each_centre_is_told_of_its_queues(tmp_path: Path) -> None:
    with HandoffStore.open(tmp_path / "q.sqlite") as store, Outbox.open(tmp_path / "w.sqlite") as outbox:
        floor = Floor(store)
        await floor.start()
        targets = [
            Target("fire", "http://127.0.0.1:9/", KEY, frozenset({DISPATCH}), frozenset({"fire"})),
            Target("police", "http://127.0.0.1:9/", KEY, frozenset({DISPATCH}), frozenset({"police"})),
        ]
        sender = Sender(outbox, targets)  # not started: nothing is sent
        feed = Feed(floor, sender)
        await feed.start()
        number = store.enqueue(emergency())
        store.enqueue(emergency(call_id="c2", priority=5))  # no emergency
        facts = (SlotValue("place", "12|Quay Street", "", 0.9),)
        store.update(number, emergency(slots=facts))
        store.update(number, emergency(slots=facts))  # nothing new
        await feed.close()
        await floor.close()
        await sender.close()
        told = [(one.target, json.loads(one.body)["data"]["facts"]) for one in outbox.waiting()]
    # Both are read when both are on disk: each has what is known then.
    assert told == [("fire", {"place": "12|Quay Street"})] * 2


def test_a_receiver_and_an_emergency_are_one_alarm() -> None:
    def delivery(number: int, target: str, handoff: int, fate: Fate, trouble: str) -> Delivery:
        data = {"handoff": handoff, "queue": "fire", "want": f"fire {number}"}
        at = datetime(2026, 5, 3, 12, number, tzinfo=UTC)
        return Delivery(
            number, target, DISPATCH, Message(target, DISPATCH, at, data).body(), at, fate, number, trouble
        )

    found = undelivered(
        (
            delivery(1, "a", 7, Fate.DEAD, "HTTP 503"),
            delivery(2, "b", 7, Fate.DEAD, "HTTP 410"),
            delivery(3, "a", 7, Fate.WAITING, ""),
            delivery(4, "a", 8, Fate.WAITING, "refused"),
        )
    )
    assert [
        (one.target, one.handoff, one.want, one.attempts, one.trouble, one.given_up) for one in found
    ] == [
        ("a", 7, "fire 3", 3, "HTTP 503", False),
        ("b", 7, "fire 2", 2, "HTTP 410", True),
        ("a", 8, "fire 4", 4, "refused", False),
    ]
