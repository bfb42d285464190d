"""One call from the page: sound as binary messages, everything else as JSON.

From the page: first ``{"start": {"called": number}}``, then 16-bit little-endian samples at 16,000 a second
in binary messages, and ``{"key": "5"}``. To the page: the same sound, ``{"clear": true}`` when a prompt was
stopped, and what `ivr.lines.browser.shown` makes of the call's events.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque

import numpy as np
from aiohttp import WSMsgType, web

from ivr.events import CallEnded, Event
from ivr.lines.accept import Door, Refused, Seat
from ivr.lines.browser.shown import shown
from ivr.lines.line import Party, TransferContext, TransferOutcome, TransferResult
from ivr.lines.stream import StreamLine
from ivr.lines.websocket import OutgoingSocket, WebSocketListener
from ivr.meaning import Route, SlotValue
from ivr.media.pcm import WIDEBAND, Pcm
from ivr.serving.web import BrowserSettings

AHEAD_SECONDS = 10.0
"""Sound may come so much faster than time: after a stall, all at once."""
PARTING_SECONDS = 2.0
"""What the end of a call gets to reach the page."""
LONGEST_NUMBER = 64

_log = logging.getLogger(__name__)


class BrowserCall:
    """`Caller` of the listener and `Wire` of its line."""

    def __init__(
        self,
        settings: BrowserSettings,
        listener: WebSocketListener,
        door: Door,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._door = door
        self._request = request
        self._socket = socket
        self._out = OutgoingSocket(listener, request, socket)
        self._host = request.remote or "?"
        self._seat: Seat | None = None
        self._line: StreamLine | None = None
        self._began = self._heard = time.monotonic()
        self._samples = 0
        self._to_show: deque[str] = deque()
        self._over = asyncio.Event()
        self._parting: asyncio.Task[None] | None = None
        self._dropped = False

    async def hold(self) -> None:
        """From the first message to the end of the connection."""
        try:
            async for message in self._socket:
                self._heard = time.monotonic()
                if message.type is WSMsgType.BINARY:
                    self._hear(message.data)
                elif message.type is WSMsgType.TEXT:
                    await self._take(message.data)
                else:
                    self._offend("a message that is broken or too long")
                if self._dropped:
                    break
        finally:
            self._gone()

    def look(self, now: float) -> None:
        """Called now and then."""
        if self._parting is None and now - self._heard > self._settings.idle_seconds:
            self._offend("a call without sound or sign of life")

    def drop(self) -> None:
        """Close at once."""
        self._dropped = True
        self._gone()
        self._out.abort()

    def _offend(self, kind: str) -> None:
        self._listener.offend(kind, self._host)
        self.drop()

    def _gone(self) -> None:
        self._listener.callers.discard(self)
        if self._line is not None:
            self._line.end()
        elif self._seat is not None:
            self._seat.leave()

    # --- messages --------------------------------------------------------------------------------------

    def _hear(self, data: bytes) -> None:
        if self._line is None:
            self._offend("a message before the start")
        elif len(data) % 2:
            self._offend("sound of half a sample")
        else:
            self._samples += len(data) // 2
            if self._samples / WIDEBAND > time.monotonic() - self._began + AHEAD_SECONDS:
                self._offend("more sound than time")
                return
            self._line.feed(np.frombuffer(data, dtype="<i2").astype(np.int16))

    async def _take(self, text: str) -> None:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        match found:
            case {"start": {"called": str(called)}} if self._seat is None and len(called) <= LONGEST_NUMBER:
                await self._answer(called)
            case {"key": str(key)} if self._line is not None:
                if not self._line.key(key):
                    self._listener.offend("a key that no telephone has", self._host)
            case _:
                self._offend("a message that the page does not send")

    async def _answer(self, called: str) -> None:
        try:
            self._seat = self._door.admit(Party("browser:", "", called if called.isprintable() else ""))
        except Refused as refused:
            _log.info("%s: a call is not answered: %s", self._settings.label, refused)
            await self._out.text(json.dumps({"refused": refused.reason.value}))
            await self._socket.close()
            return
        if not self._listener.becomes_call(self._request, self):
            self._seat.leave()
            return
        self._began = time.monotonic()
        self._line = StreamLine(self, WIDEBAND, Party("browser:", "", called))
        self._seat.hold(self._line, self._watch)

    def _watch(self, at: float, event: Event) -> None:
        message = shown(at, event)
        if message is not None:
            self._to_show.append(message)
        if isinstance(event, CallEnded):
            self._over.set()

    # --- the wire of the line --------------------------------------------------------------------------

    async def send(self, pcm: Pcm | None) -> None:
        """What is to be shown, then the sound that is due; nothing in silence."""
        await self._show()
        if pcm is not None:
            await self._out.sound(pcm.astype("<i2", copy=False).tobytes())

    def clear(self) -> None:
        """The page drops what it has not played."""
        self._to_show.append(json.dumps({"clear": True}))

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """A page has no telephone behind it."""
        return TransferResult(TransferOutcome.UNABLE, "a web page cannot be passed on")

    async def close(self) -> None:
        """Hang up, once the page knows how the call ended."""
        if self._parting is None:
            self._parting = asyncio.create_task(self._part())

    async def _part(self) -> None:
        try:
            async with asyncio.timeout(PARTING_SECONDS):
                await self._over.wait()
                await self._show()
                await self._socket.close()
        except TimeoutError:
            self.drop()

    async def _show(self) -> None:
        while self._to_show:
            await self._out.text(self._to_show.popleft())
