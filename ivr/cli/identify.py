"""``ivr identify``: whether callers who say postcode, name and date of birth are identified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from ivr.cli.console import count_progress, err, errors, out, print_columns
from ivr.cli.files import put_json, refuse_results
from ivr.cli.maybe import STDOUT, JsonCommand
from ivr.cli.options import JsonFileOption
from ivr.errors import UnknownError
from ivr.evaluation.callers import Caller, labelled_by_words, read_callers, without_record_as_strangers
from ivr.evaluation.identification import End, Rates, Remembered, measure_callers
from ivr.show import printable
from ivr.understanding.customers import Columns, CustomerFile, lay_out, read_customers
from ivr.understanding.identify import Policy

CLASS = JsonCommand
_COLUMNS = {"key": "key", "postcode": "postcode", "name": "name", "dob": "birthday"}
_MOST_SHOWN = 20


def identify(
    cases: Annotated[
        Path, typer.Argument(metavar="CASES.jsonl", help="What was heard: one answer of one call a line.")
    ],
    records: Annotated[Path, typer.Option(metavar="FILE.csv", help="The customer file, with a heading.")],
    columns: Annotated[
        str,
        typer.Option(
            metavar="FACT=COLUMN,...",
            help="Columns that are called otherwise than scenario_id, postcode, name, dob: "
            "key=id,dob=born. A fact that the file lacks: postcode=",
        ),
    ] = "",
    attempts: Annotated[int, typer.Option(min=1, max=9, help="Questions for each fact, at most.")] = 3,
    impostors: Annotated[
        bool, typer.Option(help="Also play callers who are not who they say they are.")
    ] = True,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust-labels",
            help="Take each scenario as the caller, also where postcode and name are another customer's, "
            "word for word.",
        ),
    ] = False,
    language: Annotated[str, typer.Option(help="Of the callers; en-US says the month first.")] = "en-GB",
    json_file: JsonFileOption = None,
) -> None:
    """Play the callers in CASES.jsonl at a customer file, and count who is identified and who is refused.

    A line is one answer: {"dialogue": "c1", "scenario": "key of the customer, or null", "item": "postcode",
    "attempt": 0, "nbest": ["what was heard", "second best"]}. The items are postcode, name and dob.

    Examples:

      ivr identify dev.jsonl --records records.csv

      ivr identify dev.jsonl --records customers.csv --columns key=id,dob=born --json result.json

    Exit status: 0 done, 2 bad input.
    """
    with errors():
        refuse_results([json_file], (cases, records), "ivr identify")
        chosen = _columns(columns)
        callers = read_callers(cases)
        customers = read_customers(records, chosen)
        file = lay_out(customers, date.today(), language)
        _check_labels(callers, file, cases, chosen)
        labelled = callers if trust else labelled_by_words(callers, customers)
        relabelled = sum(one.truth != other.truth for one, other in zip(callers, labelled, strict=True))
        labelled = without_record_as_strangers(labelled, file)
        policies = [replace(Policy(), attempts=number) for number in range(1, attempts + 1)]
        facts = {item: Remembered(some) for item, some in file.facts.items()}
        with count_progress() as progress:
            task = progress.add_task("callers", total=len(callers) * len(policies))
            rates = measure_callers(
                labelled,
                replace(file, facts=MappingProxyType(facts)),
                policies,
                strangers=impostors,
                done=lambda: progress.advance(task),
            )
        result = _json(rates, file, relabelled)
        put_json(result, json_file)
        if json_file != STDOUT:
            _show(rates, file, relabelled)


def _columns(given: str) -> Columns:
    """The columns as they are given. Raises UnknownError."""
    named: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in given.split(","))):
        fact, equals, column = part.partition("=")
        if not equals or fact not in _COLUMNS:
            known = ", ".join(_COLUMNS)
            remedy = f"Write FACT=COLUMN with one of {known}, for example key=id,dob=born"
            raise UnknownError(f"{part!r} names no column", place="--columns", remedy=remedy)
        if fact == "key" and not column:
            raise UnknownError("the key has no column", place="--columns", remedy="Write key=COLUMN")
        named[_COLUMNS[fact]] = column
    return replace(Columns(), **named)


def _check_labels(callers: Sequence[Caller], file: CustomerFile, cases: Path, columns: Columns) -> None:
    """Raises UnknownError when no label is a customer of the file."""
    named = [caller for caller in callers if caller.truth]
    if named and not any(caller.truth in file.place_of for caller in named):
        what = f"no scenario is a customer's {columns.key} (the first is {named[0].truth!r})"
        remedy = "Name the column of the keys: --columns key=COLUMN"
        raise UnknownError(what, place=str(cases), remedy=remedy)


def _json(rates: Rates, file: CustomerFile, relabelled: int) -> dict[str, object]:
    return {
        "n": len(rates.ends),
        "customers": len(file.keys),
        "known": len(rates.known),
        "strangers": len(rates.ends) - len(rates.known),
        "relabelled": relabelled,
        "identified": rates.identified,
        "identified_rate": _rounded(rates.within[-1]),
        "refused": rates.refused,
        "false_accepts": rates.false_accepts,
        "false_accept_trials": rates.false_trials,
        "false_accept_rate": _rounded(rates.false_accept_rate),
        "answers": _rounded(rates.answers),
        "within": [
            {"attempts": number, "identified_rate": _rounded(rate)}
            for number, rate in enumerate(rates.within, 1)
        ],
        "impostors": [{"kind": t.kind, "n": t.n, "accepted": t.accepted} for t in rates.impostors],
        "calls": [_call(end) for end in rates.ends],
    }


def _call(end: End) -> dict[str, object]:
    return {
        "dialogue": end.caller.name,
        "scenario": end.caller.truth or None,
        "verdict": "identified" if end.customer else "refused",
        "customer": end.customer or None,
        "right": end.right,
        "probability": round(end.end.probability, 4),
        "answers": end.answers,
        "support": {part.item.value: round(part.nats, 2) for part in end.end.support},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _show(rates: Rates, file: CustomerFile, relabelled: int) -> None:
    if relabelled:
        what = f"{relabelled} calls count as the customer whose postcode and name they say"
        err.one_line(f"[yellow]{what}[/yellow]")
    known = len(rates.known)
    rows = [("calls", str(len(rates.ends)), f"{len(file.keys)} customers in the file")]
    for number, rate in enumerate(rates.within, 1):
        if rate is not None:
            many = "attempt" if number == 1 else "attempts"
            rows.append(("identified", f"{rate:.1%}", f"within {number} {many}, of {known} customers"))
    if rates.answers is not None:
        rows.append(("answers", f"{rates.answers:.1f}", "until a customer was identified, mean"))
    rows.append(("refused", str(rates.refused), f"of {len(rates.ends)} calls"))
    what = f"{rates.false_accepts} of {rates.false_trials} calls and impostors"
    rows.append(("false accepts", f"{rates.false_accept_rate:.2%}", what))
    rows.extend(("  impostors", f"{t.accepted} of {t.n}", t.kind) for t in rates.impostors)
    print_columns(("what", "value", ""), rows)
    wrong = [end for end in rates.ends if not end.right]
    if wrong:
        out.one_line("\n[bold]not as they should be[/bold]")
    for end in wrong[:_MOST_SHOWN]:
        support = ", ".join(f"{part.item.value} {part.nats:+.1f}" for part in end.end.support)
        verdict = f"identified as {end.customer}" if end.customer else "refused"
        name = f"{end.caller.name} ({end.caller.truth or 'a stranger'})"
        out.one_line(printable(f"{name}: {verdict}; {support}"))
    if len(wrong) > _MOST_SHOWN:
        out.one_line(f"[dim]and {len(wrong) - _MOST_SHOWN} more; all of them with --json[/dim]")
