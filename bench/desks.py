"""All sample calls of all desks over their recordings, and callers whom nobody recorded.

    python -m bench.desks [--calls 500] [--desk NAME ...] [--words] [--no-samples]

The sample calls are those of tests/calls; simulated callers say what stands in the desk's callers.yaml, which
the desk does not hold, over lines with noise 20 to 10 dB below the voice. What fails is named.
"""

from __future__ import annotations

import argparse
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

from bench.report import Result, report
from ivr.config import load_settings
from ivr.dialog.load import load_desk
from ivr.events import Outcome
from ivr.parallel import Work
from ivr.simulation.callers import CALLERS_FILE, load_callers
from ivr.simulation.holder import SimulationHolder, SimulationOptions, simulated
from ivr.simulation.persona import Persona, personas
from ivr.simulation.place import Place, Verdict
from ivr.simulation.result import Simulated
from ivr.trials.find import Way, find_trials
from ivr.trials.holder import HoldOptions
from ivr.trials.parallel import hold_all
from ivr.trials.result import Result as Trial
from ivr.understanding.matcher import expand

ROOT = Path(__file__).resolve().parent.parent
SNR = (10.0, 20.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    calls: int
    desks: tuple[str, ...]
    words: bool
    samples: bool


def main() -> int:
    """Exit status 0 when every mark is met."""
    wanted = _arguments()
    results: list[Result] = []
    if wanted.samples:
        results += _samples(wanted)
    if wanted.calls:
        results += _simulated(wanted)
    return 0 if report("desks", results, ["onnxruntime", "hibari-tts"]) else 1


def _samples(wanted: Wanted) -> list[Result]:
    folders = [ROOT / "tests" / "calls" / desk for desk in wanted.desks]
    trials, faults = find_trials(
        [one for one in folders if one.is_dir()], ROOT, way=Way.WORDS if wanted.words else None
    )
    for fault in faults:
        print(fault)

    def done(result: Trial) -> None:
        if not result.passed:
            print(f"{result.trial.desk}/{result.trial.call.call}: {'; '.join(result.wrong)}")

    held = hold_all(trials, HoldOptions(load_settings()), os.cpu_count() or 1, done)
    results = [
        Result(
            f"sample calls of {desk} that reach their outcome ({len(some)})",
            100.0 * sum(one.passed for one in some) / len(some),
            "%",
        )
        for desk in wanted.desks
        if (some := [one for one in held if one.trial.desk == desk])
    ]
    passed = 100.0 * sum(one.passed for one in held) / max(1, len(held))
    sound = sum(one.trial.way is Way.SOUND for one in held)
    results.append(Result(f"sample calls of all desks ({len(held)})", passed, "%", (">=", 100.0)))
    results.append(Result("sample calls", float(len(held)), "calls", (">=", 120.0)))
    results.append(Result("of them over sound", float(sound), "calls"))
    return results


def _simulated(wanted: Wanted) -> list[Result]:
    everyone: list[Simulated] = []
    results: list[Result] = []
    desks = [desk for desk in wanted.desks if (ROOT / "grammars" / desk / CALLERS_FILE).is_file()]
    for number, desk in enumerate(desks):
        share = wanted.calls // len(desks) + (number < wanted.calls % len(desks))
        came = _calls(desk, share, wanted.words)
        everyone += came
        results.append(
            Result(f"simulated callers of {desk} in the right place ({len(came)})", _right(came), "%")
        )
    turns = [one.turns for one in everyone if one.wanted.outcome is Outcome.ROUTED]
    wrong = sum(one.verdict is Verdict.WRONG for one in everyone)
    results += [
        Result(
            f"simulated callers of all desks in the right place ({len(everyone)})",
            _right(everyone),
            "%",
            (">=", 95.0),
        ),
        Result("wrong transfers", 100.0 * wrong / max(1, len(everyone)), "%", ("<=", 1.0)),
    ]
    if turns:
        results.append(Result("turns until routed, median", statistics.median(turns), "turns", ("<=", 2.0)))
    return results


def _calls(desk: str, calls: int, words: bool) -> list[Simulated]:
    loaded = load_desk(desk, ROOT)
    people = list(personas(loaded, load_callers(loaded.folder / CALLERS_FILE), calls, 1, SNR, expand))
    options = SimulationOptions(desk, ROOT, load_settings(), typed=words)

    def done(result: Simulated) -> None:
        if result.verdict is not Verdict.RIGHT:
            place = result.trouble or str(result.reached)
            print(
                f"{desk} {result.verdict}: {result.intent}: {result.says!r} heard {result.heard!r}: {place}"
            )

    return Work(SimulationHolder, options, _died).do(people, min(os.cpu_count() or 1, calls), done)


def _died(persona: Persona) -> Simulated:
    nowhere = Place(Outcome.FAILED, "", frozenset())
    return simulated(persona, nowhere, None, 0.0, trouble="the process that held the call died")


def _right(some: list[Simulated]) -> float:
    return 100.0 * sum(one.verdict is Verdict.RIGHT for one in some) / max(1, len(some))


def _arguments() -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m bench.desks", description=__doc__)
    parser.add_argument("--calls", type=int, default=500, help="simulated callers, over all desks")
    parser.add_argument("--desk", action="append", help="only these (default: all with sample calls)")
    parser.add_argument("--words", action="store_true", help="type the words: the understanding alone")
    parser.add_argument("--no-samples", action="store_true", help="simulated callers only")
    given = parser.parse_args()
    there = sorted(path.name for path in (ROOT / "tests" / "calls").iterdir() if path.is_dir())
    return Wanted(given.calls, tuple(given.desk or there), given.words, not given.no_samples)


if __name__ == "__main__":
    raise SystemExit(main())
