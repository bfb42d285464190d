"""What came of a trial, and of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.trials.callfile import Expected
from ivr.trials.find import Trial, Way

BROKEN = "broken off"
"""Instead of an outcome: the call could not be held to its end."""


@dataclass(frozen=True, slots=True)
class Result:
    """A trial that was held.

    wrong         what is not as expected, a sentence each; () when the call passed
    outcome       how it ended, with the route, queue or word of the desk where the file expects one
    expected      the same as the call file has it
    seconds       length of the call; 0.0 when it could not be held
    took          seconds of the wall clock that holding it took
    turns         how often the caller was answered
    conversation  the call as people read it
    recording, log  the files that were kept, None when none were
    """

    trial: Trial
    wrong: tuple[str, ...]
    outcome: str
    expected: str
    seconds: float
    took: float
    turns: int
    conversation: str
    recording: Path | None = None
    log: Path | None = None

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.wrong

    @property
    def broken(self) -> bool:
        """Whether the call could not be held to its end, through no fault of the desk."""
        return self.outcome == BROKEN

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        call = self.trial.call
        return {
            "call": call.call,
            "desk": self.trial.desk,
            "file": self.trial.shown,
            "about": call.about,
            "way": self.trial.way.value,
            "passed": self.passed,
            "wrong": list(self.wrong),
            "expected": self.expected,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 2),
            "took": round(self.took, 2),
            "turns": self.turns,
            "recording": None if self.recording is None else str(self.recording),
            "log": None if self.log is None else str(self.log),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All results in the order of their trials; `took` is the wall clock's seconds for all together."""

    results: tuple[Result, ...]
    took: float

    @property
    def passed(self) -> int:
        """How many calls came out as expected."""
        return sum(result.passed for result in self.results)

    @property
    def seconds(self) -> float:
        """Length of all calls."""
        return sum(result.seconds for result in self.results)

    @property
    def sound(self) -> bool:
        """Whether calls were held with sound, so that their length means something."""
        return any(result.trial.way is Way.SOUND for result in self.results)

    @property
    def speed(self) -> float:
        """Seconds of calls in a second of the wall clock."""
        return self.seconds / self.took if self.took > 0 else 0.0

    @property
    def outcomes(self) -> Counter[tuple[str, str]]:
        """How often a call that should have ended in the first ended in the second."""
        return Counter((result.expected, result.outcome) for result in self.results)

    def to_json(self) -> dict[str, object]:
        """For ``--json``: stable keys, the wrong outcomes first."""
        outcomes = sorted(
            self.outcomes.items(), key=lambda item: (item[0][0] == item[0][1], -item[1], item[0])
        )
        return {
            "calls": len(self.results),
            "passed": self.passed,
            "failed": len(self.results) - self.passed,
            "seconds": round(self.seconds, 2),
            "took": round(self.took, 2),
            "speed": round(self.speed, 2),
            "outcomes": [
                {"expected": expected, "outcome": got, "calls": count} for (expected, got), count in outcomes
            ],
            "results": [result.to_json() for result in self.results],
        }


def expected_outcome(expected: Expected) -> str:
    """The outcome of a call file as one label."""
    return " ".join(filter(None, (expected.outcome.value, expected.detail)))


def reached_outcome(expected: Expected, outcome: str, detail: str) -> str:
    """How a call ended as a label that equals `expected_outcome` when it is as expected."""
    same = expected.detail is None and outcome == expected.outcome
    return outcome if same else " ".join(filter(None, (outcome, detail)))


def in_order(results: Sequence[Result], trials: Sequence[Trial]) -> tuple[Result, ...]:
    """`results` in the order of `trials`."""
    place = {trial.shown: number for number, trial in enumerate(trials)}
    return tuple(sorted(results, key=lambda result: place[result.trial.shown]))
