"""A SIP line as it is written in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.media.pcm import NARROWBAND, WIDEBAND
from ivr.serving.address import Listen
from ivr.serving.lines import LineSettings, refuse_public
from ivr.serving.mistake import Mistake

_WIDE = ("opus", "g722")


class Registration(BaseModel):
    """One account at a PBX or provider.

    registrar      its address
    domain         of the account, where it is not the registrar's address
    user           the account; calls to it arrive on this line, its name is the called number
    auth_user      the name for the password, where it is another one
    password_file  holds the password and nothing else
    expires        seconds for which we register; renewed in time
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    registrar: Listen
    transport: Literal["udp", "tcp", "tls"] = "udp"
    domain: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]*$")
    user: str = Field(pattern=r"^[A-Za-z0-9._+-]{1,64}$")
    auth_user: str = Field(default="", pattern=r"^[A-Za-z0-9._+@-]{0,64}$")
    password_file: Path | None = None
    expires: int = Field(default=300, ge=30, le=86_400)


class SipSettings(LineSettings):
    """SIP: softphones, a PBX, a trunk.

    transports       how SIP travels; TCP at the port of UDP, TLS at the next one or at tls_listen
    certificate, key PEM files for TLS
    registrations    where we tell that we are here: a PBX, a provider
    media_address    the address that telephones send sound to: of this machine, or of the router before it
    sound_ports      UDP ports for sound, first and last
    codecs           those that are offered, the preferred one first
    srtp             whether sound is encrypted
    workers          processes that carry the sound; each holds up to 60 calls
    silence_seconds  a call from whose telephone no sound came for so long is ended; 0: never
    dial_via         the PBX or trunk where we call people that a caller is joined with; none: we never dial
    transfer_host    where callers are transferred to; else the PBX or telephone they come from
    """

    needs_allow: ClassVar[bool] = True

    kind: Literal["sip"] = "sip"
    transports: tuple[Literal["udp", "tcp", "tls"], ...] = Field(default=("udp", "tcp"), min_length=1)
    tls_listen: Listen | None = None
    certificate: Path | None = None
    key: Path | None = None
    registrations: tuple[Registration, ...] = ()
    media_address: str = Field(default="", pattern=r"^[0-9A-Fa-f.:]*$")
    sound_ports: tuple[int, int] = (16_384, 20_383)
    codecs: tuple[Literal["opus", "g722", "pcmu", "pcma"], ...] = Field(
        default=("opus", "g722", "pcmu", "pcma"), min_length=1
    )
    srtp: Literal["no", "optional", "required"] = "no"
    workers: int = Field(default=2, ge=1, le=32)
    silence_seconds: float = Field(default=30.0, ge=0, le=3600)
    dial_via: Listen | None = None
    transfer_host: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]*$")

    @model_validator(mode="after")
    def _fits_sip(self) -> Self:
        if not self.media_address and self.listen.host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            raise Mistake(
                f"no telephone can send its sound to {self.listen.host}",
                'Add media_address = "192.0.2.10", the address at which telephones reach this machine',
            )
        if "tls" in self.transports and self.certificate is None:
            raise Mistake("TLS needs a certificate", 'Add certificate = "sip.pem" and key = "sip.key"')
        if self.tls_listen is not None:
            refuse_public(self.tls_listen, public=self.public)
        first, last = self.sound_ports
        if not 1024 <= first < last <= 65_535 or last - first + 1 < 4 * self.workers:
            raise Mistake(
                f"{first} to {last} are no UDP ports for sound", "Write sound_ports = [16384, 20383]"
            )
        return self

    @property
    def rates(self) -> tuple[int, ...]:
        """Wideband for Opus and G.722."""
        return tuple(sorted({WIDEBAND if codec in _WIDE else NARROWBAND for codec in self.codecs}))

    @property
    def sound_host(self) -> str:
        """The address that telephones are told."""
        return self.media_address or self.listen.host
