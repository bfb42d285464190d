"""A caller who waits for a person on the line: music, news of the line, and at last a person's voice.

The call goes on, tick by tick, whoever speaks. Where the people are, the call does not know: `Held` is its
place among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ivr.events import HoldDelayed, HoldNews, HoldRefused, HoldReturned, PersonJoined, PersonLeft, Transfer
from ivr.handover import Route
from ivr.journal import Journal
from ivr.lines.line import TransferOutcome, TransferResult
from ivr.media.pcm import Pcm
from ivr.scribe import Scribe
from ivr.whisper import Whisperer


@dataclass(frozen=True, slots=True)
class Joined:
    """A person speaks with the caller from now on."""

    name: str


@dataclass(frozen=True, slots=True)
class Parted:
    """The person has ended the conversation, and so ends the call."""

    name: str


@dataclass(frozen=True, slots=True)
class Relieved:
    """Another person goes on with the conversation."""

    before: str
    name: str


@dataclass(frozen=True, slots=True)
class WaitsAgain:
    """The person has passed the caller on to others, who are waited for."""

    name: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """The person wants the caller passed on to somebody outside; None: wants them back instead."""

    transfer: Transfer | None


@dataclass(frozen=True, slots=True)
class Press:
    """The person presses keys, which belong on the caller's line."""

    keys: str


@dataclass(frozen=True, slots=True)
class Whisper:
    """The person is to hear this sentence, in the desk's voice, before they are connected."""

    text: str


HoldInput: TypeAlias = HoldNews | HoldDelayed | HoldReturned | HoldRefused
News: TypeAlias = HoldInput | Joined | Parted | Relieved | WaitsAgain | PassOn | Press | Whisper


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

    def spoken(self, text: str, confidence: float) -> None:
        """What the person said to the caller, as it was recognized."""

    def written(self, *, both: bool) -> None:
        """Whether what the person says is written down too, or the caller's words only."""

    def whisper(self, sound: Pcm) -> None:
        """The sentence of `Whisper`, as sound; empty when it could not be made."""

    def tones(self, keys: str) -> None:
        """Keys that the line cannot send: the caller's side hears them."""

    def passed(self, transfer: Transfer, result: TransferResult) -> None:
        """What became of `PassOn`: done, the caller is with somebody else; else still with the person."""

    async def call_back(self, number: str) -> None:
        """The caller will hang up and wants to be called back. Raises StateError: then promise nothing."""

    def leave(self) -> None:
        """The call is over. Harmless when repeated."""


class WaitingRoom(Protocol):
    """Where callers wait."""

    async def __call__(
        self, handoff_id: int, rate: int, routes: tuple[Route, ...] = (), *, meanwhile: bool = False
    ) -> Held | None:
        """A place to wait for a handoff, at a sample rate; None where nobody is at work to come.

        routes     where the desk can pass callers, for the person who comes
        meanwhile  the desk speaks with the caller until somebody comes, whenever that is: there is a place
        """


async def no_waiting_room(
    handoff_id: int, rate: int, routes: tuple[Route, ...] = (), *, meanwhile: bool = False
) -> Held | None:
    """Where callers do not wait: they are called back."""
    return None


class Waiting:
    """The wait of one call, from the handoff to its end."""

    def __init__(self, journal: Journal, whisperer: Whisperer, scribe: Scribe | None = None) -> None:
        self._journal = journal
        self._whisperer = whisperer
        self._scribe = scribe
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
        if (sound := self._whisperer.take()) is not None:
            self.held.whisper(sound)
        other = self.held.exchange(caller)
        return other if self.person or own is None else own

    async def write_down(self, sent: Pcm | None) -> None:
        """20 ms of the person, as the caller heard them."""
        if not self.person or self._scribe is None or sent is None:
            return
        for heard in await self._scribe.feed(sent):
            self.held.spoken(heard.text, heard.confidence)
        self.held.written(both=self._scribe.writes)

    def news(self, now: float) -> News | None:
        """What has happened, recorded; None when nothing has. A person may come before the wait begins."""
        if self._held is None or (news := self._held.news()) is None:
            return None
        match news:
            case Joined(name):
                self.person, self._begun = name, True
                self._journal.record(now, PersonJoined(name))
            case Whisper(text):
                self._begun = True
                self._whisperer.begin(text)
            case Parted(name):
                self.person = ""
                self._journal.record(now, PersonLeft(name))
                self._held.leave()
                self._held, self._begun = None, False
            case Relieved(before, name):
                self.person = name
                self._journal.record(now, PersonLeft(before))
                self._journal.record(now, PersonJoined(name))
            case HoldReturned() | WaitsAgain() if self.person:
                self._gone(now)
            case HoldRefused() if not self._begun:  # the desk still speaks with them: their place is lost
                self._held.leave()
                self._held = None
            case _:
                pass
        return news

    def passed(self, transfer: Transfer, result: TransferResult, now: float) -> None:
        """What became of passing the caller on to somebody outside."""
        if result.outcome is TransferOutcome.DONE:
            self._gone(now)
        self.held.passed(transfer, result)

    def _gone(self, now: float) -> None:
        self._journal.record(now, PersonLeft(self.person))
        self.person = ""

    def close(self) -> None:
        """The call is over. Harmless when repeated."""
        self._whisperer.close()
        if self._scribe is not None:
            self._scribe.close()
        if self._held is not None:
            self._held.leave()
