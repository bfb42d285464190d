"""One call of a media stream: its messages in order, and the wire of its line.

Sound goes out as it is due, so little waits at the provider; still, what was said last is on its way when the
desk hangs up. So a mark follows the end of every prompt, and we close when the last one has come back:
then the caller has heard everything.
"""

from __future__ import annotations

import time

from aiohttp import WSMessage, WSMsgType, web

from ivr.handover import Route
from ivr.lines.accept import Door, Refused
from ivr.lines.line import Party, TransferContext, TransferOutcome, TransferResult
from ivr.lines.media_stream import messages
from ivr.lines.media_stream.messages import Broken, Connected, Key, Mark, Media, Message, Start, Stop
from ivr.lines.media_stream.pages import PassedOn
from ivr.lines.socket_call import SocketCall
from ivr.lines.websocket import WebSocketListener
from ivr.meaning import SlotValue
from ivr.media.pcm import NARROWBAND, Pcm
from ivr.serving.web import MediaStreamSettings

PARTING_SECONDS = 2.0
"""How long we wait for the last mark before we close."""
MOST_MARKS = 100
_BROKEN = "a message that is broken or too long"


class StreamCall(SocketCall):
    """The call of one stream."""

    def __init__(
        self,
        settings: MediaStreamSettings,
        listener: WebSocketListener,
        door: Door,
        passed_on: PassedOn,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> None:
        super().__init__(settings, listener, door, request, socket, NARROWBAND)
        self._passed_on = passed_on
        self._start: Start | None = None
        self._chunk = -1
        self._speaking = False
        self._clear = False
        self._marks: set[str] = set()
        self._count = 0
        self._parted: float | None = None

    def look(self, now: float) -> None:
        """Called now and then."""
        if self._parted is None:
            super().look(now)
        elif now - self._parted > PARTING_SECONDS:
            self.drop()

    # --- messages --------------------------------------------------------------------------------------

    async def _take(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            self._offend("a message that is no text" if message.type is WSMsgType.BINARY else _BROKEN)
            return
        try:
            await self._told(messages.read(message.data))
        except Broken as broken:
            self._offend(broken.kind)

    async def _told(self, message: Message) -> None:
        match message:
            case Connected() if self._start is None:
                return
            case Start():
                await self._started(message)
            case Connected() | Media() | Key() | Mark() | Stop() if self._start is None:
                raise Broken("a message before the start")
            case Connected():
                raise Broken("a second beginning of one call")
            case Media(stream=stream) | Key(stream=stream) | Mark(stream=stream) | Stop(stream=stream) if (
                stream != self._stream
            ):
                raise Broken("a message of another call")
            case Media():
                self._media(message)
            case Key(key=key):
                if self._line is not None and not self._line.key(key.upper()):
                    self._listener.offend("a key that no telephone has", self._host)
            case Mark(name=name):
                await self._played(name)
            case Stop():
                if self._line is not None:
                    self._line.end()
                await self._socket.close()

    async def _started(self, start: Start) -> None:
        if self._start is not None:
            raise Broken("a second beginning of one call")
        self._start = start
        await self._answer(Party(f"media-stream:{start.call or start.stream}", start.caller, start.called))

    async def _refused(self, refused: Refused) -> None:
        """The provider sees the connection close, and asks where the call goes on."""

    def _media(self, message: Media) -> None:
        if message.chunk is not None:
            if message.chunk <= self._chunk:
                self._listener.offend("sound that is out of order", self._host)
                return
            self._chunk = message.chunk
        self._hear(message.pcm)

    async def _played(self, name: str) -> None:
        """The caller has heard what came before this mark."""
        if name not in self._marks:
            self._listener.offend("a mark that we did not send", self._host)
        self._marks.discard(name)
        if self._parted is not None and not self._marks:
            await self._socket.close()

    # --- the wire of the line --------------------------------------------------------------------------

    @property
    def _stream(self) -> str:
        assert self._start is not None
        return self._start.stream

    async def send(self, pcm: Pcm | None) -> None:
        """Sound as it is due; a mark where it ends."""
        if self._clear:
            self._clear = False
            await self._out.text(messages.clear(self._stream))
        if pcm is not None:
            self._speaking = True
            await self._out.text(messages.media(self._stream, pcm), droppable=True)
        elif self._speaking:
            await self._mark()

    def clear(self) -> None:
        """What was not played is dropped there; the provider then sends all marks back."""
        self._clear = True

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """The provider asks where the call goes on when we have closed."""
        assert self._start is not None
        if not route.extension or not self._start.call:
            return TransferResult(TransferOutcome.UNABLE, "the route has no extension")
        self._passed_on.put(self._start.call, route.extension, time.monotonic())
        return TransferResult(TransferOutcome.DONE)

    async def close(self) -> None:
        """Hang up when the caller has heard what was said last, or a moment later."""
        if self._parted is not None:
            return
        self._parted = time.monotonic()
        if self._speaking:
            await self._mark()
        if not self._marks or self._socket.closed:
            await self._socket.close()

    async def _mark(self) -> None:
        self._speaking = False
        self._count += 1
        name = f"said-{self._count}"
        if len(self._marks) < MOST_MARKS:
            self._marks.add(name)
            await self._out.text(messages.mark(self._stream, name))
