"""From a line's settings to what its gate and each of its workers are told."""

from __future__ import annotations

from ivr.errors import ConfigError
from ivr.lines.sip.flow import Flow, Transport
from ivr.lines.sip.own import Own
from ivr.lines.sip.told import Account, WorkerSettings
from ivr.serving.sip import SipSettings

MOST_OF_WORKER = 60
"""Calls that one stack holds well, as measured of baresip-python 0.5.2a3."""


def own_of(
    settings: SipSettings, accounts: tuple[Account, ...], ports: dict[Transport, int], inside: str
) -> Own:
    """What the gate is told."""
    flows = [
        Flow(Transport(one.transport), one.registrar.host, one.registrar.port)
        for one in settings.registrations
    ]
    registrars = {f"{one.user}@{one.domain}": flow for one, flow in zip(accounts, flows, strict=True)}
    via = settings.dial_via
    dial = None if via is None else Flow(Transport.UDP, via.host, via.port)
    return Own(settings.sound_host, ports, inside, registrars, dial, frozenset(settings.codecs))


def shares_of(settings: SipSettings, inside: str, accounts: tuple[Account, ...]) -> list[WorkerSettings]:
    """What each worker is told: the UDP ports for sound are divided among them."""
    first, last = settings.sound_ports
    each = (last - first + 1) // settings.workers & ~1
    return [
        WorkerSettings(
            gate=inside,
            host=settings.sound_host,
            port=0,
            ports=(first + each * number, first + each * (number + 1) - 1),
            codecs=tuple(_CODECS[codec] for codec in settings.codecs),
            srtp=_SRTP[settings.srtp],
            silence=round(settings.silence_seconds),
            most=MOST_OF_WORKER + 8,
            accounts=accounts if number == 0 else (),
        )
        for number in range(settings.workers)
    ]


def accounts_of(settings: SipSettings) -> tuple[Account, ...]:
    """Where the first worker registers. Raises ConfigError when a password cannot be read."""
    found = []
    for one in settings.registrations:
        password = ""
        if one.password_file is not None:
            try:
                password = one.password_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                remedy = "Write the password of the account, and nothing else, into it"
                place = str(one.password_file)
                raise ConfigError(f"cannot be read ({error})", place=place, remedy=remedy) from None
        domain = one.domain or str(one.registrar)
        found.append(Account(one.user, domain, one.auth_user, password, one.expires))
    return tuple(found)


_CODECS = {"opus": "opus/48000/2", "g722": "G722/16000/1", "pcmu": "PCMU/8000/1", "pcma": "PCMA/8000/1"}
_SRTP = {"no": "", "optional": "srtp", "required": "srtp-mand"}
