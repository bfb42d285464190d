"""Options that the commands share which hold calls."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ivr.ears.choose import RecognizerKind

RecognizerOption = Annotated[RecognizerKind | None, typer.Option(help="Instead of the desk's own choice.")]
WordsOption = Annotated[
    bool, typer.Option("--words", help="Type the callers' words instead of playing or saying them.")
]
JobsOption = Annotated[int | None, typer.Option(min=1, max=256, help="Calls at once. Default: one a core.")]
KeepOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Keep a recording and an event log of each call there."),
]


def jobs_for(calls: int, wanted: int | None) -> int:
    """How many of `calls` to hold at once: as many as wanted, or as there are cores."""
    return min(wanted or os.cpu_count() or 1, calls)
