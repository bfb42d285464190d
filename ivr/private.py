"""Folders and files of state: only this user may read them, and a file is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ivr.errors import StateError

FOLDER_MODE = 0o700
FILE_MODE = 0o600

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_A_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST})


def state_error(error: OSError, place: Path) -> StateError:
    """What an error of the operating system at `place` means for the user, with the remedy."""
    where = str(place)
    if error.errno in _NO_SPACE:
        return StateError("no space left on the disk", place=where, remedy="Free some space, then try again")
    if error.errno in _NOT_ALLOWED:
        return StateError(
            "may not be written",
            place=where,
            remedy="Let this user write there, or name another folder in IVR_STATE",
        )
    if error.errno == errno.EISDIR:
        return StateError("is a folder where a file is needed", place=where, remedy="Move the folder away")
    if error.errno in _NOT_A_FOLDER:
        return StateError("a file is where a folder is needed", place=where, remedy="Move the file away")
    reason = error.strerror or type(error).__name__
    return StateError(f"cannot be used ({reason})", place=where, remedy="Check the disk and the path")


def make_private_folder(path: Path) -> None:
    """Make `path` and what is missing above it, each for this user alone. Raises StateError."""
    try:
        missing = [path, *path.parents]
        for folder in reversed([folder for folder in missing if not folder.exists()]):
            folder.mkdir(FOLDER_MODE, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except OSError as error:
        raise state_error(error, path) from None


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of what is at `path` after the block, and is durable then.

    Where the block raises nothing changes, and nothing is left. Raises OSError.
    """
    # mkstemp gives mode 0600
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that it is durable and never seen half-written. Raises StateError."""
    try:
        with whole_file(path) as file:
            file.write(data)
    except OSError as error:
        raise state_error(error, path) from None


def sync_folder(path: Path) -> None:
    """Make new names in `path` survive a loss of power, where the platform can."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
