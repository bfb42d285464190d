"""The sections ``[console]`` and ``[[queues]]``: where operators work, and the rules of their queues."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.hours import Hours, parse_closed, parse_open
from ivr.serving.address import Address, Allow, Listen
from ivr.serving.lines import refuse_public
from ivr.serving.mistake import Mistake


class ConsoleSettings(BaseModel):
    """Where browsers find the console.

    certificate, key  PEM files; with them the console speaks HTTPS
    proxies           addresses of a reverse proxy that speaks HTTPS in front of it
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: Listen = Address("127.0.0.1", 8090)
    public: bool = False
    certificate: Path | None = None
    key: Path | None = None
    proxies: Allow = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        refuse_public(self.listen, public=self.public)
        if (self.certificate is None) != (self.key is None):
            raise Mistake("certificate and key go together", "Give both, or none")
        if self.public and self.certificate is None and not self.proxies:
            raise Mistake(
                "passwords and callers' voices would cross the network in the clear",
                "Give certificate and key, or proxies = [...] with a reverse proxy that speaks HTTPS",
            )
        return self


class QueueStrategy(enum.StrEnum):
    """Which of the operators who could take a caller are rung."""

    LONGEST_IDLE = "longest-idle"
    RING_ALL = "ring-all"
    ROUND_ROBIN = "round-robin"
    FEWEST_CALLS = "fewest-calls"


class CallBackSettings(BaseModel):
    """How often a caller who wanted a call-back is tried, the seconds between, and whether we dial."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attempts: int = Field(default=3, ge=1, le=100)
    pause: float = Field(default=300.0, ge=0, le=7 * 86_400)
    dial: bool = True
    within: float = Field(default=7_200.0, ge=60, le=30 * 86_400)


class HoursSettings(BaseModel):
    """When a queue takes callers, written as in a desk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: str
    open: tuple[str, ...] = Field(min_length=1)
    closed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            self.hours()
        except (ZoneInfoNotFoundError, OSError):
            what = f"there is no time zone {self.timezone!r}"
            raise Mistake(what, 'Write one like timezone = "Europe/Paris"') from None
        except ValueError as error:
            raise Mistake(str(error), 'Write open = ["mon-fri 09:00-18:00"]') from None
        return self

    def hours(self) -> Hours:
        """As the floor asks them."""
        return Hours(
            ZoneInfo(self.timezone),
            tuple(parse_open(one) for one in self.open),
            tuple(parse_closed(one) for one in self.closed),
        )


class QueueSettings(BaseModel):
    """The rules of one queue; docs/queue.md explains them. Times are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    strategy: QueueStrategy = QueueStrategy.LONGEST_IDLE
    ring: float = Field(default=20.0, ge=1, le=600)
    wrap_up: float = Field(default=30.0, ge=0, le=3600)
    misses: int = Field(default=2, ge=1, le=100)
    longest_wait: float | None = Field(default=None, ge=1, le=86_400)
    most: int | None = Field(default=None, ge=0, le=100_000)
    overflow: str = ""
    first_news: float = Field(default=15.0, ge=1, le=3600)
    news: float = Field(default=45.0, ge=5, le=3600)
    usual_call: float = Field(default=180.0, ge=1, le=86_400)
    target: float = Field(default=0.8, ge=0, le=1)
    target_wait: float = Field(default=20.0, ge=0, le=86_400)
    call_back: CallBackSettings = CallBackSettings()
    whisper: bool = False
    hours: HoursSettings | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.overflow == self.name:
            raise Mistake("the queue would overflow into itself", "Name another queue, or leave it out")
        return self
