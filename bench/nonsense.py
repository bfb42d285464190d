"""What desks make of sentences that are no business of theirs: how many they act on, and ask back.

`python -m bench.nonsense` gives every English desk under grammars/ the everyday sentences of
bench/data/nonsense.yaml as they are written, and what Moonshine read of them at 8 kHz in noise 10 to 0 dB
below the voice (bench/data/misheard.jsonl, voices of the project, with the recognizer's confidence).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ruamel.yaml import YAML

from bench.made_up import DATA
from bench.report import Result, report
from ivr.config import load_settings
from ivr.dialog.load import load_desk
from ivr.meaning import Expect, Hypothesis, Intent
from ivr.opening import open_matcher
from ivr.understanding.matcher import Matcher

ROOT = Path(__file__).resolve().parent.parent
DESKS = ("coffee", "company", "digits", "emergency", "hospital", "shop", "support", "telecom")
NOW = datetime(2026, 11, 25, 10, 0)
ACTED_ON, ASKED_BACK = 1.0, 10.0
"""Marks: percent of the sentences that are acted on, and that are asked back or acted on."""


def everyday() -> tuple[Hypothesis, ...]:
    """The sentences as they are written."""
    raw = YAML(typ="safe", pure=True).load((DATA / "nonsense.yaml").read_text(encoding="utf-8"))
    return tuple(Hypothesis(text, 1.0) for text in raw["everyday"])


def misheard() -> tuple[Hypothesis, ...]:
    """What a recognizer made of them."""
    with (DATA / "misheard.jsonl").open(encoding="utf-8") as lines:
        return tuple(Hypothesis(row["heard"], row["confidence"]) for row in map(json.loads, lines))


def best_of(matcher: Matcher, said: Iterable[Hypothesis]) -> Iterator[tuple[str, float]]:
    """The best want of each sentence and its score; commands are none."""
    for one in said:
        best = next(iter(matcher.match((one,), Expect(), NOW)), None)
        if best is not None and isinstance(best.meaning, Intent):
            yield best.meaning.name, best.score


def main() -> None:
    """Measure and report."""
    results = []
    settings = load_settings()
    for name in DESKS:
        desk = load_desk(ROOT / "grammars" / name / "desk.yaml", ROOT)
        matcher = open_matcher(desk, settings)
        for kind, said in (("everyday sentences", everyday()), ("misheard ones", misheard())):
            found = list(best_of(matcher, said))
            for what, least, mark in (
                ("acted on", desk.thresholds.accept, ACTED_ON),
                ("asked back or acted on", desk.thresholds.confirm, ASKED_BACK),
            ):
                drawn = Counter(intent for intent, score in found if score >= least)
                share = 100.0 * drawn.total() / len(said)
                row = Result(f"{name}, {kind} (n={len(said)}): {what}", share, "%", ("<=", mark))
                print(f"{row.what}: {share:.1f} %", dict(drawn.most_common(4)), flush=True)
                results.append(row)
    report("nonsense", results, ("numpy", "onnxruntime"))


if __name__ == "__main__":
    main()
