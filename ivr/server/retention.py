"""Deleting what is older than ``[retention]`` says, every day: by a process of its own, with low priority."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from ivr.chore import Chore, wall_clock
from ivr.errors import StateError
from ivr.private import replace_file
from ivr.server.helper import run_ivr
from ivr.serving.retention import RetentionSettings, is_due

LOOK_SECONDS = 60.0
MARK = "pruned"
"""Holds the day on which it was done last, in the state folder."""

_log = logging.getLogger(__name__)


class Retention:
    """Of one installation. `start` once, then `close`."""

    def __init__(
        self,
        settings: RetentionSettings,
        settings_file: Path,
        state: Path,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._settings = settings
        self._file = settings_file
        self._mark = state / MARK
        self._clock = clock
        self._chore = Chore(self.prune_due, LOOK_SECONDS)

    def start(self) -> None:
        """From now on."""
        self._chore.start()

    async def close(self) -> None:
        """What is under way is broken off, and done after the next start."""
        await self._chore.close()

    async def prune_due(self) -> bool:
        """Delete if it is time to. False when that failed: it is tried again."""
        now = self._clock()
        if not is_due(self._settings.time(), now, self._last()):
            return True
        command = ("records", "prune", "--config", str(self._file.absolute()))
        try:
            told = await run_ivr(command, str(self._mark.parent), "what is too old was not deleted")
            replace_file(self._mark, f"{now.date().isoformat()}\n".encode())
        except StateError as error:
            _log.error("%s", error)
            return False
        _log.info("retention: %s", told)
        return True

    def _last(self) -> date | None:
        try:
            return date.fromisoformat(self._mark.read_text(encoding="utf-8").strip())
        except (OSError, ValueError):
            return None
