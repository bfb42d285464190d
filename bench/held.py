"""``make bench-held``: orders and digits read freely and held to the grammar, on the recordings of ../shared.

Orders go through line, detector, endpointer, recognizer and matcher as ``ivr evaluate`` sends them, at 8 kHz
mu-law, without and with kitchen noise. The digits played at the order desk must be rejected: all that is
accepted counts, also commands ("bye" for "five"). Seconds of reading are of the recognizer's thread.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import mean, median

from bench.report import Result, percentile, report
from ivr.config import load_settings
from ivr.dialog.expect import expect
from ivr.dialog.load import load_desk
from ivr.dialog.states import Main
from ivr.ears.choose import RecognizerKind, open_recognizer
from ivr.ears.recognizer import Recognizer
from ivr.evaluation.cases import Case, read_cases
from ivr.evaluation.judge import Judged
from ivr.evaluation.run import Understanding, evaluate
from ivr.evaluation.sound import Conditions, LineKind, Noise
from ivr.media.pcm import duration
from ivr.media.wav import read_wav
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

ROOT = Path(__file__).resolve().parent.parent
SPEECH = ROOT.parent / "shared" / "speech"
KITCHEN = SPEECH / "noise" / "kitchen-8k.wav"
NOISE_DB = (24.0, 21.0, 18.0, 15.0, 12.0, 9.0, 6.0)
REJECT_DB = 15.0
LONG = (2.5, 3.5)
"""Seconds of the recordings that stand for an utterance of 3 s."""
NOW = datetime(2026, 11, 25, 10, 0)


def understanding(desk_name: str) -> Understanding:
    """The main state of a desk of the repository."""
    desk = load_desk(ROOT / "grammars" / desk_name, ROOT)
    matcher = Matcher(desk.vocabulary(commands(desk.language)))
    return Understanding(matcher, expect(Main(), desk), desk.language, NOW, desk.thresholds.offer)


def heard(cases: Sequence[Case], desk: Understanding, snr: float | None) -> tuple[Judged, ...]:
    """The cases at 8 kHz mu-law, with kitchen noise at `snr` dB."""
    noise = None if snr is None else Noise(KITCHEN, snr, seed=1)
    return evaluate(cases, desk, Conditions(LineKind.G711, noise), _open)


def _open() -> Recognizer:
    return open_recognizer(RecognizerKind.MOONSHINE, "en-US", load_settings())


def share(judged: Sequence[Judged]) -> float:
    """Percent that is right in all that is labelled."""
    return 100.0 * mean(one.right for one in judged)


def main() -> None:
    """Measure and report."""
    if not SPEECH.is_dir():
        sys.exit("bench-held needs the folder ../shared/speech")
    coffee, digits = understanding("coffee"), understanding("digits")
    orders = read_cases(SPEECH / "en-commands" / "dev.jsonl")
    numbers = read_cases(SPEECH / "en-digits" / "dev.jsonl")
    quiet = heard(orders, coffee, None)
    results = [Result("orders right, quiet", share(quiet), "%", (">=", 98.0))]
    noisy = {snr: heard(orders, coffee, snr) for snr in NOISE_DB}
    results += [Result(f"orders right, {snr:g} dB", share(some), "%") for snr, some in noisy.items()]
    results.append(Result("orders right, mean in noise", mean(map(share, noisy.values())), "%", (">=", 93.0)))
    results.append(
        Result("orders rejected, quiet", 100.0 * mean(not o.accepted for o in quiet), "%", ("<=", 5.0))
    )
    other = [replace(case, judged=True, intent=None, transcript=None) for case in numbers[::4]]
    for snr in (None, REJECT_DB):
        taken = 100.0 * mean(one.accepted for one in heard(other, coffee, snr))
        results.append(Result(f"digits accepted as orders, {snr or 'quiet'}", taken, "%", ("<=", 1.0)))
    labelled = [replace(c, judged=True, intent="digit", slots={"digit": c.transcript or ""}) for c in numbers]
    results.append(Result("single digits right", share(heard(labelled, digits, None)), "%", (">=", 98.0)))
    seconds = [one.recognize for one in quiet if one.recognize and LONG[0] <= _seconds(one.case) <= LONG[1]]
    results.append(Result("reading 2.5-3.5 s, median", median(seconds), "s", ("<=", 0.25)))
    results.append(Result("reading 2.5-3.5 s, p95", percentile(seconds, 0.95), "s", ("<=", 0.5)))
    report("held", results, ("onnxruntime", "tokenizers"))


def _seconds(case: Case) -> float:
    assert case.audio is not None
    return duration(*read_wav(case.audio))


if __name__ == "__main__":
    main()
