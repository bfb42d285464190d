"""A console that really listens, with a floor, accounts and a store of its own."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import argon2
import numpy as np
import pytest
import uvicorn
from aiohttp import ClientSession, CookieJar
from browser_tools import CHROMIUM, RATE, Served, sweep
from playwright.async_api import Browser, async_playwright

from ivr.accounts.account import Account, Role
from ivr.accounts.store import AccountStore
from ivr.console.app import create_app
from ivr.floor.dispatch import Dispatches
from ivr.floor.lines import HeldLines
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.handoff.rules import QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Turn
from ivr.meaning import SlotValue
from ivr.media.resample import resample
from ivr.media.wav import write_wav
from ivr.webhooks.outbox import Outbox

PASSWORD = "correct horse battery"
FAST = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@dataclass
class Console:
    """Where it listens, and what is behind it."""

    url: str
    floor: Floor
    store: HandoffStore
    accounts: AccountStore
    lines: HeldLines
    state: Path
    enqueue: Callable[..., int]
    outbox: Outbox
    dispatches: Dispatches

    async def eventually(self, wanted: Callable[[], bool]) -> None:
        """Until something that happens on the floor makes it true."""
        happened = asyncio.Event()
        stop = self.floor.watch(happened.set)
        async with asyncio.timeout(10):
            while not wanted():
                await happened.wait()
                happened.clear()
        stop()

    async def enter(self, **more: object) -> int:
        """A caller on the line."""
        number = self.enqueue(**more)
        await self.floor.enter(number, on_line=True)
        return number

    @asynccontextmanager
    async def person(self, name: str = "", password: str = PASSWORD) -> AsyncIterator[ClientSession]:
        """A browser without a window; logged in when a name is given."""
        async with ClientSession(self.url, cookie_jar=CookieJar(unsafe=True)) as browser:
            if name:
                form = {"name": name, "password": password}
                async with browser.post("/console/login", data=form, allow_redirects=False) as answer:
                    assert answer.status == 303, await answer.text()
                async with browser.get("/console") as page:
                    csrf = (await page.text()).split('data-csrf="')[1].split('"')[0]
                browser.headers["X-CSRF-Token"] = csrf
            yield browser


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    with (
        AccountStore.open(tmp_path / "accounts.sqlite", FAST) as accounts,
        HandoffStore.open(tmp_path / "queue.sqlite") as store,
    ):
        now = datetime.now(UTC)
        accounts.add(Account("ann", Role.OPERATOR, frozenset({"billing"})), PASSWORD, now=now)
        accounts.add(Account("bob", Role.OPERATOR), PASSWORD, now=now)
        accounts.add(Account("sam", Role.SUPERVISOR), PASSWORD, now=now)
        accounts.add(Account("ada", Role.ADMIN), PASSWORD, now=now)
        floor = Floor(store, [QueueRules("billing"), QueueRules("sales")])
        lines = HeldLines(floor)
        phones = Phones(lines)
        await floor.start()
        outbox = Outbox.open(tmp_path / "webhooks.sqlite")
        dispatches = Dispatches(floor, outbox)
        app = create_app(accounts, floor, lines, phones, tmp_path, dispatches=dispatches, grace=0.2, beat=1.0)
        config = uvicorn.Config(app, port=0, log_level="warning", lifespan="on", ws="websockets-sansio")
        server = Server(config)
        serving = asyncio.create_task(server.serve())
        await server.listens.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        made = 0

        def enqueue(**more: object) -> int:
            nonlocal made
            made += 1
            values: dict[str, object] = {
                "call_id": f"call-{made}",
                "desk": "company",
                "queue": "billing",
                "caller": "+44 20 7946 0123",
                "want": "A question about a bill",
                "reason": Reason.NOT_UNDERSTOOD,
                "entered": datetime.now(UTC).isoformat(),
                "waited": 12.0,
                "transcript": (Turn("desk", "Hello", 0.1), Turn("caller", "my bill is wrong", 3.0, 0.8)),
                "slots": (SlotValue("invoice", "482913", "four eight two nine one three", 0.9),),
            }
            return store.enqueue(HandoffRequest(**(values | more)))  # type: ignore[arg-type]

        address = f"http://127.0.0.1:{port}"
        yield Console(address, floor, store, accounts, lines, tmp_path, enqueue, outbox, dispatches)
        server.should_exit = True
        await serving
        await phones.close()
        await lines.close()
        await floor.close()
        outbox.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("console"), cache)
    try:
        yield served
    finally:
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(30) == 0
        served.close()
        assert "Traceback" not in "".join(served.said), served.said


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Its microphone hears a sweep, then silence, again and again."""
    voice = np.concatenate((sweep(3_000, 500), np.zeros(RATE // 5, np.int16)))
    write_wav(tmp_path / "voice.wav", resample(voice, RATE, 48_000), 48_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={tmp_path / 'voice.wav'}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        await browser.close()
