"""The numbers of an evaluation, each None where it does not apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ivr.evaluation.judge import Judged

BINS = 10

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose score lies from `low` to `high`: how many, their mean score, and how many were right."""

    low: float
    high: float
    n: int
    score: float
    right: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """`count` cases of `expected` were taken for `got`; None is out of scope, or rejected."""

    expected: str | None
    got: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a case: median and 95th percentile."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Measures:
    """What `ivr evaluate` prints.

    n                   cases
    in_scope_accuracy   right intent of cases that have one; a rejected one is wrong
    oos_recall          out-of-scope cases that were rejected
    accuracy            both together
    command_acceptance  in-scope cases whose intent and every labelled slot are right
    slot_accuracy       labelled slots with their value, in cases whose intent is right; else they are wrong
    wer                 wrong, missing and added words a word of the transcripts
    calibration_error   expected calibration error: mean distance of score and share of right answers in
                        `BINS` bins of equal width (Naeini et al. 2015), over cases that fit something
    match_ms            matching
    recognize_ms        recognizing, without waiting for the end of speech
    """

    n: int
    in_scope_accuracy: float | None
    oos_recall: float | None
    accuracy: float | None
    command_acceptance: float | None
    slot_accuracy: float | None
    wer: float | None
    calibration_error: float | None
    match_ms: Times | None
    recognize_ms: Times | None
    confusions: tuple[Confusion, ...]
    reliability: tuple[Bin, ...]

    def to_json(self) -> dict[str, Json]:
        """The published keys; rounded to what can matter."""
        return {
            "n": self.n,
            "in_scope_accuracy": _rounded(self.in_scope_accuracy),
            "oos_recall": _rounded(self.oos_recall),
            "accuracy": _rounded(self.accuracy),
            "command_acceptance": _rounded(self.command_acceptance),
            "slot_accuracy": _rounded(self.slot_accuracy),
            "wer": _rounded(self.wer),
            "calibration_error": _rounded(self.calibration_error),
            "match_ms": _times(self.match_ms),
            "recognize_ms": _times(self.recognize_ms),
            "confusions": [
                {"expected": one.expected, "got": one.got, "count": one.count} for one in self.confusions
            ],
        }


def measure(judged: Sequence[Judged]) -> Measures:
    """All numbers of the cases."""
    labelled = [one for one in judged if one.case.judged]
    inside = [one for one in labelled if one.case.in_scope]
    outside = [one for one in labelled if not one.case.in_scope]
    slots = sum(len(one.case.slots or {}) for one in inside)
    slotted = any(one.case.slots is not None for one in inside)
    words = sum(one.words for one in judged)
    bins = reliability(labelled)
    return Measures(
        n=len(judged),
        in_scope_accuracy=_share(sum(one.intent_right for one in inside), len(inside)),
        oos_recall=_share(sum(one.intent_right for one in outside), len(outside)),
        accuracy=_share(sum(one.intent_right for one in labelled), len(labelled)),
        command_acceptance=_share(sum(one.right for one in inside), len(inside)) if slotted else None,
        slot_accuracy=_share(sum(one.slots_right for one in inside), slots),
        wer=_share(sum(one.errors or 0 for one in judged), words),
        calibration_error=_share(
            sum(one.n * abs(one.score - one.right) for one in bins), sum(one.n for one in bins)
        ),
        match_ms=_percentiles([one.match for one in judged]),
        recognize_ms=_percentiles([one.recognize for one in judged if one.recognize is not None]),
        confusions=_confusions(labelled),
        reliability=bins,
    )


def reliability(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    """Scores in bins of equal width, lowest first, empty bins as well; what fits nothing has no score."""
    some = [one for one in judged if one.got]
    scores = np.array([one.score for one in some])
    right = np.array([one.got == one.case.intent for one in some], dtype=np.float64)
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    out = []
    for number in range(BINS):
        inside = places == number
        n = int(inside.sum())
        mean = float(scores[inside].mean()) if n else 0.0
        out.append(
            Bin(number / BINS, (number + 1) / BINS, n, mean, float(right[inside].mean()) if n else 0.0)
        )
    return tuple(out)


def _confusions(judged: Sequence[Judged]) -> tuple[Confusion, ...]:
    counts = Counter((one.case.intent, one.taken_for) for one in judged if not one.intent_right)
    worst = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0][0] or "", entry[0][1] or ""))
    return tuple(Confusion(expected, got, count) for (expected, got), count in worst)


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _percentiles(seconds: Sequence[float]) -> Times | None:
    if not seconds:
        return None
    p50, p95 = np.percentile(np.array(seconds) * 1000.0, [50, 95])
    return Times(float(p50), float(p95))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _times(times: Times | None) -> Json:
    return None if times is None else {"p50": round(times.p50, 2), "p95": round(times.p95, 2)}
