"""How long calls are kept: whole days, then the folder of the call goes with everything in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ivr.errors import StateError
from ivr.private import state_error
from ivr.records.layout import calls, days
from ivr.records.running import is_running


def expired(kept: Iterable[date], today: date, keep_days: int) -> tuple[date, ...]:
    """The days more than `keep_days` before `today`, oldest first. Raises ValueError for less than 0 days."""
    if keep_days < 0:
        raise ValueError(f"{keep_days} days cannot be kept")
    return tuple(sorted(day for day in kept if (today - day).days > keep_days))


@dataclass(frozen=True, slots=True)
class Swept:
    """What `sweep` deleted (or would): folders of calls, their size, and what could not be deleted."""

    folders: tuple[Path, ...]
    size: int
    failures: tuple[StateError, ...] = ()


def sweep(state: Path, keep_days: int, today: date, *, dry_run: bool = False) -> Swept:
    """Delete calls more than `keep_days` before `today`, except those still held; `dry_run` deletes nothing.

    Raises StateError when the folder of calls cannot be read, ValueError for a negative number of days.
    """
    folders: list[Path] = []
    failures: list[StateError] = []
    size = 0
    by_day = dict(days(state))
    for day in expired(by_day, today, keep_days):
        for folder in calls(by_day[day]):
            try:
                if is_running(folder):
                    continue
                taken = _size(folder)
                if not dry_run:
                    shutil.rmtree(folder)
            except OSError as error:
                failures.append(state_error(error, folder))
            except StateError as error:
                failures.append(error)
            else:
                folders.append(folder)
                size += taken
        if not dry_run and not any(by_day[day].iterdir()):
            by_day[day].rmdir()
    return Swept(tuple(folders), size, tuple(failures))


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
