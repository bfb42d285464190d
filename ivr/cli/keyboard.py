"""What a caller types: lines from a terminal with a prompt, or from a pipe."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from ivr.cli.console import Terminal, err
from ivr.show import printable
from ivr.textcall import COMMANDS, mistyped

with contextlib.suppress(ImportError):  # Windows has none; then there are no arrow keys
    import readline  # noqa: F401 - gives `input` a line that can be edited, and a history

LONGEST = 10_000
"""Characters of a line that are read."""


def is_terminal() -> bool:
    """Whether somebody types, and sees what they type."""
    return sys.stdin is not None and sys.stdin.isatty()


def typed_lines(console: Terminal) -> Iterator[str]:
    """Lines until the end of input. One that begins with / and is no command is asked for again."""
    if is_terminal():
        err.print(f"[dim]Type what the caller says. {COMMANDS}[/dim]", highlight=False)
    for line in _lines(console):
        if wrong := mistyped(line):
            err.one_line(f"[yellow]{printable(wrong)}[/yellow]")
        else:
            yield line


def _lines(console: Terminal) -> Iterator[str]:
    while sys.stdin is not None:
        if is_terminal() and console.is_terminal:
            try:
                yield input("> ")
            except EOFError:
                console.print()
                return
        else:
            line = sys.stdin.readline(LONGEST)
            if not line:
                return
            rest = line
            while rest and not rest.endswith("\n"):
                rest = sys.stdin.readline(LONGEST)
            yield line.rstrip("\n")
