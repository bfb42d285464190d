"""Where calls are kept: ``<state>/calls/YYYY-MM-DD/<call_id>/``, the day as it was at the desk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from ivr.private import state_error

CALLS = "calls"
EVENTS = "events.jsonl"
SUMMARY = "summary.json"
RECORDING = "recording.wav"
CALL_BACKS = "call-back-*.wav"
RUNNING = "running"
"""Locked by the process that holds the call; gone when the summary is written."""

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def call_folder(state: Path, when: datetime, call_id: str) -> Path:
    """The folder of a call that came in at `when`. Raises ValueError for an id that is no file name."""
    if not _SAFE_ID.fullmatch(call_id):
        raise ValueError(f"{call_id!r} cannot name a folder: letters, digits, '.', '_', '-', at most 128")
    return state / CALLS / when.date().isoformat() / call_id


def call_back_recording(attempt: int) -> str:
    """The file with the sound of a call-back, counted from 1, beside that of its call."""
    return CALL_BACKS.replace("*", str(attempt))


def days(state: Path) -> Iterator[tuple[date, Path]]:
    """The days on which calls came in, oldest first, with their folders; what else lies there is left out."""
    for folder in _folders(state / CALLS):
        if _DAY.fullmatch(folder.name):
            try:
                yield date.fromisoformat(folder.name), folder
            except ValueError:
                continue


def calls(day: Path) -> Iterator[Path]:
    """The folders of the calls of one day, by name."""
    return (folder for folder in _folders(day) if _SAFE_ID.fullmatch(folder.name))


def marked_calls(state: Path) -> Iterator[Path]:
    """The folders of calls that are held now, or whose process died before the record was complete."""
    for _, day in days(state):
        # strings, not paths: at the start of the program this looks at every call there is
        prefix = f"{day}{os.sep}"
        for name in _names(day):
            if _SAFE_ID.fullmatch(name) and os.path.lexists(f"{prefix}{name}{os.sep}{RUNNING}"):
                yield day / name


def _folders(parent: Path) -> list[Path]:
    return [parent / name for name in _names(parent)]


def _names(parent: Path) -> list[str]:
    """The folders in `parent`, links left out. Raises StateError when it cannot be read."""
    try:
        with os.scandir(parent) as found:
            return sorted(entry.name for entry in found if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise state_error(error, parent) from None
