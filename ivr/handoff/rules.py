"""What a supervisor decides about a queue: whom it rings, how long, and what becomes of long waits."""

from __future__ import annotations

import enum
from dataclasses import dataclass

URGENT = 0
"""The priority of an emergency: it is never refused, and rings operators who are still wrapping up."""


class Strategy(enum.StrEnum):
    """Which of the operators who could take a caller are rung."""

    LONGEST_IDLE = "longest-idle"
    RING_ALL = "ring-all"
    ROUND_ROBIN = "round-robin"
    FEWEST_CALLS = "fewest-calls"


@dataclass(frozen=True, slots=True)
class CallBackRules:
    """How often a caller who wanted a call-back is tried, and the seconds between two attempts.

    dial    whether we dial the number, where a line can; else the operator uses a telephone
    within  seconds after which a call-back that was asked for is overdue
    """

    attempts: int = 3
    pause: float = 300.0
    dial: bool = True
    within: float = 7_200.0


@dataclass(frozen=True, slots=True)
class QueueRules:
    """The rules of one queue. Times are seconds.

    ring            how long one operator is rung before the next
    wrap_up         time for notes after a call; 0 for none
    misses          offers in a row that an operator may let ring before being set away
    longest_wait    after it the caller goes to `overflow`, or is told that it takes longer; None for never
    most            callers on the line that the queue takes; None for any number
    overflow        the queue that takes over, "" for none
    first_news, news  when a waiting caller first hears their position, and how often after that
    usual_call      length of a call before any was measured, for the estimate of the wait
    whisper         whether operators hear what the caller wants before they are connected
    target          share of callers who should be connected within `target_wait`
    """

    name: str
    strategy: Strategy = Strategy.LONGEST_IDLE
    ring: float = 20.0
    wrap_up: float = 30.0
    misses: int = 2
    longest_wait: float | None = None
    most: int | None = None
    overflow: str = ""
    first_news: float = 15.0
    news: float = 45.0
    usual_call: float = 180.0
    target: float = 0.8
    target_wait: float = 20.0
    call_back: CallBackRules = CallBackRules()
    whisper: bool = False

    def __post_init__(self) -> None:
        times = {
            "ring": self.ring,
            "first_news": self.first_news,
            "news": self.news,
            "usual_call": self.usual_call,
        }
        for name, seconds in times.items():
            if not seconds > 0:
                raise ValueError(f"queue {self.name!r}: {name} must be more than 0 seconds, not {seconds}")
        if self.wrap_up < 0 or self.misses < 1 or self.call_back.attempts < 1 or self.call_back.pause < 0:
            raise ValueError(f"queue {self.name!r}: wrap_up, misses and call_back must not be negative or 0")
        if self.overflow == self.name:
            raise ValueError(f"queue {self.name!r}: cannot overflow into itself")
