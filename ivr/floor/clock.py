"""The time of the floor: seconds since 1970 that never go back, whatever is done to the machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Begins with the machine's clock and goes on with its monotonic one."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._start + time.monotonic()

    def wall(self) -> datetime:
        """The machine's time, right or wrong: opening hours are kept by it, as by everybody else."""
        return datetime.now(UTC)


def moment(seconds: float) -> datetime:
    """As the store keeps it."""
    return datetime.fromtimestamp(seconds, UTC)
