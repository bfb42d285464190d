"""Benches of several parts: each in a process of its own, so that one that hangs or dies costs its rows only.

A part is a function that yields results as it knows them; a later result of the same name replaces an
earlier one. ``python -m bench.NAME --part PART`` prints them as lines of JSON, the parent reads them with a
time limit, shows each as it comes and writes ``bench/results/NAME.json`` again after every one.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from bench.report import Result, mark_text, met_text, write


@dataclass(frozen=True, slots=True)
class Part:
    """A part by name, the seconds it may take, and the row that is missing where it gives none."""

    name: str
    seconds: float
    row: str
    arguments: tuple[str, ...] = ()


def give(results: Iterable[Result]) -> None:
    """The child's side: print each result for the parent."""
    for result in results:
        print(json.dumps(asdict(result)), flush=True)


def run(bench: str, parts: Sequence[Part], command: Sequence[str] = ()) -> list[Result]:
    """All parts one after another; rows that nobody gave are NaN, which meets no mark.

    command  what runs a part, its name and arguments added; ``python -m bench.NAME --part`` by default
    """
    command = command or (sys.executable, "-m", f"bench.{bench}", "--part")
    rows: dict[str, Result] = {}
    for part in parts:
        print(f"--- {part.name}", file=sys.stderr, flush=True)
        known = set(rows)
        fault = _run(bench, [*command, part.name, *part.arguments], part.seconds, rows)
        if fault:
            print(f"    {part.name}: {fault}", file=sys.stderr, flush=True)
        if fault and (set(rows) == known or part.row not in rows):
            rows[part.row] = Result(f"{part.row}: {fault}", math.nan, "", (">=", 0.0))
        write(bench, list(rows.values()))
    return list(rows.values())


def _run(bench: str, command: list[str], seconds: float, rows: dict[str, Result]) -> str:
    """Run one part into `rows`; what went wrong, or ""."""
    late = threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        if child.stdout is None:
            raise AssertionError("a pipe was asked for")

        def stop() -> None:
            late.set()
            os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            for line in child.stdout:
                result = _result(line)
                if result is None:
                    print(line, end="", file=sys.stderr, flush=True)
                    continue
                rows[result.what] = result
                write(bench, list(rows.values()))
                value = f"{result.value:.4g} {result.unit}"
                print(f"    {result.what}: {value} {mark_text(result)} {met_text(result)}", file=sys.stderr)
            status = child.wait()
        except KeyboardInterrupt:
            stop()
            raise
        finally:
            timer.cancel()
    if late.is_set():
        return f"stopped after {seconds:g} s"
    return f"ended with status {status}" if status else ""


def _result(line: str) -> Result | None:
    try:
        data = json.loads(line)
        mark, spread = data["mark"], data["spread"]
        return Result(
            data["what"],
            float(data["value"]),
            data["unit"],
            None if mark is None else (mark[0], float(mark[1])),
            None if spread is None else (float(spread[0]), float(spread[1])),
        )
    except (ValueError, KeyError, TypeError):
        return None
