"""One call from the page: sound as binary messages, everything else as JSON.

From the page: first ``{"start": {"called": number}}``, then 16-bit little-endian samples at 16,000 a second
in binary messages, and ``{"key": "5"}``. To the page: the same sound, ``{"clear": true}`` when a prompt was
stopped, and what `ivr.lines.browser.shown` makes of the call's events.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque

import numpy as np
from aiohttp import WSMessage, WSMsgType, web

from ivr.events import CallEnded, Event
from ivr.handover import Route
from ivr.lines.accept import Door, Refused
from ivr.lines.browser.shown import shown
from ivr.lines.line import Party, TransferContext, TransferOutcome, TransferResult
from ivr.lines.socket_call import SocketCall
from ivr.lines.websocket import WebSocketListener
from ivr.meaning import SlotValue
from ivr.media.pcm import WIDEBAND, Pcm
from ivr.serving.web import BrowserSettings

PARTING_SECONDS = 2.0
"""What the end of a call gets to reach the page."""
LONGEST_NUMBER = 64


class BrowserCall(SocketCall):
    """The call of one page."""

    def __init__(
        self,
        settings: BrowserSettings,
        listener: WebSocketListener,
        door: Door,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> None:
        super().__init__(settings, listener, door, request, socket, WIDEBAND)
        self._to_show: deque[str] = deque()
        self._over = asyncio.Event()
        self._parting: asyncio.Task[None] | None = None

    def look(self, now: float) -> None:
        """Called now and then."""
        if self._parting is None:
            super().look(now)

    # --- messages --------------------------------------------------------------------------------------

    async def _take(self, message: WSMessage) -> None:
        if message.type is WSMsgType.BINARY:
            self._sound(message.data)
        elif message.type is WSMsgType.TEXT:
            await self._told(message.data)
        else:
            self._offend("a message that is broken or too long")

    def _sound(self, data: bytes) -> None:
        if self._line is None:
            self._offend("a message before the start")
        elif len(data) % 2:
            self._offend("sound of half a sample")
        else:
            self._hear(np.frombuffer(data, dtype="<i2").astype(np.int16))

    async def _told(self, text: str) -> None:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        match found:
            case {"start": {"called": str(called)}} if self._seat is None and len(called) <= LONGEST_NUMBER:
                await self._answer(Party("browser:", "", called if called.isprintable() else ""), self._watch)
            case {"key": str(key)} if self._line is not None:
                if not self._line.key(key):
                    self._listener.offend("a key that no telephone has", self._host)
            case _:
                self._offend("a message that the page does not send")

    async def _refused(self, refused: Refused) -> None:
        await self._out.text(json.dumps({"refused": refused.reason.value}))

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
