"""Taking files out of an archive that may be hostile: zip, wheel, tar.gz.

An archive with a member that would leave the folder (``..``, an absolute path, a drive), or that is a link or
a device, is refused as a whole. What comes out is bounded, whatever the archive says about itself.
"""

from __future__ import annotations

import errno
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from ivr.errors import ModelError
from ivr.private import sync_folder

MOST_MEMBERS = 10_000
_PIECE = 1 << 20

# RuntimeError: encrypted; NotImplementedError: an unknown compression; ValueError: names and numbers
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError),
)

_Member = tuple[PurePosixPath, IO[bytes]]


def unpack(archive: Path, folder: Path, root: str, only: tuple[str, ...], most_bytes: int) -> None:
    """Put what lies under `root` in the archive into `folder`: all of it, or the names in `only`.

    Files are synced to the disk. Raises ModelError when the archive is damaged, unsafe, larger than
    `most_bytes` or lacks a file; OSError when the disk fails. `folder` is then to be thrown away.
    """
    left = most_bytes
    found: set[str] = set()
    try:
        for path, content in _members(archive):
            if not path.is_relative_to(root):
                continue
            name = path.relative_to(root)
            if only and str(name) not in only:
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _write(content, target, left, archive)
            found.add(str(name))
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise _damaged(archive, f"cannot be unpacked ({error})") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise _damaged(archive, "holds a name twice") from error
    except OSError as error:
        if error.errno in (None, errno.EINVAL):  # a damaged gzip, a place before the beginning of the file
            raise _damaged(archive, f"cannot be unpacked ({error})") from error
        raise
    missing = sorted(set(only) - found) or ([] if found else [root])
    if missing:
        raise _damaged(archive, f"lacks {', '.join(missing)}")
    for inside in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        sync_folder(inside)


def _write(content: IO[bytes], target: Path, most: int, archive: Path) -> int:
    written = 0
    with target.open("xb") as file:
        while piece := content.read(_PIECE):
            written += len(piece)
            if written > most:
                raise _damaged(archive, "unpacks to more than it should")
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return written


def _members(archive: Path) -> Iterator[_Member]:
    if zipfile.is_zipfile(archive):
        yield from _zip_members(archive)
    elif tarfile.is_tarfile(archive):
        yield from _tar_members(archive)
    else:
        raise _damaged(archive, "is neither a zip nor a tar archive")


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        if len(members) > MOST_MEMBERS:
            raise _damaged(archive, f"holds more than {MOST_MEMBERS} files")
        safe = [(member, _safe(member.filename, archive)) for member in members]
        for member, _ in safe:
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise _damaged(archive, f"holds a link or device ({member.filename})")
        for member, path in safe:
            if not member.is_dir():
                with opened.open(member) as content:
                    yield path, content


def _tar_members(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive) as opened:
        for count, member in enumerate(opened):
            if count >= MOST_MEMBERS:
                raise _damaged(archive, f"holds more than {MOST_MEMBERS} files")
            path = _safe(member.name, archive)
            if member.isdir():
                continue
            content = opened.extractfile(member) if member.isreg() else None
            if content is None:
                raise _damaged(archive, f"holds a link or device ({member.name})")
            with content:
                yield path, content


def _safe(name: str, archive: Path) -> PurePosixPath:
    path, other = PurePosixPath(name), PureWindowsPath(name)
    if "\0" in name or "\\" in name or ".." in path.parts or path.is_absolute() or other.drive or not name:
        raise _damaged(archive, f"holds a path that leaves its folder ({name!r})")
    return path


def _damaged(archive: Path, what: str) -> ModelError:
    return ModelError(
        f"the archive {what}", place=archive.name, remedy="It was not installed; try again later"
    )
