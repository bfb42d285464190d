"""A caller who waits for a person on the line: music, news of the line, and at last a person's voice.

The call goes on, tick by tick, whoever speaks. Where the people are, the call does not know: `Held` is its
place among them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ivr.events import HoldDelayed, HoldNews, HoldRefused, HoldReturned, PersonJoined, PersonLeft
from ivr.journal import Journal
from ivr.media.pcm import Pcm


@dataclass(frozen=True, slots=True)
class Joined:
    """A person speaks with the caller from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class Parted:
    """The person has ended the conversation, and so ends the call."""

    name: str


HoldInput: TypeAlias = HoldNews | HoldDelayed | HoldReturned | HoldRefused
News: TypeAlias = HoldInput | Joined | Parted


class Held(Protocol):
    """One caller in the line. Nothing here takes time, but for `call_back`."""

    def news(self) -> News | None:
        """What has happened since, one thing at a time, oldest first."""

    def exchange(self, pcm: Pcm) -> Pcm:
        """20 ms from the caller for whoever listens; 20 ms for the caller: music, or a person's voice."""

    def keys(self, keys: tuple[str, ...]) -> None:
        """Keys that the caller pressed while speaking with a person."""

    def heard(self, text: str, confidence: float) -> None:
        """What the caller said to the person, as it was recognized."""

    async def changed(self) -> None:
        """More is known of the caller, or they are more urgent than before."""

    async def call_back(self, number: str) -> None:
        """The caller will hang up and wants to be called back. Raises StateError: then promise nothing."""

    def leave(self) -> None:
        """The call is over. Harmless when repeated."""


WaitingRoom: TypeAlias = Callable[[int, int], Awaitable[Held | None]]
"""A place to wait for a handoff, by its number, at a sample rate; None where nobody is at work to come."""


async def no_waiting_room(handoff_id: int, rate: int) -> Held | None:
    """Where callers do not wait: they are called back."""
    return None


class Waiting:
    """The wait of one call, from the handoff to its end."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._held: Held | None = None
        self._begun = False
        self.person = ""
        """Who speaks with the caller, "" while nobody does."""

    @property
    def placed(self) -> bool:
        """Whether there is a place, begun or not."""
        return self._held is not None

    @property
    def reserved(self) -> bool:
        """Whether there is a place, and the caller has not begun to wait in it."""
        return self._held is not None and not self._begun

    @property
    def begun(self) -> bool:
        """Whether the caller waits, or speaks with a person."""
        return self._begun

    @property
    def held(self) -> Held:
        """The caller's place."""
        assert self._held is not None
        return self._held

    def reserve(self, held: Held) -> None:
        """The caller has a place, while the desk still says its last words."""
        self._held = held

    def begin(self) -> None:
        """The last words are said."""
        self._begun = True

    def frame(self, caller: Pcm, own: Pcm | None) -> Pcm | None:
        """20 ms for the caller: the desk's `own` words go before the music, a person's before all."""
        if not self._begun:
            return own
        other = self.held.exchange(caller)
        return other if self.person or own is None else own

    def news(self, now: float) -> News | None:
        """What has happened, recorded; None when nothing has. A person may come before the wait begins."""
        if self._held is None or (news := self._held.news()) is None:
            return None
        match news:
            case Joined(name):
                self.person, self._begun = name, True
                self._journal.record(now, PersonJoined(name))
            case Parted(name):
                self.person = ""
                self._journal.record(now, PersonLeft(name))
            case HoldReturned() if self.person:
                self._journal.record(now, PersonLeft(self.person))
                self.person = ""
            case HoldRefused() if not self._begun:  # the desk still speaks with them: their place is lost
                self._held.leave()
                self._held = None
            case _:
                pass
        return news

    def close(self) -> None:
        """The call is over. Harmless when repeated."""
        if self._held is not None:
            self._held.leave()
