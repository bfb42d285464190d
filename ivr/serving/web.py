"""Lines that come over WebSocket, as they are written in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ivr.media.pcm import WIDEBAND
from ivr.serving.lines import LineSettings
from ivr.serving.mistake import Mistake


class WebSocketSettings(LineSettings):
    """What they share.

    certificate, key  PEM files: it speaks TLS itself; else a reverse proxy in front of it does
    idle_seconds      a call from which no whole message came for so long is dropped
    """

    certificate: Path | None = None
    key: Path | None = None
    idle_seconds: float = Field(default=10.0, ge=0.1, le=600)

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise Mistake("certificate and key go together", "Give both, or none")
        return self


class MediaStreamSettings(WebSocketSettings):
    """The message format that Twilio calls Media Streams.

    path        where calls come in; ``path/voice`` answers the provider's question what to do with a call
    url         the same as the provider sees it, through a reverse proxy: it is part of what is signed
    token_file  holds the account's token and nothing else; with it every request must be signed
    """

    kind: Literal["media-stream"] = "media-stream"
    path: str = Field(default="/media-stream", pattern=r"^(/[A-Za-z0-9._~-]+)+$")
    url: str = Field(default="", pattern=r"^(wss?://[A-Za-z0-9.:_\[\]-]+(/[A-Za-z0-9._~/-]*)?)?$")
    token_file: Path | None = None

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.token_file is not None and not self.url:
            raise Mistake(
                "a signature holds the URL that the provider calls",
                f'Add url = "wss://desk.example{self.path}"',
            )
        if self.public and self.token_file is None and not self.allow:
            raise Mistake(
                "anybody who reaches it could call, because nothing is signed",
                'Add token_file = "provider.token" and url, or allow = ["192.0.2.10"]',
            )
        return self


class BrowserSettings(WebSocketSettings):
    """A web page that calls.

    origins  addresses of the page as browsers see it, where that is not `listen`: through a reverse proxy
    """

    kind: Literal["browser"] = "browser"
    origins: tuple[Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:_\[\]-]+$")], ...] = ()

    @model_validator(mode="after")
    def _may_use_the_microphone(self) -> Self:
        if self.public and self.certificate is None:
            raise Mistake(
                "browsers lend the microphone only to pages that come over HTTPS",
                "Add certificate and key; or listen at 127.0.0.1 behind a reverse proxy, named in origins",
            )
        return self

    @property
    def rates(self) -> tuple[int, ...]:
        """The page sends and plays wideband."""
        return (WIDEBAND,)
