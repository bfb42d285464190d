"""Operators who have a telephone: it rings for their offers, and they talk over it instead of the browser.

Ringing ends by the rules of the queue, like an offer in the browser; who declines at the telephone, declines.
A telephone that cannot be reached leaves the offer to the browser.
"""

from __future__ import annotations

import asyncio
import logging

from ivr.bridge import Bridge, Stage
from ivr.errors import LineError
from ivr.floor.lines import HeldLines
from ivr.floor.room import Part, Room, Seat
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.lines.leg import Dialer, Leg, LegCause
from ivr.lines.leg_line import LegLine
from ivr.lines.line import Party, TransferContext
from ivr.media.match import Matched
from ivr.media.pcm import FRAME_SECONDS, Pcm

LONGEST_RING = 600.0
"""Seconds; the rules of the queues end it before."""
MOST_KEPT = 3
"""Frames that may wait for the telephone: what is older is not worth the delay."""

_log = logging.getLogger(__name__)


class Phones:
    """Listens to the floor. `numbers` has the telephone of each operator who wants it to ring."""

    def __init__(self, lines: HeldLines) -> None:
        self.lines = lines
        self.floor = lines.floor
        self.numbers: dict[str, str] = {}
        self._calls: dict[str, PhoneCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop = self.floor.listen(self)

    async def close(self) -> None:
        """The server ends."""
        self._stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def know(self, operator: str, phone: str) -> None:
        """The operator's telephone, "" for none."""
        if phone:
            self.numbers[operator] = phone
        else:
            self.numbers.pop(operator, None)

    def state(self, operator: str) -> str:
        """ "rings", "talks", or "" when the browser is what they talk over."""
        call = self._calls.get(operator)
        return "" if call is None else "talks" if call.answered else "rings"

    def done(self, action: do.Action) -> None:
        """`Listener` of the floor."""
        match action:
            case do.Offer(operator, handoff) | do.Ask(operator, handoff):
                self._ring(operator, handoff)
            case do.Connect(operator, handoff) | do.CallBack(operator, handoff) | do.Join(operator, handoff):
                # Taken in the console, without an offer or before the telephone was answered.
                if operator not in self._calls:
                    self._ring(operator, handoff)
            case do.Withdraw(operator) | do.AskEnded(operator):
                self._let_go(operator)
            case do.PassedOn(operator) | do.GuestLeft(operator):
                self._let_go(operator)
            case do.HandedOver(before=before):
                self._let_go(before)
            case do.TalkEnded(handoff=handoff) | do.TellReturned(handoff) | do.Rescheduled(handoff):
                self._all_of(handoff)
            case do.GivenUp(handoff):
                self._all_of(handoff)
            case _:
                pass

    def _ring(self, operator: str, handoff: int) -> None:
        number, dialer = self.numbers.get(operator), self.lines.dialer
        if number is None or dialer is None:
            return
        self._let_go(operator)
        call = self._calls[operator] = PhoneCall(self, operator, handoff)
        task = asyncio.ensure_future(self._hold(call, dialer, number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self, call: PhoneCall, dialer: Dialer, number: str) -> None:
        try:
            await call.run(dialer, number)
        except Exception:  # noqa: BLE001 - the edge of a call: the floor goes on, and the browser is there
            _log.exception("the telephone of %s", call.operator)
        finally:
            if self._calls.get(call.operator) is call:
                del self._calls[call.operator]
            self.floor.changed()

    def _let_go(self, operator: str) -> None:
        if (call := self._calls.pop(operator, None)) is not None:
            call.over = True

    def _all_of(self, handoff: int) -> None:
        for operator in [name for name, call in self._calls.items() if call.handoff == handoff]:
            self._let_go(operator)


class PhoneCall:
    """The telephone of one operator, for one handoff."""

    def __init__(self, phones: Phones, operator: str, handoff: int) -> None:
        self.operator = operator
        self.handoff = handoff
        self.answered = False
        self.over = False
        """Told from outside: hang up."""
        self._phones = phones
        self._seat: tuple[Room, Seat] | None = None
        self._to_room: Matched | None = None
        self._to_phone: Matched | None = None

    async def run(self, dialer: Dialer, number: str) -> None:
        """Until either side hangs up."""
        known = self._phones.floor.handoffs.get(self.handoff)
        context = TransferContext("" if known is None else known.request.call_id, self._want())
        try:
            leg = await dialer.dial(number, context)
        except LineError as error:
            _log.error("the telephone of %s: %s", self.operator, error)
            return
        line = LegLine(leg, Party(f"sip:{number}", number))
        bridge, now = Bridge(0.0, LONGEST_RING), 0.0
        try:
            while not self.over and bridge.stage is not Stage.OVER:
                received = await line.recv()
                now += FRAME_SECONDS
                for event in leg.events():
                    bridge.handle(event, now)
                bridge.tick(now)
                if bridge.stage is Stage.JOINED:
                    if not self.answered:
                        await self._answer()
                    await self._exchange(leg, line, received.pcm)
        finally:
            if self._seat is not None:
                self._seat[0].rise(self._seat[1])
            await line.hang_up()
        if self.over or bridge.end is None:
            return
        if self.answered:
            await self._hung_up()
        elif bridge.end.cause in (LegCause.DECLINED, LegCause.BUSY):
            await self._phones.floor.tell(told.Declined(self.operator, self.handoff))
        else:
            _log.warning("the telephone of %s: %s", self.operator, bridge.end.detail or bridge.end.cause)

    def _want(self) -> str:
        known = self._phones.floor.handoffs.get(self.handoff)
        return "" if known is None else known.request.want

    async def _answer(self) -> None:
        self.answered = True
        floor = self._phones.floor
        talk = floor.distributor.floor.talks.get(self.handoff)
        if talk is not None and talk.has(self.operator):  # accepted in the console before
            floor.changed()
            return
        for action in await floor.tell(told.Accepted(self.operator, self.handoff)):
            if isinstance(action, do.TooLate) and action.operator == self.operator:
                self.over = True

    async def _hung_up(self) -> None:
        floor = self._phones.floor
        talk = floor.distributor.floor.talks.get(self.handoff)
        if talk is None:
            return
        held = self._phones.lines.caller(self.handoff)
        if talk.operator != self.operator or talk.guests:
            await floor.tell(told.Left(self.operator, self.handoff))
        elif held is not None and held.calling:
            await floor.tell(told.NotReached(self.operator, self.handoff))
        else:
            await floor.tell(told.Ended(self.operator, self.handoff))

    async def _exchange(self, leg: Leg, line: LegLine, pcm: Pcm) -> None:
        if self._seat is None:
            # A call-back has its room only when it rings there.
            self._seat = self._phones.lines.sit(self.handoff, self.operator, Part.TALK)
            if self._seat is None:
                await line.send(None)
                return
            rate = self._seat[0].rate
            self._to_room, self._to_phone = Matched(leg.rate, rate), Matched(rate, leg.rate)
        assert self._to_room is not None and self._to_phone is not None
        seat = self._seat[1]
        seat.microphone.feed(self._to_room.feed(pcm))
        while len(seat.ear) > MOST_KEPT:
            seat.ear.popleft()
        await line.send(self._to_phone.feed(seat.ear.popleft()) if seat.ear else None)
