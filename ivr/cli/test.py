"""``ivr test``: whole calls from call files, held with their desks and judged."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.call_options import JobsOption, KeepOption, RecognizerOption, WordsOption, jobs_for
from ivr.cli.console import complain, count_progress, err, errors, out, print_columns
from ivr.cli.files import put_json, refuse_results
from ivr.cli.maybe import STDOUT, JsonCommand
from ivr.cli.options import ConfigOption, JsonFileOption, desk_names, here, settings
from ivr.dialog.check import refuse_faults
from ivr.dialog.load import load_desk
from ivr.errors import StateError, UnknownError
from ivr.media.wav import write_atomic
from ivr.show import printable
from ivr.trials.find import Trial, Way, find_trials
from ivr.trials.holder import HoldOptions
from ivr.trials.junit import junit
from ivr.trials.page import page
from ivr.trials.parallel import hold_all
from ivr.trials.result import Report, Result, in_order

CLASS = JsonCommand
CALLS = Path("tests") / "calls"
_COMMAND = "ivr test"


def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Call files, or folders of them. Default: tests/calls."),
    ] = None,
    desk: Annotated[
        str | None,
        typer.Option(
            metavar="DESK",
            autocompletion=desk_names,
            help="Hold the calls with this desk instead of the one they name: a name, folder or YAML file.",
        ),
    ] = None,
    words: WordsOption = False,
    jobs: JobsOption = None,
    recognizer: RecognizerOption = None,
    keep: KeepOption = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML, for build servers.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report for people, with the calls to play.")
    ] = None,
    json_file: JsonFileOption = None,
    config: ConfigOption = None,
) -> None:
    """Hold whole calls and compare what came of each with what its file expects.

    A call file says what a caller says and does, and how the call must end: docs/calls.md. Where the turns
    have recordings they are played, otherwise the words are typed.

    Examples:

      ivr test

      ivr test tests/calls/company --words

      ivr test tests/calls/company --desk changed/desk.yaml --html report.html --junit junit.xml

    Exit status: 0 every call came out as expected, 1 not every call, 2 bad input, 130 stopped.
    """
    with errors(), ExitStack() as stack:
        given = list(paths or [CALLS])
        if json_file is not None and json_file != STDOUT and paths is None and _call_files(json_file):
            given, json_file = [Path(json_file)], STDOUT  # "--json PATH": the path is what is tried
        refuse_results([json_file, junit_file, html], [path for path in given if path.is_file()], _COMMAND)
        trials = _trials(given, desk, Way.WORDS if words else None)
        if keep is None and html is not None:
            keep = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-test-")))
        elif keep is not None:
            _make(keep)
        options = HoldOptions(settings(config), keep, recognizer)
        report = _hold(trials, options, jobs_for(len(trials), jobs))
        if html is not None:
            names = ", ".join(dict.fromkeys(trial.desk for trial in trials))
            write_atomic(html, page(report, names, html.resolve().parent).encode("utf-8", "replace"))
        if junit_file is not None:
            write_atomic(junit_file, junit(report))
        put_json(report.to_json(), json_file)
        _show(report, to_out=json_file != STDOUT)
        raise typer.Exit(0 if report.passed == len(report.results) else 1)


def _call_files(path: str) -> bool:
    return Path(path).is_dir() or (Path(path).is_file() and Path(path).suffix == ".yaml")


def _trials(paths: list[Path], desk: str | None, way: Way | None) -> list[Trial]:
    """What is to be held; every faulty file is named before the first call. Raises IvrError, Exit."""
    if paths == [CALLS] and not CALLS.is_dir():
        remedy = "Name a call file or a folder of them; docs/calls.md tells how they are written"
        raise UnknownError("there is no such folder here", place=str(CALLS), remedy=remedy)
    trials, wrong = find_trials(paths, here(), desk=desk, way=way)
    for fault in wrong:
        complain(str(fault))
    if wrong:
        raise typer.Exit(2)
    for name, root in dict.fromkeys((trial.desk, trial.root) for trial in trials):
        refuse_faults(load_desk(name, root))
    return trials


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "a file is in its place" if isinstance(error, FileExistsError) else error.strerror
        what, remedy = f"cannot be made ({reason})", "Name another folder with --keep"
        raise StateError(what, place=str(folder), remedy=remedy) from None


def _hold(trials: list[Trial], options: HoldOptions, jobs: int) -> Report:
    began = time.perf_counter()
    with count_progress() as progress:
        task = progress.add_task("calls", total=len(trials))

        def done(result: Result) -> None:
            if not result.passed:
                name = f"{result.trial.desk}/{result.trial.call.call}"
                what = printable(f"{name}: {'; '.join(result.wrong)}")
                err.one_line(f"[red]{'broken' if result.broken else 'failed'}[/red] {what}")
            progress.advance(task)

        results = hold_all(trials, options, jobs, done)
    return Report(in_order(results, trials), time.perf_counter() - began)


def _show(report: Report, *, to_out: bool) -> None:
    """The result in a few lines; on standard error when standard output is JSON."""
    console = out if to_out else err
    wrong = {pair: count for pair, count in report.outcomes.items() if pair[0] != pair[1]}
    if wrong and to_out:
        worst = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
        rows = [(str(count), expected, got) for (expected, got), count in worst]
        print_columns(("calls", "expected", "came"), rows)
    colour = "green" if report.passed == len(report.results) else "red"
    spoken = f"; {report.speed:.1f} times as fast as real time" if report.sound else ""
    console.one_line(
        f"[{colour}]{report.passed} of {len(report.results)} calls came out as expected[/{colour}]  "
        f"[dim]in {report.took:.0f} s{spoken}[/dim]"
    )
