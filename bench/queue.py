"""``make bench-queue``: a thousand in the waiting line, races, kill -9 at every step, fifty consoles."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from aiohttp import ClientSession, CookieJar

from bench.console_delay import CHROMIUM, Ways, delays
from bench.report import Result, percentile, report
from ivr.accounts.account import Account, Role
from ivr.accounts.store import AccountStore
from ivr.console.app import create_app
from ivr.floor.lines import HeldLines
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.handoff import messages as told
from ivr.handoff.queue import State, StepKind
from ivr.handoff.rules import QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Turn

REQUEST = HandoffRequest(
    call_id="",
    desk="company",
    queue="desk",
    caller="+44 20 7946 0123",
    want="A question about a bill",
    reason=Reason.ASKED,
    entered="",
    waited=12.0,
    transcript=tuple(
        Turn("caller", "i was charged twice for the same invoice", float(n), 0.9) for n in range(8)
    ),
)
RULES = (QueueRules("desk", ring=600, wrap_up=0),)
PASSWORD = "correct horse battery"
STEPS = ("entered", "offered", "accepted", "ended", "done")
_FLOOR_STEPS = "floor-steps"


def request(name: str) -> HandoffRequest:
    """One more caller."""
    return replace(REQUEST, call_id=name, entered=datetime.now(UTC).isoformat())


# --- steps with a thousand waiting -------------------------------------------------------------------------


async def timed_steps(folder: Path, waiting: int, calls: int) -> dict[str, list[float]]:
    """Milliseconds of each enqueue, offer and accept, on disk, with `waiting` callers in the line."""
    times: dict[str, list[float]] = {"enqueue": [], "offer": [], "accept": []}
    with HandoffStore.open(folder / "steps.sqlite") as store:
        floor = Floor(store, RULES)
        await floor.start()
        for n in range(waiting):
            await floor.enter(await floor.kept(store.enqueue, request(f"w{n}")), on_line=True)
        await floor.tell(told.SignedOn("ann"))
        for n in range(calls):
            began = time.perf_counter()
            number = await floor.kept(store.enqueue, request(f"c{n}"))
            await floor.enter(number, on_line=True)
            times["enqueue"].append((time.perf_counter() - began) * 1_000)
            began = time.perf_counter()
            done = await floor.tell(told.Ready("ann"))
            times["offer"].append((time.perf_counter() - began) * 1_000)
            offered = next(action.handoff for action in done if hasattr(action, "until"))
            began = time.perf_counter()
            await floor.tell(told.Accepted("ann", offered))
            times["accept"].append((time.perf_counter() - began) * 1_000)
            await floor.tell(told.Away("ann"))
            await floor.tell(told.Ended("ann", offered))
        await floor.close()
    return times


# --- races -------------------------------------------------------------------------------------------------


def doubly_taken(folder: Path, races: int) -> tuple[int, int]:
    """Of `races` callers that two take at the same time: who had one winner, and who had none or two."""
    with HandoffStore.open(folder / "race.sqlite") as store, ThreadPoolExecutor(2) as pool:
        one = other = 0
        for n in range(races):
            number = store.enqueue(request(f"r{n}"))
            now = datetime.now(UTC)
            both = [pool.submit(store.take, name, now=now, handoff_id=number) for name in ("ann", "bob")]
            winners = sum(found.result() is not None for found in both)
            one, other = one + (winners == 1), other + (winners != 1)
        return one, other


# --- kill -9 -----------------------------------------------------------------------------------------------


async def walk(path: Path) -> None:
    """The child: brings callers through all steps and tells each after it was done, until it is killed."""

    def tell(step: str, number: int) -> None:
        os.write(1, f"{step} {number}\n".encode())

    with HandoffStore.open(path) as store:
        floor = Floor(store, RULES)
        await floor.start()
        await floor.tell(told.SignedOn("ann"))
        while True:
            number = await floor.kept(store.enqueue, request(f"{os.getpid()}-{time.monotonic_ns()}"))
            tell("entered", number)
            await floor.enter(number, on_line=True)
            await floor.tell(told.Ready("ann"))
            mine = floor.distributor.floor.operators["ann"].handoff
            assert mine is not None
            tell("offered", mine)
            await floor.tell(told.Accepted("ann", mine))
            tell("accepted", mine)
            await floor.tell(told.Away("ann"))
            await floor.tell(told.Ended("ann", mine))
            tell("ended", mine)
            await floor.write_up(mine, "ann", "settled", "")
            tell("done", mine)


def kill_at(path: Path, step: str) -> list[tuple[str, int]]:
    """What a child told before it was killed, right after it told of `step`."""
    command = [sys.executable, "-m", "bench.queue", _FLOOR_STEPS, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = []
        for line in child.stdout:
            what, number = line.split()
            lines.append((what, int(number)))
            if what == step and len(lines) > 3:
                break
        child.send_signal(signal.SIGKILL)
        for line in child.stdout:
            what, _, number = line.strip().partition(" ")
            if number.isdigit():
                lines.append((what, int(number)))
    return lines


async def restarted(path: Path, lines: list[tuple[str, int]]) -> tuple[int, int, float]:
    """How many are lost, how many given twice, and the seconds until the floor is ready again."""
    began = time.perf_counter()
    with HandoffStore.open(path) as store:
        floor = Floor(store, RULES)
        await floor.start()
        ready = time.perf_counter() - began
        lost = twice = 0
        for number in {number for _, number in lines}:
            steps = [what for what, of in lines if of == number]
            state = store.get(number).state
            waits = number in floor.distributor.floor.entries
            settled = state in (State.DONE, State.WRAPPING_UP)
            lost += not (waits or settled)
            lost += ("done" in steps) and state is not State.DONE
            kinds = Counter(step.kind for step in store.history(number))
            # Given again only after it came back.
            twice += kinds[StepKind.ACCEPTED] > 1 + kinds[StepKind.RETURNED]
        await floor.close()
    return lost, twice, ready


async def killed(folder: Path, times: int) -> tuple[int, int, list[float]]:
    """All of them, each step `times` times."""
    lost = twice = 0
    ready: list[float] = []
    for step in STEPS:
        for n in range(times):
            path = folder / f"{step}-{n % 5}.sqlite"
            lines = await asyncio.to_thread(kill_at, path, step)
            more_lost, more_twice, seconds = await restarted(path, lines)
            lost, twice = lost + more_lost, twice + more_twice
            ready.append(seconds)
    return lost, twice, ready


# --- fifty consoles ----------------------------------------------------------------------------------------


@asynccontextmanager
async def console(folder: Path, people: int) -> AsyncIterator[tuple[str, HeldLines, HandoffStore]]:
    """A console that really listens, with accounts for `people`."""
    with (
        AccountStore.open(folder / "accounts.sqlite") as accounts,
        HandoffStore.open(folder / "console.sqlite") as store,
    ):
        for n in range(people):
            accounts.add(Account(f"p{n}", Role.OPERATOR), PASSWORD, now=datetime.now(UTC))
        floor = Floor(store, RULES)
        lines = HeldLines(floor)
        await floor.start()
        app = create_app(accounts, floor, lines, Phones(lines), folder)
        config = uvicorn.Config(app, port=0, log_level="warning")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", lines, store
        server.should_exit = True
        await serving
        await lines.close()
        await floor.close()


async def seen(folder: Path, people: int, calls: int) -> list[float]:
    """Milliseconds from an enqueue until each of `people` open consoles shows the caller."""
    delays: list[float] = []
    began: dict[int, float] = {}
    arrived = asyncio.Condition()
    shown: Counter[int] = Counter()
    async with console(folder, people) as (url, lines, store), contextlib.AsyncExitStack() as stack:
        floor = lines.floor

        async def watch(name: str) -> None:
            session = await stack.enter_async_context(ClientSession(url, cookie_jar=CookieJar(unsafe=True)))
            async with session.post("/console/login", data={"name": name, "password": PASSWORD}):
                pass
            page = await stack.enter_async_context(session.ws_connect("/console/live"))
            await page.receive_json()
            pages.append(asyncio.create_task(follow(page)))
            beats.append(asyncio.create_task(beat(page)))

        async def beat(page: object) -> None:
            while True:
                await asyncio.sleep(1.0)
                await page.send_str(".")  # type: ignore[attr-defined]

        async def follow(page: object) -> None:
            known: set[int] = set()
            while True:
                picture = await page.receive_json()  # type: ignore[attr-defined]
                now = time.perf_counter()
                for row in picture["waiting"]:
                    if row["id"] in began and row["id"] not in known:
                        known.add(row["id"])
                        delays.append((now - began[row["id"]]) * 1_000)
                        async with arrived:
                            shown[row["id"]] += 1
                            arrived.notify_all()

        pages: list[asyncio.Task[None]] = []
        beats: list[asyncio.Task[None]] = []
        for n in range(people):
            await watch(f"p{n}")
        for n in range(calls):
            started = time.perf_counter()
            number = await floor.kept(store.enqueue, request(f"s{n}"))
            began[number] = started
            await floor.enter(number, on_line=True)
            async with asyncio.timeout(30), arrived:
                await arrived.wait_for(lambda number=number: shown[number] == people)  # type: ignore[misc]
            await floor.tell(told.CallerLeft(number))
            await asyncio.sleep(0.1)
        for task in (*pages, *beats):
            task.cancel()
    return delays


# --- a voice in a browser ----------------------------------------------------------------------------------


async def heard(folder: Path, clicks: int) -> Ways:
    """Milliseconds from the caller's line to the operator's ear in a browser, and back."""
    async with console(folder, 1) as (url, lines, store):
        floor = lines.floor
        await floor.tell(told.SignedOn("p0"))
        await floor.tell(told.Ready("p0"))
        number = await floor.kept(store.enqueue, request("voice"))
        return await delays(url, lines, number, "p0", PASSWORD, clicks)


def _voice(folder: Path, clicks: int) -> list[Result]:
    if CHROMIUM is None:
        print("the voice in a browser is not measured: apt-get install chromium", file=sys.stderr)
        return []
    (folder / "voice").mkdir()
    found = []
    ways = asyncio.run(heard(folder / "voice", clicks))
    for way, values in (
        ("from the caller's line to the operator's ear", ways.there),
        ("from the operator's microphone to the line", ways.back),
        ("to the ear, 10 s after the page stood still for 0.3 s", ways.later),
        ("from the microphone, 10 s after it", ways.back_later),
    ):
        spread = (min(values), max(values))
        what = f"voice in the browser, {way}: p95"
        found.append(Result(what, percentile(values, 0.95), "ms", ("<=", 200), spread))
    return found


def main() -> int:
    """Print the table; 1 when a mark is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("command", nargs="?", choices=[_FLOOR_STEPS], help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.command:
        asyncio.run(walk(given.path))
        return 0
    few = 10 if given.quick else 1
    with tempfile.TemporaryDirectory(prefix="ivr-bench-queue-") as name:
        folder = Path(name)
        results = []
        times = asyncio.run(timed_steps(folder, 1_000 // few, 500 // few))
        for what, values in times.items():
            spread = (min(values), max(values))
            worst = percentile(values, 0.99)
            results.append(Result(f"{what} with fsync, 1,000 waiting: p99", worst, "ms", ("<=", 50), spread))
        races = 1_000 // few
        one, other = doubly_taken(folder, races)
        results.append(Result("taken by two at once: exactly one winner", one, f"of {races}", (">=", races)))
        results.append(Result("taken by two at once: none or two winners", other, "", ("<=", 0)))
        lost, twice, ready = asyncio.run(killed(folder, 50 // few))
        kills = f"kill -9 at each of {len(STEPS)} steps, {50 // few} times"
        results.append(Result(f"{kills}: lost", lost, "", ("<=", 0)))
        results.append(Result(f"{kills}: given twice", twice, "", ("<=", 0)))
        results.append(Result("ready again after it: longest", max(ready), "s", ("<=", 5)))
        delays = asyncio.run(seen(folder, 50 // few, 40 // few))
        spread = (min(delays), max(delays))
        what = f"shown in the console after the enqueue, {50 // few} consoles: p95"
        results.append(Result(what, percentile(delays, 0.95), "ms", ("<=", 300), spread))
        results += _voice(folder, 60 // few)
    return 0 if report("queue", results, ("sqlalchemy", "fastapi", "uvicorn")) else 1


if __name__ == "__main__":
    sys.exit(main())
