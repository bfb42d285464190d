"""``ivr serve`` as a process: settings, signals, reload, and a whole call that is routed by voice."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest
from ivr.lines.audiosocket import messages
from ivr.media.wav import read_wav
from ivr.records.log import read_summary
from ivr.stores import QUEUE_FILE

ROOT = Path(__file__).resolve().parents[2]
CALLER = ROOT / "audio" / "calls" / "company" / "billing-plain" / "1.wav"

DESK = """
name: Small desk
language: en-US
greeting: Hello, this is the small desk. What can I do for you today?
limits: {no_input: 1, no_match: 2, turns: 20, seconds: 120, no_input_after: 3.0}
routes:
  billing: {label: billing, extension: "201"}
handoff: {queue: reception}
intents:
  billing:
    label: billing
    say: ["[I have] a question about my (bill|invoice)", "billing [please]"]
    then: {route: billing}
"""
IN_TWO = f"{DESK}languages: {{zh: ../small-zh}}\n"
CHINESE = """
name: 小店
language: zh-CN
greeting: 您好。
handoff: {queue: reception}
intents:
  hours: {label: 营业时间, say: ["几点开门"], then: {answer: 九点开门。}}
"""

TOML = """
[http]
listen = "127.0.0.1:{http}"
[server]
drain_seconds = 20
watch_seconds = 0.1
[[lines]]
kind = "audiosocket"
listen = "127.0.0.1:{sound}"
default_desk = "small"
record = true
"""

PROMISED = FollowUpRequest(
    "c1", "small", "bills", FollowUpKind.MESSAGE, "A bill", "2026-05-03T12:00:00Z", "2026-05-03T13:00:00Z"
)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Served:
    """A running ``ivr serve``."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.desk = folder / "grammars" / "small" / "desk.yaml"
        self.desk.parent.mkdir(parents=True)
        self.desk.write_text(IN_TWO, encoding="utf-8")
        (folder / "grammars" / "small-zh").mkdir()
        (folder / "grammars" / "small-zh" / "desk.yaml").write_text(CHINESE, encoding="utf-8")
        with HandoffStore.open(folder / "state" / QUEUE_FILE) as queue:
            queue.promise(PROMISED)
        self.http, self.sound = free_ports(2)
        (folder / "ivr.toml").write_text(TOML.format(http=self.http, sound=self.sound))
        self.environ = os.environ | {
            "PYTHONPATH": str(ROOT),
            "IVR_STATE": str(folder / "state"),
            "IVR_CACHE": str(cache),
        }
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "serve"], cwd=folder, env=self.environ, stderr=self.log
        )

    def logged(self, text: str) -> None:
        """Wait for a line in the log."""
        deadline = time.monotonic() + 60
        while text not in (said := (self.folder / "log").read_text()):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.02)

    def ready(self) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.http}/readyz")

    def idle(self) -> dict[str, Any]:
        """Wait until no call is in progress; what is said of readiness then."""
        deadline = time.monotonic() + 20
        while (answer := self.ready().json())["calls"]:
            assert time.monotonic() < deadline, answer
            time.sleep(0.02)
        return dict(answer)

    def announce(self) -> uuid.UUID:
        call = uuid.uuid4()
        answer = httpx.post(f"http://127.0.0.1:{self.http}/audiosocket/{call}", data={"caller": "+4420"})
        assert answer.status_code == 201
        return call

    def next_of(self, call: uuid.UUID) -> str:
        return httpx.get(f"http://127.0.0.1:{self.http}/audiosocket/{call}/next").text

    def call(self, call: uuid.UUID, said: Path | None) -> float:
        """Speak after the greeting, until the desk hangs up; the seconds that took."""
        return asyncio.run(_call(self.sound, call, said))

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


async def _call(port: int, call: uuid.UUID, said: Path | None) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(messages.identified(call))
    speech = [] if said is None else [read_wav(said, rate=8000)[0]]
    got, quiet, spoke, over = messages.Reader(), 0, False, False

    async def hear() -> None:
        nonlocal quiet, spoke, over
        while data := await reader.read(65_536):
            for message in got.feed(data):
                if isinstance(message, messages.Sound):
                    loud = np.abs(message.pcm).max(initial=0) > 100
                    quiet, spoke = 0 if loud else quiet + 1, spoke or bool(loud)
        over = True

    hearing = asyncio.create_task(hear())
    start, frames, rest = time.monotonic(), 0, np.zeros(0, np.int16)
    while not over and frames < 50 * 30:
        if speech and spoke and quiet > 25:
            rest = speech.pop()
        frame, rest = np.pad(rest[:160], (0, 160 - len(rest[:160]))), rest[160:]
        writer.write(messages.sound(0x10, frame))
        frames += 1
        await asyncio.sleep(max(0.0, start + frames * 0.02 - time.monotonic()))
    writer.close()
    await hearing
    return frames * 0.02


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


def test_a_caller_is_routed_by_voice_and_the_server_ends_well(served: Served) -> None:
    assert served.ready().status_code == 200
    served.logged("follow-up 1 is overdue: message in bills")  # there is no console
    served.logged("desk small: zh is open")
    call = served.announce()
    assert served.call(call, CALLER) < 20
    assert served.next_of(call) == "201"
    assert served.idle()["answered"] == 1
    assert served.stop(signal.SIGTERM) == 0
    (folder,) = (served.folder / "state" / "calls").glob("*/*")
    summary = read_summary(folder)
    assert (summary.outcome, summary.caller) == ("routed", "+4420")
    assert summary.line == f"audiosocket:{call}"
    sound, rate = read_wav(folder / "recording.wav")
    assert rate == 8000 and len(sound) / rate == pytest.approx(summary.seconds, abs=0.1)


def test_desks_are_reloaded_when_they_change_and_kept_when_they_are_wrong(served: Served) -> None:
    served.desk.write_text(DESK.replace("Hello,", "Good day,"), encoding="utf-8")
    served.logged("desk small is reloaded for new calls")
    served.desk.write_text("name: [", encoding="utf-8")
    served.logged("desk small stays as it was: grammars/small/desk.yaml:1")
    answer = served.ready()
    assert answer.status_code == 200 and "small" in answer.json()["rejected_desks"]
    served.desk.write_text(DESK, encoding="utf-8")
    served.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while served.ready().json()["rejected_desks"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (served.folder / "ivr.toml").write_text("[[lines]]\n")
    served.logged("the settings stay as they were")
    assert served.stop(signal.SIGINT) == 0


def test_running_calls_finish_and_a_second_signal_ends_them(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.sound)) as caller:
        caller.sendall(messages.identified(served.announce()) + messages.sound(0x10, np.zeros(160, np.int16)))
        served.logged("1 in progress")
        served.process.send_signal(signal.SIGTERM)
        served.logged("no new calls; 1 may go on for 20 s")
        assert served.ready().status_code == 503
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", served.sound))
        assert served.stop(signal.SIGTERM) == 0
    (folder,) = (served.folder / "state" / "calls").glob("*/*")
    assert read_summary(folder).detail == "interrupted"


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (None, "--config: no settings file is given. Write ivr.toml; ivr serve --help shows one"),
        ("", "ivr.toml: has no line that calls could come in on"),
        (TOML.format(http=1, sound=2).replace("small", "smal"), "smal: no such desk. Did you mean 'small'?"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, toml: str | None, says: str) -> None:
    (tmp_path / "grammars" / "small").mkdir(parents=True)
    (tmp_path / "grammars" / "small" / "desk.yaml").write_text(DESK)
    if toml is not None:
        (tmp_path / "ivr.toml").write_text(toml.replace("127.0.0.1:1", "127.0.0.1:0"))
    environ = {name: value for name, value in os.environ.items() if name != "IVR_CONFIG"}
    done = subprocess.run(
        [sys.executable, "-m", "ivr", "serve"],
        cwd=tmp_path,
        env=environ | {"PYTHONPATH": str(ROOT), "IVR_STATE": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert f"error: {says}" in done.stderr and "Traceback" not in done.stderr
