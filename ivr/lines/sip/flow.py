"""Where SIP messages come from and go to, and how often they may."""

from __future__ import annotations

import enum
from collections import OrderedDict
from dataclasses import dataclass


class Transport(enum.StrEnum):
    """How SIP travels."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Flow:
    """The other end of a message. `connection` names the connection of TCP and TLS, 0 for UDP."""

    transport: Transport
    host: str
    port: int
    connection: int = 0


@dataclass(frozen=True, slots=True)
class ToPeer:
    """To a telephone, a PBX, a trunk.

    again  where a new connection is opened when that of `flow` is gone; None: then the message is lost
    """

    flow: Flow
    data: bytes
    again: Flow | None = None


@dataclass(frozen=True, slots=True)
class ToWorker:
    """To a worker process, by its number."""

    worker: int
    data: bytes


class Rates:
    """Token buckets, one a key, at most `most` of them: the one unused longest goes."""

    def __init__(self, rate: float, burst: float, most: int = 10_000) -> None:
        self._rate, self._burst, self._most = rate, burst, most
        self._left: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, key: object, now: float) -> bool:
        """Whether one more is within the rate."""
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        fits = left >= 1.0
        self._left[key] = (left - 1.0 if fits else left, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return fits
