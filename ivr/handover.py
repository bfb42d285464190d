"""What a call gives to people: where it can be passed, what was said in it, what they are asked to do.

All types are frozen. They travel between dialog, queue and records, which never import each other.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from ivr.meaning import SlotValue


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call can be passed: a department or person of the desk."""

    name: str
    label: str
    queue: str = ""
    extension: str = ""
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a transcript. `who` is "caller" or "desk"; `confidence` is 1.0 for the desk."""

    who: str
    text: str
    at: float
    confidence: float = 1.0


def cut_off(said: str) -> str:
    """The text of a prompt in a transcript when the caller interrupted it after the words `said`."""
    return f"{said} ...".strip()


class Unreached(enum.StrEnum):
    """Why somebody a caller was passed to could not be reached, as the caller is told."""

    FAILED = "failed"
    BUSY = "busy"
    DECLINED = "declined"
    NO_ANSWER = "no answer"


class Reason(enum.StrEnum):
    """Why a call was handed to a person."""

    ASKED = "caller asked for a person"
    NOT_UNDERSTOOD = "not understood"
    NO_INPUT = "caller not heard"
    DESK_RULE = "desk rule"
    EMERGENCY = "emergency"
    TROUBLE = "technical trouble"


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """Everything a person needs to go on with a call. Times of day are ISO 8601 with offset.

    waited    seconds the caller had been on the line when the request was made
    priority  0 is the most urgent (emergency), 5 the usual
    identity  who the caller was verified to be, "" when nobody asked
    mood      how the caller sounds, in a word or two, "" where nothing was noticed
    """

    call_id: str
    desk: str
    queue: str
    caller: str
    want: str
    reason: Reason
    entered: str
    waited: float
    transcript: tuple[Turn, ...] = ()
    slots: tuple[SlotValue, ...] = ()
    skills: tuple[str, ...] = ()
    priority: int = 5
    tried: tuple[str, ...] = field(default=())
    identity: str = ""
    mood: str = ""


class FollowUpKind(enum.StrEnum):
    """What somebody still has to do for a caller."""

    MESSAGE = "message"
    """Pass it on to its addressee."""
    TICKET = "ticket"
    APPOINTMENT = "appointment"
    CALL_BACK = "call-back"


@dataclass(frozen=True, slots=True)
class FollowUpRequest:
    """What is to be done for a caller after the call. Times are ISO 8601 with offset.

    what       one sentence for whoever does it
    contact    where the caller can be reached for it: a number, "" for none
    addressee  whom it is for, as the caller named them; "" for anybody of the queue
    made       when it was promised
    due        until when, "" for no promise of a time
    """

    call_id: str
    desk: str
    queue: str
    kind: FollowUpKind
    what: str
    made: str
    due: str = ""
    caller: str = ""
    contact: str = ""
    addressee: str = ""
    slots: tuple[SlotValue, ...] = ()
