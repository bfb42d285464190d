"""``ivr check``: what would go wrong with a desk, before a caller finds it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from ivr.cli.console import errors, out, print_json
from ivr.cli.options import here
from ivr.dialog.check import check_desk
from ivr.dialog.findings import Finding, Severity
from ivr.dialog.load import load_desk
from ivr.errors import DeskError
from ivr.understanding.matcher import expand, sound_alike

_COLOUR = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def check(
    desk: Annotated[str, typer.Argument(help="A desk's name, folder or YAML file.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Report dead ends, unreachable intents, phrases that clash or sound alike, missing prompts and more.

    Exit status: 0 nothing serious, 1 errors were found, 2 the desk cannot be loaded.
    """
    with errors():
        try:
            findings = check_desk(load_desk(desk, here()), sound_alike, expand)
        except DeskError as error:
            if not as_json:
                raise
            print_json({"findings": [], "load_errors": list(error.problems or (str(error),))})
            raise typer.Exit(error.exit_code) from None
        if as_json:
            print_json({"findings": [_json(finding) for finding in findings], "load_errors": []})
        else:
            _show(findings)
        bad = [f for f in findings if strict or f.severity is Severity.ERROR]
        raise typer.Exit(1 if bad else 0)


def _show(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        colour = _COLOUR[finding.severity]
        out.print(
            f"{escape(finding.file)}:{finding.line}: [{colour}]{finding.severity.value}[/{colour}]: "
            f"{escape(finding.key)}: {escape(finding.text)}. [dim]{escape(finding.remedy)}[/dim]",
            highlight=False,
            soft_wrap=True,
        )
    counts = {s: sum(f.severity is s for f in findings) for s in Severity}
    out.print(f"{counts[Severity.ERROR]} errors, {counts[Severity.WARNING]} warnings", highlight=False)


def _json(finding: Finding) -> dict[str, object]:
    return {
        "severity": finding.severity.value,
        "file": finding.file,
        "line": finding.line,
        "key": finding.key,
        "text": finding.text,
        "remedy": finding.remedy,
    }
