"""Everything a conversation remembers, frozen: each turn makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ivr.dialog.states import State, Waiting
from ivr.dialog.task import Guess, Later, Readings
from ivr.events import Manner, Outcome, Say
from ivr.handover import FollowUpRequest
from ivr.meaning import Mood


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person was told of an emergency, and in which queue."""

    want: str
    queue: str | None
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """Everything a conversation remembers.

    when      time of day when the call was answered, with its zone; None before
    caller    the number they call from, "" where the line tells none
    turns     times the caller spoke, keyed in something or was silent
    misses    misunderstandings in a row; `silences` and `noises` (sound without words) likewise
    idle      thanks and sounds of thinking in the call that answered nothing
    used      how often each ladder of prompts was used
    last      what was said last, for "repeat"
    answered  labels of what was answered
    denied    intents the caller said no to since the last one that was accepted
    later     wishes that were named for sure beside the one that is dealt with, in order: they come after it
    wants     what the caller may want by all that was heard since then, best first; `guessed`: that was asked
              for because nothing else was left but a person
    disputed  how often the caller said that an answer was wrong
    facts     every value that was certain, the newest of each name
    tried     notes for the person who may take the call
    words     what the caller said last
    looked_up rows of the last answer of each lookup
    guided    steps of the guide that were begun, as flows
    keyed     whether the last key completed a number: a hash key behind it says nothing more
    surveyed  whether the caller was asked how satisfied they are
    mood      how the caller sounds now; `soothed`: something was said about it
    manner    how the caller wants to be spoken to
    person    who has spoken with the caller, once that is over; "" before. `parted`: when, in seconds of the
              call
    promises  what is to be done for the caller after the call
    alarm     what the person who was alerted was told; None while nobody was
    """

    state: State = field(default_factory=Waiting)
    when: datetime | None = None
    caller: str = ""
    turns: int = 0
    misses: int = 0
    silences: int = 0
    noises: int = 0
    idle: int = 0
    used: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    last: tuple[Say, ...] = ()
    answered: tuple[str, ...] = ()
    denied: frozenset[str] = frozenset()
    later: tuple[Later, ...] = ()
    wants: tuple[Guess, ...] = ()
    guessed: bool = False
    disputed: int = 0
    facts: Readings = ()
    tried: tuple[str, ...] = ()
    words: str = ""
    looked_up: Mapping[str, tuple[Readings, ...]] = field(default_factory=lambda: MappingProxyType({}))
    guided: tuple[str, ...] = ()
    keyed: bool = False
    surveyed: bool = False
    mood: Mood = Mood.CALM
    soothed: bool = False
    alarm: Alarm | None = None
    promises: tuple[FollowUpRequest, ...] = ()
    manner: Manner = field(default_factory=Manner)
    person: str = ""
    parted: float = 0.0

    @property
    def alarmed(self) -> bool:
        """Whether an urgent want was heard: a person has been alerted."""
        return self.alarm is not None

    @property
    def outcome_if_over(self) -> Outcome:
        """How the call would be counted if it broke off now."""
        return Outcome.ANSWERED if self.answered else Outcome.ABANDONED
