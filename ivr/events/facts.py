"""What is only recorded of a call, one frozen dataclass each."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from ivr.events.actions import Outcome
from ivr.events.inputs import Heard
from ivr.meaning import Mood


@dataclass(frozen=True, slots=True)
class CallStarted:
    """First event of every log."""

    call_id: str
    desk: str
    line: str
    language: str
    recognizer: str
    voice: str
    when: datetime


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak; `at` is the first speech sample."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The end of an utterance was decided `silence` seconds after its last speech sample `at`."""

    at: float
    silence: float


@dataclass(frozen=True, slots=True)
class PromptStarted:
    """The first sample of a prompt went out. `wait` is the caller's wait since the end of their speech."""

    name: str
    text: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """A prompt ended; `heard` seconds of it were played, all unless `interrupted`: then up to `said`."""

    name: str
    heard: float
    interrupted: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class MoodNoticed:
    """The caller sounds otherwise than before; `signs` of it in what was said last."""

    mood: Mood
    signs: tuple[str, ...]


class Resumption(enum.StrEnum):
    """Why a paused prompt goes on."""

    NOTHING = "no speech"
    NOISE = "no words"
    BACKCHANNEL = "backchannel"
    UNKNOWN = "fits nothing"


@dataclass(frozen=True, slots=True)
class PromptPaused:
    """The caller's voice silenced a prompt after `heard` seconds of it; what they say decides about it."""

    name: str
    heard: float


@dataclass(frozen=True, slots=True)
class PromptResumed:
    """A paused prompt goes on from `heard` seconds: what was heard did not mean to interrupt it."""

    name: str
    heard: float
    why: Resumption


@dataclass(frozen=True, slots=True)
class Backchannel:
    """The caller said something over a prompt that does not end it.

    why  "uh-huh" and the like, a word or two that fit nothing, or no words that anybody could read
    """

    heard: Heard
    why: Resumption


@dataclass(frozen=True, slots=True)
class Transferred:
    """The line answered a transfer."""

    route: str
    accepted: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BridgeEnded:
    """The conversation of the caller with somebody we had called is over after `seconds`.

    by_caller  whether the caller hung up, not the other side
    """

    route: str
    seconds: float
    by_caller: bool


@dataclass(frozen=True, slots=True)
class PersonJoined:
    """A person speaks with the caller from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """The person does no longer speak with the caller."""

    name: str


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The queue has the call durably, as number `handoff_id`."""

    handoff_id: int
    queue: str


@dataclass(frozen=True, slots=True)
class FollowUpKept:
    """What was promised to the caller is kept durably, as number `follow_up_id`."""

    follow_up_id: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed and was survived; `where` names the part, `what` the error, without secrets."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """Last event of every log that was closed properly."""

    outcome: Outcome
    detail: str
    seconds: float


Fact: TypeAlias = (
    CallStarted
    | SpeechStarted
    | SpeechEnded
    | PromptStarted
    | PromptEnded
    | PromptPaused
    | PromptResumed
    | Backchannel
    | MoodNoticed
    | Transferred
    | BridgeEnded
    | HandedOff
    | FollowUpKept
    | PersonJoined
    | PersonLeft
    | Trouble
    | CallEnded
)
