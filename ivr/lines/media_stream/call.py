"""One call of a media stream: its messages in order, and the wire of its line.

Sound goes out as it is due, so little waits at the provider; still, what was said last is on its way when the
desk hangs up. So a mark follows the end of every prompt, and we close when the last one has come back:
then the caller has heard everything.
"""

from __future__ import annotations

import logging
import time

from aiohttp import WSMsgType, web

from ivr.lines.accept import Door, Refused, Seat
from ivr.lines.line import Party, TransferContext, TransferOutcome, TransferResult
from ivr.lines.media_stream import messages
from ivr.lines.media_stream.messages import Broken, Connected, Key, Mark, Media, Message, Start, Stop
from ivr.lines.media_stream.pages import PassedOn
from ivr.lines.stream import StreamLine
from ivr.lines.websocket import OutgoingSocket, WebSocketListener
from ivr.meaning import Route, SlotValue
from ivr.media.pcm import NARROWBAND, Pcm
from ivr.serving.web import MediaStreamSettings

PARTING_SECONDS = 2.0
"""How long we wait for the last mark before we close."""
AHEAD_SECONDS = 10.0
"""Sound may come so much faster than time: after a stall, all at once."""
MOST_MARKS = 100
_BROKEN = "a message that is broken or too long"

_log = logging.getLogger(__name__)


class StreamCall:
    """`Caller` of the listener and `Wire` of its line."""

    def __init__(
        self,
        settings: MediaStreamSettings,
        listener: WebSocketListener,
        door: Door,
        passed_on: PassedOn,
        request: web.Request,
        socket: web.WebSocketResponse,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._door = door
        self._passed_on = passed_on
        self._request = request
        self._socket = socket
        self._out = OutgoingSocket(listener, request, socket)
        self._host = request.remote or "?"
        self._start: Start | None = None
        self._seat: Seat | None = None
        self._line: StreamLine | None = None
        self._began = self._heard = time.monotonic()
        self._samples = 0
        self._chunk = -1
        self._speaking = False
        self._clear = False
        self._marks: dict[str, float] = {}
        self._count = 0
        self._parted: float | None = None
        self._dropped = False

    async def hold(self) -> None:
        """From the first message to the end of the connection."""
        try:
            async for message in self._socket:
                self._heard = time.monotonic()
                if message.type is not WSMsgType.TEXT:
                    binary = message.type is WSMsgType.BINARY
                    self._offend("a message that is no text" if binary else _BROKEN)
                    break
                try:
                    await self._take(messages.read(message.data))
                except Broken as broken:
                    self._offend(broken.kind)
                if self._dropped:
                    break
        finally:
            self._gone()

    def look(self, now: float) -> None:
        """Called now and then."""
        if self._parted is not None:
            if now - self._parted > PARTING_SECONDS:
                self.drop()
        elif now - self._heard > self._settings.idle_seconds:
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

    async def _take(self, message: Message) -> None:
        match message:
            case Connected() if self._start is None:
                return
            case Start():
                await self._answer(message)
            case Connected() | Media() | Key() | Mark() | Stop() if self._start is None:
                raise Broken("a message before the start")
            case Connected():
                raise Broken("a second beginning of one call")
            case Media(stream=stream) | Key(stream=stream) | Mark(stream=stream) | Stop(stream=stream) if (
                stream != self._stream
            ):
                raise Broken("a message of another call")
            case Media():
                self._hear(message)
            case Key(key=key):
                if self._line is not None and not self._line.key(key.upper()):
                    self._listener.offend("a key that no telephone has", self._host)
            case Mark(name=name):
                await self._played(name)
            case Stop():
                if self._line is not None:
                    self._line.end()
                await self._socket.close()

    async def _answer(self, start: Start) -> None:
        if self._start is not None:
            raise Broken("a second beginning of one call")
        self._start = start
        party = Party(f"media-stream:{start.call or start.stream}", start.caller, start.called)
        try:
            self._seat = self._door.admit(party)
        except Refused as refused:
            _log.info("%s: a call is not answered: %s", self._settings.label, refused)
            await self._socket.close()
            return
        if not self._listener.becomes_call(self._request, self):
            self._seat.leave()
            return
        self._began = time.monotonic()
        self._line = StreamLine(self, NARROWBAND, party)
        self._seat.hold(self._line)

    def _hear(self, message: Media) -> None:
        if message.chunk is not None:
            if message.chunk <= self._chunk:
                self._listener.offend("sound that is out of order", self._host)
                return
            self._chunk = message.chunk
        self._samples += len(message.pcm)
        if self._samples / NARROWBAND > time.monotonic() - self._began + AHEAD_SECONDS:
            raise Broken("more sound than time")
        if self._line is not None:
            self._line.feed(message.pcm)

    async def _played(self, name: str) -> None:
        """The caller has heard what came before this mark."""
        if self._marks.pop(name, None) is None:
            self._listener.offend("a mark that we did not send", self._host)
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
            self._marks[name] = time.monotonic()
            await self._out.text(messages.mark(self._stream, name))
