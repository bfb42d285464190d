"""One run of ``ivr serve``: load, open, watch, and end when a signal says so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from ivr.config import Settings
from ivr.ears.choose import RecognizerKind
from ivr.errors import IvrError
from ivr.lines.http import HttpListener
from ivr.memory import keep
from ivr.server.ahead import Ahead
from ivr.server.alarms import Alarms, Unattended
from ivr.server.console import Console
from ivr.server.desks import Desks, Fingerprint
from ivr.server.health import HealthPage
from ivr.server.lines import open_lines
from ivr.server.reports import Reports
from ivr.server.retention import Retention
from ivr.server.server import Server
from ivr.serving.settings import Serving, load_serving
from ivr.stores import QUEUE_FILE
from ivr.waiting import WaitingRoom

SWITCH_SECONDS = 0.0005
"""How long a thread may keep Python's lock while others wait (default: 5 ms). The loop of all calls gives the
lock up some thousand times a second, with every packet and every run of the voice detector, and each time
waited so long behind recognition: 30 conversations heard answers seconds late on an idle processor."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What a run is told: the settings file, what is in it, and where desks' names are looked up."""

    file: Path
    serving: Serving
    settings: Settings
    search: Path
    recognizer: RecognizerKind | None = None


class Run:
    """Use once: ``await Run(told, say).serve()``. `say` gets the lines for the person who started it."""

    def __init__(self, told: Told, say: Callable[[str], None]) -> None:
        self._told = told
        self._say = say
        self._serving = told.serving
        self._desks = Desks(told.settings, told.search, told.recognizer, self._rates_of)
        self._ahead = Ahead(self._desks, calls=self._calls)
        self._page = HealthPage(lambda: self._ahead.done)
        serving = told.serving
        alarms = Alarms(serving.webhooks, told.settings.state)
        self._console = (
            None
            if serving.console is None
            else Console(serving.console, serving.queues, told.settings.state, alarms)
        )
        self._unattended = Unattended(alarms) if self._console is None else None
        reports = serving.reports
        self._reports = None if reports is None else Reports(reports, told.file, told.search)
        retention = serving.retention
        self._retention = None if retention is None else Retention(retention, told.file, told.settings.state)
        self._stop = asyncio.Event()
        self._now = asyncio.Event()
        self._hang_up = asyncio.Event()

    def _rates_of(self, desk: str) -> tuple[int, ...]:
        return self._serving.rates_of(desk)

    def _calls(self) -> int:
        return 0 if self._page.server is None else self._page.server.switchboard.calls

    async def serve(self) -> None:
        """Until SIGTERM or SIGINT, then drained; a second one ends it at once. SIGHUP reloads.

        Raises what loading the desks and opening the lines raise.
        """
        sys.setswitchinterval(SWITCH_SECONDS)
        lines, routes = open_lines(self._serving)
        http = HttpListener(self._serving.http.listen, [*self._page.routes(), *routes])
        self._take_signals()
        try:
            self._say(f"health at http://{await http.start()}/readyz")
            loaded = await asyncio.to_thread(self._fingerprint)
            many = len(self._serving.all_desks())
            self._say(f"loading {many} desk{'s' if many != 1 else ''}")
            if not await self._unless_stopped(self._desks.load(self._serving.all_desks())):
                return
            server = Server(self._serving, self._desks, lines, await self._open_queue())
            try:
                await server.start()
                if self._console is not None:
                    self._console.dial_with(
                        server.dialer(),
                        record=server.records_what_it_dials,
                        minutes=self._desks.minutes,
                        survey=self._desks.survey,
                    )
                self._page.server = server
                for line in lines:
                    self._say(f"line {line.settings.label} answers at {line.settings.listen}")
                if self._reports is not None:
                    self._reports.start()
                if self._retention is not None:
                    self._retention.start()
                keep()
                self._say("ready for calls; stop with Ctrl-C or SIGTERM, reload desks with SIGHUP")
                if self._serving.server.languages_ahead:
                    self._ahead.begin()
                watching = asyncio.create_task(self._watch(server, loaded))
                await self._stop.wait()
                watching.cancel()
                self._desks.stop_learning()
                await self._drain(server)
            finally:
                await server.close()
        finally:
            await http.close()
            if self._reports is not None:
                await self._reports.close()
            if self._retention is not None:
                await self._retention.close()
            if self._console is not None:
                await self._console.close()
            if self._unattended is not None:
                await self._unattended.close()
            await self._ahead.close()
            await self._desks.close()

    async def _open_queue(self) -> WaitingRoom:
        """The queue, with the console or without one; where callers wait. Raises what opening it raises."""
        file = self._told.settings.state / QUEUE_FILE
        if self._console is not None:
            self._say(f"console at {await self._console.start(file)}")
            return self._console.wait
        assert self._unattended is not None
        await self._unattended.start(file)
        return self._unattended.wait

    # --- signals ---------------------------------------------------------------------------------------

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name, action in (("SIGTERM", self._end), ("SIGINT", self._end), ("SIGHUP", self._hang_up.set)):
            with contextlib.suppress(NotImplementedError, AttributeError):  # not on Windows
                loop.add_signal_handler(getattr(signal, name), action)

    def _end(self) -> None:
        """The first signal drains, the second ends the calls too."""
        if self._stop.is_set():
            self._now.set()
        self._stop.set()

    async def _unless_stopped(self, work: Coroutine[None, None, None]) -> bool:
        """Whether `work` was done before a signal came. Raises what it raises."""
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            await task
            return True
        task.cancel()
        await asyncio.wait({task})
        return False

    async def _drain(self, server: Server) -> None:
        seconds = self._serving.server.drain_seconds
        calls = server.switchboard.calls
        if calls:
            self._say(f"no new calls; {calls} may go on for {seconds:g} s, a second signal ends them now")
        draining = asyncio.create_task(server.drain(seconds))
        now = asyncio.create_task(self._now.wait())
        await asyncio.wait({draining, now}, return_when=asyncio.FIRST_COMPLETED)
        now.cancel()
        if not draining.done():
            draining.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await draining

    # --- reload ----------------------------------------------------------------------------------------

    async def _watch(self, server: Server, settled: Fingerprint) -> None:
        """Reload on SIGHUP, or when files have changed and then been left alone for one look.

        settled  the files before they were loaded: what was changed meanwhile is seen
        """
        seen: Fingerprint | None = None
        while True:
            told = await self._told_to_reload()
            now = await asyncio.to_thread(self._fingerprint)
            if told or (now != settled and now == seen):
                await self._reload(server, force=told)
                settled = now
            seen = now

    async def _told_to_reload(self) -> bool:
        """True on SIGHUP, False when it is time to look at the files."""
        seconds = self._serving.server.watch_seconds
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds or None):
                await self._hang_up.wait()
        told = self._hang_up.is_set()
        self._hang_up.clear()
        return told

    def _fingerprint(self) -> Fingerprint:
        """All files that a reload would read."""
        found: dict[str, tuple[int, int]] = {}
        for name in self._serving.all_desks():
            found.update(self._desks.fingerprint(name))
        with contextlib.suppress(OSError):
            state = self._told.file.stat()
            found[str(self._told.file)] = (state.st_mtime_ns, state.st_size)
        return found

    async def _reload(self, server: Server, *, force: bool) -> None:
        """For calls that begin later; what cannot be loaded is told, and the old one stays."""
        try:
            serving = await asyncio.to_thread(load_serving, self._told.file)
        except IvrError as error:
            _log.error("the settings stay as they were: %s", error)
            serving = self._serving
        done = await self._desks.reload(serving.all_desks(), force=force)
        for name, rejected in done.items():
            if rejected is None:
                self._page.rejected.pop(name, None)
                self._say(f"desk {name} is reloaded for new calls")
            else:
                self._page.rejected[name] = str(rejected)
                _log.error("desk %s stays as it was: %s", name, rejected)
        if serving.server.languages_ahead:
            self._ahead.begin()
        missing = [name for name in serving.all_desks() if not self._desks.has(name)]
        if missing:
            _log.error("the settings stay as they were: the desk %s cannot be loaded", missing[0])
        elif serving is not self._serving:
            for label in server.renew(serving):
                _log.warning("line %s: what changed beside desks and limits needs a restart", label)
            self._serving = serving
