"""The recording of a call: a WAV file with the caller on the left and the desk on the right.

The file is a valid WAV file at every moment. Once a second what was heard is written behind what the header
speaks of, and only then is the header renewed: whoever dies in between leaves a file that reads well and
lacks a second at most (if the power fails: what the system had not yet put on the disk). It grows under its
own name, because a recording that was cut off is still a recording.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Self

import numpy as np

from ivr.errors import StateError
from ivr.media.pcm import FRAME_SECONDS, Pcm, frame_samples
from ivr.media.riff import Encoding, pack_header
from ivr.media.wav import encode

_FRAMES = round(1 / FRAME_SECONDS)  # written at a time
_MOST_BYTES = 0xFFFF_0000  # what the lengths in a header can say


class Recorder:
    """Records one call, a frame each way at a time. Use as a context manager.

    path        the file; an older one of that name is replaced
    rate        of the line, 8,000 or 16,000
    encoding    Encoding.PCM_16, or Encoding.ULAW or ALAW for half the size
    on_trouble  told once when the recording cannot go on (disk full); the call does. The error says why.

    Once a second it writes 32 or 64 kB, typically in 0.1 ms, without a thread. Raises StateError when the
    file cannot be begun.
    """

    def __init__(
        self,
        path: str | Path,
        rate: int,
        *,
        encoding: Encoding = Encoding.PCM_16,
        on_trouble: Callable[[StateError], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.seconds = 0.0
        """What is in the file."""
        self.lost_seconds = 0.0
        """What could not be written."""
        self._rate = rate
        self._size = frame_samples(rate)
        self._encoding = encoding
        self._on_trouble = on_trouble
        self._waiting: list[Pcm] = []
        self._samples = 0
        self._failed = False
        try:
            if self.path.exists() and not self.path.is_file():
                raise OSError(errno.EINVAL, "it exists and is not a file")
            self._file = FileIO(self.path, "wb")
        except OSError as error:
            raise self._error(error) from None
        try:
            _write(self._file, pack_header(encoding, rate, 2, 0))
        except OSError as error:
            self._file.close()
            with contextlib.suppress(OSError):
                self.path.unlink()
            raise self._error(error) from None

    def write(self, caller: Pcm, desk: Pcm | None) -> None:
        """One frame each way; None is silence. Never raises for the disk's sake."""
        if self._file.closed:
            raise ValueError("the recording is closed")
        if self._failed:
            self.lost_seconds += FRAME_SECONDS
            return
        both = np.zeros((self._size, 2), dtype=np.int16)
        both[:, 0] = caller
        if desk is not None:
            both[:, 1] = desk
        self._waiting.append(both)
        if len(self._waiting) >= _FRAMES:
            self._put()

    def close(self) -> None:
        """Write the rest and make the file durable. Harmless when repeated."""
        if self._file.closed:
            return
        self._put()
        try:
            if not self._failed:
                os.fsync(self._file.fileno())
        except OSError as error:
            self._trouble(error)
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _put(self) -> None:
        """Append what waits, then say so in the header."""
        if not self._waiting:
            return
        both = np.concatenate(self._waiting)
        self._waiting.clear()
        header = pack_header(self._encoding, self._rate, 2, self._samples)
        end = len(header) + self._samples * 2 * self._encoding.bytes
        data = encode(both, self._encoding)
        try:
            if end + len(data) > _MOST_BYTES:
                raise OSError(errno.EFBIG, "a WAV file holds 4 GB at most")
            self._file.seek(end)
            _write(self._file, data)
            self._file.seek(0)
            _write(self._file, pack_header(self._encoding, self._rate, 2, self._samples + len(both)))
        except OSError as error:
            self.lost_seconds += len(both) / self._rate
            with contextlib.suppress(OSError):
                self._file.truncate(end)
            self._trouble(error)
        else:
            self._samples += len(both)
            self.seconds = self._samples / self._rate

    def _trouble(self, error: OSError) -> None:
        """The recording ends here; say so once."""
        if not self._failed and self._on_trouble is not None:
            self._on_trouble(self._error(error))
        self._failed = True

    def _error(self, error: OSError) -> StateError:
        what = f"the recording cannot be written ({error.strerror})"
        remedy = "Make room, or record into a folder that exists and may be written"
        return StateError(what, place=str(self.path), remedy=remedy)


def _write(file: FileIO, data: bytes) -> None:
    """All of `data`: an unbuffered file may take a part of it when the disk gets full."""
    rest = memoryview(data)
    while len(rest):
        rest = rest[file.write(rest) :]
