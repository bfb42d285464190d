"""What the distributor is told: everything that callers, operators and supervisors do, one dataclass each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Entered:
    """A handoff wants a person. One that is known already: the caller is on the line again.

    arrived  when they entered the queue first, in the seconds of `now`; it may lie before it, after a restart
    number   where to call back, "" when that is not known; None while the caller is on the line
    returned, attempts, not_before  as they were before a restart
    """

    handoff: int
    queue: str
    priority: int
    arrived: float
    skills: frozenset[str] = frozenset()
    number: str | None = None
    returned: bool = False
    attempts: int = 0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """The caller hung up, waiting or talking."""

    handoff: int


@dataclass(frozen=True, slots=True)
class CallBackWanted:
    """The caller wants to be called back at `number`, and hangs up; the place in the line is kept."""

    handoff: int
    number: str


@dataclass(frozen=True, slots=True)
class SignedOn:
    """An operator is there, away at first. Again: other queues or skills from now on.

    queues  which they serve; None for all
    skills  what they can; None for everything
    """

    operator: str
    queues: frozenset[str] | None = None
    skills: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The operator takes callers from now on; also ends wrapping up."""

    operator: str


@dataclass(frozen=True, slots=True)
class Away:
    """The operator takes no more callers, after the present one."""

    operator: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The operator signed off, or their browser is lost: their caller is first in line again."""

    operator: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The operator takes the offer."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class Declined:
    """The operator does not take the offer; the next is rung."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A supervisor, or an operator from the list, takes a waiting caller without an offer."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over: the operator hung up, or passed the caller on, as `note` says."""

    operator: str
    handoff: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The operator passes their caller on to a queue: the caller waits there, as early as they arrived."""

    operator: str
    handoff: int
    queue: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The operator of a conversation asks a colleague into it; with `hand_over`, to have it instead."""

    operator: str
    handoff: int
    colleague: str
    hand_over: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """One of several operators leaves a conversation; if it was the first's, a colleague goes on with it."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A supervisor takes a conversation over; its operator is free."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class Reached:
    """Whoever was called back has answered."""

    handoff: int


@dataclass(frozen=True, slots=True)
class NotReached:
    """A call-back that nobody answered, or that could not be dialled."""

    operator: str
    handoff: int


@dataclass(frozen=True, slots=True)
class WrappedUp:
    """The operator has written up the call."""

    operator: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A supervisor puts a waiting handoff into another queue, or gives it another priority."""

    handoff: int
    queue: str
    priority: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The handoff is settled elsewhere: it leaves the line, or its conversation, without a word."""

    handoff: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The queue's hours begin."""

    queue: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The queue's hours end: nobody new is taken, who waits is served."""

    queue: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Message: TypeAlias = (
    Entered
    | CallerLeft
    | CallBackWanted
    | SignedOn
    | Ready
    | Away
    | Gone
    | Accepted
    | Declined
    | Taken
    | Ended
    | PassedOn
    | Asked
    | Left
    | TakenOver
    | Reached
    | NotReached
    | WrappedUp
    | Moved
    | Settled
    | Opened
    | Closed
    | Tick
)
