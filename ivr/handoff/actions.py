"""What the distributor wants done, one dataclass each, in the order in which it must be done."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias


class Why(enum.StrEnum):
    """Why something was taken back or refused."""

    NO_ANSWER = "no answer"
    DECLINED = "declined"
    TAKEN = "taken by another"
    CALLER_LEFT = "the caller left"
    OPERATOR_GONE = "the operator is gone"
    MOVED = "moved"
    FULL = "the queue is full"
    CLOSED = "the queue is closed"
    NOT_REACHED = "not reached"
    TOO_LATE = "no longer on offer"
    NOT_FREE = "is not free"


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring the operator until `until`."""

    operator: str
    handoff: int
    until: float


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Stop ringing the operator."""

    operator: str
    handoff: int
    why: Why


@dataclass(frozen=True, slots=True)
class Connect:
    """Bring operator and caller together."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class CallBack:
    """Dial `number` for the operator; `attempt` counts from 1."""

    operator: str
    handoff: int
    number: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Reached:
    """Whoever was called back talks with the operator."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class TellPosition:
    """Tell the waiting caller: position counts from 1; `wait` in seconds, None when nobody is at work."""

    handoff: int
    position: int
    wait: float | None


@dataclass(frozen=True, slots=True)
class TellDelay:
    """Tell the caller, once, that it takes longer, and offer to call back."""

    handoff: int
    waited: float


@dataclass(frozen=True, slots=True)
class TellReturned:
    """The operator was lost, the caller is first in line again: tell them that it takes a moment."""

    handoff: int


@dataclass(frozen=True, slots=True)
class Overflow:
    """The handoff is in another queue now."""

    handoff: int
    from_queue: str
    to_queue: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """The caller cannot wait here: offer to call back, or a message. The handoff is not in the line."""

    handoff: int
    why: Why


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The caller left before anybody spoke to them, after `waited` seconds."""

    handoff: int
    waited: float


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The call-back was not answered; it is tried again at `at`, in its old place."""

    handoff: int
    attempt: int
    at: float


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The caller could not be reached in `attempts` call-backs."""

    handoff: int
    attempts: int


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """Operator and caller have parted after `seconds`."""

    operator: str
    handoff: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The operator has passed the caller on to `queue`, where they wait."""

    operator: str
    handoff: int
    queue: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ring a colleague until `until`: `by` wants them in the conversation."""

    operator: str
    handoff: int
    by: str
    until: float


@dataclass(frozen=True, slots=True)
class AskEnded:
    """Stop ringing the colleague; `by` is told why."""

    operator: str
    handoff: int
    by: str
    why: Why


@dataclass(frozen=True, slots=True)
class Join:
    """Bring a colleague into the conversation."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class GuestLeft:
    """A colleague is no longer in the conversation, which goes on."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The conversation is `operator`'s from now on; `before` has left it."""

    operator: str
    handoff: int
    before: str


@dataclass(frozen=True, slots=True)
class WrapUp:
    """The operator writes up `handoff`, until `until` at the longest; None: as long as they like."""

    operator: str
    handoff: int
    until: float | None


@dataclass(frozen=True, slots=True)
class SetAway:
    """The operator let too many offers ring and gets no more until they say they are ready."""

    operator: str


@dataclass(frozen=True, slots=True)
class TooLate:
    """What the operator wanted is not to be had any more."""

    operator: str
    handoff: int
    why: Why


Action: TypeAlias = (
    Offer
    | Withdraw
    | Connect
    | CallBack
    | Reached
    | TellPosition
    | TellDelay
    | TellReturned
    | Overflow
    | Refuse
    | Abandoned
    | Rescheduled
    | GivenUp
    | TalkEnded
    | PassedOn
    | Ask
    | AskEnded
    | Join
    | GuestLeft
    | HandedOver
    | WrapUp
    | SetAway
    | TooLate
)
