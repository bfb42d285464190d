"""``ivr check``: what would go wrong with a desk, before a caller finds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from ivr.cli.console import errors, out, print_json
from ivr.cli.options import DeskArgument, JsonOption, here
from ivr.dialog.check import check_desk
from ivr.dialog.desk import Desk
from ivr.dialog.findings import Finding, Severity, error, warning
from ivr.dialog.load import load_desk
from ivr.dialog.source import Place
from ivr.errors import AudioError, DeskError, UnknownError
from ivr.lookups.check import check_sources
from ivr.mouth.recordings import Recordings
from ivr.show import printable
from ivr.understanding.matcher import expand, sound_alike

_COLOUR = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def check(
    desk: DeskArgument,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Report dead ends, unreachable intents, phrases that clash or sound alike, missing prompts and more.

    Exit status: 0 nothing serious, 1 errors were found, 2 the desk cannot be loaded.
    """
    with errors():
        try:
            loaded = load_desk(desk, here())
        except (DeskError, UnknownError) as problem:
            if not as_json:
                raise
            problems = problem.problems if isinstance(problem, DeskError) else ()
            print_json({"findings": [], "load_errors": list(problems or (str(problem),))})
            raise typer.Exit(problem.exit_code) from None
        zone = loaded.hours.timezone if loaded.hours else None
        found = check_desk(loaded, sound_alike, expand, today=datetime.now(zone).date())
        findings = (*found, *_unreadable(loaded), *_sources(loaded))
        if as_json:
            print_json({"findings": [_json(finding) for finding in findings], "load_errors": []})
        else:
            _show(findings)
        bad = [f for f in findings if strict or f.severity is Severity.ERROR]
        raise typer.Exit(1 if bad else 0)


def _unreadable(desk: Desk) -> Iterator[Finding]:
    """The first recorded prompt that cannot be played."""
    try:
        Recordings(desk.recordings)
    except AudioError as problem:
        yield error(Place(problem.place, 1), "recordings", problem.what, problem.remedy)


def _sources(desk: Desk) -> Iterator[Finding]:
    """What lookups need and do not find here."""
    for fault in check_sources(tuple(desk.lookups.values())):
        kind = warning if fault.here else error
        place = desk.lookup_places[fault.lookup]
        yield kind(place, f"lookups.{fault.lookup}", fault.what, fault.remedy)


def _show(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        colour = _COLOUR[finding.severity]
        out.one_line(
            f"{printable(finding.file)}:{finding.line}: [{colour}]{finding.severity}[/{colour}]: "
            f"{printable(finding.key)}: {printable(finding.text)}. [dim]{printable(finding.remedy)}[/dim]"
        )
    numbers = (_number(findings, Severity.ERROR), _number(findings, Severity.WARNING))
    out.one_line(", ".join(numbers))


def _number(findings: tuple[Finding, ...], severity: Severity) -> str:
    count = sum(finding.severity is severity for finding in findings)
    return f"{count} {severity}{'' if count == 1 else 's'}"


def _json(finding: Finding) -> dict[str, object]:
    return {
        "severity": finding.severity.value,
        "file": finding.file,
        "line": finding.line,
        "key": finding.key,
        "text": finding.text,
        "remedy": finding.remedy,
    }
