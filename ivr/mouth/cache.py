"""Rendered sound on disk, found by what it was made from. Any number of processes may share the folder.

A file is 16 bytes of BLAKE2b over the samples, then the samples (16-bit little-endian): what is torn or was
changed is known by its sum and made again. Files appear whole or not at all, under names that say all that
went into them, so nothing is ever out of date and no lock is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ivr.events import Trouble
from ivr.media.pcm import Pcm

CACHE_BYTES = 256 << 20
"""About four hours of sound at 8 kHz."""

_SUM_BYTES = 16
_KEEP = 0.8  # of the limit is left by a sweep, so that not every new file needs one
_STALE_SECONDS = 3600.0  # a temporary file this old was left by a process that died


class SoundCache:
    """A folder of sounds, held under `limit` bytes: the files used longest ago go first.

    A folder that cannot be written is not an error: `put` does nothing then, and `report` is told once.
    Safe to use from several threads.
    """

    def __init__(
        self, folder: Path, *, limit: int = CACHE_BYTES, report: Callable[[Trouble], None] = lambda _: None
    ) -> None:
        self.folder = folder
        self._limit = limit
        self._report = report
        self._lock = threading.Lock()
        self._bytes: int | None = None  # of all files, as this process knows it; None until it looked
        self.trouble: Trouble | None = None

    def get(self, key: str) -> Pcm | None:
        """The sound stored under `key` (hex digits); None when there is none, or it was damaged."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        samples = content[_SUM_BYTES:]
        if len(samples) % 2 or _sum(samples) != content[:_SUM_BYTES]:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):  # a folder that may only be read
            os.utime(path)
        return np.frombuffer(samples, dtype="<i2").astype(np.int16)

    def put(self, key: str, pcm: Pcm) -> None:
        """Store a sound. When that fails, the trouble is reported and nothing more is written."""
        if self.trouble:
            return
        samples = pcm.astype("<i2").tobytes()
        path = self._path(key)
        temporary = path.with_name(f".{key}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(_sum(samples) + samples)
                temporary.replace(path)
            except OSError:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise
            self._make_room(len(samples) + _SUM_BYTES)
        except OSError as error:
            self._give_up(error)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.pcm"

    def _make_room(self, added: int) -> None:
        with self._lock:
            self._bytes = None if self._bytes is None else self._bytes + added
            if self._bytes is None or self._bytes > self._limit:
                self._bytes = self._sweep()

    def _sweep(self) -> int:
        """Remove the files used longest ago until enough is free; returns the bytes that are left."""
        files: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # removed by another process meanwhile
                status = path.stat()
                if path.suffix == ".part" and status.st_mtime < time.time() - _STALE_SECONDS:
                    path.unlink()
                elif path.suffix == ".pcm":
                    files.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in files)
        if total > self._limit:
            for _, size, path in sorted(files):
                if total <= self._limit * _KEEP:
                    break
                path.unlink(missing_ok=True)
                total -= size
        return total

    def _give_up(self, error: OSError) -> None:
        trouble = Trouble(
            "prompt cache", f"{self.folder}: cannot be written ({error.strerror}); using memory only"
        )
        with self._lock:
            first, self.trouble = self.trouble is None, trouble
        if first:
            self._report(trouble)


def _sum(samples: bytes) -> bytes:
    return hashlib.blake2b(samples, digest_size=_SUM_BYTES).digest()
