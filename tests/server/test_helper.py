"""Work in a process of its own: what it tells, and that it is gone when nobody waits for it."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import StateError
from ivr.server import helper
from ivr.server.helper import run_ivr


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[Process]:
    """The processes that were begun."""
    processes: asyncio.Queue[Process] = asyncio.Queue()
    begin = asyncio.create_subprocess_exec

    async def watched(*arguments: Any, **more: Any) -> Process:
        process = await begin(*arguments, **more)
        processes.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    return processes


async def test_what_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"the place: it was not done \(.*nobody"):
        await run_ivr(["check", str(tmp_path / "nobody")], "the place", "it was not done")


async def test_what_takes_too_long_is_ended(
    begun: asyncio.Queue[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "LONGEST_SECONDS", 0.0)
    with pytest.raises(StateError, match=r"it was not done \(it took 0 s\)"):
        await run_ivr(["check", "company"], "the place", "it was not done")
    assert begun.get_nowait().returncode == -9


async def test_what_nobody_waits_for_is_ended(begun: asyncio.Queue[Process]) -> None:
    task = asyncio.create_task(run_ivr(["check", "company"], "the place", "it was not done"))
    process = await begun.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert process.returncode == -9
