"""What the tests of the commands share: a small desk, callers, runs as processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ivr.media.wav import write_wav

ROOT = Path(__file__).resolve().parents[2]
CALLS = ROOT / "audio" / "calls" / "company"
"""Recorded callers."""

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
  hours:
    label: opening hours
    say: ["when are you open"]
    then: {answer: "From nine to five."}
"""


@dataclass(frozen=True)
class Run:
    """How a run ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line on standard error, and nothing else anywhere: what bad input must give."""
        assert self.status == 2, self
        assert self.out == "", self
        lines = self.err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("error: "), self
        return lines[0].removeprefix("error: ")


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def silent_caller(path: Path, seconds: float = 1.0) -> Path:
    """A caller who is on the line and says nothing."""
    write_wav(path, np.zeros(round(seconds * 8000), dtype=np.int16), 8000)
    return path


def command(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "ivr", *map(str, args)]


def run_process(environ: dict[str, str], *args: str | Path, typed: str = "") -> Run:
    """``ivr`` as a process of its own. Its folder is the current one."""
    environ = environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command(*args),
        input=typed.encode(),
        capture_output=True,
        env=environ,
        timeout=60,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def started(environ: dict[str, str], *args: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """``ivr`` as a process that is still running; its pipes are text. It is killed at the end."""
    with subprocess.Popen(
        command(*args),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        **{"preexec_fn": heeds_ctrl_c, **options},
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)


def heeds_ctrl_c() -> None:
    """Shells let what runs in their background ignore Ctrl-C, nohup SIGHUP; so do the children of those."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def read_until(process: subprocess.Popen[str], text: str) -> None:
    """Wait for a line with `text` on its standard output."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return
    raise AssertionError(f"{text!r} never came: {lines} {process.stderr.read() if process.stderr else ''}")
