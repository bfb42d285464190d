"""How long calls are kept: whole days, then the folder of the call goes with everything in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ivr.errors import StateError
from ivr.private import replace_file, state_error
from ivr.records.layout import CALL_BACKS, EVENTS, RECORDING, SUMMARY, calls, days
from ivr.records.log import read_summary
from ivr.records.running import is_running

_GONE = ".gone-"
"""Begins the name of the folder of a call that is being deleted."""


def expired(kept: Iterable[date], today: date, keep_days: int) -> tuple[date, ...]:
    """The days more than `keep_days` before `today`, oldest first. Raises ValueError for less than 0 days."""
    if keep_days < 0:
        raise ValueError(f"{keep_days} days cannot be kept")
    return tuple(sorted(day for day in kept if (today - day).days > keep_days))


@dataclass(frozen=True, slots=True)
class Swept:
    """What was deleted (or would be): of which calls, how many bytes, and what could not be deleted."""

    folders: tuple[Path, ...]
    size: int
    failures: tuple[StateError, ...] = ()


def sweep(state: Path, keep_days: int, today: date, *, dry_run: bool = False) -> Swept:
    """Delete calls more than `keep_days` before `today`, except those still held; `dry_run` deletes nothing.

    A call's folder gets another name before anything in it is deleted: stopped in between, there is no half
    a call, and the next sweep does the rest. Raises StateError when the folder of calls cannot be read,
    ValueError for a negative number of days.
    """
    if not dry_run:
        for _, day in days(state):
            for left in day.glob(f"{_GONE}*"):
                shutil.rmtree(left, ignore_errors=True)
                _remove_empty(day)
    return _each(state, keep_days, today, _folder_size, _delete_folder, dry_run)


def sweep_sound(
    state: Path, keep_days: int, today: date, *, dry_run: bool = False, but: frozenset[Path] = frozenset()
) -> Swept:
    """Delete the recordings of such calls and of their call-backs; what else is known of them stays.

    but  not of these
    """

    def size(folder: Path) -> int:
        return sum(path.lstat().st_size for path in _recordings(folder))

    def delete(folder: Path) -> None:
        for path in _recordings(folder):
            path.unlink()

    return _each(state, keep_days, today, size, delete, dry_run, but)


def sweep_words(
    state: Path, keep_days: int, today: date, *, dry_run: bool = False, but: frozenset[Path] = frozenset()
) -> Swept:
    """Delete what was said in such calls: the event log, transcript and facts of the summary.

    The figures of the summary stay, for reports. A call without a summary was cut off and is not yet
    recovered: it is left for the next time.
    """

    def size(folder: Path) -> int:
        log = folder / EVENTS
        if not (folder / SUMMARY).is_file():
            return 0
        if log.is_file():
            return log.lstat().st_size
        summary = read_summary(folder)
        return 1 if summary.transcript or summary.slots else 0

    def delete(folder: Path) -> None:
        summary = replace(read_summary(folder), transcript=(), slots=())
        text = json.dumps(summary.to_json(), ensure_ascii=False, indent=2)
        replace_file(folder / SUMMARY, f"{text}\n".encode("utf-8", "replace"))
        (folder / EVENTS).unlink(missing_ok=True)

    return _each(state, keep_days, today, size, delete, dry_run, but)


def _each(
    state: Path,
    keep_days: int,
    today: date,
    size: Callable[[Path], int],
    delete: Callable[[Path], None],
    dry_run: bool,
    but: frozenset[Path] = frozenset(),
) -> Swept:
    """Do it to every call of the days that are over in which there is something to delete."""
    folders: list[Path] = []
    failures: list[StateError] = []
    taken = 0
    by_day = dict(days(state))
    for day in expired(by_day, today, keep_days):
        for folder in calls(by_day[day]):
            try:
                if folder in but or is_running(folder) or not (bytes_of := size(folder)):
                    continue
                if not dry_run:
                    delete(folder)
            except OSError as error:
                failures.append(state_error(error, folder))
            except StateError as error:
                failures.append(error)
            else:
                folders.append(folder)
                taken += bytes_of
        if not dry_run:
            _remove_empty(by_day[day])
    return Swept(tuple(folders), taken, tuple(failures))


def _delete_folder(folder: Path) -> None:
    gone = folder.rename(folder.with_name(f"{_GONE}{folder.name}"))
    try:
        shutil.rmtree(gone)
    except OSError:
        if not any(gone.iterdir()):
            raise
        gone.rename(folder)  # it cannot be deleted, which the next one who looks should see
        raise


def _remove_empty(day: Path) -> None:
    if not any(day.iterdir()):
        day.rmdir()


def _recordings(folder: Path) -> list[Path]:
    return [path for name in (RECORDING, CALL_BACKS) for path in folder.glob(name) if path.is_file()]


def _folder_size(folder: Path) -> int:
    return max(1, sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()))
