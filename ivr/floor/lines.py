"""All callers who hold the line, told what becomes of them. Listens to the floor."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from ivr.errors import IvrError, LineError
from ivr.events import HoldDelayed, HoldNews, HoldRefused, HoldReturned
from ivr.floor.dialled import DialledCall, dialable
from ivr.floor.held import HeldCaller
from ivr.floor.room import Part, Room, Seat
from ivr.floor.service import Floor
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.queue import Handoff
from ivr.handoff.rules import URGENT, CallBackRules
from ivr.handover import HandoffRequest, Route, Turn
from ivr.lines.leg import Dialer
from ivr.lines.line import Line, TransferContext
from ivr.meaning import SlotValue
from ivr.ports import FrameTap
from ivr.redaction.texts import without_numbers
from ivr.scribe import Minutes
from ivr.waiting import Held, Parted, Relieved, WaitingRoom, WaitsAgain

_log = logging.getLogger(__name__)


Recorder: TypeAlias = Callable[[Handoff, int, int], Awaitable[FrameTap | None]]
"""Begins to record a case's call-back, by its attempt and rate; None where it cannot."""
MinuteTaker: TypeAlias = Callable[[Handoff, int], Minutes | None]
"""Writes down what is said in a case's call-back, at a rate; None where its desk has no ears any more."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey found out: the answers, and what was said. Their seconds count from its beginning."""

    answers: tuple[SlotValue, ...]
    transcript: tuple[Turn, ...]


class Surveyor(Protocol):
    """The desks, for whoever was called back."""

    async def __call__(
        self, case: Handoff, line: Line, person: str, tap: FrameTap | None, room: WaitingRoom
    ) -> Surveyed | None:
        """Ask, until they have answered or hung up; None where the desk asks nobody."""


class HeldLines:
    """`ivr.floor.held.Hall`."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.dialer: Dialer | None = None
        """Who dials call-backs; without one, operators use a telephone of their own."""
        self.recorder: Recorder | None = None
        """Who records call-backs; without one, they are not."""
        self.minutes: MinuteTaker | None = None
        """Who writes down what is said in them; without one, nobody does."""
        self.surveyor: Surveyor | None = None
        """Who asks how it was afterwards; without one, nobody does."""
        self._callers: dict[int, HeldCaller] = {}
        self._dialled: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[object]] = set()
        self._stop = floor.listen(self)

    async def close(self) -> None:
        """The server ends, and with it the calls that were dialled."""
        self._stop()
        for task in self._dialled:
            task.cancel()
        await asyncio.gather(*self._dialled, return_exceptions=True)

    def caller(self, handoff: int) -> HeldCaller | None:
        """Who holds the line with this handoff."""
        return self._callers.get(handoff)

    async def wait(
        self, handoff_id: int, rate: int, routes: tuple[Route, ...] = (), *, meanwhile: bool = False
    ) -> Held | None:
        """`WaitingRoom`: a place in the line. None where nobody is at work who could come."""
        request = (await self.floor.kept(self.floor.store.get, handoff_id)).request
        rules = self.floor.distributor.floor
        taker = rules.taker(request.queue, urgent=request.priority == URGENT)
        if not meanwhile and (not taker or not rules.at_work(taker)):
            return None
        held = HeldCaller(handoff_id, rate, self, routes)
        self._callers[handoff_id] = held
        await self.floor.enter(handoff_id, on_line=True)
        return held

    def sit(self, handoff: int, name: str, part: Part) -> tuple[Room, Seat] | None:
        """Somebody's microphone and ear in a conversation; None when the caller holds no line of ours."""
        held = self._callers.get(handoff)
        return None if held is None or held.gone else (held.room, held.room.sit(name, part))

    # --- call-backs ------------------------------------------------------------------------------------

    def _call_back(self, action: do.CallBack) -> None:
        handoff = self.floor.handoffs[action.handoff]
        number = dialable(action.number)
        if self.dialer is None or not number or not self._rules(handoff.request.queue).dial:
            return
        task = asyncio.ensure_future(self._dial(self.dialer, handoff, number, action.attempt))
        self._dialled.add(task)
        task.add_done_callback(self._dialled.discard)

    async def _dial(self, dialer: Dialer, case: Handoff, number: str, attempt: int) -> None:
        handoff, request = case.id, case.request
        try:
            leg = await dialer.dial(number, TransferContext(request.call_id, request.want))
        except LineError as error:
            _log.error("call-back of case %d: %s", handoff, error)
            await self._not_reached(handoff)
            return
        held = HeldCaller(handoff, leg.rate, self)
        held.calling = f"calls {number}"
        self._callers[handoff] = held
        self.changed()
        tap = None if self.recorder is None else await self.recorder(case, attempt, leg.rate)
        minutes = None if self.minutes is None else self.minutes(case, leg.rate)
        try:
            survey = functools.partial(self._survey, case)
            call = DialledCall(held, leg, number, request.call_id, dialer, self, tap, minutes, survey)
            end = await call.run()
        except Exception:  # noqa: BLE001 - the edge of a call: the floor goes on, and the caller is tried again
            _log.exception("call-back of case %d", handoff)
            end = None
        if held.calling and self._callers.get(handoff) is held:  # first: who was not reached is tried again
            if end is not None:
                _log.info("call-back of case %d: %s", handoff, end.detail or end.cause)
            await self._not_reached(handoff)
        held.leave()

    async def _survey(self, case: Handoff, line: Line, person: str, tap: FrameTap | None) -> None:
        """What they answer belongs to the case, whoever has written it up meanwhile."""
        if self.surveyor is None:
            return
        began = datetime.now(UTC) - case.answered_local
        found = await self.surveyor(case, line, person, tap, self.wait)
        if found is None:
            return
        turns = tuple(replace(one, at=round(one.at + began.total_seconds(), 2)) for one in found.transcript)
        try:
            await self.floor.kept(self._add, case.id, Surveyed(found.answers, turns))
        except IvrError as error:
            _log.error("case %d: the survey could not be kept: %s", case.id, error)

    def _add(self, number: int, found: Surveyed) -> None:
        store = self.floor.store
        request = store.get(number).request
        said, known = (*request.transcript, *found.transcript), (*request.slots, *found.answers)
        store.update(number, replace(request, transcript=said, slots=known))

    async def _not_reached(self, handoff: int) -> None:
        if (talk := self.floor.distributor.floor.talks.get(handoff)) is not None:
            await self.floor.tell(told.NotReached(talk.operator, handoff))

    def reached(self, held: HeldCaller) -> None:
        """Somebody has answered a call-back."""
        self._tell(told.Reached(held.handoff))

    def _rules(self, queue: str) -> CallBackRules:
        return self.floor.distributor.floor.rules_of(queue).call_back

    # --- `Hall` ----------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something that consoles show."""
        self.floor.changed()

    async def want_call_back(self, handoff: int, number: str) -> None:
        """The caller will hang up and be called back. Raises StateError."""
        await self.floor.want_call_back(handoff, number)

    async def renew(self, handoff: int) -> None:
        """More is known of it, or it is more urgent than before. Raises StateError."""
        await self.floor.renew(handoff)

    def passed_on(self, handoff: int, to: str) -> None:
        """The caller is with somebody outside: for the operator it is over."""
        talk = self.floor.distributor.floor.talks.get(handoff)
        if talk is not None:
            self._tell(told.Ended(talk.operator, handoff, f"passed on to {to}"))

    def left(self, held: HeldCaller) -> None:
        """The call is over."""
        held.room.clear()
        if self._callers.get(held.handoff) is held:
            del self._callers[held.handoff]
            self._tell(told.CallerLeft(held.handoff))

    def _tell(self, message: told.Message) -> None:
        self._do(self.floor.tell(message))

    def _do(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.ensure_future(work)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    # --- `Listener` of the floor -----------------------------------------------------------------------

    def done(self, action: do.Action) -> None:
        """What the caller, and the room, must know."""
        if isinstance(action, do.CallBack) and action.handoff not in self._callers:
            self._call_back(action)
        held = self._callers.get(getattr(action, "handoff", 0))
        if held is None:
            return
        if isinstance(action, do.TalkEnded | do.PassedOn | do.TellReturned):
            self._keep_words(held)
        match action:
            case do.Connect(operator, handoff):
                request = self.floor.handoffs[handoff].request
                if self.floor.distributor.floor.rules_of(request.queue).whisper:
                    held.whisper_first(operator, request.want or str(request.reason))
                else:
                    held.join(operator)
            case do.CallBack():  # their operator was lost, and they have waited on the line
                held.joined = True
                self.reached(held)
            case do.Rescheduled() | do.GivenUp():
                held.tell(Parted(""))
            case do.HandedOver(operator, _, before):
                held.room.part(before)
                if held.whispering is not None:
                    held.whispering.operator = operator
                else:
                    held.tell(Relieved(before, operator))
            case do.GuestLeft(operator):
                held.room.part(operator)
            case do.TalkEnded() if held.gone:
                held.room.clear()
            case do.TalkEnded(operator):
                held.joined, held.whispering = False, None
                held.tell(Parted(operator))
            case do.PassedOn(operator):
                self._waits_again(held)
                held.tell(WaitsAgain(operator))
            case do.TellReturned():
                self._waits_again(held)
                held.tell(HoldReturned())
            case do.TellPosition(_, position, wait):
                held.tell(HoldNews(position, wait))
            case do.TellDelay():
                held.tell(HoldDelayed())
            case do.Refuse():
                held.tell(HoldRefused())
            case _:
                pass

    def _keep_words(self, held: HeldCaller) -> None:
        """What was said in the conversation belongs to the case, for whoever reads it later."""
        said, held.kept = held.said[held.kept :], len(held.said)
        handoff = self.floor.handoffs.get(held.handoff)
        if not said or handoff is None:
            return
        began = handoff.answered_local.timestamp()
        turns = tuple(
            Turn(one.who, without_numbers(one.text), round(max(0.0, one.at - began), 2), one.confidence)
            for one in said
        )
        request = replace(handoff.request, transcript=(*handoff.request.transcript, *turns))
        self._do(self._kept(held.handoff, request))

    async def _kept(self, number: int, request: HandoffRequest) -> None:
        try:
            await self.floor.kept(self.floor.store.update, number, request)
        except IvrError as error:
            _log.error("case %d: what was said could not be kept: %s", number, error)

    def _waits_again(self, held: HeldCaller) -> None:
        if held.calling:  # nobody has answered yet: that call is given up
            del self._callers[held.handoff]
        held.take_back()
        held.joined, held.whispering = False, None
        held.room.on_hold = False
        held.room.clear()
