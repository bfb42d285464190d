"""Addresses: where we listen, and from where others may come."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator

from ivr.errors import LineError
from ivr.serving.mistake import Mistake

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_LISTEN = 'Write it as "127.0.0.1:8080", or "[::1]:8080"'
_ALLOW = 'Write it as "192.0.2.10" or "192.0.2.0/24"'


@dataclass(frozen=True, slots=True)
class Address:
    """A host (an IP address) and a TCP or UDP port; port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback


def parse_address(value: object) -> Address:
    """``127.0.0.1:8080``, ``[::1]:8080`` or ``localhost:8080``. Raises Mistake."""
    if isinstance(value, Address):
        return value
    if not isinstance(value, str):
        raise Mistake(f"{value!r} is no address to listen at", _LISTEN)
    host, colon, port = value.strip().rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # A name may mean another address tomorrow, and a public one without anybody having said so.
        what = f"{value!r} has no IP address" if colon else f"{value!r} has no port"
        raise Mistake(what, _LISTEN) from None
    if not port.isascii() or not port.isdecimal() or int(port) > 65_535:
        raise Mistake(f"{value!r} has no port between 0 and 65535", _LISTEN)
    return Address(host, int(port))


def parse_network(value: object) -> Network:
    """One address, or a network in CIDR notation. Raises Mistake."""
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return value
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        raise Mistake(f"{value!r} is no address or network", _ALLOW) from None


def allowed(networks: Sequence[Network], host: str) -> bool:
    """Whether `host` lies in one of `networks`; no networks: only this machine. A name is never allowed."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not networks:
        return address.is_loopback
    return any(address in network for network in networks)


def listened_at(server: asyncio.Server | None) -> Address:
    """Where a server listens. Raises RuntimeError where it does not, or not any more."""
    if server is None or not server.sockets:
        raise RuntimeError("it does not listen")
    host, port = server.sockets[0].getsockname()[:2]
    return Address(host, port)


def cannot_listen(listen: Address, error: OSError) -> LineError:
    """What an error of the operating system means for a listener."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    remedy = f"See who has it with: ss -lntup sport = :{listen.port}; or listen at another address"
    return LineError(f"cannot be listened at ({reason})", place=str(listen), remedy=remedy)


Listen: TypeAlias = Annotated[Address, BeforeValidator(parse_address)]
Allow: TypeAlias = tuple[Annotated[Network, BeforeValidator(parse_network)], ...]
