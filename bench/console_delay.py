"""Sound between a caller's line and an operator in a real browser: how much later it is on the other side.

Clicks go both ways. Towards the operator: from the frame that the caller's line delivers to the moment at
which the browser plays the sample, by its own account of its output. Back: from the sample in the browser's
audio graph, where a microphone's would be, to the frame that goes out on the caller's line. What the line
itself adds is measured by bench-lines; what a sound card adds is not in it. Then the page stands still for a
moment, as on a busy machine, and the way to the operator is measured again: what piled up must be gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import time
from dataclasses import dataclass, field

import numpy as np
from playwright.async_api import Page, async_playwright

from ivr.floor.held import HeldCaller
from ivr.floor.lines import HeldLines
from ivr.handoff import messages as told
from ivr.media.pcm import FRAME_SECONDS, Pcm

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
RATE = 8_000
LOUD = 8_000
_CLICK = 16  # samples: 2 ms
STILL_SECONDS, LATER_SECONDS = 0.3, 10.0
_LONGEST = 1.0  # seconds: what takes longer was lost

# A microphone that clicks when told, and an ear that tells when it hears a click; times in ms since 1970.
PAGE = """
const detector = URL.createObjectURL(new Blob([`
class Detector extends AudioWorkletProcessor {
  constructor() { super(); this.quiet = 0; }
  process([input], [output]) {
    const samples = input[0];
    if (!samples) return true;
    for (let n = 0; n < samples.length; n++) {
      if (Math.abs(samples[n]) > 0.2 && currentTime > this.quiet) {
        this.quiet = currentTime + 0.2;
        this.port.postMessage(currentTime + n / sampleRate);
      }
    }
    return true;
  }
}
registerProcessor("detector", Detector);`], { type: "text/javascript" }));
const wall = (context, time) => {
  const now = context.getOutputTimestamp();
  return performance.timeOrigin + now.performanceTime + (time - now.contextTime) * 1000;
};
window.heardAt = [];
const addModule = AudioWorklet.prototype.addModule;
AudioWorklet.prototype.addModule = async function (url) {
  await addModule.call(this, url);
  await addModule.call(this, detector);
};
const Real = window.AudioWorkletNode;
window.AudioWorkletNode = class extends Real {
  constructor(context, name, options) {
    super(context, name, options);
    if (name !== "ivr-ear") return;
    const ears = new Real(context, "detector");
    ears.port.onmessage = ({ data }) => window.heardAt.push(wall(context, data));
    this.connect(ears);
    ears.connect(context.destination);
  }
};
const microphone = new AudioContext({ sampleRate: 16000 });
const out = microphone.createMediaStreamDestination();
const noise = microphone.createConstantSource();  // a stream that is never silent is never paused
const soft = microphone.createGain();
soft.gain.value = 1e-5;
noise.connect(soft).connect(out);
noise.start();
navigator.mediaDevices.getUserMedia = async () => { await microphone.resume(); return out.stream; };
window.clickAt = (after) => {
  const buffer = microphone.createBuffer(1, 32, 16000);
  buffer.getChannelData(0).fill(0.7);
  const source = microphone.createBufferSource();
  source.buffer = buffer;
  source.connect(out);
  const when = microphone.currentTime + after;
  source.start(when);
  return wall(microphone, when) - (microphone.outputLatency || microphone.baseLatency || 0) * 1000;
};
"""


_STAND_STILL = f"""() => {{
  const end = performance.now() + {1_000 * STILL_SECONDS};
  while (performance.now() < end);
}}"""


@dataclass(frozen=True)
class Ways:
    """Milliseconds to the operator and back, and both after the page has stood still."""

    there: list[float]
    back: list[float]
    later: list[float]
    back_later: list[float]


@dataclass
class Line:
    """The caller's side: 20 ms by the clock; clicks when told, notes when it hears one."""

    held: HeldCaller
    clicked: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    click: bool = False

    async def run(self) -> None:
        start, ticks = time.monotonic(), 0
        while True:
            ticks += 1
            await asyncio.sleep(max(0.0, start + ticks * FRAME_SECONDS - time.monotonic()))
            frame = np.zeros(RATE // 50, dtype=np.int16)
            if self.click:
                self.click = False
                frame[:_CLICK] = 24_000
                self.clicked.append(time.time())
            self._listen(self.held.exchange(frame))

    def _listen(self, frame: Pcm) -> None:
        loud = np.flatnonzero(np.abs(frame) > LOUD)
        now = time.time()
        if len(loud) and (not self.heard or now - self.heard[-1] > 0.2):
            self.heard.append(now + float(loud[0]) / RATE)


async def delays(url: str, lines: HeldLines, number: int, name: str, password: str, clicks: int) -> Ways:
    """Milliseconds of `clicks` each way; caller `number` is on offer to `name`."""
    held = await lines.wait(number, RATE)
    assert isinstance(held, HeldCaller)
    line = Line(held)
    ticking = asyncio.create_task(line.run())
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
            )
            context = await browser.new_context(bypass_csp=True)
            page = await context.new_page()
            await page.add_init_script(PAGE)
            await _log_in(page, url, name, password)
            await lines.floor.tell(told.Accepted(name, number))
            await page.wait_for_selector("#mute:not([hidden])")
            await asyncio.sleep(2)  # until the buffers are as they will be
            line.heard.clear()
            spoken = await _click(line, page, clicks)
            await page.evaluate(_STAND_STILL)
            await asyncio.sleep(LATER_SECONDS)
            spoken_later = await _click(line, page, clicks // 2)
            ear = [at / 1000 for at in await page.evaluate("window.heardAt")]
            await browser.close()
    finally:
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
    before, later = line.clicked[:clicks], line.clicked[clicks:]
    back, back_later = (_paired(one, line.heard) for one in (spoken, spoken_later))
    return Ways(_paired(before, ear), back, _paired(later, ear), back_later)


async def _click(line: Line, page: Page, clicks: int) -> list[float]:
    """So many clicks both ways; when the page's own were made."""
    spoken = []
    for _ in range(clicks):
        line.click = True
        spoken.append(await page.evaluate("window.clickAt(0.1)") / 1000)
        await asyncio.sleep(random.uniform(0.4, 0.6))
    await asyncio.sleep(_LONGEST)
    return spoken


async def _log_in(page: Page, url: str, name: str, password: str) -> None:
    await page.goto(f"{url}/console")
    await page.evaluate("localStorage.setItem('ivr-headset', 'yes')")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", password)
    await page.click("button.main")
    await page.wait_for_selector("#doing:not(:empty)")


def _paired(sent: list[float], came: list[float]) -> list[float]:
    """Milliseconds from each to the first that came after it; one that never came counts as the longest."""
    found = []
    for at in sent:
        after = [other - at for other in came if -0.005 <= other - at < _LONGEST]
        found.append(1_000 * (after[0] if after else _LONGEST))
    return found
