"""Callers identified by postcode, name and date of birth, and impostors: python -m bench.callerid

The answers of 150 real callers (EVI), as a recognizer heard them, up to three for each fact, are played at
the customer file in the order in which `Identifier` asks. Nothing is fitted to them. A few dialogues are
labelled with a customer whose facts the caller does not say: their true customer is the one whose postcode
and name they say word for word. The rates with the labels as they are stand beside.

Impostors are
- every caller with their own record taken out of the file,
- every caller with one of the three facts from another caller, against the whole file: they know two facts,
- every caller who claims to be another customer of the same postcode.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from bench.report import Result, percentile, report
from ivr.understanding.customers import Customer, CustomerFile, Item, lay_out, read_customers
from ivr.understanding.facts import Attempt, Facts, Logs
from ivr.understanding.identify import Identification, Identifier, Policy, Verdict

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "caller-id"
TODAY = date(2022, 6, 1)  # the year of the recordings
ATTEMPTS = 3

Answers = dict[Item, list[list[str]]]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What was heard in one call: for each fact the n-best lists of its attempts; `label` as in the data."""

    name: str
    label: str
    truth: str
    answers: Answers


class Remembered(Facts):
    """Facts that hear the same answer once, so that thousands of impostors do not take hours."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._heard: dict[tuple[str, ...], Attempt | None] = {}
        self.values = facts.values
        self.log_prior = facts.log_prior

    def hear(self, nbest: Sequence[str]) -> Attempt | None:
        key = tuple(nbest)
        if key not in self._heard:
            self._heard[key] = self._facts.hear(nbest)
        return self._heard[key]

    def likelihood(self, attempt: Attempt, values: Sequence[str]) -> Logs:
        return self._facts.likelihood(attempt, values)

    def log_prior_of(self, values: Sequence[str]) -> Logs:
        return self._facts.log_prior_of(values)


def read_dialogues(path: Path, customers: Sequence[Customer]) -> list[Dialogue]:
    """The calls of a file of answers, with the customer whose facts the caller says."""
    calls: dict[str, tuple[str, Answers]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        _, answers = calls.setdefault(row["dialogue"], (row["scenario"], {item: [] for item in Item}))
        answers[Item(row["item"])].append(row["nbest"])
    by_key = {customer.key: customer for customer in customers}
    by_words = {(_joined(c.postcode), c.name.lower()): c.key for c in customers}
    out = []
    for name, (label, answers) in calls.items():
        said = {
            by_words[postcode, full_name]
            for postcode in {_joined(text) for nbest in answers[Item.POSTCODE] for text in nbest}
            for full_name in {text.lower() for nbest in answers[Item.NAME] for text in nbest}
            if (postcode, full_name) in by_words
        }
        truth = label if label in by_key else ""
        if len(said) == 1 and label not in said:
            truth = said.pop()
        out.append(Dialogue(name, label, truth, answers))
    return out


def _joined(text: str) -> str:
    return "".join(text.lower().split())


def play(identifier: Identifier, answers: Answers) -> tuple[Identification, int]:
    """The end of a call, and how many answers it took."""
    now = identifier.identification()
    taken = dict.fromkeys(Item, 0)
    while now.verdict is Verdict.ASK and now.ask is not None:
        item = now.ask
        nbest = answers[item][taken[item]] if taken[item] < len(answers[item]) else []
        taken[item] += 1
        now = identifier.hear(item, nbest)
    return now, sum(taken.values())


def accepted(
    file: CustomerFile, answers: Answers, policy: Policy, claim: str = "", without: Collection[str] = ()
) -> str:
    """The customer as whom a caller is identified, "" for a refusal."""
    end, _ = play(Identifier(file, policy, claim=claim, without=without), answers)
    return end.customer if end.verdict is Verdict.IDENTIFIED else ""


def impostors(
    dialogues: Sequence[Dialogue], neighbours: dict[str, list[str]]
) -> Iterator[tuple[str, Answers, str, list[str]]]:
    """(kind, answers, claim, records taken out) of every impostor."""
    for number, dialogue in enumerate(dialogues):
        yield "own record taken out", dialogue.answers, "", [dialogue.truth]
        for item in Item:
            other = dialogues[(number + 1) % len(dialogues)]
            yield f"{item.value} of somebody else", {**dialogue.answers, item: other.answers[item]}, "", []
        for claim in neighbours[dialogue.truth][:2]:
            yield "claims to be a neighbour", dialogue.answers, claim, []


def measure_time(file: CustomerFile, dialogues: Sequence[Dialogue]) -> list[float]:
    """Milliseconds of processor time of each answer, from the first answer of the first call on."""
    out = []
    for dialogue in dialogues:
        identifier = Identifier(file)
        for item in Item:
            for nbest in dialogue.answers[item]:
                start = time.thread_time()
                identifier.hear(item, nbest)
                out.append((time.thread_time() - start) * 1000.0)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--answers", type=Path, default=DATA / "dev.jsonl")
    parser.add_argument("--records", type=Path, default=DATA / "records.csv")
    args = parser.parse_args()
    customers = read_customers(args.records)
    start = time.perf_counter()
    fresh = lay_out(customers, TODAY)
    laid_out = time.perf_counter() - start
    file = replace(
        fresh, facts=MappingProxyType({item: Remembered(facts) for item, facts in fresh.facts.items()})
    )
    everyone = read_dialogues(args.answers, customers)
    dialogues = [dialogue for dialogue in everyone if dialogue.truth]
    neighbours = {
        d.truth: [c.key for c in customers if c.postcode == p and c.key != d.truth]
        for d in dialogues
        for p in [customers[fresh.place_of[d.truth]].postcode]
    }
    turns = measure_time(fresh, dialogues)

    results = []
    answers_needed: list[int] = []
    for attempts in range(1, ATTEMPTS + 1):
        policy = replace(Policy(), attempts=attempts)
        right = []
        wrong = 0
        as_labelled = 0
        for dialogue in dialogues:
            end, taken = play(Identifier(file, policy), dialogue.answers)
            got = end.customer if end.verdict is Verdict.IDENTIFIED else ""
            right.append(got == dialogue.truth)
            wrong += got not in {"", dialogue.truth}
            as_labelled += got == dialogue.label
            if attempts == ATTEMPTS and right[-1]:
                answers_needed.append(taken)
            if attempts == ATTEMPTS and not right[-1]:
                support = ", ".join(f"{part.item.value} {part.nats:+.1f}" for part in end.support)
                print(f"not identified: {dialogue.name} ({dialogue.truth}): {end.verdict.value}, {support}")
        halves = (_percent(right[::2]), _percent(right[1::2]))
        mark = (">=", 80.0) if attempts == ATTEMPTS else None
        what = f"identified within {attempts} attempt{'s' * (attempts > 1)} (spread: halves)"
        results.append(Result(what, _percent(right), "%", mark, (min(halves), max(halves))))
    results.append(
        Result("of them, answers needed, mean", sum(answers_needed) / max(1, len(answers_needed)), "")
    )
    labelled = 100.0 * as_labelled / len(everyone)
    results.append(Result(f"identified, labels as they are ({len(everyone)} calls)", labelled, "%"))
    results.append(
        Result("callers identified as somebody else", 100.0 * wrong / len(dialogues), "%", ("<=", 0.5))
    )

    outcomes: dict[str, list[bool]] = {}
    for kind, answers, claim, without in impostors(dialogues, neighbours):
        outcomes.setdefault(kind, []).append(bool(accepted(file, answers, Policy(), claim, without)))
    for kind, some in outcomes.items():
        results.append(Result(f"impostors accepted: {kind} ({len(some)})", _percent(some), "%", ("<=", 0.5)))
    every = [one for some in outcomes.values() for one in some]
    results.append(Result(f"impostors accepted: all ({len(every)})", _percent(every), "%", ("<=", 0.5)))
    results.append(Result("an answer, median", percentile(turns, 0.5), "ms"))
    results.append(Result("an answer, p95", percentile(turns, 0.95), "ms", ("<=", 20.0)))
    results.append(Result(f"laying out {len(customers):,} customers", laid_out, "s"))
    unlike = sum(dialogue.truth != dialogue.label for dialogue in everyone)
    print(f"{len(everyone)} calls; in {unlike} the facts said are not those of the label")
    return 0 if report("callerid", results, ["numpy", "hibari-tts"]) else 1


def _percent(some: Sequence[bool]) -> float:
    return 100.0 * sum(some) / max(1, len(some))


if __name__ == "__main__":
    raise SystemExit(main())
