"""The console beside the lines: the floor and its web pages, started and ended with the server."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.errors import ConfigError, StateError
from ivr.floor.lines import HeldLines, MinuteTaker, Surveyor
from ivr.floor.phones import Phones
from ivr.floor.service import Floor
from ivr.handoff.queue import Handoff
from ivr.handoff.rules import CallBackRules, QueueRules, Strategy
from ivr.handoff.store import HandoffStore
from ivr.handover import Route
from ivr.lines.leg import Dialer
from ivr.ports import FrameTap
from ivr.private import make_private_folder
from ivr.records.background import RecordWriter
from ivr.records.layout import call_back_recording, call_folder
from ivr.server.alarms import Alarms
from ivr.serving.address import Address, cannot_listen
from ivr.serving.console import ConsoleSettings, QueueSettings
from ivr.stores import ACCOUNTS_FILE
from ivr.waiting import Held

try:
    import uvicorn

    from ivr.accounts.store import AccountStore
    from ivr.console.app import create_app
except ModuleNotFoundError as error:  # the extra is not installed: told when a console is wanted
    _missing: str | None = error.name
else:
    _missing = None

_END_SECONDS = 5

_log = logging.getLogger(__name__)


class Console:
    """The floor and its pages. `start` before calls come, `close` after the last has ended."""

    def __init__(
        self,
        settings: ConsoleSettings,
        queues: tuple[QueueSettings, ...],
        state: Path,
        alarms: Alarms,
    ) -> None:
        """Raises ConfigError when the extra is missing."""
        if _missing is not None:
            what, remedy = f"needs {_missing}, which is not installed", "Run: pip install 'ivr[console]'"
            raise ConfigError(what, place="console", remedy=remedy)
        self._settings = settings
        self._state = state
        self._rules = tuple(rules_of(queue) for queue in queues)
        self._hours = {one.name: one.hours.hours() for one in queues if one.hours is not None}
        self._alarms = alarms
        self._writer = RecordWriter()
        self._task: asyncio.Task[None] | None = None
        self._server: uvicorn.Server | None = None
        self._accounts: AccountStore | None = None
        self._store: HandoffStore | None = None
        self.floor: Floor | None = None
        self._lines: HeldLines | None = None
        self._phones: Phones | None = None

    async def start(self, store_file: Path) -> str:
        """Open everything; returns the address for a browser. Raises StateError, ConfigError, LineError."""
        self._accounts = await asyncio.to_thread(AccountStore.open, self._state / ACCOUNTS_FILE)
        self._store = await asyncio.to_thread(HandoffStore.open, store_file)
        self.floor = Floor(self._store, self._rules, hours=self._hours)
        self._lines = HeldLines(self.floor)
        self._phones = Phones(self._lines)
        await self.floor.start()
        await self._alarms.start(self.floor)
        if not self._accounts.all():
            _log.warning("nobody may log in to the console yet; add somebody with: ivr operator add NAME")
        settings = self._settings
        config = uvicorn.Config(
            create_app(
                self._accounts,
                self.floor,
                self._lines,
                self._phones,
                self._state,
                dispatches=self._alarms.dispatches,
            ),
            host=settings.listen.host,
            port=settings.listen.port,
            log_config=None,
            access_log=False,
            lifespan="on",
            ws="websockets-sansio",
            ws_ping_interval=2.0,
            ws_ping_timeout=4.0,
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.key,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=[str(network) for network in settings.proxies],
            timeout_graceful_shutdown=_END_SECONDS,
            server_header=False,
        )
        try:
            config.load()
        except OSError as error:
            what, remedy = f"cannot be used ({error.strerror or error})", "Give PEM files that can be read"
            raise ConfigError(what, place="console.certificate", remedy=remedy) from None
        listen = settings.listen
        try:
            opened = socket.create_server((listen.host, listen.port), family=_family(listen))
        except OSError as error:
            raise cannot_listen(listen, error) from None
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[opened]))
        scheme = "http" if settings.certificate is None else "https"
        return f"{scheme}://{Address(listen.host, opened.getsockname()[1])}/console"

    async def wait(
        self, handoff_id: int, rate: int, routes: tuple[Route, ...] = (), *, meanwhile: bool = False
    ) -> Held | None:
        """`WaitingRoom` of the calls."""
        if self._lines is None:
            return None
        return await self._lines.wait(handoff_id, rate, routes, meanwhile=meanwhile)

    def dial_with(
        self, dialer: Dialer | None, *, record: bool, minutes: MinuteTaker, survey: Surveyor
    ) -> None:
        """Who dials call-backs from now on, whether they are recorded, and who writes down what is said.

        survey  asks afterwards how it was
        """
        if self._lines is not None:
            self._lines.dialer = dialer
            self._lines.recorder = self._record if record else None
            self._lines.minutes = minutes
            self._lines.surveyor = survey

    async def _record(self, handoff: Handoff, attempt: int, rate: int) -> FrameTap | None:
        """Beside the recording of the call. One that cannot be begun is a warning, no more."""
        try:
            folder = call_folder(self._state, handoff.answered_local, handoff.request.call_id)
            await asyncio.to_thread(make_private_folder, folder)
            return await self._writer.recorder(folder / call_back_recording(attempt), rate, _warn)
        except (StateError, ValueError) as error:
            _log.warning("call-back of case %d is not recorded: %s", handoff.id, error)
            return None

    async def close(self) -> None:
        """Who waits stays in the queue. Harmless when repeated."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
            self._server = None
        if self.floor is not None and self._lines is not None:
            if self._phones is not None:
                await self._phones.close()
            await self._lines.close()
            await self._writer.close()
            await self._alarms.close()
            await self.floor.close()
            self.floor = None
        for store in (self._accounts, self._store):
            if store is not None:
                store.close()


if _missing is None:

    class _Server(uvicorn.Server):
        """Leaves the signals to us."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """None of them."""
            yield


def _warn(error: StateError) -> None:
    _log.warning("the recording of a call-back ends: %s", error)


def _family(listen: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in listen.host else socket.AF_INET


def rules_of(queue: QueueSettings) -> QueueRules:
    """As the distributor wants them."""
    values = queue.model_dump(exclude={"strategy", "call_back", "hours"})
    return QueueRules(
        **values,
        strategy=Strategy(queue.strategy.value),
        call_back=CallBackRules(**queue.call_back.model_dump()),
    )
