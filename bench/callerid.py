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
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from bench.report import Result, percentile, report
from ivr.evaluation.callers import Caller, labelled_by_words, read_callers, without_record_as_strangers
from ivr.evaluation.identification import Remembered, measure_callers
from ivr.understanding.customers import CustomerFile, Item, lay_out, read_customers
from ivr.understanding.identify import Identifier, Policy

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "caller-id"
TODAY = date(2022, 6, 1)  # the year of the recordings
ATTEMPTS = 3


def measure_time(file: CustomerFile, callers: Sequence[Caller]) -> list[float]:
    """Milliseconds of processor time of each answer, from the first answer of the first call on."""
    out = []
    for caller in callers:
        identifier = Identifier(file)
        for item in Item:
            for nbest in caller.answers[item]:
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
    labelled = read_callers(args.answers)
    everyone = without_record_as_strangers(labelled_by_words(labelled, customers), fresh)
    callers = [caller for caller in everyone if caller.truth]
    turns = measure_time(fresh, callers)
    policies = [replace(Policy(), attempts=attempts) for attempts in range(1, ATTEMPTS + 1)]
    rates = measure_callers(callers, file, policies, strangers=True)

    results = []
    for number, share in enumerate(rates.within, 1):
        results.append(
            Result(
                f"identified within {number} attempt{'s' * (number > 1)}",
                100.0 * (share or 0.0),
                "%",
                (">=", 80.0) if number == ATTEMPTS else None,
            )
        )
    for end in rates.known:
        if not end.right:
            support = ", ".join(f"{part.item.value} {part.nats:+.1f}" for part in end.end.support)
            print(f"not identified: {end.caller.name} ({end.caller.truth}): {support}")
    halves = [_percent([end.right for end in rates.known[half::2]]) for half in (0, 1)]
    results[-1] = replace(results[-1], spread=(min(halves), max(halves)))
    results.append(Result("of them, answers needed, mean", rates.answers or 0.0, ""))
    as_they_are = {caller.name: caller.truth for caller in labelled}
    right = [end.customer == as_they_are[end.caller.name] for end in rates.ends]
    share = 100.0 * sum(right) / len(labelled)
    results.append(Result(f"identified, labels as they are ({len(labelled)} calls)", share, "%"))
    wrong = sum(bool(end.customer) and not end.right for end in rates.ends)
    results.append(
        Result("callers identified as somebody else", 100.0 * wrong / len(callers), "%", ("<=", 0.5))
    )
    for tried in rates.impostors:
        what = f"impostors accepted: {tried.kind} ({tried.n})"
        results.append(Result(what, 100.0 * tried.accepted / tried.n, "%", ("<=", 0.5)))
    results.append(
        Result(
            f"false accepts, all ({rates.false_trials})", 100.0 * rates.false_accept_rate, "%", ("<=", 0.5)
        )
    )
    results.append(Result("an answer, median", percentile(turns, 0.5), "ms"))
    results.append(Result("an answer, p95", percentile(turns, 0.95), "ms", ("<=", 20.0)))
    results.append(Result(f"laying out {len(customers):,} customers", laid_out, "s"))
    unlike = sum(one.truth != other.truth for one, other in zip(everyone, labelled, strict=True))
    print(f"{len(everyone)} calls; in {unlike} the facts said are not those of the label")
    return 0 if report("callerid", results, ["numpy", "hibari-tts"]) else 1


def _percent(some: Sequence[bool]) -> float:
    return 100.0 * sum(some) / max(1, len(some))


if __name__ == "__main__":
    raise SystemExit(main())
