"""A listener for calls over WebSocket: what media streams and the browser page share.

Beside what a call does with its messages, it holds what strangers can do at a port that speaks HTTP:
connections that say nothing, or one byte a second, are dropped by their age; of many, the oldest goes, so
that a caller always finds room; broken HTTP is counted like any bad input.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ivr.lines.accept import Health
from ivr.lines.http import BODY_BYTES
from ivr.lines.offences import Offences
from ivr.serving.address import Address, cannot_listen, listened_at

START_SECONDS = 5.0
"""What a connection gets to become a call, or to ask for a page and be gone."""
LOOK_SECONDS = 0.25
MOST_SILENT = 256
"""Connections that are no calls; beyond, the oldest of them is dropped."""
MOST_BYTES = 64 * 1024
"""Longest message of a peer: 20 ms of sound are some 250 bytes, a start message 2,000."""
UNSENT_BYTES = 32 * 1024
"""What may wait for a peer that does not read; beyond, frames are left out. Below the mark (64 KiB) at which
sending would have to wait."""

_log = logging.getLogger(__name__)


class Caller(Protocol):
    """A call in progress, as the listener sees it."""

    def look(self, now: float) -> None:
        """Called now and then: end yourself when the peer shows no sign of life."""

    def drop(self) -> None:
        """Close at once."""


class WebSocketListener:
    """Listens at `listen` and answers `routes`; `label` names it in the log."""

    def __init__(self, label: str, listen: Address, routes: Sequence[web.RouteDef]) -> None:
        self.offences = Offences()
        self.callers: set[Caller] = set()
        self.unsent = 0
        self._label = label
        self._listen = listen
        self._routes = routes
        self._silent: OrderedDict[RequestHandler, float] = OrderedDict()
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def address(self) -> Address:
        """Where it listens. Raises RuntimeError before the start."""
        return listened_at(self._server)

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen. Raises LineError."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.add_routes(self._routes)
        # Addresses and numbers of callers stay out of the log, and so do the texts of broken requests.
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, logger=self._http_log())
        await self._runner.setup()
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._accepted, self._listen.host, self._listen.port, backlog=512, ssl=tls
            )
        except OSError as error:
            await self._runner.cleanup()
            raise cannot_listen(self._listen, error) from None
        self._looking = asyncio.create_task(self._look())

    def health(self) -> Health:
        """Ready while it listens."""
        ready = self._server is not None and self._server.is_serving()
        numbers = {"connections": len(self._silent) + len(self.callers), "frames_unsent": self.unsent}
        return Health(ready, "" if ready else "it does not listen", numbers | self.offences.counts)

    async def stop_accepting(self) -> None:
        """Close the listening socket, and connections that are no calls. Harmless when repeated."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._silent):
            _abort(connection)
        self._silent.clear()

    async def close(self) -> None:
        """Drop all connections. Harmless when repeated."""
        await self.stop_accepting()
        if self._looking is not None:
            self._looking.cancel()
        for caller in tuple(self.callers):
            caller.drop()
        if self._runner is not None:
            # The handlers see their connections end.
            await self._runner.cleanup()

    def becomes_call(self, request: web.Request, caller: Caller) -> bool:
        """The connection of `request` is a call from now on; False when it is gone already."""
        known = self._silent.pop(request.protocol, None) is not None
        if known:
            self.callers.add(caller)
        return known

    def offend(self, kind: str, who: str) -> None:
        """Count bad input, and write it to the log once in a while."""
        line = self.offences.note(kind, who, time.monotonic())
        if line is not None:
            _log.warning("%s: %s", self._label, line)

    def _accepted(self) -> RequestHandler:
        assert self._runner is not None and self._runner.server is not None
        connection = self._runner.server()
        self._silent[connection] = time.monotonic()
        if len(self._silent) > MOST_SILENT:
            oldest, _ = self._silent.popitem(last=False)
            self._drop_silent(oldest, "too many connections without a call")
        return connection

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for connection, began in tuple(self._silent.items()):
                if now - began > START_SECONDS:
                    del self._silent[connection]
                    self._drop_silent(connection, "a connection that does not become a call")
            for caller in tuple(self.callers):
                caller.look(now)

    def _drop_silent(self, connection: RequestHandler, kind: str) -> None:
        """Who asked for a page and closed is forgotten without a word."""
        peer = None if connection.transport is None else connection.transport.get_extra_info("peername")
        if _abort(connection):
            self.offend(kind, (peer or ("?",))[0])

    def _http_log(self) -> logging.Logger:
        """A log for the HTTP library, in which a broken request is an offence."""
        log = logging.Logger("http")
        log.addHandler(_Faults(lambda: self.offend("a request that is broken", "?")))
        return log


class _Faults(logging.Handler):
    """Counts faults of peers; passes on those of ours."""

    def __init__(self, broken: Callable[[], None]) -> None:
        super().__init__()
        self._broken = broken

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        theirs = isinstance(fault, web.HTTPException | ConnectionError | TimeoutError)
        if fault is None or theirs or type(fault).__module__.startswith("aiohttp."):
            self._broken()
        else:
            _log.handle(record)


class OutgoingSocket:
    """The sending side of one WebSocket: never waits for a peer that does not read."""

    def __init__(
        self, listener: WebSocketListener, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        self._listener = listener
        self._request = request
        self._socket = socket

    async def text(self, text: str, *, droppable: bool = False) -> None:
        """Send; a `droppable` message (sound) is left out, and counted, when too much waits."""
        transport = self._request.transport
        if transport is None or transport.is_closing() or self._socket.closed:
            return
        if transport.get_write_buffer_size() > UNSENT_BYTES:
            if not droppable:
                transport.abort()
            self._listener.unsent += 1
            return
        with contextlib.suppress(ConnectionError, RuntimeError):  # it closed meanwhile
            await self._socket.send_str(text)

    async def sound(self, data: bytes) -> None:
        """A frame as a binary message, left out when too much waits."""
        transport = self._request.transport
        if transport is None or transport.is_closing() or self._socket.closed:
            return
        if transport.get_write_buffer_size() > UNSENT_BYTES:
            self._listener.unsent += 1
            return
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self._socket.send_bytes(data)

    def abort(self) -> None:
        """Close without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()


def _abort(connection: RequestHandler) -> bool:
    """Whether it was still open."""
    transport = connection.transport
    if transport is None or transport.is_closing():
        return False
    transport.abort()
    return True
