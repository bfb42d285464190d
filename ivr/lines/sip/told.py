"""What a worker process is told. Apart from the worker, because the server has no need of the SIP stack."""

from __future__ import annotations

from dataclasses import dataclass, field

DIALLED = 1 << 31
"""Numbers from here on are given by the server, to those who are called; below, by the worker to callers."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where a worker registers; the password is in none of its texts."""

    user: str
    domain: str
    auth_user: str
    password: str = field(repr=False)
    expires: int = 300


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker is told.

    gate     host:port of the gate on loopback, where all SIP goes
    host     the address whose network carries the sound
    port     where the worker listens for the gate, on loopback
    codecs   as the stack names them, the preferred one first
    srtp     the stack's name of it, "" for none
    ports    first and last UDP port for sound
    silence  seconds without a packet of sound after which a call is dead
    most     calls at once
    accounts where it registers
    """

    gate: str
    host: str
    port: int
    ports: tuple[int, int]
    codecs: tuple[str, ...]
    srtp: str = ""
    silence: int = 30
    most: int = 60
    accounts: tuple[Account, ...] = ()
