"""How many plain media calls the workers hold, and what 2,000 calls leave behind. The callers are SIPp."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from pathlib import Path

import psutil

from bench.lines_sound import line_of_ours
from bench.report import Result, percentile
from ivr.lines.line import Line, LineClosed
from ivr.lines.sip.server import SipServer

HOLD_SECONDS = 20
RATE = 25
WARM_UP = 2000
"""Calls after which the pools of the stack and the allocator have their size: the line and its workers grow
by 5.5 % from the 1,000th to the 2,000th, by 0.3 % from the 2,000th to the 5,000th."""


async def media(options: argparse.Namespace) -> list[Result]:
    """Calls whose sound is echoed both ways; the most that keep the beat."""
    results, held = [], 0
    for calls in options.media:
        late, lines, cpu, up, starved = await _hold(calls)
        results.append(Result(f"{calls} media calls: p99 lateness of the workers' ticks", late, "ms"))
        results.append(Result(f"{calls} media calls: p99 lateness of the calls' ticks", lines, "ms"))
        results.append(Result(f"{calls} media calls: CPU of the server and its workers", cpu, "% of a core"))
        results.append(Result(f"{calls} media calls: held to their end", up, ""))
        results.append(Result(f"{calls} media calls: frames that came too late to be sent", starved, ""))
        if late < 10 and up == calls:
            held = calls
    return [*results, Result("media calls held with p99 lateness below 10 ms", held, "", (">=", 100))]


class _Echo:
    """Says what it hears."""

    def __init__(self, *, measures: bool = True) -> None:
        self.late: list[float] = []
        self._measures = measures

    async def __call__(self, line: Line) -> None:
        began, ticks = time.monotonic(), 0
        with contextlib.suppress(LineClosed):
            while True:
                received = await line.recv()
                ticks += 1
                if self._measures:
                    self.late.append(time.monotonic() - began - 0.02 * ticks)
                await line.send(received.pcm)


async def _hold(calls: int) -> tuple[float, float, float, int, int]:
    """Lateness of workers and of calls in ms, CPU in % of a core, calls held, frames starved."""
    echo, late = _Echo(), []
    async with line_of_ours(echo, workers=2) as server:
        family = _family(server)
        for process in family:
            process.cpu_percent()
        sipp = asyncio.create_task(
            _sipp(
                server,
                "-m",
                str(calls),
                "-l",
                str(calls),
                "-r",
                "20",
                "-d",
                str(1000 * HOLD_SECONDS),
                "-rtp_echo",
            )
        )
        began, most = time.monotonic(), 0
        while time.monotonic() - began < HOLD_SECONDS:
            await asyncio.sleep(1)
            most = max(most, len(server.calls))
            if len(server.calls) == calls:
                late.append(server.late_ms)
        cpu = sum(process.cpu_percent() for process in family)
        good = await sipp
    settled = echo.late[len(echo.late) // 4 :]
    return (
        max(late, default=float("inf")),
        1000 * percentile(settled or [float("inf")], 0.99),
        cpu,
        most if good == 0 else 0,
        server.starved,
    )


async def storm(options: argparse.Namespace) -> list[Result]:
    """Short calls, 25 a second, after some that warm up."""
    async with line_of_ours(_Echo(measures=False), workers=2) as server:
        await _sipp(server, "-m", str(WARM_UP), "-r", str(RATE), "-d", "1000", "-rtp_echo")
        await asyncio.sleep(3)
        before, files = memory_of(server), files_of(server)
        good = await _sipp(server, "-m", str(options.storm), "-r", str(RATE), "-d", "1000", "-rtp_echo")
        await asyncio.sleep(45)  # ended calls are remembered for 40 s
        after, left = memory_of(server), files_of(server)
        return [
            Result(f"{options.storm} calls at {RATE}/s: all as they should", float(good == 0), "", (">=", 1)),
            Result("memory growth", 100 * (after - before) / before, "%", ("<=", 5)),
            Result("file descriptors more than before", left - files, "", ("<=", 0)),
            Result("calls and seats left", len(server.calls) + len(server.seats), "", ("<=", 0)),
            Result("workers replaced", sum(worker.restarts for worker in server.workers), "", ("<=", 0)),
        ]


def _family(server: SipServer) -> list[psutil.Process]:
    workers = [psutil.Process(worker.pid) for worker in server.workers if worker.pid]
    return [psutil.Process(os.getpid()), *workers]


def memory_of(server: SipServer) -> int:
    return sum(process.memory_info().rss for process in _family(server))


def files_of(server: SipServer) -> int:
    return sum(process.num_fds() for process in _family(server))


async def _sipp(server: SipServer, *more: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            "sipp", "-sn", "uac", f"127.0.0.1:{server.address.port}", "-s", "100", "-i", "127.0.0.1",
            "-nostdin", "-timeout", "300s", *more,
            cwd=Path(folder), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return await process.wait()
