"""The gate's socket towards the workers: UDP on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BUFFER_BYTES = 1 << 20


class Inside(asyncio.DatagramProtocol):
    """`take` gets each message and the worker's port."""

    def __init__(self, take: Callable[[bytes, int], None]) -> None:
        self._take = take
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> str:
        """host:port where workers reach us."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def send(self, port: int, data: bytes) -> None:
        """To the worker at `port`."""
        if self._transport is not None and port:
            self._transport.sendto(data, ("127.0.0.1", port))

    def close(self) -> None:
        """Harmless when repeated."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """From a worker."""
        if addr[0] == "127.0.0.1":
            self._take(data, addr[1])

    def error_received(self, exc: Exception) -> None:
        """A worker that died: the server hears of it from the process."""
