"""What all commands share: where text goes, and how an error looks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from ivr.errors import DeskError, IvrError

out = Console()
"""Results for people, on standard output: coloured on a terminal, plain in a pipe."""
err = Console(stderr=True)
"""Progress, hints and errors, on standard error."""


def fail(error: IvrError) -> typer.Exit:
    """Print the one line a person needs and give the exit to raise."""
    problems = error.problems if isinstance(error, DeskError) and error.problems else (str(error),)
    for problem in problems:
        err.print(f"[bold red]error:[/bold red] {escape(problem)}", highlight=False, soft_wrap=True)
    return typer.Exit(error.exit_code)


@contextmanager
def errors() -> Iterator[None]:
    """The edge of every command: an `IvrError` becomes one line and its exit status, Ctrl-C status 130."""
    try:
        yield
    except IvrError as error:
        raise fail(error) from None
    except KeyboardInterrupt:
        err.print("stopped")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        # The reader of a pipe (head, less) is gone: that is no error.
        sys.stderr.close()
        raise typer.Exit(0) from None


def print_json(value: object) -> None:
    """Machine-readable results on standard output, stable key order."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False) + "\n")


def download_progress() -> Progress:
    """A progress bar for bytes, on standard error."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=err
    )


def count_progress() -> Progress:
    """A progress bar for things, on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
    )


def config_option() -> Path | None:
    """The default of ``--config``; see `ivr.config`."""
    return None
