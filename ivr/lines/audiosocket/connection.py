"""One call over AudioSocket: its messages in order, and the wire of its line."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections import OrderedDict
from typing import Protocol

from ivr.handover import Route
from ivr.lines.accept import Door, Refused, Seat
from ivr.lines.audiosocket.announced import Announced, Numbers
from ivr.lines.audiosocket.messages import (
    AUDIO_8K,
    RATES,
    HangUp,
    Identified,
    Key,
    Message,
    PeerError,
    Reader,
    Sound,
    hang_up,
    sound,
)
from ivr.lines.line import Party, TransferContext, TransferOutcome, TransferResult
from ivr.lines.stream import StreamLine
from ivr.meaning import SlotValue
from ivr.media.pcm import NARROWBAND, WIDEBAND, Pcm, silence
from ivr.media.resample import Resampler
from ivr.serving.address import allowed
from ivr.serving.lines import AudioSocketSettings

UUID_SECONDS = 5.0
"""What a connection gets to say which call it is."""
FIRST_SOUND_SECONDS = 0.5
"""How long we wait for the first sound, which tells the rate, before we answer at 8 kHz."""
PARTING_SECONDS = 1.0
"""What the peer gets to read our hang-up and close: a close while its sound comes in would be a reset, which
can overtake what we said last."""
MOST_SILENT = 256
"""Connections that have not said which call they are; beyond, the oldest of them is dropped."""
UNSENT_BYTES = 64 * 1024
"""What may wait for a peer that does not read: four seconds at 8 kHz. Beyond, frames are left out."""

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """What the connections of one listener share.

    silent   those that have not said which call they are, oldest first
    calls    those that are calls
    parting  those that we have hung up and the peer has not closed
    unsent   frames that a peer who does not read did not get
    """

    settings: AudioSocketSettings
    announced: Announced
    silent: OrderedDict[Connection, None]
    calls: set[Connection]
    parting: set[Connection]
    unsent: int

    @property
    def door(self) -> Door:
        """Where calls are let in."""

    def offend(self, kind: str, who: str) -> None:
        """Bad input."""


class Connection(asyncio.Protocol):
    """One connection; `Wire` of its call's line."""

    def __init__(self, server: Listener) -> None:
        self._server = server
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self._host = "?"
        self._began = self._heard = time.monotonic()
        self._call: uuid.UUID | None = None
        self._seat: Seat | None = None
        self._party = Party("audiosocket:")
        self._line: StreamLine | None = None
        self._kind = AUDIO_8K
        self._in = self._out = Resampler(NARROWBAND, NARROWBAND)
        self._closed = False
        self._parted = 0.0

    # --- the network -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of the protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = (transport.get_extra_info("peername") or ("?",))[0]
        if not allowed(self._server.settings.allow, self._host):
            self.offend("a connection from an address that is not allowed")
            return
        self._server.silent[self] = None
        if len(self._server.silent) > MOST_SILENT:
            oldest = next(iter(self._server.silent))
            oldest.offend("too many connections without a call")

    def data_received(self, data: bytes) -> None:
        """Of the protocol."""
        if self._over():
            return
        messages = self._reader.feed(data)
        if messages:
            self._heard = time.monotonic()
        for message in messages:
            if self._over():
                return
            self._take(message)
        if self._reader.fault is not None and not self._over():
            self.offend(self._reader.fault)

    def connection_lost(self, exc: Exception | None) -> None:
        """End of file without a word is how Asterisk usually hangs up."""
        self._gone()
        self._server.parting.discard(self)

    def look(self, now: float) -> None:
        """Called now and then."""
        if self._closed:
            if now - self._parted > PARTING_SECONDS:
                self.drop()
        elif self._call is None:
            if now - self._began > min(UUID_SECONDS, self._server.settings.idle_seconds):
                self.offend("a connection that does not say which call it is")
        elif now - self._heard > self._server.settings.idle_seconds:
            self.offend("a call without sound or sign of life")
        elif self._line is None and now - self._began > FIRST_SOUND_SECONDS:
            self._answer(AUDIO_8K)

    def _over(self) -> bool:
        """Whether either side has ended it."""
        return self._closed

    def drop(self) -> None:
        """Close at once."""
        self._gone()
        self._server.parting.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def offend(self, kind: str) -> None:
        """Bad input: it is counted, and the connection dropped."""
        self._server.offend(kind, self._host)
        self.drop()

    def _gone(self) -> None:
        """The peer is gone, or we are done with it."""
        self._closed = True
        self._server.silent.pop(self, None)
        self._server.calls.discard(self)
        if self._line is not None:
            self._line.end()
        elif self._seat is not None:
            self._seat.leave()

    # --- messages --------------------------------------------------------------------------------------

    def _take(self, message: Message) -> None:
        match message:
            case Identified(call=call):
                self._identify(call)
            case _ if self._call is None:
                self.offend("a message before the UUID")
            case Sound():
                self._hear(message)
            case Key(key=key):
                if self._line is None:
                    self._answer(AUDIO_8K)
                if self._line is not None and not self._line.key(key.upper()):
                    self._server.offend("a key that no telephone has", self._host)
            case HangUp():
                self._part()
            case PeerError():
                self._server.offend("an error that the peer reports", self._host)

    def _identify(self, call: uuid.UUID) -> None:
        if self._call is not None:
            self.offend("a second UUID in one call")
            return
        settings = self._server.settings
        numbers = self._server.announced.take(call, settings.uuid_seconds, time.monotonic())
        if numbers is None and settings.require_uuid:
            self.offend("a UUID that nobody announced")
            return
        numbers = numbers or Numbers()
        self._party = Party(f"audiosocket:{call}", numbers.caller, numbers.called)
        try:
            self._seat = self._server.door.admit(self._party)
        except Refused as refused:
            _log.info("%s: a call is not answered: %s", settings.label, refused)
            self._part()
            return
        self._call = call
        self._server.silent.pop(self, None)
        self._server.calls.add(self)

    def _answer(self, kind: int) -> None:
        """The call begins, at the rate of the first sound."""
        assert self._seat is not None
        rate = NARROWBAND if kind == AUDIO_8K else WIDEBAND
        # Not every Asterisk sends keys as messages: until the first one comes, tones count.
        self._line = StreamLine(self, rate, self._party, in_band=True)
        self._tune(kind, self._line)
        self._seat.hold(self._line)

    def _tune(self, kind: int, line: StreamLine) -> None:
        """Sound in and out is of `kind` from now on."""
        self._kind = kind
        self._in = Resampler(RATES[kind], line.rate)
        self._out = Resampler(line.rate, RATES[kind])

    def _hear(self, message: Sound) -> None:
        if self._line is None:
            self._answer(message.kind)
        assert self._line is not None
        if message.kind != self._kind:
            self._tune(message.kind, self._line)
        self._line.feed(self._in.feed(message.pcm))

    # --- the wire of the line --------------------------------------------------------------------------

    async def send(self, pcm: Pcm | None) -> None:
        """Asterisk gets a frame every 20 ms, silence too: some providers hang up when nothing comes."""
        assert self._line is not None
        frame = silence(0.02, self._line.rate) if pcm is None else pcm
        out = self._out.feed(frame)
        if len(out):
            # Header and sound in one write: Asterisk waits 5 ms for the second half of a message.
            self._write(sound(self._kind, out))

    def clear(self) -> None:
        """Nothing waits at the peer: sound is sent as it is due."""

    async def transfer(
        self, route: Route, slots: tuple[SlotValue, ...], context: TransferContext
    ) -> TransferResult:
        """The dialplan asks where the call goes on when we have hung up."""
        if not route.extension or self._call is None:
            return TransferResult(TransferOutcome.UNABLE, "the route has no extension")
        self._server.announced.pass_on(self._call, route.extension, time.monotonic())
        return TransferResult(TransferOutcome.DONE)

    async def close(self) -> None:
        """Hang up: the message, then the end of the connection."""
        self._part()

    def _part(self) -> None:
        """Say that the call is over; the peer closes, or we do a moment later."""
        if self._closed or self._transport is None:
            return
        self._write(hang_up())
        self._gone()
        self._parted = time.monotonic()
        self._server.parting.add(self)
        with contextlib.suppress(OSError, RuntimeError):  # the peer was faster
            self._transport.write_eof()

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > UNSENT_BYTES:
            self._server.unsent += 1
            return
        with contextlib.suppress(RuntimeError):
            self._transport.write(data)
