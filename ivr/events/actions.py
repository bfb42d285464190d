"""What leaves the dialog machine, one frozen dataclass each: the call carries it out and records it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from ivr.handover import FollowUpRequest, HandoffRequest, Route
from ivr.meaning import Expect, SlotValue


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


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said: at the voice's own tempo, or one or two steps `slower`; 6 dB `louder`."""

    slower: int = 0
    louder: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Speak. Actions that follow wait until it has been heard.

    name     the prompt's name ("greeting", "intents.billing.answer.1"); a recording of that name in the
             desk's prompts folder is played instead of the synthesized text
    barge_in whether the caller's speech or a key stops it
    counted  it is a rhythm to work by: it goes on under the caller's voice, and only words that mean
             something here stop it
    """

    name: str
    text: str
    barge_in: bool = True
    counted: bool = False
    manner: Manner = Manner()


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
    stays       the desk never ends the call: whoever comes, however late, takes it over
    """

    request: HandoffRequest
    interrupts: bool = False
    stays: bool = False


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
