"""What a worker was told, in the words of its SIP stack."""

from __future__ import annotations

import ctypes
from typing import Any

from baresip import Account, Config, _native

from ivr.lines.sip import told
from ivr.lines.sip.offer import HELD
from ivr.lines.sip.pipe import Kind, Packet
from ivr.lines.sip.told import WorkerSettings

USER = "ivr"
INSIDE = "127.0.0.1"
"""Where the stack speaks SIP, with the gate alone."""


def settings_of(packet: Packet) -> WorkerSettings:
    """From the first packet. Raises ValueError when it is another one."""
    if packet.kind is not Kind.BEGIN:
        raise ValueError("the server did not begin with the settings")
    found: dict[str, Any] = packet.json()
    accounts = tuple(told.Account(**account) for account in found.pop("accounts"))
    lists: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in found.items()
    }
    return WorkerSettings(**lists, accounts=accounts)


def config_of(settings: WorkerSettings) -> Config:
    """For the stack. Its own sound jitter buffer evens out the network before we read."""
    lines = (
        f"sip_listen {INSIDE}:{settings.port}",
        "sip_transports udp",
        "sip_trans_def udp",
        f"rtp_ports {settings.ports[0]}-{settings.ports[1]}",
        "opus_inbandfec yes",
        "audio_telev_pt 101",
        "audio_jitter_buffer_type fixed",
        "audio_jitter_buffer_ms 20-160",
        "audio_jitter_buffer_size 50",
    )
    return Config(
        # It listens nowhere but at the addresses it is told of here.
        net_interface=INSIDE,
        max_concurrent_calls=settings.most,
        rtp_timeout=settings.silence,
        expose_headers=(HELD,),
        extra_config_text="\n".join(lines),
    )


_Seen = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p)


def know_addresses() -> None:
    """Tell the stack, once it runs, all addresses of this machine; it goes on listening at `INSIDE` alone.

    A call is refused (500, "no laddr") when the telephone's sound is at an address that is not reached from
    one the stack knows, and the settings can name only one, of which SIP is then served as well. So they are
    told to the library under the wrapper: its lists of addresses (libre's net_if_apply, baresip's
    net_add_address_ifname, which leaves out what it has). No call is there yet that could read them.
    """
    library = ctypes.CDLL(_native.__file__)
    library.baresip_network.restype = ctypes.c_void_p
    library.net_add_address_ifname.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
    library.net_if_apply.argtypes = (_Seen, ctypes.c_void_p)
    network = library.baresip_network()

    def seen(name: bytes, address: int, _: int | None) -> bool:
        library.net_add_address_ifname(network, address, name)
        return False  # and the next one

    library.net_if_apply(_Seen(seen), None)


def account_of(settings: WorkerSettings) -> Account:
    """Who answers."""
    return Account(
        user=USER,
        domain=settings.host,
        password="",
        registrar=f"sip:{settings.gate}",
        reg_interval=0,
        audio_codecs=settings.codecs,
        extra_params=("catchall=yes", *_media(settings)),
    )


def registered(settings: WorkerSettings, account: told.Account) -> Account:
    """Who registers: through the gate, which puts our own address in."""
    return Account(
        user=account.user,
        domain=account.domain,
        password=account.password,
        auth_user=account.auth_user or None,
        registrar=f"sip:{settings.gate}",
        reg_interval=account.expires,
        audio_codecs=settings.codecs,
        extra_params=_media(settings),
    )


def _media(settings: WorkerSettings) -> tuple[str, ...]:
    return (f"mediaenc={settings.srtp}",) if settings.srtp else ()
