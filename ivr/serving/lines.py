"""One line of ``ivr serve`` as it is written in the settings: ``[[lines]]`` with its ``kind``."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.media.pcm import NARROWBAND
from ivr.serving.address import Address, Allow, Listen
from ivr.serving.mistake import Mistake


def number_key(number: str) -> str:
    """A telephone number as it is compared: without spaces, dots, dashes, brackets; letters small."""
    return "".join(character for character in number if character not in " \t.-/()").lower()


class LineSettings(BaseModel):
    """What every line has.

    desks         desk by called number; a desk is a name under grammars/, a folder, or a YAML file
    default_desk  the desk of all other numbers; without it they are refused
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    needs_allow: ClassVar[bool] = False
    """Whether the protocol knows no password, so that a line others can reach needs a list of addresses."""

    kind: str
    name: str = Field(default="", description="what the logs call it", pattern=r"^[A-Za-z0-9._-]{0,32}$")
    listen: Listen
    public: bool = Field(default=False, description="whether other machines may reach it")
    allow: Allow = Field(default=(), description="addresses that calls may come from")
    desks: dict[str, str] = Field(default_factory=dict)
    default_desk: str | None = None
    max_calls: int = Field(default=50, ge=1, le=10_000, description="calls of this line at once")
    record: bool = Field(default=False, description="whether the sound of its calls is kept")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.desks and self.default_desk is None:
            raise Mistake("the line has no desk", 'Add default_desk = "company"')
        refuse_public(self.listen, public=self.public)
        if self.public and self.needs_allow and not self.allow:
            raise Mistake(
                "anybody who reaches it could call, because the protocol knows no password",
                'Add allow = ["192.0.2.10"] with the address of your PBX',
            )
        return self

    @property
    def label(self) -> str:
        """How logs and health call the line: its name, or its kind."""
        return self.name or self.kind

    def desk_for(self, called: str) -> str | None:
        """The desk that answers calls to the number `called`; None refuses them."""
        wanted = number_key(called)
        return next(
            (desk for number, desk in self.desks.items() if number_key(number) == wanted), self.default_desk
        )

    @property
    def rates(self) -> tuple[int, ...]:
        """Samples a second that its calls usually have: for these, prompts are made before the first call."""
        return (NARROWBAND,)

    def all_desks(self) -> tuple[str, ...]:
        """Every desk that may be asked for."""
        return (*self.desks.values(), *(() if self.default_desk is None else (self.default_desk,)))


def refuse_public(listen: Address, *, public: bool) -> None:
    """Raises Mistake where others could reach us and nobody said that they may."""
    if not public and not listen.loopback:
        raise Mistake(
            f"other machines could reach {listen}", "Listen at 127.0.0.1, or add public = true if they may"
        )


class AudioSocketSettings(LineSettings):
    """Asterisk's AudioSocket.

    require_uuid   only calls whose UUID was announced over HTTP are answered
    idle_seconds   a connection without a whole frame for so long is dropped
    """

    needs_allow: ClassVar[bool] = True

    kind: Literal["audiosocket"] = "audiosocket"
    require_uuid: bool = True
    uuid_seconds: float = Field(
        default=60.0, ge=1, le=3600, description="how long an announced UUID is valid"
    )
    idle_seconds: float = Field(default=10.0, ge=0.1, le=600)
