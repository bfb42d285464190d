"""What reaches the dialog machine, one frozen dataclass each."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from ivr.events.actions import Alert, CallBackAsked, FollowUp, HandOff, SwitchLanguage, Transfer
from ivr.handover import Unreached
from ivr.meaning import Hypothesis, Match, Mood, SlotValue


@dataclass(frozen=True, slots=True)
class Answered:
    """The call was answered. `when` carries a time zone; `caller` and `called` are numbers or ""."""

    when: datetime
    caller: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance: its readings, best first, where it lay in the call, and what it cost to recognize.

    started, ended  first and last speech sample, seconds since answer
    recognize       seconds of wall-clock time between the end of speech and the reading
    loudness        level of the speech in dB relative to full scale, None where it was not measured
    """

    hypotheses: tuple[Hypothesis, ...]
    started: float
    ended: float
    engine: str
    recognize: float = 0.0
    loudness: float | None = None

    @property
    def text(self) -> str:
        """The best reading, "" when nothing was recognized."""
        return self.hypotheses[0].text if self.hypotheses else ""

    @property
    def confidence(self) -> float:
        """Confidence of the best reading."""
        return self.hypotheses[0].confidence if self.hypotheses else 0.0


@dataclass(frozen=True, slots=True)
class Understood:
    """What an utterance was taken to mean, best first; no matches means it fits nothing.

    over  it began while the desk was speaking
    """

    heard: Heard
    matches: tuple[Match, ...]
    mood: Mood = Mood.CALM
    over: bool = False


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One telephone key: 0-9, ``*``, ``#`` or A-D."""

    key: str


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller said nothing for the time the desk was willing to wait."""

    waited: float


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller left."""


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The call reached a limit of its desk (`what` names it: "seconds", "turns")."""

    what: str


class LookupResult(enum.StrEnum):
    """What became of a lookup."""

    FOUND = "found"
    NONE = "none"
    FAILED = "failed"
    ASK = "ask"
    """A customer file needs one more fact of the caller: the only value of the only row names it."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A lookup has an answer.

    rows    what is kept of each row; a value is named as the desk names it
    detail  why it failed, without secrets, or where the answer is from
    """

    lookup: str
    result: LookupResult
    rows: tuple[tuple[SlotValue, ...], ...] = ()
    seconds: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """A transfer was refused, the queue cannot take what it was given, or the desk of another language does
    not open; `detail` is for the record.

    why  of a transfer: what the caller should know
    """

    what: Transfer | HandOff | Alert | CallBackAsked | FollowUp | SwitchLanguage
    detail: str
    why: Unreached = Unreached.FAILED


@dataclass(frozen=True, slots=True)
class LanguageSwitched:
    """From now on the call is held in another language: its prompts, its phrases, its recognizer.

    language    BCP 47 tag of the desk that goes on with it
    desk        its name
    recognizer  "" where none of the language is installed: then the caller is not understood, and `detail`
                says why; of a typed call too, which needs none
    heard       whether words are understood
    """

    language: str
    desk: str
    recognizer: str = ""
    heard: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HoldBegun:
    """The caller, handed off, holds the line until a person is free."""


@dataclass(frozen=True, slots=True)
class HoldNews:
    """Time to tell the caller on hold where they are in the line.

    position  from 1
    wait      estimated seconds, None when they cannot be estimated
    """

    position: int
    wait: float | None


@dataclass(frozen=True, slots=True)
class HoldDelayed:
    """The caller on hold waits longer than a caller should."""


@dataclass(frozen=True, slots=True)
class HoldReturned:
    """The person who spoke with the caller was lost; the caller holds the line again, first of all."""


@dataclass(frozen=True, slots=True)
class PersonDone:
    """The person who spoke with the caller has ended the conversation; the caller is still on the line."""

    name: str


@dataclass(frozen=True, slots=True)
class HoldRefused:
    """Nobody can come: the queue is full or closed."""


Input: TypeAlias = (
    Answered
    | Understood
    | KeyPressed
    | NoInput
    | HungUp
    | LimitReached
    | LookedUp
    | LanguageSwitched
    | ActionFailed
    | HoldBegun
    | HoldNews
    | HoldDelayed
    | HoldReturned
    | HoldRefused
    | PersonDone
)
