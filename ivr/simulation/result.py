"""What came of simulated calls, one by one and together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.simulation.place import Place, Verdict


@dataclass(frozen=True, slots=True)
class Simulated:
    """One call.

    says      the caller's first words
    heard     what was heard of them
    wanted    where the call should have come to
    reached   where it did; None when it could not be held
    turns     utterances that the desk replied to
    seconds   length of the call, took: seconds of the wall clock for holding it
    trouble   why it could not be held
    """

    number: int
    intent: str
    says: str
    heard: str
    voice: str
    noise: str
    snr: float
    wanted: Place
    reached: Place | None
    verdict: Verdict
    turns: int
    seconds: float
    took: float
    recording: Path | None = None
    trouble: str = ""

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "caller": self.number,
            "wants": self.intent,
            "says": self.says,
            "heard": self.heard,
            "voice": self.voice,
            "noise": self.noise,
            "snr": self.snr,
            "expected": str(self.wanted),
            "reached": "" if self.reached is None else str(self.reached),
            "verdict": self.verdict.value,
            "turns": self.turns,
            "seconds": round(self.seconds, 2),
            "recording": None if self.recording is None else str(self.recording),
            "trouble": self.trouble,
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """All calls of a simulation, in the order of the callers; `took` seconds of the wall clock together."""

    desk: str
    seed: int
    results: tuple[Simulated, ...]
    took: float

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How often each."""
        return Counter(result.verdict for result in self.results)

    def share(self, verdict: Verdict) -> float:
        """The share of the calls with that verdict, 0 to 1."""
        return self.verdicts[verdict] / len(self.results) if self.results else 0.0

    @property
    def seconds(self) -> float:
        """Length of all calls."""
        return sum(result.seconds for result in self.results)

    def turns(self, quantile: float) -> float:
        """Turns of the calls that came to the right place."""
        right = [result.turns for result in self.results if result.verdict is Verdict.RIGHT]
        return float(np.quantile(right, quantile)) if right else 0.0

    @property
    def by_intent(self) -> dict[str, tuple[int, int]]:
        """Of each want: calls, and those that came to the right place; the worst first."""
        groups: dict[str, list[Simulated]] = defaultdict(list)
        for result in self.results:
            groups[result.intent].append(result)
        counted = {intent: (len(some), _right(some)) for intent, some in groups.items()}
        return dict(sorted(counted.items(), key=lambda item: (item[1][1] / item[1][0], item[0])))

    def to_json(self) -> dict[str, object]:
        """For ``--json``: stable keys."""
        return {
            "desk": self.desk,
            "calls": len(self.results),
            "seed": self.seed,
            "right_place": round(self.share(Verdict.RIGHT), 4),
            "wrong_transfers": round(self.share(Verdict.WRONG), 4),
            "verdicts": {verdict.value: self.verdicts[verdict] for verdict in Verdict},
            "turns": {"p50": self.turns(0.5), "p95": self.turns(0.95)},
            "minutes": round(self.seconds / 60.0, 2),
            "took": round(self.took, 2),
            "intents": [
                {"intent": intent, "calls": calls, "right": right}
                for intent, (calls, right) in self.by_intent.items()
            ],
            "results": [result.to_json() for result in self.results],
        }


def _right(results: Iterable[Simulated]) -> int:
    return sum(result.verdict is Verdict.RIGHT for result in results)
