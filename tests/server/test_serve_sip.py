"""``ivr serve`` with a SIP line: a caller is routed by voice, and a worker's death is in the record."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from ivr.media.wav import read_wav
from ivr.records.log import read_summary
from ivr.serving.settings import load_serving

pytest.importorskip("baresip", reason="the extra 'sip' is not installed")

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "lines"))
sys.path.append(str(ROOT / "tests" / "server"))

from sip_phone import Phone, dialled  # noqa: E402
from test_serve_command import CALLER, DESK, free_ports  # noqa: E402

TOML = """
[http]
listen = "127.0.0.1:{http}"
[[lines]]
kind = "sip"
listen = "127.0.0.1:{sip}"
default_desk = "small"
record = true
workers = 1
transfer_host = "pbx.example.com"
"""


class Served:
    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        desk = folder / "grammars" / "small" / "desk.yaml"
        desk.parent.mkdir(parents=True)
        desk.write_text(DESK, encoding="utf-8")
        self.http, self.sip = free_ports(2)
        (folder / "ivr.toml").write_text(TOML.format(http=self.http, sip=self.sip))
        environ = os.environ | {
            "PYTHONPATH": str(ROOT), "IVR_STATE": str(folder / "state"), "IVR_CACHE": str(cache)
        }  # fmt: skip
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "serve"], cwd=folder, env=environ, stderr=self.log
        )

    def logged(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in (said := (self.folder / "log").read_text()):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.02)

    def summary(self) -> object:
        (folder,) = (self.folder / "state" / "calls").glob("*/*")
        return read_summary(folder)


@pytest.fixture
def served(tmp_path: Path, cache: Path) -> Iterator[Served]:
    served = Served(tmp_path, cache)
    try:
        served.logged("ready for calls")
        yield served
    finally:
        served.process.kill()
        served.process.wait(10)
        served.log.close()


async def quiet(phone: Phone, seconds: float = 0.5) -> None:
    """Until something was said and then nothing for a while; silence is sent meanwhile."""
    async with asyncio.timeout(30):
        spoke = 0.0
        while True:
            phone.packet(np.zeros(160, np.int16))
            await asyncio.sleep(0.02)
            for one in phone.heard[-2:]:
                if np.abs(one.pcm).max(initial=0) > 100:
                    spoke = one.at
            if spoke and time.monotonic() - spoke > seconds:
                return


def test_a_caller_is_routed_by_voice_and_referred(served: Served) -> None:
    async def call() -> None:
        async with dialled(("127.0.0.1", served.sip)) as phone:
            assert (await phone.dial()).status == 200
            await quiet(phone)
            await phone.speak(read_wav(CALLER, rate=8000)[0])
            waiting = asyncio.create_task(phone.asked("REFER"))
            while not waiting.done():
                phone.packet(np.zeros(160, np.int16))
                await asyncio.sleep(0.02)
            refer = (await waiting).get("Refer-To")
            assert "sip:201@pbx.example.com?X-IVR-Call=" in refer
            done = phone.request(
                "NOTIFY", body=b"SIP/2.0 200 OK\r\n", kind="message/sipfrag;version=2.0",
                more=(("Event", "refer"), ("Subscription-State", "terminated;reason=noresource")),
            )  # fmt: skip
            assert (await phone.ask(done)).status == 200
            async with asyncio.timeout(10):
                await phone.over.wait()

    asyncio.run(call())
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(30) == 0
    summary = served.summary()
    assert (summary.outcome, summary.caller) == ("routed", "…000")  # type: ignore[attr-defined]


def test_a_worker_that_dies_is_in_the_record(served: Served) -> None:
    async def call() -> None:
        async with dialled(("127.0.0.1", served.sip)) as phone:
            assert (await phone.dial()).status == 200
            await quiet(phone, 0.1)
            (worker,) = [
                child for child in psutil.Process(served.process.pid).children()
                if "ivr.lines.sip.worker" in child.cmdline()
            ]  # fmt: skip
            worker.kill()

    asyncio.run(call())
    served.logged("the call ended: failed (the process that carried its sound ended)")
    deadline = time.monotonic() + 5
    while httpx.get(f"http://127.0.0.1:{served.http}/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert served.summary().detail == "the process that carried its sound ended"  # type: ignore[attr-defined]


def test_the_example_is_valid() -> None:
    (line,) = load_serving(ROOT / "examples" / "serve" / "sip.toml").lines
    assert line.kind == "sip"
