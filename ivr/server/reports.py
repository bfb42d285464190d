"""Making the reports of ``[reports]`` while calls go on: each in a process of its own, with low priority.

Reading a week of calls takes seconds of one core; in this process every call would feel them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ivr.chore import Chore, wall_clock
from ivr.errors import StateError
from ivr.private import make_private_folder
from ivr.server.helper import run_ivr
from ivr.serving.reports import ReportSettings
from ivr.serving.schedule import DueReport, due

LOOK_SECONDS = 30.0
"""How often it is looked whether a report is due."""

_log = logging.getLogger(__name__)


class Reports:
    """Reports of one installation. `start` once, then `close`.

    settings_file  of the installation: where the calls are
    search         the folder that desks' names are looked up in
    """

    def __init__(
        self,
        settings: ReportSettings,
        settings_file: Path,
        search: Path,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._settings = settings
        self._file = settings_file
        self._search = search
        self._clock = clock
        self._chore = Chore(self.make_due, LOOK_SECONDS)

    def start(self) -> None:
        """Make what is due, now and from now on. Raises StateError when the folder cannot be made."""
        make_private_folder(self._settings.folder)
        self._chore.start()

    async def close(self) -> None:
        """A report that is being made is broken off and made after the next start."""
        await self._chore.close()

    async def make_due(self) -> bool:
        """Make the reports that are due now, and delete those that are too old. False when one failed."""
        well = True
        for report in due(self._settings.moments(), self._clock(), self._made()):
            try:
                await self.make(report)
            except StateError as error:
                _log.error("%s", error)
                well = False
            else:
                _log.info("the report %s is made", report.name)
                self._forget(report)
        return well

    async def make(self, report: DueReport) -> None:
        """Write the files of one report, each whole or not at all. Raises StateError."""
        for form in self._settings.formats:
            target = self._settings.folder / f"{report.name}.{form}"
            days = ("--from", report.first.isoformat(), "--to", report.last.isoformat())
            command = ["report", *days, "--format", form, "--out", str(target)]
            if self._settings.desk:
                command += ["--desk", self._settings.desk]
            await run_ivr(
                [*command, "--config", str(self._file.absolute())],
                str(target),
                "the report was not made",
                cwd=self._search,
            )

    def _made(self) -> frozenset[str]:
        """The names of reports with all their files."""
        forms = self._settings.formats
        found = [{path.stem for path in self._settings.folder.glob(f"*.{form}")} for form in forms]
        return frozenset(set.intersection(*found))

    def _forget(self, latest: DueReport) -> None:
        """Delete what is older than those to keep, of the same kind. Their names sort by time."""
        if not self._settings.keep:
            return
        for form in self._settings.formats:
            some = sorted(self._settings.folder.glob(f"{latest.every}-*.{form}"))
            for path in some[: -self._settings.keep]:
                path.unlink(missing_ok=True)
