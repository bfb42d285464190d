"""The listener for AudioSocket: one TCP connection a call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict

from ivr.lines.accept import Door, Health
from ivr.lines.audiosocket.announced import Announced
from ivr.lines.audiosocket.connection import Connection
from ivr.lines.offences import Offences
from ivr.serving.address import Address, cannot_listen, listened_at
from ivr.serving.lines import AudioSocketSettings

LOOK_SECONDS = 0.25

_log = logging.getLogger(__name__)


class AudioSocketServer:
    """`LineServer` for AudioSocket."""

    def __init__(self, settings: AudioSocketSettings, announced: Announced) -> None:
        self.settings = settings
        self.announced = announced
        self.offences = Offences()
        self.silent: OrderedDict[Connection, None] = OrderedDict()
        self.calls: set[Connection] = set()
        self.parting: set[Connection] = set()
        self.unsent = 0
        self._door: Door | None = None
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def address(self) -> Address:
        """Where it listens. Raises RuntimeError before the start."""
        return listened_at(self._server)

    @property
    def door(self) -> Door:
        """Where calls are let in."""
        assert self._door is not None
        return self._door

    async def start(self, door: Door) -> None:
        """Listen. Raises LineError."""
        self._door = door
        listen = self.settings.listen
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: Connection(self), listen.host, listen.port, backlog=512
            )
        except OSError as error:
            raise cannot_listen(listen, error) from None
        self._looking = asyncio.create_task(self._look())

    def health(self) -> Health:
        """Ready while it listens."""
        numbers = {
            "connections": len(self.silent) + len(self.calls) + len(self.parting),
            "frames_unsent": self.unsent,
        }
        ready = self._server is not None and self._server.is_serving()
        return Health(ready, "" if ready else "it does not listen", numbers | self.offences.counts)

    async def stop_accepting(self) -> None:
        """Close the listening socket, and connections that are no calls yet."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.silent):
            connection.drop()

    async def close(self) -> None:
        """Drop all connections."""
        await self.stop_accepting()
        if self._looking is not None:
            self._looking.cancel()
        for connection in (*self.calls, *self.parting):
            connection.drop()

    def offend(self, kind: str, who: str) -> None:
        """Count bad input, and write it to the log once in a while."""
        line = self.offences.note(kind, who, time.monotonic())
        if line is not None:
            _log.warning("%s: %s", self.settings.label, line)

    async def _look(self) -> None:
        """Drop who does not say what they want."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for connection in (*self.silent, *self.calls, *self.parting):
                connection.look(now)
