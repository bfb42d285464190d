"""A call-back that we dial: it rings, somebody answers and talks with the operator, or nobody does."""

from __future__ import annotations

import re
from typing import Protocol

from ivr.bridge import Bridge, BridgeEnd, Stage
from ivr.events import HoldReturned
from ivr.floor.held import HeldCaller
from ivr.lines.leg import Dialer, Leg
from ivr.lines.leg_line import LegLine
from ivr.lines.line import Party
from ivr.media.pcm import FRAME_SECONDS, Pcm
from ivr.media.tones import endless, ringing
from ivr.passing import Passing
from ivr.ports import FrameTap
from ivr.scribe import Minutes
from ivr.waiting import Parted, PassOn, Press

_NUMBER = re.compile(r"\+?[0-9]{2,20}")
_BETWEEN = str.maketrans("", "", " -/().")


class Survey(Protocol):
    """What a desk asks after the conversation."""

    async def __call__(self, line: LegLine, person: str, tap: FrameTap | None) -> None:
        """Until it is over. `person` has spoken with them."""


class Watcher(Protocol):
    """Who is told how far it is: `ivr.floor.lines.HeldLines`."""

    def changed(self) -> None:
        """Something that consoles show."""

    def reached(self, held: HeldCaller) -> None:
        """Somebody has answered."""


def dialable(number: str) -> str:
    """`number` as it is dialled, "" for what is none: the caller's line may have told anything."""
    plain = number.translate(_BETWEEN)
    return plain if _NUMBER.fullmatch(plain) else ""


class DialledCall:
    """One attempt. `held` is where consoles come in; `dialer` calls whoever else is wanted.

    tap      records the sound
    minutes  writes down what both say
    survey   goes on with whom the operator has done with
    """

    def __init__(
        self,
        held: HeldCaller,
        leg: Leg,
        number: str,
        call_id: str,
        dialer: Dialer,
        watcher: Watcher,
        tap: FrameTap | None = None,
        minutes: Minutes | None = None,
        survey: Survey | None = None,
    ) -> None:
        self._survey = survey
        self._parted = ""
        self._tap = tap
        self._minutes = minutes
        self._held = held
        self._leg = leg
        self._line = LegLine(leg, Party(f"sip:{number}", number))
        self._passing = Passing(self._line, call_id, dialer=dialer)
        self._watcher = watcher
        self._bridge = Bridge(0.0)
        self._ringing = endless(ringing(leg.rate), leg.rate)
        self._now = 0.0
        self._over = False

    async def run(self) -> BridgeEnd | None:
        """Until either side hangs up; None when we did before somebody answered."""
        try:
            while not self._over and self._bridge.stage is not Stage.OVER:
                await self._tick()
            if self._survey is not None and self._parted and self._bridge.stage is Stage.JOINED:
                self._held.leave()
                self._line.alone()
                await self._survey(self._line, self._parted, self._tap)
            return self._bridge.end
        finally:
            if self._tap is not None:
                self._tap.close()
            if self._minutes is not None:
                self._minutes.close()
            await self._passing.close()
            await self._line.hang_up()

    async def _tick(self) -> None:
        received = await self._line.recv()
        self._now = round(self._now + FRAME_SECONDS, 6)
        before = self._bridge.stage
        for event in self._leg.events():
            self._bridge.handle(event, self._now)
        self._bridge.tick(self._now)
        if self._bridge.stage is not before:
            self._moved()
        await self._hear_news()
        if self._bridge.stage is not Stage.JOINED:
            # The operator hears it ring, as with a telephone.
            self._held.room.exchange(self._waits())
            return
        others = await self._passing.tick(received, self._now)
        if (passed := self._passing.take()) is not None:
            self._held.passed(*passed)
        self._over = self._over or self._passing.ended() is not None
        self._held.keys(received.keys)
        frame = self._held.exchange(received.pcm)
        sent = frame if others is None else others
        await self._line.send(sent)
        if self._tap is not None:
            self._tap.write(received.pcm, sent)
        if others is None and self._minutes is not None:
            await self._write_down(self._minutes, received.pcm, frame)

    async def _write_down(self, minutes: Minutes, caller: Pcm, operator: Pcm) -> None:
        """As in a call that came in: the two of them, not whom the caller was passed on to."""
        theirs, ours = await minutes.feed(caller, operator)
        for heard in theirs:
            self._held.heard(heard.text, heard.confidence)
        for heard in ours:
            self._held.spoken(heard.text, heard.confidence)
        self._held.written(both=minutes.both)

    def _waits(self) -> Pcm:
        ring = next(self._ringing)
        return ring if self._bridge.stage is Stage.RINGING else ring * 0

    def _moved(self) -> None:
        match self._bridge.stage:
            case Stage.RINGING:
                self._held.calling = "it rings"
                self._watcher.changed()
            case Stage.JOINED:
                self._held.calling = ""
                self._held.joined = True
                self._watcher.reached(self._held)
            case _:
                pass

    async def _hear_news(self) -> None:
        while (news := self._held.news()) is not None:
            match news:
                case Parted(name):
                    self._over, self._parted = True, name
                case HoldReturned() if self._bridge.stage is not Stage.JOINED:
                    self._over = True  # the operator is lost: somebody else will call
                case PassOn(None):
                    self._passing.give_up()
                case PassOn(transfer) if transfer is not None and not self._passing.active:
                    await self._passing.begin(transfer)
                case Press(keys):
                    await self._line.press(keys)
                case _:
                    pass
