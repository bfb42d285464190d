"""The call files in tests/calls/<desk>/: one whole call each, described in docs/calls.md.

A call file says what a caller says and does, with which voice and over which line, and what must have come of
it at the end. `audio.make_calls` renders the caller's side from it.
"""

from __future__ import annotations

import enum
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ivr.dialog.faults import faults
from ivr.dialog.source import read_yaml
from ivr.errors import DeskError, IvrError
from ivr.events import Outcome
from ivr.handover import FollowUpKind, Reason
from ivr.trials.rehearsed import Given

_FORMAT = "docs/calls.md describes the format"


class CallFileError(IvrError):
    """A call file that cannot be used; place is the file, the line and the key."""


class Engine(enum.StrEnum):
    """Who speaks for the caller."""

    HIBARI = "hibari"
    ESPEAK = "espeak"


class Coding(enum.StrEnum):
    """How the samples are stored in the WAV file."""

    ULAW = "ulaw"
    ALAW = "alaw"
    PCM8 = "pcm8"
    PCM16 = "pcm16"
    PCM24 = "pcm24"
    FLOAT = "float"


class Noise(enum.StrEnum):
    """What is heard beside the caller; all of it is made here, none is recorded."""

    NONE = "none"
    BABBLE = "babble"
    PINK = "pink"
    HUM = "hum"
    STREET = "street"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Voice(_Part):
    """A speaker.

    speed    tempo, 1.0 is the voice's own
    pitch    semitones above (below: negative) the voice's own
    tract    factor on all resonances: 0.85 a long vocal tract (a man), 1.15 a short one (a child)
    seed     of the voice's noise part
    variant  espeak only: its voice and variant, such as "en-us+m3"
    """

    engine: Engine = Engine.HIBARI
    speed: float = Field(default=1.0, ge=0.6, le=1.6)
    pitch: float = Field(default=0.0, ge=-14.0, le=8.0)
    tract: float = Field(default=1.0, ge=0.8, le=1.2)
    seed: int = 1
    variant: str = "en-us"


class LineSound(_Part):
    """What the line does to the sound.

    rate      samples a second in the file
    channels  2 writes the same sound twice, as some recorders do
    snr       dB of the active speech above the noise; needs `noise`
    level     RMS of the active speech in dB relative to full scale
    lead, tail  seconds before the first and after the last sound of the turn (noise goes on in them)
    """

    coding: Coding = Coding.ULAW
    rate: int = Field(default=8_000, ge=8_000, le=48_000)
    channels: int = Field(default=1, ge=1, le=2)
    noise: Noise = Noise.NONE
    snr: float = Field(default=20.0, ge=-5.0, le=60.0)
    level: float = Field(default=-20.0, ge=-50.0, le=-6.0)
    lead: float = Field(default=0.4, ge=0.0, le=10.0)
    tail: float = Field(default=0.4, ge=0.0, le=10.0)


Words = str | Annotated[tuple[str | float, ...], Field(min_length=1)]


class TurnText(_Part):
    """One thing the caller does: exactly one of `say`, `keys`, `silence`, `hang_up`.

    say      the words; a list mixes words with pauses in seconds
    spoken   the same for the voice alone, where its spelling must differ to be pronounced well
    keys     telephone keys pressed one after another
    silence  seconds in which nothing is said after the desk has finished speaking
    hang_up  the caller leaves
    if_asked the turn is left out unless what the desk said last contains this text; case and punctuation
             do not count
    audio    the WAV of this turn, relative to audio/calls/<desk>/
    after    only in a call with one long file: seconds of silence before this turn
    voice, line  what differs from the call's own
    """

    say: Words | None = None
    spoken: Words | None = None
    keys: str | None = Field(default=None, pattern=r"^[0-9*#A-D]+$")
    silence: float | None = Field(default=None, gt=0.0, le=60.0)
    hang_up: bool = False
    if_asked: str = ""
    audio: Path | None = None
    after: float = Field(default=0.0, ge=0.0, le=60.0)
    voice: dict[str, Any] = {}
    line: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [self.say is not None, self.keys is not None, self.silence is not None, self.hang_up]
        if sum(given) != 1:
            raise ValueError("a turn needs exactly one of say, keys, silence, hang_up")
        if self.spoken is not None and self.say is None:
            raise ValueError("spoken needs say")
        return self

    @field_validator("keys", mode="before")
    @classmethod
    def _quoted(cls, value: object) -> object:
        if isinstance(value, int):
            raise ValueError('write the keys in quotes, such as keys: "12#"')
        return value

    @property
    def text(self) -> str:
        """The words without the pauses, for text runs; "" when nothing is said."""
        if self.say is None or isinstance(self.say, str):
            return self.say or ""
        return " ".join(part for part in self.say if isinstance(part, str))


Promised = Literal["queue", "what", "due", "contact", "addressee"]


class Expected(_Part):
    """What must have come of the call.

    outcome    how it ended
    detail     routed: the route; handed off: the queue; otherwise the desk's own word, or left out
    reason     handed off: why
    heard      what the caller must have heard: each is part of a prompt, in this order; case and punctuation
               do not count
    slots      facts that must have been understood, in canonical form
    looked_up  lookups and what must have come of each: none, failed, or values of its (first) row
    promised   what is to be done after the call, by kind: some of its fields (docs/calls.md)
    max_turns  the most caller turns it may take
    """

    outcome: Outcome
    detail: str | None = None
    reason: Reason | None = None
    heard: tuple[str, ...] = ()
    slots: dict[str, str] = {}
    looked_up: dict[str, Literal["none", "failed"] | dict[str, str]] = {}
    promised: dict[FollowUpKind, dict[Promised, str]] = {}
    max_turns: int | None = Field(default=None, ge=0)


class CallFile(_Part):
    """One whole call.

    audio    the one long file of a call whose turns have no files of their own
    lookups  what other systems answer in this call; those that are not named are asked
    shown    whether it is one of the calls that a first look should see (`ivr demo`)
    """

    call: str = Field(pattern=r"^[a-z0-9-]+$")
    desk: str
    about: str
    at: datetime
    caller: str = ""
    audio: Path | None = None
    voice: Voice = Voice()
    line: LineSound = LineSound()
    lookups: dict[str, Given] = {}
    shown: bool = False
    turns: tuple[TurnText, ...] = Field(min_length=1)
    expect: Expected

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.at.tzinfo is None:
            raise ValueError("at needs an offset, such as 2026-11-24T10:15:00+01:00")
        for turn in self.turns:
            if self.audio is not None and (turn.audio is not None or turn.keys or turn.hang_up):
                raise ValueError(
                    "a call with one long file has only say and silence, without audio, in its turns"
                )
            self.voice_of(turn)
            self.line_of(turn)
        return self

    def voice_of(self, turn: TurnText) -> Voice:
        """The call's voice with what the turn changes."""
        return Voice.model_validate(self.voice.model_dump() | turn.voice)

    def line_of(self, turn: TurnText) -> LineSound:
        """The call's line with what the turn changes."""
        return LineSound.model_validate(self.line.model_dump() | turn.line)


def load_call(path: Path) -> CallFile:
    """Read one call file. Raises CallFileError naming the file, the line, the key and what is wrong."""
    try:
        source = read_yaml(path, str(path))
    except DeskError as error:
        raise CallFileError(error.what, place=error.place, remedy=_FORMAT) from None
    try:
        call = CallFile.model_validate(source.data)
    except ValidationError as error:
        found = faults(error, source, CallFile)  # what is misspelled is missing as well
        first = min(found, key=lambda problem: problem.what != "unknown key").error()
        raise CallFileError(first.what, place=first.place, remedy=f"{first.remedy}. {_FORMAT}") from None
    if call.call != path.stem:
        raise CallFileError(
            f"call is {call.call!r}", place=str(path), remedy="Give the call the name of its file"
        )
    return call


def load_calls(folder: Path) -> list[CallFile]:
    """All call files of one folder, by name."""
    return [load_call(path) for path in sorted(folder.glob("*.yaml"))]
