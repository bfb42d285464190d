"""Where telephones reach the gate: UDP, TCP and TLS."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TypeAlias

from ivr.lines.sip.flow import Flow, Transport
from ivr.serving.address import Address, allowed, cannot_listen
from ivr.serving.lines import SipSettings

Take: TypeAlias = Callable[[bytes, Flow], None]
Offend: TypeAlias = Callable[[str, str], None]
BUFFER_BYTES = 4 << 20
"""What the system may keep of a burst while we are busy."""


class Transports:
    """All of one line. `take` gets each message; who is not allowed is an offence."""

    def __init__(self, settings: SipSettings, take: Take, offend: Offend) -> None:
        self._settings = settings
        self._take = take
        self._offend = offend
        self._udp: asyncio.DatagramTransport | None = None
        self._address: Address | None = None

    @property
    def address(self) -> Address:
        """Where UDP and TCP are listened at. Raises RuntimeError before `open`."""
        if self._address is None:
            raise RuntimeError("it does not listen")
        return self._address

    async def open(self) -> dict[Transport, int]:
        """Listen; the port of each transport. Raises LineError."""
        listen = self._settings.listen
        loop = asyncio.get_running_loop()
        ports = {}
        try:
            if Transport.UDP in self._settings.transports:
                made = await loop.create_datagram_endpoint(
                    lambda: _Udp(self), local_addr=(listen.host, listen.port)
                )
                self._udp = made[0]
                bound = self._udp.get_extra_info("socket")
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
                ports[Transport.UDP] = bound.getsockname()[1]
        except OSError as error:
            await self.close()
            raise cannot_listen(listen, error) from None
        self._address = Address(listen.host, next(iter(ports.values()), listen.port))
        return ports

    def send(self, flow: Flow, data: bytes) -> None:
        """One message; lost when the connection is."""
        if flow.transport is Transport.UDP and self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(data, (flow.host, flow.port))

    async def close(self) -> None:
        """Harmless when repeated."""
        if self._udp is not None:
            self._udp.close()

    def received(self, data: bytes, flow: Flow) -> None:
        """A datagram, or a whole message of a connection."""
        if allowed(self._settings.allow, flow.host):
            self._take(data, flow)
        else:
            self._offend("a message from an address that is not allowed", flow.host)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, transports: Transports) -> None:
        self._transports = transports

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transports.received(data, Flow(Transport.UDP, addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """A telephone that is switched off: its calls end by their silence."""
