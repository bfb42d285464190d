"""The sections ``[[webhooks]]``: other programs that are told what happens to callers who want a person."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.serving.mistake import Mistake


class WebhookSettings(BaseModel):
    """One program that is told.

    name         how `ivr queue webhooks` and the log call it
    url          where it takes POST requests; https, or http on this machine
    secret_file  holds the secret that both sides know, and nothing else
    events       what is told; all, if left out
    queues       whose callers; all, if left out
    attempts     how often it is tried before somebody must look; pauses double from 1 s to `longest_pause`
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="webhook", pattern=r"^[A-Za-z0-9._-]{1,32}$")
    url: str = Field(max_length=2_000)
    secret_file: Path
    events: tuple[
        Literal[
            "entered",
            "connected",
            "returned",
            "ended",
            "written-up",
            "dispatch",
            "follow-up.made",
            "follow-up.overdue",
            "follow-up.settled",
        ],
        ...,
    ] = ()
    queues: tuple[str, ...] = ()
    attempts: int = Field(default=10, ge=1, le=1_000)
    longest_pause: float = Field(default=300.0, ge=1, le=86_400)
    timeout: float = Field(default=10.0, ge=0.1, le=120)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            parts = urlsplit(self.url)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if not host or parts.scheme not in ("http", "https"):
            raise Mistake(f"{self.url!r} is no address", 'Write url = "https://crm.example.com/ivr"')
        if parts.scheme == "http" and not _of_this_machine(host):
            raise Mistake(
                "callers' numbers and words would cross the network in the clear", "Use https in the url"
            )
        return self


def _of_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
