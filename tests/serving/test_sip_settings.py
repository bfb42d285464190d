"""SIP lines in the settings file: what is refused, with the place and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import ConfigError
from ivr.serving.settings import load_serving
from ivr.serving.sip import SipSettings

LINE = '[[lines]]\nkind = "sip"\nlisten = "127.0.0.1:5060"\ndefault_desk = "company"\n'


def read(folder: Path, more: str, line: str = LINE) -> SipSettings:
    (folder / "ivr.toml").write_text(line + more)
    (found,) = load_serving(folder / "ivr.toml").lines
    assert isinstance(found, SipSettings)
    return found


def test_the_plain_line(tmp_path: Path) -> None:
    line = read(tmp_path, "")
    assert (line.transports, line.srtp, line.workers, line.sound_host) == (
        ("udp", "tcp"),
        "no",
        2,
        "127.0.0.1",
    )


def test_all_of_it(tmp_path: Path) -> None:
    line = read(
        tmp_path,
        'transports = ["udp", "tls"]\ncertificate = "a"\nkey = "b"\nsrtp = "required"\ncodecs = ["pcma"]\n'
        'media_address = "203.0.113.7"\ndial_via = "192.0.2.10:5060"\n'
        '[[lines.registrations]]\nregistrar = "192.0.2.10:5060"\nuser = "300"\n',
    )
    assert line.sound_host == "203.0.113.7" and str(line.dial_via) == "192.0.2.10:5060"
    assert line.registrations[0].expires == 300


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('transports = ["tls"]', "TLS needs a certificate"),
        ("sound_ports = [20000, 19000]", "no UDP ports for sound"),
        ("sound_ports = [20000, 20004]", "no UDP ports for sound"),
        ('codecs = ["g729"]', "codecs"),
        ("codecs = []", "codecs"),
        ('srtp = "maybe"', "srtp"),
        ("workers = 0", "0 is too small. Give 1 or more"),
        ('[[lines.registrations]]\nregistrar = "pbx.example.com:5060"\nuser = "3"', "has no IP address"),
        ('[[lines.registrations]]\nregistrar = "192.0.2.1:5060"\nuser = "3;x=1"', "registrations.0.user"),
        ('tls_listen = "0.0.0.0:5061"', "other machines could reach 0.0.0.0:5061"),
        ("silence = 3", "Did you mean silence_seconds?"),
    ],
)
def test_mistakes(tmp_path: Path, more: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, more)
    assert says in str(caught.value) and "lines[1]" in str(caught.value)


@pytest.mark.parametrize(
    ("listen", "says"),
    [
        ('listen = "192.0.2.5:5060"', "Listen at 127.0.0.1, or add public = true"),
        ('listen = "192.0.2.5:5060"\npublic = true', "anybody who reaches it could call"),
        (
            'listen = "0.0.0.0:5060"\npublic = true\nallow = ["192.0.2.1"]',
            "no telephone can send its sound to 0.0.0.0",
        ),
    ],
)
def test_who_may_reach_it(tmp_path: Path, listen: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "", f'[[lines]]\nkind = "sip"\n{listen}\ndefault_desk = "company"\n')
    assert says in str(caught.value)
