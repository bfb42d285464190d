"""Everything that happens in a call, one frozen dataclass each.

Three groups: *inputs* reach the dialog machine, *actions* leave it, *facts* are only recorded. Every one of
them is written to the call's event log as ``{"t": seconds since answer, "event": class name, ...fields}``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from ivr.meaning import (
    Expect,
    FollowUpRequest,
    HandoffRequest,
    Hypothesis,
    Match,
    Mood,
    Route,
    SlotValue,
    Unreached,
)


class Outcome(enum.StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    ROUTED = "routed"
    HANDED_OFF = "handed off"
    CALLED_BACK = "called back"
    ABANDONED = "abandoned"
    SCREENED_OUT = "screened out"
    FAILED = "failed"


class Decision(enum.StrEnum):
    """What the desk did with an utterance."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    OFFER = "offer two"
    REPROMPT = "reprompt"
    HAND_OFF = "hand off"


# --- inputs of the dialog machine -------------------------------------------------------------------


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
    """What an utterance was taken to mean, best first; no matches means it fits nothing."""

    heard: Heard
    matches: tuple[Match, ...]
    mood: Mood = Mood.CALM


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


# --- actions of the dialog machine ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. Actions that follow wait until it has been heard.

    name     the prompt's name ("greeting", "intents.billing.answer.1"); a recording of that name in the
             desk's prompts folder is played instead of the synthesized text
    barge_in whether the caller's speech or a key stops it
    """

    name: str
    text: str
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for the caller: what may be said, and for how many seconds of silence after the last prompt."""

    expect: Expect
    no_input_after: float


@dataclass(frozen=True, slots=True)
class Transfer:
    """Pass the call to `route`; the call ends as routed when the line accepts it.

    reason  what the caller wants, one sentence for whoever answers
    """

    route: Route
    slots: tuple[SlotValue, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask another system with these values; `LookedUp` answers, whatever happens."""

    lookup: str
    values: tuple[SlotValue, ...] = ()


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """Go on in another language, as another desk does; `LanguageSwitched` or `ActionFailed` answers.

    language  primary subtag: "en", "ko", "zh"
    desk      the file of the desk in that language
    """

    language: str
    desk: str


@dataclass(frozen=True, slots=True)
class HandOff:
    """Put the call into a queue for a person. The call fills in the transcript.

    hold  whether the caller may hold the line until somebody is free, where somebody is at work
    """

    request: HandoffRequest
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """Put the call into a queue at once while the desk goes on with it: a person may come at any time.

    Of a call that is in a queue it brings what that knows up to date.

    interrupts  nothing that was being said or done goes on
    """

    request: HandoffRequest
    interrupts: bool = False


@dataclass(frozen=True, slots=True)
class CallBackAsked:
    """The caller on hold wants to be called back at `number`, digits only, and will hang up."""

    number: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Keep that somebody has to do something for the caller after the call, before it is promised."""

    request: FollowUpRequest


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call after what was said last has been heard."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What the desk made of an utterance: recorded, nothing else happens."""

    decision: Decision
    about: str
    score: float


@dataclass(frozen=True, slots=True)
class SlotFilled:
    """A fact was accepted: recorded, nothing else happens."""

    slot: SlotValue


Action: TypeAlias = (
    Say
    | Listen
    | Transfer
    | LookUp
    | SwitchLanguage
    | HandOff
    | Alert
    | CallBackAsked
    | FollowUp
    | HangUp
    | Decided
    | SlotFilled
)


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


# --- facts that are only recorded -------------------------------------------------------------------


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

Event: TypeAlias = Input | Action | Fact
