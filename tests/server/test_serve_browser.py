"""A person's call in a real browser: the microphone is a file, the desk hears it, both appear on the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, async_playwright
from test_serve_command import CALLER, DESK

from ivr.config import Settings
from ivr.lines.browser.server import BrowserServer
from ivr.media.resample import resample
from ivr.media.wav import read_wav, write_wav
from ivr.records.log import read_summary
from ivr.server.desks import Desks
from ivr.server.lines import open_lines
from ivr.server.server import Server
from ivr.serving.settings import load_serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium: apt-get install chromium")

TOML = """
[[lines]]
kind = "browser"
listen = "127.0.0.1:0"
default_desk = "small"
"""
# Patient: on a loaded machine the microphone begins late.
ANSWERS = DESK.replace("no_input: 1, no_match: 2", "no_input: 4, no_match: 4").replace(
    "then: {route: billing}", 'then: {answer: "Your bill is well."}'
)
HEARD = """
window.peak = 0;
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", ({ data }) => {
      if (typeof data === "string") return;
      for (const sample of new Int16Array(data)) window.peak = Math.max(window.peak, Math.abs(sample));
    });
  }
};
"""


@pytest.fixture
async def address(tmp_path: Path, cache: Path) -> AsyncIterator[str]:
    desk = tmp_path / "grammars" / "small" / "desk.yaml"
    desk.parent.mkdir(parents=True)
    desk.write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "ivr.toml").write_text(TOML)
    serving = load_serving(tmp_path / "ivr.toml")
    desks = Desks(Settings(state=tmp_path / "state", cache=cache), tmp_path)
    await desks.load(("small",))
    lines, _ = open_lines(serving)
    server = Server(serving, desks, lines)
    await server.start()
    line = lines[0].server
    assert isinstance(line, BrowserServer)
    try:
        yield f"http://{line.address}"
    finally:
        await server.close()
        await desks.close()


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """Its microphone is silent for the greeting, asks about a bill, is silent, and then begins again.

    Who is not understood says it again, as people do: a browser that shares two cores with the desk
    now and then loses a piece of what its microphone hears.
    """
    said, _ = read_wav(CALLER, rate=8000)
    quiet = np.zeros(36_000, np.int16)
    voice = tmp_path / "voice.wav"
    write_wav(voice, resample(np.concatenate((quiet, said, quiet, quiet)), 8000, 48_000), 48_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={voice}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        context = await browser.new_context(
            viewport={"width": 960, "height": 720}, permissions=["microphone"]
        )
        page = await context.new_page()
        yield page
        await browser.close()


async def test_a_person_talks_with_the_desk_in_the_browser(address: str, page: Page, tmp_path: Path) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await page.add_init_script(HEARD)
    await page.goto(f"{address}/call")
    assert await page.get_by_role("button", name="Call", exact=True).is_enabled()
    await page.get_by_role("button", name="Call", exact=True).click()
    await page.wait_for_selector("#log .desk:has-text('Hello, this is the small desk')", timeout=15_000)
    assert await page.text_content("h1") == "Small desk"
    await page.wait_for_selector("#log .caller:has-text('invoice')", timeout=60_000)
    await page.wait_for_selector("#log .desk:has-text('Your bill is well.')")
    assert await page.evaluate("window.peak") > 1000  # the desk was heard, not only read
    await page.get_by_role("button", name="Key 0").click()
    await page.wait_for_selector("#log .note:has-text('you pressed a key')")
    await page.wait_for_selector("#log .note:has-text('in the queue')", timeout=15_000)
    if shots := os.environ.get("IVR_SHOTS"):
        await page.screenshot(path=f"{shots}/call-page.png")
    await page.wait_for_selector("#state:has-text('The call is over')", timeout=20_000)
    assert await page.get_by_role("button", name="Call", exact=True).is_enabled()
    assert not faults
    (folder,) = (tmp_path / "state" / "calls").glob("*/*")
    assert (read_summary(folder).outcome, read_summary(folder).line) == ("handed off", "browser:")


async def test_who_hangs_up_can_call_again(address: str, page: Page, tmp_path: Path) -> None:
    await page.emulate_media(color_scheme="dark")
    await page.goto(f"{address}/call?number=100")
    for _ in range(2):
        await page.click("#call")
        await page.wait_for_selector("#log .desk")
        await page.click("#mute")
        assert await page.get_attribute("#mute", "aria-pressed") == "true"
        if shots := os.environ.get("IVR_SHOTS"):
            await page.screenshot(path=f"{shots}/call-page-dark.png")
        await page.click("#call")
        await page.wait_for_selector("#state:has-text('You hung up')")
