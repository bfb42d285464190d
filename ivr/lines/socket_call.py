"""A call over a WebSocket: what media streams and the page have in common, whatever their messages say.

A subclass reads the messages (`_take`) and is the `Wire` of the line. Here is what keeps a call honest: it
must show signs of life, its sound may not come faster than time, its seat is given back, it ends once.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod

from aiohttp import WSMessage, web

from ivr.handover import Route
from ivr.lines.accept import Door, Refused, Seat, Watcher
from ivr.lines.line import Party, TransferContext, TransferResult
from ivr.lines.stream import StreamLine
from ivr.lines.websocket import OutgoingSocket, WebSocketListener
from ivr.meaning import SlotValue
from ivr.media.pcm import Pcm
from ivr.serving.web import WebSocketSettings

AHEAD_SECONDS = 10.0
"""Sound may come so much faster than time: after a stall, all at once."""

_log = logging.getLogger(__name__)


class SocketCall(ABC):
    """`Caller` of the listener and `Wire` of its line, whose sound has `rate` samples a second."""

    def __init__(
        self,
        settings: WebSocketSettings,
        listener: WebSocketListener,
        door: Door,
        request: web.Request,
        socket: web.WebSocketResponse,
        rate: int,
    ) -> None:
        self._listener = listener
        self._socket = socket
        self._out = OutgoingSocket(listener, request, socket)
        self._host = request.remote or "?"
        self._line: StreamLine | None = None
        self._settings = settings
        self._door = door
        self._request = request
        self._rate = rate
        self._seat: Seat | None = None
        self._began = self._heard = time.monotonic()
        self._samples = 0
        self._dropped = False

    async def hold(self) -> None:
        """From the first message to the end of the connection."""
        try:
            async for message in self._socket:
                self._heard = time.monotonic()
                await self._take(message)
                if self._dropped:
                    break
        finally:
            self._gone()

    def look(self, now: float) -> None:
        """Called now and then."""
        if now - self._heard > self._settings.idle_seconds:
            self._offend("a call without sound or sign of life")

    def drop(self) -> None:
        """Close at once."""
        self._dropped = True
        self._gone()
        self._out.abort()

    @abstractmethod
    async def _take(self, message: WSMessage) -> None:
        """A message of any type."""

    @abstractmethod
    async def _refused(self, refused: Refused) -> None:
        """Tell the peer that the call is not answered, before the connection is closed."""

    async def _answer(self, party: Party, *watchers: Watcher) -> None:
        """Take a seat and begin, or close."""
        try:
            self._seat = self._door.admit(party)
        except Refused as refused:
            _log.info("%s: a call is not answered: %s", self._settings.label, refused)
            await self._refused(refused)
            await self._socket.close()
            return
        if not self._listener.becomes_call(self._request, self):
            self._seat.leave()
            return
        self._began = time.monotonic()
        self._line = StreamLine(self, self._rate, party)
        self._seat.hold(self._line, *watchers)

    def _hear(self, pcm: Pcm) -> None:
        """Sound came."""
        self._samples += len(pcm)
        if self._samples / self._rate > time.monotonic() - self._began + AHEAD_SECONDS:
            self._offend("more sound than time")
        elif self._line is not None:
            self._line.feed(pcm)

    def _offend(self, kind: str) -> None:
        """Bad input that ends the call."""
        self._listener.offend(kind, self._host)
        self.drop()

    def _gone(self) -> None:
        self._listener.callers.discard(self)
        if self._line is not None:
            self._line.end()
        elif self._seat is not None:
            self._seat.leave()

    # --- the wire of the line --------------------------------------------------------------------------

    @abstractmethod
    async def send(self, pcm: Pcm | None) -> None:
        """As `Wire.send`."""

    @abstractmethod
    def clear(self) -> None:
        """As `Wire.clear`."""

    @abstractmethod
    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """As `Wire.transfer`."""

    @abstractmethod
    async def close(self) -> None:
        """As `Wire.close`."""
