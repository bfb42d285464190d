"""The console of a running ``ivr serve``: a caller of another program is offered, taken and written up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"

DESK = """
name: Small desk
language: en-US
greeting: Hello, this is the small desk. What can I do for you today?
handoff: {queue: reception}
intents:
  hours: {label: opening hours, say: ["when are you open"], then: {answer: "From nine to five."}}
"""
TOML = """
[http]
listen = "127.0.0.1:0"
[console]
listen = "127.0.0.1:0"
[[queues]]
name = "reception"
"""


def ivr(environ: dict[str, str], folder: Path, *args: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ivr", *args],
        input=typed,
        text=True,
        capture_output=True,
        env=environ,
        cwd=folder,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def environ(tmp_path: Path, cache: Path) -> dict[str, str]:
    desk = tmp_path / "grammars" / "small" / "desk.yaml"
    desk.parent.mkdir(parents=True)
    desk.write_text(DESK, encoding="utf-8")
    (tmp_path / "ivr.toml").write_text(TOML, encoding="utf-8")
    folders = {"IVR_STATE": str(tmp_path / "state"), "IVR_CACHE": str(cache)}
    return os.environ | folders | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def served(environ: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of the console."""
    ivr(environ, tmp_path, "operator", "add", "ann", typed=PASSWORD + "\n")
    with subprocess.Popen(
        [sys.executable, "-m", "ivr", "serve"],
        env=environ,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = []
        address = ""
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"console at (http://\S+)/console", line):
                address = found.group(1)
            if "ready for calls" in line:
                break
        assert address, said
        yield address
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()


def test_from_a_call_to_a_disposition(served: str, environ: dict[str, str], tmp_path: Path) -> None:
    ivr(environ, tmp_path, "call", "small", "--text", typed="operator\n")
    with httpx.Client(base_url=served, follow_redirects=True, timeout=20) as ann:
        page = ann.post("/console/login", data={"name": "ann", "password": PASSWORD})
        assert page.status_code == 200
        csrf = page.text.split('data-csrf="')[1].split('"')[0]
        ann.headers["X-CSRF-Token"] = csrf
        case = None
        while case is None:  # the server looks every other second for what other programs put into the queue
            state = ann.get("/api/v1/state").json()
            case = next(iter(state["waiting"]), None)
        assert case["queue"] == "reception"
        told = ann.post(f"/api/v1/handoffs/{case['id']}/take").json()
        assert told["transcript"][-1]["text"] == "operator" or "operator" in str(told["transcript"])
        ann.post(f"/api/v1/handoffs/{case['id']}/end")
        ann.post(f"/api/v1/handoffs/{case['id']}/write-up", json={"disposition": "settled"})
    assert ivr(environ, tmp_path, "queue", "list", "--json") == "[]\n"


def test_an_address_that_is_taken(served: str, environ: dict[str, str], tmp_path: Path) -> None:
    port = served.rpartition(":")[2]
    (tmp_path / "other.toml").write_text(
        TOML.replace('[console]\nlisten = "127.0.0.1:0"', f'[console]\nlisten = "127.0.0.1:{port}"')
    )
    done = subprocess.run(
        [sys.executable, "-m", "ivr", "serve", "--config", "other.toml"],
        env=environ | {"IVR_STATE": str(tmp_path / "other")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert f"error: 127.0.0.1:{port}: cannot be listened at (Address already in use)" in done.stderr
