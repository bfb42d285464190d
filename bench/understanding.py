"""``make bench-understanding``: sentences understood and rejected, with each part of the evidence or without.

The labelled sets of ../shared/data are learned from their train.jsonl alone, which also gives the threshold,
and judged by dev.jsonl as ``ivr evaluate --examples`` judges them. Ten examples an intent are drawn at
random, several times. What each part contributes is measured on the same sets and on the made-up desks marked
``use: check`` (templates; typed and heard). Times a match are of one core, times to load of a new process.

    python -m bench.understanding --quick              # a fifth of the cases, one draw of ten
    python -m bench.understanding --only sets ten      # of: sets ten parts desks speed
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from bench.labelled import DATA, NOW, LabelledSet, judged, labelled_set, matcher_of
from bench.logit import calibration_error
from bench.made_up import MadeUpDesk, desks
from bench.report import Result, of_runs, percentile, report
from ivr.config import load_settings
from ivr.evaluation.measures import BINS, Measures, measure
from ivr.meaning import Expect, Hypothesis, Vocabulary
from ivr.understanding.evidence import PARTS
from ivr.understanding.learned import LearnedModel
from ivr.understanding.learned_cache import learned_model
from ivr.understanding.learned_examples import examples_of
from ivr.understanding.learned_training import LEARNED_PARTS, train
from ivr.understanding.matcher import Matcher
from ivr.understanding.sentences import sentence_encoder

TEN, DRAWS = 10, 5
AT_LEAST, AT_MOST = ">=", "<="
SURE = 0.05
"""Most calibration error."""
LOADS = 3
UNLEARNED = 500
"""Cases for a set of 15,000 sentences without the learned model, which takes longer."""
LESS = (*((part,) for part in LEARNED_PARTS), ("vectors", "waves"))
"""Parts of the learned model that are left out; vectors and waves are all that the sentence encoder gives."""
CHILD = "--child"


class Bench:
    """What the parts of the bench share: the sets, each with its model, read once."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.cache = load_settings().cache / "understanding"
        self._sets: dict[str, tuple[LabelledSet, LearnedModel]] = {}

    def set_of(self, folder: str) -> tuple[LabelledSet, LearnedModel]:
        """A labelled set and its model, trained or from the cache."""
        if folder not in self._sets:
            whole = labelled_set(folder)
            self._sets[folder] = (self._short(whole), self.model(whole))
        return self._sets[folder]

    def model(self, one: LabelledSet) -> LearnedModel:
        """The learned model of a set."""
        found = learned_model(one.vocabulary, self.cache)
        if found is None:
            sys.exit("bench-understanding needs the sentence encoder: run make setup")
        return found

    def _short(self, one: LabelledSet) -> LabelledSet:
        return one.shortened(len(one.cases) // 5) if self.quick else one


def counted(one: LabelledSet, matcher: Matcher, threshold: float) -> Measures:
    """The numbers of a set."""
    return measure(judged(one, matcher, threshold))


def percent(share: float | None) -> float:
    return 100.0 * (share or 0.0)


def sets(bench: Bench) -> Iterable[Result]:
    """All sentences of train.jsonl, judged by dev.jsonl."""
    for folder, marks in (("clinc150", (95.0, 72.0)), ("banking77", (93.0, None))):
        one, model = bench.set_of(folder)
        numbers = counted(one, matcher_of(one, model), model.threshold)
        print_reliability(f"{folder}, threshold {model.threshold:.3f}", numbers)
        yield Result(
            f"{folder}: in-scope accuracy (n={len(one.cases)})",
            percent(numbers.in_scope_accuracy),
            "%",
            (AT_LEAST, marks[0]),
        )
        if marks[1] is not None:
            yield Result(
                f"{folder}: out-of-scope recall", percent(numbers.oos_recall), "%", (AT_LEAST, marks[1])
            )
        yield Result(f"{folder}: calibration error", numbers.calibration_error or 0.0, "", (AT_MOST, SURE))
        everything = counted(one, matcher_of(one, model), 0.0)
        yield Result(
            f"{folder}: in-scope accuracy, nothing rejected", percent(everything.in_scope_accuracy), "%"
        )


def ten(bench: Bench) -> Iterable[Result]:
    """Ten sentences an intent."""
    for folder, mark in (("clinc150", 88.0), ("banking77", 80.0)):
        whole = bench.set_of(folder)[0]
        accepted, ranked, errors, foreign = [], [], [], []
        for seed in range(1 if bench.quick else DRAWS):
            one = whole.drawn(TEN, seed)
            model = bench.model(one)
            numbers = counted(one, matcher_of(one, model), model.threshold)
            accepted.append(percent(numbers.in_scope_accuracy))
            errors.append(numbers.calibration_error or 0.0)
            foreign.append(percent(numbers.oos_recall))
            ranked.append(percent(counted(one, matcher_of(one, model), 0.0).in_scope_accuracy))
            if seed == 0:
                print_reliability(f"{folder}, ten an intent, threshold {model.threshold:.3f}", numbers)
        yield of_runs(f"{folder}, ten an intent: in-scope accuracy", accepted, "%", (AT_LEAST, mark))
        yield of_runs(f"{folder}, ten an intent: nothing rejected", ranked, "%")
        if any(foreign):
            yield of_runs(f"{folder}, ten an intent: out-of-scope recall", foreign, "%")
        yield of_runs(f"{folder}, ten an intent: calibration error", errors, "", (AT_MOST, SURE))


def parts(bench: Bench) -> Iterable[Result]:
    """The labelled sets without the learned model, and what is left without one more part."""
    for folder in ("clinc150", "banking77"):
        one, model = bench.set_of(folder)
        some = one.shortened(UNLEARNED // 5 if bench.quick else UNLEARNED)
        ways: list[tuple[str, LearnedModel | None, tuple[str, ...]]] = [("everything", model, ())]
        whole = examples_of(labelled_set(folder).vocabulary)
        for less in LESS:
            ways.append((f"without {' and '.join(less)}", train(whole, model.encoder, without=less), ()))
        ways.append(("without learned", None, ()))
        ways += [(f"without learned, {name}", None, (name,)) for name in PARTS]
        for what, learned, without in ways:
            numbers = counted(some, matcher_of(some, learned, without), 0.0)
            yield Result(
                f"{folder}, {what} (n={len(some.cases)}): in-scope accuracy, nothing rejected",
                percent(numbers.in_scope_accuracy),
                "%",
            )


def made_up(bench: Bench) -> Iterable[Result]:
    """Desks of templates, typed and heard: as calls understand them, without what is learned, and without
    each part of that."""
    some = [desk for desk in desks() if desk.use == "check"]
    ways: list[tuple[str, bool, tuple[str, ...]]] = [("everything", True, ()), ("without learned", False, ())]
    ways += [(f"without learned, {name}", False, (name,)) for name in PARTS]
    for what, learned, without in ways:
        right, error = on_desks(some, bench.cache if learned else None, without)
        yield Result(f"made-up desks, {what}: best is right", 100.0 * right, "%")
        mark = (AT_MOST, SURE) if learned else None
        yield Result(f"made-up desks, {what}: calibration error", error, "", mark)


def on_desks(some: Sequence[MadeUpDesk], cache: Path | None, without: tuple[str, ...]) -> tuple[float, float]:
    """The share of cases in scope whose best match is right, and the calibration error over all cases.

    cache  of learned models, None to learn nothing
    """
    scores: list[float] = []
    right: list[bool] = []
    in_scope: list[bool] = []
    for desk in some:
        learned = learned_model(desk.vocabulary, cache) if cache else None
        matcher = Matcher(desk.vocabulary, without=without, learned=learned)
        for case in desk.cases:
            if case.kind == "heard command" or not case.text.strip():
                continue
            best = next(iter(matcher.match((Hypothesis(case.text, 1.0),), Expect(), NOW)), None)
            scores.append(best.score if best is not None else 0.0)
            right.append(best is not None and best.meaning == case.meaning)
            in_scope.append(case.meaning is not None)
    rights = np.array(right)
    return float(rights[np.array(in_scope)].mean()), calibration_error(np.array(scores), rights)


def speed(bench: Bench) -> Iterable[Result]:
    """150 intents of 100 sentences: a match on one core, loading from nothing and from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm, graph, language = [], [], [], []
        for run in range(1 if bench.quick else LOADS):
            cache = Path(folder) / str(run)
            language.append(in_a_process("language", cache))
            graph.append(in_a_process("encoder", cache))
            cold.append(in_a_process("load", cache))
            warm.append(in_a_process("load", cache))
    yield of_runs("150 x 100 sentences: training on load", cold, "s", (AT_MOST, 10.0))
    yield of_runs("150 x 100 sentences: load from cache", warm, "s", (AT_MOST, 0.5))
    yield of_runs("words and sounds of English, once a process", language, "s")
    yield of_runs("the encoder's graph, once an installation", graph, "s")
    one, model = bench.set_of("clinc150")
    matcher = matcher_of(one, model)
    on_one_core()
    medians, worst = [], []
    for _ in range(1 if bench.quick else LOADS):
        took = []
        for case in one.cases:
            start = time.perf_counter()
            matcher.match((Hypothesis(case.text, 1.0),), Expect(), NOW)
            took.append(1000.0 * (time.perf_counter() - start))
        medians.append(percentile(took, 0.5))
        worst.append(percentile(took, 0.95))
    yield of_runs("150 x 100 sentences: a match on one core, median", medians, "ms")
    yield of_runs("150 x 100 sentences: a match on one core, p95", worst, "ms", (AT_MOST, 5.0))


def on_one_core() -> None:
    """Hold every thread of this process to one core (Linux)."""
    core = {min(os.sched_getaffinity(0))}
    for task in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(task.name), core)


def in_a_process(what: str, cache: Path) -> float:
    """Seconds that a step of `child` takes in a new process, without its imports."""
    command = [sys.executable, "-m", "bench.understanding", CHILD, what, str(cache)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def child(what: str, cache: Path) -> float:
    """Load the words and sounds of English ("language"), which all desks of a process share, open the encoder
    ("encoder"), or make a desk of the sentences of CLINC150 ready when both are there ("load")."""
    vocabulary = labelled_set("clinc150").vocabulary
    start = time.perf_counter()
    Matcher(Vocabulary("en", ()))
    if what == "language":
        return time.perf_counter() - start
    start = time.perf_counter()
    sentence_encoder(cache)
    if what == "load":
        Matcher(vocabulary, learned=learned_model(vocabulary, cache))
    return time.perf_counter() - start


def print_reliability(what: str, numbers: Measures) -> None:
    """Scores beside the share that is right."""
    print(f"reliability of {what}: score, cases, mean score, share right")
    for one in numbers.reliability:
        if one.n:
            print(f"  {one.low:.1f}-{one.low + 1 / BINS:.1f}  {one.n:5}  {one.score:.2f}  {one.right:.2f}")


PARTS_OF_THE_BENCH: dict[str, Callable[[Bench], Iterable[Result]]] = {
    "sets": sets,
    "ten": ten,
    "parts": parts,
    "desks": made_up,
    "speed": speed,  # last: it holds this process to one core
}


def main() -> None:
    """Measure and report."""
    if CHILD in sys.argv:
        print(child(sys.argv[2], Path(sys.argv[3])))
        return
    parser = argparse.ArgumentParser(description="how well labelled sentences are understood")
    parser.add_argument("--quick", action="store_true", help="a fifth of the cases, one draw of ten")
    parser.add_argument("--only", nargs="+", choices=list(PARTS_OF_THE_BENCH), help="these parts")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit("bench-understanding needs the folder ../shared/data")
    bench = Bench(options.quick)
    results = []
    for name, part in PARTS_OF_THE_BENCH.items():
        if not options.only or name in options.only:
            for result in part(bench):
                print(f"{result.what}: {result.value:.4g} {result.unit}", flush=True)
                results.append(result)
    report("understanding", results, ("numpy", "scipy", "onnxruntime", "tokenizers", "rapidfuzz"))


if __name__ == "__main__":
    main()
