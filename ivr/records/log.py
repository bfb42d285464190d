"""The record of a call: an event log, line by line while it is held, and a summary at its end."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from ivr.errors import StateError
from ivr.events import Alert, CallEnded, CallStarted, Event, HandedOff, HandOff, Trouble
from ivr.private import FILE_MODE, FOLDER_MODE, make_private_folder, replace_file, state_error, sync_folder
from ivr.records.codec import CodecError
from ivr.records.encode import Entry, from_line, to_line
from ivr.records.layout import EVENTS, RECORDING, SUMMARY, call_folder, marked_calls
from ivr.records.running import RunningLock
from ivr.records.summary import Summary, summarize

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line that is still read as an event; one is a few hundred bytes, a handoff some ten thousand."""

_PATIENCE = 5.0
_CLOSED = -1
_MADE_DURABLE = (HandOff, Alert, HandedOff, CallEnded)


class CallLog:
    """Writes one call's folder; `record` is a sink of the journal.

    folder     where everything of the call lies
    recording  the file in it that a recorder may write, ``recording.wav``
    failure    the first error that kept an event from being written, None while all is well
    """

    def __init__(self, folder: Path, lock: RunningLock, file: int) -> None:
        self.folder = folder
        self.recording = folder / RECORDING
        self.failure: StateError | None = None
        self._lock = lock
        self._file = file
        self._size = 0
        self._unwritten = b""
        self._entries: list[Entry] = []
        self._summary: Summary | None = None

    @classmethod
    def open(cls, state: Path, call_id: str, when: datetime) -> Self:
        """Make the folder of a call that came in at `when`.

        Raises StateError (also when there is a record of that id), ValueError for an id that is no file name.
        """
        folder = call_folder(state, when, call_id)
        make_private_folder(folder.parent)
        try:
            folder.mkdir(FOLDER_MODE)
        except FileExistsError:
            raise StateError(
                "there is a record of this call already", place=str(folder), remedy="Give the call another id"
            ) from None
        except OSError as error:
            raise state_error(error, folder) from None
        lock = RunningLock(folder)
        try:
            # The lock comes before the log: a folder with a log and without a lock is that of a dead process.
            # Somebody who looks whether the call runs may hold it for a moment.
            if not lock.acquire(_PATIENCE):
                raise BlockingIOError(errno.EAGAIN, "another process holds it")
            file = os.open(folder / EVENTS, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, FILE_MODE)
            sync_folder(folder)
            sync_folder(folder.parent)
        except (OSError, StateError) as error:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise error if isinstance(error, StateError) else state_error(error, folder) from None
        return cls(folder, lock, file)

    def record(self, at: float, event: Event) -> None:
        """Write `event`, which happened `at` seconds after the answer; handoff and end are synced to disk.

        Never raises: what cannot be written is kept, tried again with the next event, and noted in `failure`.
        """
        try:
            line = to_line(at, event)
        except (TypeError, ValueError, AttributeError) as error:
            # A part that puts a wrong value into an event must not end the call over its record.
            event = Trouble("records", f"{type(event).__name__} could not be written: {error}")
            at = self._entries[-1].t if self._entries else 0.0
            line = to_line(at, event)
        self._entries.append(Entry(round(float(at), 3), event))
        self._unwritten += line
        self._write(sync=isinstance(event, _MADE_DURABLE))

    def close(self) -> Summary:
        """Write the summary and let go of the call; a call without an end is failed, "interrupted".

        Raises StateError when the summary cannot be written; then `recover` makes it at the next start.
        Repeated, it gives the same summary.
        """
        if self._summary is not None:
            return self._summary
        if self._file != _CLOSED:
            self._write(sync=True)
            os.close(self._file)
            self._file = _CLOSED
        try:
            self._summary = _write_summary(self.folder, self._entries)
        except StateError:
            self._lock.release()
            raise
        self._lock.finish()
        return self._summary

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, *, sync: bool) -> None:
        try:
            data = self._unwritten
            while data:
                data = data[os.write(self._file, data) :]
            self._size += len(self._unwritten)
            self._unwritten = b""
            if sync:
                os.fsync(self._file)
        except OSError as error:
            self.failure = self.failure or state_error(error, self.folder / EVENTS)
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)  # no half line before the next try


@dataclass(frozen=True, slots=True)
class LogFile:
    """What a log holds.

    broken  numbers of lines (from 1) that are no event
    torn    whether the last line was cut off while it was written
    """

    entries: tuple[Entry, ...]
    broken: tuple[int, ...] = ()
    torn: bool = False


def read_log(folder: Path) -> LogFile:
    """The log in a call's folder; damaged lines are passed over and counted. Raises StateError."""
    entries: list[Entry] = []
    broken: list[int] = []
    number = 0
    path = folder / EVENTS
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                whole = line.endswith(b"\n")
                try:
                    entries.append(from_line(line))
                except CodecError:
                    broken.append(number)
                while not whole and len(line) == LONGEST_LINE:
                    line = file.readline(LONGEST_LINE)
                    whole = line.endswith(b"\n")
    except OSError as error:
        raise state_error(error, path) from None
    torn = number > 0 and not whole and broken[-1:] == [number]
    return LogFile(tuple(entries), tuple(broken[:-1] if torn else broken), torn)


def read_summary(folder: Path) -> Summary:
    """The summary in a call's folder. Raises StateError when there is none or it is damaged."""
    path = folder / SUMMARY
    try:
        return Summary.from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise state_error(error, path) from None
    except (ValueError, RecursionError) as error:
        raise StateError(
            f"is no summary of a call ({error})", place=str(path), remedy="Delete it; the log beside it stays"
        ) from None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `recover` did: summaries of interrupted calls, and folders that it could not mend."""

    summaries: tuple[Summary, ...]
    failures: tuple[StateError, ...]


def recover(state: Path) -> Recovered:
    """Complete the records of calls whose process died; calls that are being held are left alone.

    Call it when the program starts. Raises StateError when the folder of calls cannot be read.
    """
    summaries: list[Summary] = []
    failures: list[StateError] = []
    for folder in marked_calls(state):
        # A folder with a mark but no log is that of a call about to begin.
        if (folder / EVENTS).exists():
            try:
                summaries += _recovered(folder)
            except StateError as error:
                failures.append(error)
    return Recovered(tuple(summaries), tuple(failures))


def _recovered(folder: Path) -> list[Summary]:
    lock = RunningLock(folder)
    if not lock.acquire():
        return []
    try:
        # the call may have ended between the look at its mark and the lock
        made = [] if (folder / SUMMARY).exists() else [_write_summary(folder, read_log(folder).entries)]
    except StateError:
        lock.release()
        raise
    lock.finish()
    return made


def _write_summary(folder: Path, entries: list[Entry] | tuple[Entry, ...]) -> Summary:
    midnight = datetime.fromisoformat(folder.parent.name).replace(tzinfo=UTC)
    lost = CallStarted(folder.name, "", "", "", "", "", midnight)
    recording = RECORDING if (folder / RECORDING).exists() else ""
    summary = summarize(entries, lost, recording)
    text = json.dumps(summary.to_json(), ensure_ascii=False, indent=2)
    replace_file(folder / SUMMARY, text.encode("utf-8", "replace") + b"\n")
    return summary
