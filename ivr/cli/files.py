"""The files a user asks for beside a call's own record: refused early, begun late."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from ivr.cli.console import complain, json_bytes, print_json, write_out
from ivr.cli.maybe import STDOUT
from ivr.errors import StateError, UnknownError
from ivr.events import Event
from ivr.media.wav import write_atomic
from ivr.records.encode import to_line
from ivr.records.recorder import Recorder

STANDARD_OUTPUT = Path(STDOUT)


def refuse_output(path: Path, taken: Iterable[Path]) -> None:
    """Raises StateError when `path` cannot be written, or is one of the files that are `taken`.

    Nothing is made: a call that cannot begin leaves no file behind.
    """
    if path == STANDARD_OUTPUT:
        raise StateError("is not for sound", place="standard output", remedy="Give the path of a file")
    folder = path.parent
    if not folder.is_dir():
        raise StateError("its folder does not exist", place=str(path), remedy=f"Make it: mkdir -p {folder}")
    if path.is_dir():
        raise StateError("is a folder", place=str(path), remedy="Give the path of a file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise StateError("may not be written", place=str(path), remedy="Give a file in a folder of yours")
    if any(_same(path, other) for other in taken):
        what = "is a file that this call uses already, and would be overwritten"
        raise StateError(what, place=str(path), remedy="Give another name")


def refuse_result(path: Path, read: Iterable[Path], command: str) -> None:
    """Raises UnknownError when the result of a long measurement could not be written to `path`, or would
    replace one of the files that are `read`. Nothing is made: this is asked before the work.
    """
    place, remedy = str(path), "Name another file for the result"
    if any(_same(path, other) for other in read):
        raise UnknownError("would be overwritten", place=place, remedy=remedy)
    if path.is_dir():
        raise UnknownError("is a folder", place=place, remedy=f"Name a file that {command} may write")
    folder = path.resolve().parent
    if not folder.is_dir():
        what = "cannot be written (no such folder)"
        raise UnknownError(what, place=place, remedy="Make it, or name another file")
    # The result is written aside and renamed, which needs the folder; an own file may also be protected.
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        what = "cannot be written (not permitted)"
        raise UnknownError(what, place=place, remedy="Name a file in a folder of yours")


def refuse_results(written: Iterable[str | Path | None], read: Sequence[Path], command: str) -> None:
    """`refuse_result` for each of `written` that is a file: not None, not standard output."""
    for file in written:
        if file is not None and str(file) != STDOUT:
            refuse_result(Path(file), read, command)


def put_json(value: object, to: str | None) -> None:
    """A result as JSON: to the file `to`, whole or not at all, to standard output for "-", or not for None.

    Raises StateError, BrokenPipeError.
    """
    if to == STDOUT:
        print_json(value)
    elif to is not None:
        write_atomic(Path(to), json_bytes(value))


class EventFile:
    """A sink of the journal: one event a line, each at once, so that it can be followed with ``tail -f``.

    The file is begun with the first event. What cannot be written is told once; the call goes on without it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failed = False
        self._file: IO[bytes] | None = None

    def __call__(self, at: float, event: Event) -> None:
        """Write `event`. Raises BrokenPipeError, StateError for standard output, which is all there is."""
        line = to_line(at, event)
        if self.path == STANDARD_OUTPUT:
            write_out(line)
            return
        if self.failed:
            return
        try:
            if self._file is None:
                self._file = self.path.open("wb", buffering=0)
            self._file.write(line)
        except OSError as error:
            self.failed = True
            complain(f"{self.path}: the events cannot be written ({error.strerror}); the call goes on")

    @property
    def begun(self) -> bool:
        """Whether there is a file."""
        return self._file is not None

    def close(self) -> None:
        """The call is over."""
        if self._file is not None:
            self._file.close()


class Recording:
    """Opens a recorder when the call begins. Trouble with the disk is told once; the call goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begun = False
        self.failed = False

    def __call__(self, rate: int) -> Recorder:
        """The recorder for a line of `rate`. Raises StateError."""
        recorder = Recorder(self.path, rate, on_trouble=self._trouble)
        self.begun = True
        return recorder

    def _trouble(self, error: StateError) -> None:
        self.failed = True
        complain(f"{error}; the call goes on")


def _same(one: Path, other: Path) -> bool:
    both = one.exists() and other.exists()
    return one.samefile(other) if both else one.resolve() == other.resolve()
