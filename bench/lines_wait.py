"""What callers wait over SIP, on their own waveform: from their last sample to the desk's first one."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil
from ruamel.yaml import YAML
from sip_phone import Phone, dialled

from bench.report import Result, percentile
from ivr.media.pcm import Pcm
from ivr.media.wav import read_wav

ROOT = Path(__file__).resolve().parent.parent
LOUD = 200
"""Samples above this (-44 dBFS) are speech; between prompts the desk sends digital silence."""
QUIET_SECONDS = 0.5
LONGEST_WAIT = 8.0
WARM_UP = 12
"""Calls before those that are measured, with other words: what a desk's callers say often is then known."""
SPEAKING = 0.4
"""Share of the time in which a caller of a conversation speaks."""

TOML = """
[http]
listen = "127.0.0.1:{http}"
[[lines]]
kind = "sip"
listen = "127.0.0.1:{sip}"
default_desk = "{desk}"
workers = 2
codecs = ["pcmu"]
"""


async def wait(options: argparse.Namespace) -> list[Result]:
    """Calls one after another."""
    with served() as at:
        waits: list[float] = []
        callers = sample_callers()
        for number in range(options.calls):
            waits += await answers(at.sip, callers[number % len(callers)])
    return _results("one call at a time", waits, (0.6, 1.0))


async def conversations(options: argparse.Namespace) -> list[Result]:
    """Many at once; the most whose p95 wait is short and whose sound has no gap."""
    results, held = [], 0
    for together in options.together:
        with served() as at:
            await asyncio.gather(*(answers(at.sip, said) for said in sample_callers()[1::2][:WARM_UP]))
            before, began = cpu_of(at.process), time.monotonic()
            told = await asyncio.gather(*(_converse(at.sip, number) for number in range(together)))
            took, after = time.monotonic() - began, cpu_of(at.process)
            async with httpx.AsyncClient() as client:
                line = (await client.get(f"http://127.0.0.1:{at.http}/readyz")).json()["lines"][0]
        waits = [wait for waits, _ in told for wait in waits]
        missing = sum(gaps for _, gaps in told)
        results += _results(f"{together} conversations", waits, None)
        for what in after:
            used = 100.0 * (after[what] - before.get(what, 0.0)) / took
            results.append(Result(f"{together} conversations: CPU of {what}", used, "% of a core"))
        results.append(Result(f"{together} conversations: frames missing in the desk's sound", missing, ""))
        starved = line["numbers"]["frames_starved"]
        results.append(Result(f"{together} conversations: frames that came too late to be sent", starved, ""))
        well = len(waits) >= 1.8 * together and percentile(waits, 0.95) <= 1.2
        if well and not missing and not starved and not line["numbers"]["workers_replaced"]:
            held = together
    what = "conversations held with p95 wait up to 1.2 s and no frame missing"
    return [*results, Result(what, held, "", (">=", 30))]


async def _converse(port: int, number: int) -> tuple[list[float], int]:
    """One caller, who calls twice; the waits, and frames missing."""
    await asyncio.sleep(number * 0.35)
    callers = sample_callers()[::2]
    waits: list[float] = []
    gaps: list[int] = []
    for turn in range(2):
        waits += await answers(port, callers[(7 * number + turn) % len(callers)], gaps)
    return waits, sum(gaps)


def _results(what: str, waits: list[float], marks: tuple[float, float] | None) -> list[Result]:
    waits = waits or [LONGEST_WAIT]
    median, p95 = (("<=", marks[0]), ("<=", marks[1])) if marks else (None, None)
    spread = (min(waits), max(waits))
    return [
        Result(
            f"{what}: caller's wait over SIP, median of {len(waits)}",
            percentile(waits, 0.5),
            "s",
            median,
            spread,
        ),
        Result(f"{what}: caller's wait over SIP, p95", percentile(waits, 0.95), "s", p95),
    ]


def sample_callers() -> list[Pcm]:
    """First turns of the sample calls that say something."""
    found = sorted((ROOT / "audio" / "calls" / "company").glob("*/1.wav"))
    spoken = [path for path in found if not re.search("silence|spam|music|noise-only", path.parent.name)]
    return [read_wav(path, rate=8000)[0] for path in spoken]


async def answers(port: int, said: Pcm, gaps: list[int] | None = None) -> list[float]:
    """One call with one turn: the wait for its answer, [] when the desk said nothing in time."""
    said = said[: int(np.flatnonzero(np.abs(said) > LOUD)[-1]) + 1]
    async with dialled(("127.0.0.1", port)) as phone:
        if (await phone.dial()).status != 200:
            return []
        await _listen(phone, until_quiet=True)
        asked = time.monotonic()
        await phone.speak(said)
        ended = asked + len(said) / 8000
        first = await _listen(phone, until_quiet=False, after=ended)
        await _listen(phone, until_quiet=True, seconds=len(said) / 8000 / SPEAKING)
        if gaps is not None:
            gaps.append(missing(phone))
        await phone.bye()
    return [] if first is None else [float(first - ended)]


async def _listen(
    phone: Phone, *, until_quiet: bool, after: float = 0.0, seconds: float = LONGEST_WAIT
) -> float | None:
    """Send silence until the desk has begun to speak (the time it did), or has spoken and is quiet."""
    start, number, looked, spoke = time.monotonic(), 0, len(phone.heard), 0.0
    while (
        time.monotonic() - start < seconds + (LONGEST_WAIT if until_quiet else 0) and not phone.over.is_set()
    ):
        phone.packet(np.zeros(160, np.int16))
        number += 1
        await asyncio.sleep(max(0.0, start + 0.02 * number - time.monotonic()))
        for one in phone.heard[looked:]:
            loud = np.flatnonzero(np.abs(one.pcm) > LOUD)
            if len(loud) and one.at > after:
                spoke = one.at
                if not until_quiet:
                    return one.at - 0.02 + loud[0] / 8000  # the packet's first sample was spoken 20 ms ago
        looked = len(phone.heard)
        if until_quiet and spoke and time.monotonic() - spoke > QUIET_SECONDS:
            return spoke
    return None


def cpu_of(server: int) -> dict[str, float]:
    """Seconds of CPU that the processes of a service have used, by what they are, and this one's callers."""
    parts = {"the callers, all in one process": sum(psutil.Process().cpu_times()[:2])}
    children = psutil.Process(server).children(recursive=True)
    for process in (psutil.Process(server), *children):
        what = "the loop of all calls" if process.pid == server else _part(" ".join(process.cmdline()))
        parts[what] = parts.get(what, 0.0) + sum(process.cpu_times()[:2])
    return parts


def _part(command: str) -> str:
    return (
        "the recognizer"
        if "apart_process" in command
        else "the SIP workers"
        if "sip" in command
        else "others"
    )


def missing(phone: Phone) -> int:
    """Packets of the desk that never came, by their sequence numbers."""
    numbers = [one.sequence for one in phone.heard]
    return max(0, ((numbers[-1] - numbers[0]) & 0xFFFF) + 1 - len(set(numbers))) if numbers else 0


@dataclass(frozen=True, slots=True)
class Served:
    """A running ``ivr serve``: its process, its ports of SIP and of health, its folder, and what it says."""

    process: int
    sip: int
    http: int
    folder: Path
    log: Path


@contextmanager
def served(more: Callable[[Path], str] = lambda _: "") -> Iterator[Served]:
    """``ivr serve`` with the sample desk; `more` makes what stands at the end of its line's settings."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        http, sip = (_free(kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
        settings = TOML.format(http=http, sip=sip, desk=_always_open(folder))
        (folder / "ivr.toml").write_text(settings + more(folder))
        environ = os.environ | {"IVR_STATE": str(folder / "state")}
        log = folder / "log"
        with log.open("w") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", "ivr", "serve", "--config", str(folder / "ivr.toml")],
                cwd=ROOT, env=environ, stderr=written,
            )  # fmt: skip
            try:
                deadline = time.monotonic() + 120
                while "ready for calls" not in log.read_text():
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise SystemExit(log.read_text())
                    time.sleep(0.1)
                while not _settled(http):  # other languages are opened while nobody calls
                    time.sleep(0.5)
                yield Served(process.pid, sip, http, folder, log)
            finally:
                process.kill()
                process.wait()


def _settled(http: int) -> bool:
    return bool(httpx.get(f"http://127.0.0.1:{http}/readyz").json()["languages_opened"])


def _always_open(folder: Path) -> Path:
    """The sample desk in `folder`, open at all hours: what it says must not depend on when we measure."""
    theirs, ours = ROOT / "grammars" / "company", folder / "company"
    shutil.copytree(theirs, ours)
    yaml = YAML()
    desk = yaml.load(ours / "desk.yaml")
    desk["hours"] = {"timezone": desk["hours"]["timezone"], "open": ["mon-sun 00:00-24:00"]}
    desk["recordings"] = str((theirs / desk["recordings"]).resolve())
    desk["languages"] = {code: str((theirs / path).resolve()) for code, path in desk["languages"].items()}
    yaml.dump(desk, ours / "desk.yaml")
    return ours


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
