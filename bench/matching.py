"""``python -m bench.matching``: how fast understanding is, and how right on desks it was not fitted on.

Speed is measured on one thread, call by call, without warming up on the same sentence: every utterance is
said
once in a run. Accuracy is measured on the made-up desks marked `use: check` in bench/data/desks.yaml.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from bench.logit import calibration_error
from bench.made_up import Case, choices_of, desks, heard
from bench.report import Result, of_runs, percentile, report
from ivr.meaning import Answer, Expect, Hypothesis, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

NOW = datetime(2026, 11, 25, 10, 0)
RUNS = 5
FRAMES = (
    "where is my {0}",
    "[I want to|I would like to] {1} (my|a) {0}",
    "how do I {1} a {0} [please]",
    "I have a question about my {0}",
    "can you {1} the {0} for me",
    "my {0} is (broken|late|missing)",
    "{0} (department|desk) [please]",
    "how much does it cost to {1} a {0}",
)
VERBS = ("order", "cancel", "change", "repair", "collect")
NOUNS = [
    "bicycle",
    "parcel",
    "kettle",
    "passport",
    "carpet",
    "ticket",
    "window",
    "battery",
    "printer",
    "sofa",
    "mattress",
    "curtain",
    "lantern",
    "radiator",
    "camera",
    "violin",
    "ladder",
    "blanket",
    "umbrella",
    "suitcase",
    "tractor",
    "fence",
    "greenhouse",
    "freezer",
    "wardrobe",
    "trumpet",
    "saddle",
    "anchor",
    "telescope",
    "chimney",
    "bracelet",
    "keyboard",
    "helmet",
    "cradle",
    "compass",
    "chandelier",
    "barbecue",
    "aquarium",
    "motorcycle",
    "dishwasher",
    "fireplace",
    "generator",
    "hammock",
    "jacket",
    "lawnmower",
    "microscope",
    "notebook",
    "refrigerator",
    "sewing-machine",
    "tent",
]


def desk_of(phrases: int) -> Vocabulary:
    """A desk of fifty intents with `phrases` templates, and a directory of 30 names."""
    intents = []
    for noun in NOUNS:
        frames = itertools.product(FRAMES, VERBS)
        made = dict.fromkeys(frame.format(noun, verb) for frame, verb in frames)
        intents.append(IntentSpec(noun, tuple(made)[: phrases // len(NOUNS)]))
    person = SlotSpec("person", SlotType.NAME, choices=choices_of("staff.csv"))
    intents.append(IntentSpec("reach_person", ("(speak|talk) to {person}", "{person} please"), (), (person,)))
    return Vocabulary("en-US", tuple(intents), commands("en"))


def callers(seed: int, many: int = 200) -> Iterator[str]:
    """What is said to that desk: phrases with fillers, halves of phrases, names, other things."""
    rng = random.Random(seed)
    others = [str(row["heard"]) for row in heard() if row["heard"]]
    for _ in range(many):
        frame = rng.choice(FRAMES).format(rng.choice(NOUNS), rng.choice(VERBS))
        plain = "".join(char for char in frame.split("|")[0] if char not in "[]()")
        yield rng.choice(
            (f"um yeah hi {plain} thank you", plain, f"well {plain} and another thing", rng.choice(others))
        )


def speed(vocabulary: Vocabulary, expect: Expect) -> tuple[list[float], list[float]]:
    """Median and 95th percentile of milliseconds a match, one of each a run."""
    medians, worst = [], []
    for run in range(RUNS):
        matcher = Matcher(vocabulary)
        matcher.match((Hypothesis("warm up the libraries", 1.0),), expect, NOW)
        took = []
        for text in callers(run):
            start = time.perf_counter()
            matcher.match((Hypothesis(text, 0.9),), expect, NOW)
            took.append(1000.0 * (time.perf_counter() - start))
        medians.append(percentile(took, 0.5))
        worst.append(percentile(took, 0.95))
    return medians, worst


def loading(vocabulary: Vocabulary) -> list[float]:
    """Seconds to compile a vocabulary, with what other desks of the process have loaded already."""
    took = []
    for _ in range(RUNS):
        start = time.perf_counter()
        Matcher(vocabulary)
        took.append(time.perf_counter() - start)
    return took


def accuracy() -> list[Result]:
    """Rightness and calibration over all desks that were only kept to measure on."""
    rows: dict[str, list[tuple[float, bool, bool]]] = {}
    for desk in (desk for desk in desks() if desk.use == "check"):
        matcher = Matcher(desk.vocabulary)
        for case in desk.cases:
            expect = Expect()
            if case.kind == "heard command" or not case.text.strip():
                continue
            best = next(iter(matcher.match((Hypothesis(case.text, 1.0),), expect, NOW)), None)
            right = best is not None and best.meaning == case.meaning
            score = best.score if best is not None else 0.0
            rows.setdefault(_kind(case), []).append((score, right, case.meaning is not None))
    out = []
    for kind, some in rows.items():
        score = np.array([one for one, _, _ in some])
        right = np.array([one for _, one, _ in some])
        if some[0][2]:
            out.append(Result(f"{kind}: best is right (n={len(some)})", float(right.mean()), ""))
            out.append(Result(f"{kind}: accepted at 0.75", float((score >= 0.75).mean()), ""))
            sure = right[score >= 0.75]
            out.append(Result(f"{kind}: of these right", float(sure.mean()) if len(sure) else 0.0, ""))
        else:
            out.append(Result(f"{kind}: accepted at 0.75 (n={len(some)})", float((score >= 0.75).mean()), ""))
    everything = [row for some in rows.values() for row in some]
    scores, rights = np.array([s for s, _, _ in everything]), np.array([r for _, r, _ in everything])
    print("reliability on the desks that are only measured: score, utterances, share right")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (scores >= low) & (scores < low + 0.1)
        if inside.any():
            print(f"  {scores[inside].mean():.2f}  {inside.sum():5}  {rights[inside].mean():.2f}")
    out.append(Result("expected calibration error", calibration_error(scores, rights), "", ("<=", 0.05)))
    return out


def answers() -> list[Result]:
    """Answers to a question, as heard from a neural voice, some in noise (empty readings left out)."""
    matcher = Matcher(Vocabulary("en-US", (), commands("en")))
    right: dict[str, list[bool]] = {}
    for row in heard():
        slots = dict(row.get("slots", {}))
        if not row["heard"] or row["voice"] != "hibari" or row["desk"] not in {"slots", "switchboard"}:
            continue
        for name, value in slots.items():
            spec = _asked(name, value)
            matches = matcher.match((Hypothesis(str(row["heard"]), 1.0),), Expect(slot=spec), NOW)
            found = next((m.slots[0].value for m in matches if isinstance(m.meaning, Answer)), "")
            right.setdefault(name, []).append(found == value)
    return [
        Result(f"answer heard right: {name} (n={len(some)})", sum(some) / len(some), "")
        for name, some in right.items()
    ]


def _asked(name: str, value: str) -> SlotSpec:
    if name == "person":
        return SlotSpec(name, SlotType.NAME, choices=choices_of("staff.csv"))
    if name == "digits":
        return SlotSpec(name, SlotType.DIGITS, (len(value), len(value)))
    return SlotSpec(name, SlotType(name))


def _kind(case: Case) -> str:
    if case.meaning is None:
        return "out of scope"
    return {"typed": "own words, typed", "heard": "own words, heard"}.get(case.kind, "phrases, heard")


def main() -> None:
    """Measure and report."""
    small, large = desk_of(2_000), desk_of(1_000)
    medians, worst = speed(small, Expect())
    results = [
        of_runs("match, 2,000 phrases, median", medians, "ms", ("<=", 3.0)),
        of_runs("match, 2,000 phrases, 95th percentile", worst, "ms"),
        of_runs("load, 2,000 phrases", loading(small), "s"),
        of_runs("load, 1,000 phrases", loading(large), "s"),
        *accuracy(),
        *answers(),
    ]
    report("matching", results, ("numpy", "rapidfuzz", "hibari-tts", "num2words"))


if __name__ == "__main__":
    main()
