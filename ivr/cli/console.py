"""What all commands share: where text goes, and how an error looks.

Results go to standard output, everything else to standard error. On a terminal there is colour and text is
wrapped at its width; in a pipe there is neither, and a line stays one line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import IO, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from ivr.cli.process import stopped_status
from ivr.errors import DeskError, IvrError, StateError
from ivr.show import printable

READER_GONE = 141
"""Exit status when what reads our output has gone away (``| head``): as of other programs, after SIGPIPE."""


class Terminal(Console):
    """A console whose reader may go away, and whose disk may be full."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich's. Raises BrokenPipeError, StateError."""
        try:
            super().print(*objects, **options)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(error, self.file) from None

    def one_line(self, markup: str) -> None:
        """One line of a result, however long: what is copied from a terminal stays in one piece."""
        self.print(markup, highlight=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Rich would end the program here, in the middle of a call."""
        raise BrokenPipeError


out = Terminal()
"""Results for people, on standard output: coloured on a terminal, plain in a pipe."""
err = Terminal(stderr=True)
"""Progress, hints and errors, on standard error."""


def fail(error: IvrError) -> typer.Exit:
    """Print the one line a person needs and give the exit to raise."""
    problems = error.problems if isinstance(error, DeskError) and error.problems else (str(error),)
    for problem in problems:
        complain(problem)
    return typer.Exit(error.exit_code)


def complain(problem: str) -> None:
    """One line with an error."""
    with suppress(StateError, BrokenPipeError):  # nobody reads it: the exit status tells
        err.one_line(f"[bold red]error:[/bold red] {printable(problem)}")


@contextmanager
def errors() -> Iterator[None]:
    """The edge of every command: an `IvrError` becomes one line and its exit status, Ctrl-C status 130.

    Nothing but the error tree is caught: what else escapes is a fault of ours and shows where.
    """
    try:
        yield
    except IvrError as error:
        raise fail(error) from None
    except KeyboardInterrupt:
        with suppress(StateError, BrokenPipeError):
            err.print("stopped")
        raise typer.Exit(stopped_status()) from None
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            _write_nowhere(stream)
        raise typer.Exit(READER_GONE) from None


def write_out(data: bytes) -> None:
    """Put what programs read on standard output, at once. Raises BrokenPipeError, StateError."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error, sys.stdout) from None


def print_json(value: object) -> None:
    """Machine-readable results on standard output, UTF-8 whatever the terminal speaks, stable key order."""
    write_out(json_bytes(value))


def json_bytes(value: object) -> bytes:
    """As all results are written: indented UTF-8 with a line end."""
    try:
        data = json.dumps(value, ensure_ascii=False, indent=2).encode()
    except UnicodeEncodeError:  # a broken character, which only escapes can hold
        data = json.dumps(value, indent=2).encode()
    return data + b"\n"


def print_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows of plain text under their header, never cut off: the widest cell makes the column."""
    widths = [max(cell_len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    for number, row in enumerate((header, *rows)):
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        line = printable("  ".join(cells).rstrip())
        out.one_line(f"[bold]{line}[/bold]" if number == 0 else line)


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Say on a terminal what takes so long, until it is done."""
    with err.status(what) if err.is_terminal else nullcontext():
        yield


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


def _unwritable(error: OSError, stream: IO[str]) -> StateError:
    _write_nowhere(stream)
    name = "standard error" if stream is sys.stderr else "standard output"
    what = f"cannot be written ({error.strerror})"
    return StateError(what, place=name, remedy="Make room, or send it somewhere else")


def _write_nowhere(stream: IO[str] | None) -> None:
    """What is still in the stream's buffer must not fail once more when Python ends."""
    if stream is not None:
        with suppress(OSError, ValueError):  # a stream of a test has no number
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
