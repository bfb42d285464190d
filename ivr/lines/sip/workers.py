"""Worker processes, watched: one that dies or hangs is replaced, and its calls are told."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import socket
import sys
import time
from typing import Protocol

from ivr.lines.sip import pipe
from ivr.lines.sip.pipe import Kind, Packet
from ivr.lines.sip.told import WorkerSettings

START_SECONDS = 10.0
"""What a process gets to say that it listens."""
SILENT_SECONDS = 4.0
"""A process that says nothing for so long hangs."""
LOOK_SECONDS = 0.5
SOON_SECONDS = 5.0
"""A process that dies earlier after its start is not replaced at once: the fault may be in the settings."""
LONGEST_WAIT = 10.0
STOP_SECONDS = 3.0
UNSENT_BYTES = 1 << 20

_log = logging.getLogger(__name__)


class Overseer(Protocol):
    """Hears from workers."""

    def told(self, worker: int, packet: Packet) -> None:
        """A packet came."""

    def died(self, worker: int) -> None:
        """The process is gone, with all its calls."""


class Worker(asyncio.Protocol):
    """The place of one process; the process in it changes when one dies."""

    def __init__(self, number: int, settings: WorkerSettings, overseer: Overseer) -> None:
        self.number = number
        self.settings = settings
        self.ready = False
        self.restarts = 0
        self.unsent = 0
        self.port = 0
        self._unwritten: list[bytes] = []
        self._waiting = 0
        self._overseer = overseer
        self._process: asyncio.subprocess.Process | None = None
        self._transport: asyncio.Transport | None = None
        self._packets = pipe.Reader()
        self._heard = 0.0
        self._up = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the process that is there now."""
        return None if self._process is None else self._process.pid

    async def start(self) -> bool:
        """Keep a process running from now on; whether the first one listens by now."""
        self._watching = asyncio.create_task(self._watch())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await self._up.wait()
        return self.ready

    async def close(self) -> None:
        """End the process. Harmless when repeated."""
        self._closed = True
        self.ready = False
        if self._watching is not None:
            self._watching.cancel()
        self._write()
        if self._transport is not None:
            self._transport.close()  # the process ends when its socket does
        process = self._process
        if process is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def send(self, data: bytes) -> None:
        """A packet; left out while the process does not read."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() + self._waiting > UNSENT_BYTES:
            self.unsent += 1
            return
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._write)
        self._unwritten.append(data)
        self._waiting += len(data)

    def _write(self) -> None:
        """All packets of this turn of the loop at once: of calls that tick together."""
        data, self._unwritten, self._waiting = b"".join(self._unwritten), [], 0
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    # --- the pipe --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """From the process."""
        self._heard = time.monotonic()
        try:
            packets = self._packets.feed(data)
        except ValueError as error:
            _log.error("worker %d: %s", self.number, error)
            self._kill()
            return
        for packet in packets:
            if packet.kind is Kind.READY:
                self.ready = True
                self._up.set()
            else:
                self._overseer.told(self.number, packet)

    # --- the process -----------------------------------------------------------------------------------

    async def _watch(self) -> None:
        wait = 0.0
        while True:
            began = time.monotonic()
            try:
                await self._spawn()
                await self._until_over()
            except OSError as error:
                _log.error("worker %d cannot be started: %s", self.number, error)
            self.ready = False
            if self._transport is not None:
                self._transport.close()
            self._overseer.died(self.number)
            self.restarts += 1
            status = None if self._process is None else self._process.returncode
            lived = time.monotonic() - began
            wait = 0.0 if lived > SOON_SECONDS else min(LONGEST_WAIT, max(0.25, 2 * wait))
            _log.error("worker %d ended (status %s) after %.0f s; replacing it", self.number, status, lived)
            await asyncio.sleep(wait)

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            ours.setblocking(False)
            self.port = free_port()
            self._packets = pipe.Reader()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "ivr.lines.sip.worker",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdout=asyncio.subprocess.DEVNULL,  # where the stack prints what is of no use
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._heard = time.monotonic()
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, sock=ours)
        told = dataclasses.asdict(dataclasses.replace(self.settings, port=self.port))
        self.send(pipe.packet(Kind.BEGIN, **told))

    async def _until_over(self) -> None:
        """Until the process ends; one that hangs is killed."""
        assert self._process is not None
        began = time.monotonic()
        over = asyncio.ensure_future(self._process.wait())
        try:
            while not over.done():
                await asyncio.wait({over}, timeout=LOOK_SECONDS)
                now = time.monotonic()
                if (
                    now - self._heard > (SILENT_SECONDS if self.ready else START_SECONDS)
                    and now - began > 1.0
                ):
                    _log.error("worker %d says nothing any more", self.number)
                    self._kill()
                    await over
        finally:
            over.cancel()

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


def free_port() -> int:
    """A UDP port on loopback that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
