"""What tests in a real browser need: a running ``ivr serve``, telephones, pages that keep what they hear."""

from __future__ import annotations

import asyncio
import base64
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Browser, Page
from scipy.signal import chirp, correlate

from ivr.lines.audiosocket import messages
from ivr.media.pcm import Pcm
from ivr.media.resample import resample
from ivr.webhooks.signature import genuine

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PASSWORD = "correct horse battery"
RATE = 8_000
SECRET = "what both sides know, and nobody else"

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

DESK = """
name: Small desk
language: en-US
greeting: Hello, this is the small desk. What can I do for you today?
handoff: {queue: reception, say: "One moment, please."}
intents:
  hours: {label: opening hours, say: ["when are you open"], then: {answer: "From nine to five."}}
"""
TOML = """
[http]
listen = "127.0.0.1:0"
[[lines]]
kind = "audiosocket"
listen = "127.0.0.1:{port}"
require_uuid = false
default_desk = "small"
record = true
[console]
listen = "127.0.0.1:0"
[[queues]]
name = "reception"
wrap_up = 600
[[queues]]
name = "other"
wrap_up = 0
[[webhooks]]
name = "crm"
url = "http://127.0.0.1:{hook}/"
secret_file = "{secret}"
events = ["entered", "connected", "ended"]
"""
# Collects what the voice connection of the page receives: what the operator's ear gets.
LISTEN = """
window.heard = [];
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(url, ...more) {
    super(url, ...more);
    const voice = url.includes("/console/voice/");
    if (voice) this.addEventListener("message", ({ data }) => {
      window.heard.push(data.slice(0));
      document.documentElement.dataset.heard = window.heard.length < 150 ? "some" : "enough";
    });
  }
};
"""
HEARD = """() => {
  const all = new Uint8Array(window.heard.reduce((sum, one) => sum + one.byteLength, 0));
  let at = 0;
  for (const one of window.heard) { all.set(new Uint8Array(one), at); at += one.byteLength; }
  let text = "";
  for (let n = 0; n < all.length; n += 8192) text += String.fromCharCode(...all.subarray(n, n + 8192));
  return btoa(text);
}"""


def sweep(low: float, high: float, seconds: float = 0.3) -> Pcm:
    """A sound that is found again wherever it lies; short, so that a busy machine breaks one and not all."""
    time_axis = np.arange(round(seconds * RATE)) / RATE
    sound: Pcm = (chirp(time_axis, low, seconds, high) * 9_000).astype(np.int16)
    return sound


def likeness(heard: Pcm, sound: Pcm) -> float:
    """The best normalized correlation of `sound` with any part of `heard`."""
    one, other = heard.astype(float), sound.astype(float)
    if len(one) < len(other):
        return 0.0
    products = correlate(one, other, mode="valid", method="fft")
    energy = correlate(one**2, np.ones(len(other)), mode="valid", method="fft")
    loud = np.maximum(energy, 1e-3 * (other**2).sum())
    return float(np.max(np.abs(products) / np.sqrt(loud * (other**2).sum())))


class Hooks:
    """Takes webhooks in a thread of its own; verifies each."""

    def __init__(self) -> None:
        hooks = self
        self.came: list[dict[str, Any]] = []
        self._some = threading.Condition()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fine = genuine(SECRET.encode(), headers, body, time.time())
                self.send_response(204 if fine else 401)
                self.end_headers()
                with hooks._some:
                    hooks.came.append(json.loads(body) if fine else {"type": "forged", "data": {}})
                    hooks._some.notify_all()

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def until(self, kind: str, handoff: int) -> list[str]:
        """The kinds that came for a handoff, when `kind` is among them."""
        with self._some:
            assert self._some.wait_for(lambda: kind in self.of(handoff), 10), self.came
            return self.of(handoff)

    def some(self, kind: str) -> None:
        """When the latest that came is of this kind."""
        with self._some:
            assert self._some.wait_for(lambda: self.came and self.came[-1]["type"] == kind, 10), self.came

    def of(self, handoff: int) -> list[str]:
        return [one["type"] for one in self.came if one["data"].get("handoff") == handoff]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Served:
    """A running ``ivr serve``: where it listens."""

    def __init__(self, folder: Path, cache: Path) -> None:
        desk = folder / "grammars" / "small" / "desk.yaml"
        desk.parent.mkdir(parents=True)
        desk.write_text(DESK, encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.hooks = Hooks()
        secret = folder / "hook.secret"
        secret.write_text(SECRET + "\n", encoding="utf-8")
        toml = TOML.format(port=self.port, hook=self.hooks.port, secret=secret)
        (folder / "ivr.toml").write_text(toml, encoding="utf-8")
        self.folder = folder
        self.environ = os.environ | {
            "PYTHONPATH": str(ROOT),
            "IVR_STATE": str(folder / "state"),
            "IVR_CACHE": str(cache),
        }
        for name in ("ann", "bob"):
            self.run("operator", "add", name, typed=PASSWORD)
        self.run("operator", "add", "sam", "--role", "supervisor", typed=PASSWORD)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "serve"],
            env=self.environ,
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.said: list[str] = []
        for line in self.process.stderr:
            self.said.append(line)
            if "ready for calls" in line:
                break
        text = "".join(self.said)
        found = re.search(r"console at (http://\S+)/console", text)
        if found is None:
            self.process.kill()
            self.process.wait()
            self.process.stderr.close()
            raise AssertionError(text)
        self.console = found.group(1)
        # A pipe that nobody reads would stop the server.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        self.hooks.close()
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.said += self.process.stderr

    def run(self, *args: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "ivr", *args],
            input=typed,
            text=True,
            capture_output=True,
            env=self.environ,
            cwd=self.folder,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class Caller:
    """A telephone at the other end of an AudioSocket: says what it is given, keeps what it hears."""

    def __init__(self) -> None:
        self.to_say = np.zeros(0, np.int16)
        self.heard: list[Pcm] = []
        self.over = asyncio.Event()
        self._keys: list[str] = []
        self._more = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def dial(self, port: int) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(messages.identified(uuid.uuid4()))
        self._tasks = [asyncio.create_task(self._hear(reader)), asyncio.create_task(self._speak())]

    def press(self, key: str) -> None:
        self._keys.append(key)

    def say(self, sound: Pcm) -> None:
        self.to_say = np.concatenate((self.to_say, sound))

    @property
    def all_heard(self) -> Pcm:
        return np.concatenate(self.heard)

    async def hang_up(self) -> None:
        self._writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        got = messages.Reader()
        while data := await reader.read(65_536):
            self.heard += [m.pcm for m in got.feed(data) if isinstance(m, messages.Sound)]
            self._more.set()
        self.over.set()

    async def more(self, than: int) -> None:
        """When more frames were heard than that."""
        while len(self.heard) <= than:
            self._more.clear()
            await self._more.wait()

    async def _speak(self) -> None:
        start, frames = time.monotonic(), 0
        while not self.over.is_set():
            if self._keys:
                self._writer.write(messages.key(self._keys.pop(0)))
            frame, self.to_say = self.to_say[:160], self.to_say[160:]
            self._writer.write(messages.sound(0x10, np.pad(frame, (0, 160 - len(frame)))))
            frames += 1
            await asyncio.sleep(max(0.0, start + frames * 0.02 - time.monotonic()))


async def log_in(browser: Browser, served: Served, name: str, **more: Any) -> Page:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 720}, permissions=["microphone"], **more
    )
    page = await context.new_page()
    await page.add_init_script(LISTEN)
    await page.goto(f"{served.console}/console")
    await page.evaluate("localStorage.setItem('ivr-headset', 'yes')")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await page.wait_for_selector("#doing:not(:empty)")
    return page


async def waiting_caller(served: Served) -> Caller:
    caller = Caller()
    await caller.dial(served.port)
    caller.press("0")
    return caller


async def say_to(page: Page, caller: Caller) -> None:
    """Sweeps from the caller; what the page has heard before does not count."""
    await page.evaluate("window.heard.length = 0; document.documentElement.dataset.heard = 'nothing'")
    for _ in range(6):
        caller.say(np.concatenate((sweep(500, 3_000), np.zeros(RATE // 5, np.int16))))


def heard_by(page_bytes: str) -> Pcm:
    return resample(np.frombuffer(base64.b64decode(page_bytes), dtype="<i2").astype(np.int16), 16_000, RATE)
