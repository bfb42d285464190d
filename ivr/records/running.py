"""Which calls are being held right now, by this process or another: a lock that dies with its process."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from ivr.private import FILE_MODE, state_error
from ivr.records.layout import RUNNING


class RunningLock:
    """The lock of one call's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RUNNING
        # thread_local: a call may be closed by another thread than the one that opened it
        self._lock = FileLock(self._path, mode=FILE_MODE, thread_local=False, fallback_to_soft=False)

    def acquire(self, seconds: float = 0.0) -> bool:
        """Whether the lock was free within `seconds` and is ours now. Raises StateError."""
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            return False
        except OSError as error:
            raise state_error(error, self._path) from None
        return True

    def release(self) -> None:
        """Let go, and leave the folder marked as that of an interrupted call."""
        self._lock.release()

    def finish(self) -> None:
        """Let go and take the mark away: the call's record is complete."""
        self._lock.release()
        self._path.unlink(missing_ok=True)


def is_marked(folder: Path) -> bool:
    """Whether the call is held, or its process died before the record was complete."""
    return (folder / RUNNING).exists()


def is_running(folder: Path) -> bool:
    """Whether some process holds the call now. Raises StateError."""
    if not is_marked(folder):
        return False
    lock = RunningLock(folder)
    if not lock.acquire():
        return True
    lock.release()
    return False
