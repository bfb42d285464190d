"""Where telephones reach the gate: UDP, TCP and TLS."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
import time
from collections.abc import Callable
from typing import TypeAlias

from ivr.errors import ConfigError
from ivr.lines.sip.flow import Flow, Transport
from ivr.lines.sip.framing import Framer
from ivr.lines.sip.message import Malformed
from ivr.serving.address import Address, allowed, cannot_listen
from ivr.serving.sip import SipSettings

Take: TypeAlias = Callable[[bytes, Flow], None]
Offend: TypeAlias = Callable[[str, str], None]
BUFFER_BYTES = 4 << 20
"""What the system may keep of a burst while we are busy."""
MOST_CONNECTIONS = 512
"""Beyond, the one that was silent longest is dropped."""
MESSAGE_SECONDS = 5.0
"""What a message may take from its first byte to its last."""
IDLE_SECONDS = 600.0
UNSENT_BYTES = 256 * 1024


class Transports:
    """All of one line. `take` gets each message; who is not allowed is an offence."""

    def __init__(self, settings: SipSettings, take: Take, offend: Offend) -> None:
        self.settings = settings
        self.take = take
        self.offend = offend
        self.connections: dict[int, Connection] = {}
        self.numbers = itertools.count(1)
        self._udp: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._address: Address | None = None
        self._opening: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> Address:
        """Where UDP and TCP are listened at. Raises RuntimeError before `open`."""
        if self._address is None:
            raise RuntimeError("it does not listen")
        return self._address

    async def open(self) -> dict[Transport, int]:
        """Listen; the port of each transport. Raises LineError, ConfigError."""
        settings = self.settings
        ports: dict[Transport, int] = {}
        at = settings.listen
        try:
            if "udp" in settings.transports:
                ports[Transport.UDP] = await self._open_udp(at)
            if "tcp" in settings.transports:
                ports[Transport.TCP] = await self._serve(Transport.TCP, at, None)
            if "tls" in settings.transports:
                at = settings.tls_listen or Address(at.host, at.port + 1 if at.port else 0)
                ports[Transport.TLS] = await self._serve(Transport.TLS, at, _context(settings))
        except OSError as error:
            await self.close()
            raise cannot_listen(at, error) from None
        except BaseException:
            await self.close()
            raise
        self._address = Address(settings.listen.host, next(iter(ports.values())))
        return ports

    def send(self, flow: Flow, data: bytes, again: Flow | None = None) -> None:
        """One message; when the connection is gone, over one that is opened to `again`, else it is lost.

        A flow without a connection opens one.
        """
        if again is not None and flow.connection not in self.connections:
            flow = again
        if flow.transport is Transport.UDP:
            if self._udp is not None and not self._udp.is_closing():
                self._udp.sendto(data, (flow.host, flow.port))
            return
        connection = self.connections.get(flow.connection)
        if connection is None and not flow.connection:
            connection = next((c for c in self.connections.values() if c.ours == flow), None)
        if connection is not None:
            connection.send(data)
        elif not flow.connection:
            task = asyncio.ensure_future(self._connect(flow, data))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def look(self, now: float) -> None:
        """Called now and then: drop connections that say nothing, or too slowly."""
        for connection in tuple(self.connections.values()):
            connection.look(now)

    async def close(self) -> None:
        """Harmless when repeated."""
        if self._udp is not None:
            self._udp.close()
        for server in self._servers:
            server.close()
        for task in self._opening:
            task.cancel()
        for connection in tuple(self.connections.values()):
            connection.drop()

    def allows(self, host: str) -> bool:
        """Whether messages may come from there; a registrar that we were told of may always send."""
        via = self.settings.dial_via
        if via is not None and host == via.host:
            return True
        if any(host == one.registrar.host for one in self.settings.registrations):
            return True
        return allowed(self.settings.allow, host)

    async def _open_udp(self, at: Address) -> int:
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), local_addr=(at.host, at.port))
        bound = self._udp.get_extra_info("socket")
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        port: int = bound.getsockname()[1]
        return port

    async def _serve(self, transport: Transport, at: Address, context: ssl.SSLContext | None) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(self, transport), at.host, at.port, ssl=context, backlog=256
        )
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _connect(self, flow: Flow, data: bytes) -> None:
        """Open a connection of our own, to a registrar or for a call that has lost its own."""
        loop = asyncio.get_running_loop()
        context = ssl.create_default_context() if flow.transport is Transport.TLS else None
        try:
            async with asyncio.timeout(MESSAGE_SECONDS):
                _, connection = await loop.create_connection(
                    lambda: Connection(self, flow.transport, flow), flow.host, flow.port, ssl=context
                )
        except (OSError, TimeoutError):
            self.offend("a peer that cannot be reached over TCP or TLS", flow.host)
        else:
            connection.send(data)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, transports: Transports) -> None:
        self._transports = transports

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transports.allows(addr[0]):
            self._transports.take(data, Flow(Transport.UDP, addr[0], addr[1]))
        else:
            self._transports.offend("a message from an address that is not allowed", addr[0])

    def error_received(self, exc: Exception) -> None:
        """A telephone that is switched off: its calls end by their silence."""


class Connection(asyncio.Protocol):
    """One connection. `ours`: where we opened it to, None when the other side did."""

    def __init__(self, transports: Transports, transport: Transport, ours: Flow | None = None) -> None:
        self.ours = ours
        self._all = transports
        self._kind = transport
        self._framer = Framer()
        self._heard = self._began = time.monotonic()
        self._transport: asyncio.Transport | None = None
        self._flow = Flow(transport, "?", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of the protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
        self._flow = Flow(self._kind, host, port, next(self._all.numbers))
        if not self._all.allows(host):
            self._offend("a message from an address that is not allowed")
            return
        self._all.connections[self._flow.connection] = self
        if len(self._all.connections) > MOST_CONNECTIONS:
            min(self._all.connections.values(), key=lambda one: one._heard)._offend("too many connections")

    def data_received(self, data: bytes) -> None:
        """Of the protocol."""
        if not self._framer.waiting:
            self._began = time.monotonic()
        try:
            messages = self._framer.feed(data)
        except Malformed as fault:
            self._offend(str(fault))
            return
        for message in messages:
            self._heard = self._began = time.monotonic()
            self._all.take(message, self._flow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of the protocol."""
        self._all.connections.pop(self._flow.connection, None)

    def send(self, data: bytes) -> None:
        """One message; a peer that does not read loses it, and the connection."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > UNSENT_BYTES:
            self._offend("a connection that does not read")
            return
        self._transport.write(data)

    def look(self, now: float) -> None:
        """Called now and then."""
        if self._framer.waiting and now - self._began > MESSAGE_SECONDS:
            self._offend("a message that takes too long to come")
        elif now - self._heard > IDLE_SECONDS:
            self.drop()

    def drop(self) -> None:
        """Close at once."""
        self._all.connections.pop(self._flow.connection, None)
        if self._transport is not None:
            self._transport.abort()

    def _offend(self, kind: str) -> None:
        self._all.offend(kind, self._flow.host)
        self.drop()


def _context(settings: SipSettings) -> ssl.SSLContext:
    """For the server's side of TLS. Raises ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate or "", settings.key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        remedy = "Give certificate and key as PEM files that belong together"
        raise ConfigError(
            f"TLS cannot use it ({reason})", place=str(settings.certificate), remedy=remedy
        ) from None
    return context
