"""The floor at work: one distributor, kept in step with the durable queue, told of everything, one at a time.

Every step is in the store before anybody is told of it. Handoffs that other programs put into the queue
(``ivr call``) or take out of it (``ivr queue take``) are seen within `LOOK_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from ivr.errors import IvrError
from ivr.floor.clock import Clock, moment
from ivr.floor.durable import DurableQueue
from ivr.floor.keep import step_of
from ivr.handoff import actions as do
from ivr.handoff import messages as told
from ivr.handoff.distributor import Distributor
from ivr.handoff.queue import Handoff, State, Step, StepKind
from ivr.handoff.rows import Changes
from ivr.handoff.rules import QueueRules
from ivr.handoff.store import HandoffStore
from ivr.handover import FollowUpKind, FollowUpRequest
from ivr.hours import Hours

LOOK_SECONDS = 2.0
"""How often the store is looked at for what other programs did."""
SETTLE_SECONDS = 3.0
"""A handoff first seen less than this ago may be of a call that is about to tell us that its caller waits."""

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Somebody who is told what the distributor wants done, after it was kept."""

    def done(self, action: do.Action) -> None:
        """Takes no time."""


class Floor(DurableQueue):
    """Use as a context manager in an event loop, or `start` and `close` it."""

    def __init__(
        self,
        store: HandoffStore,
        rules: Iterable[QueueRules] = (),
        clock: Clock | None = None,
        hours: Mapping[str, Hours] | None = None,
    ) -> None:
        super().__init__(store, clock)
        self._hours = dict(hours or {})
        self.distributor = Distributor(rules)
        self.handoffs: dict[int, Handoff] = {}
        """Everybody who waits, talks or is written up, as the store last had them."""
        self._listeners: list[Listener] = []
        self._on_line: set[int] = set()
        self._seen: dict[int, float] = {}
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up what was left, however the last run ended. Raises StateError."""
        await self.open_and_close()
        for handoff in await self.kept(self.store.unsettled):
            await self._take_up(handoff)
        self._tasks = [asyncio.create_task(self._tick()), asyncio.create_task(self._look())]

    async def close(self) -> None:
        """Stop. Who waits stays in the store. Harmless when repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        async with self._lock:
            await super().close()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` from now on; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def tell(self, message: told.Message) -> tuple[do.Action, ...]:
        """Something happened; returns what was done about it, when it is kept and everybody knows.

        A store that cannot be written is told in the log, and the floor goes on: a caller who is talked to
        matters more than the record of it. But nobody is connected whom the store gave to somebody else.
        """
        async with self._lock:
            if isinstance(message, told.CallerLeft):
                self._on_line.discard(message.handoff)
            actions = await self._handle(message)
        self._changed.set()
        self.changed()
        return actions

    async def enter(self, handoff_id: int, *, on_line: bool) -> None:
        """A handoff that was just put into the store. Raises UnknownError, StateError."""
        handoff = await self.kept(self.store.get, handoff_id)
        if on_line:
            self._on_line.add(handoff_id)
        self.handoffs[handoff_id] = handoff
        await self.tell(self._entered(handoff, self.clock.now()))

    async def want_call_back(self, handoff_id: int, number: str) -> None:
        """The caller will hang up and be called back. Raises StateError: then promise nothing."""
        now = moment(self.clock.now())
        step = Step(StepKind.CALL_BACK, now, note=number)
        request = (await self.kept(self.store.get, handoff_id)).request
        rules = self.distributor.floor.rules_of(request.queue).call_back
        promise = FollowUpRequest(
            call_id=request.call_id,
            desk=request.desk,
            queue=request.queue,
            kind=FollowUpKind.CALL_BACK,
            what=request.want,
            made=now.isoformat(timespec="seconds"),
            due=(now + timedelta(seconds=rules.within)).isoformat(timespec="seconds"),
            caller=request.caller,
            contact=number,
            slots=request.slots,
        )
        await self.kept(self.store.advance, handoff_id, step, Changes(call_back=number), promise)
        self._on_line.discard(handoff_id)
        await self._renew(handoff_id)
        await self.tell(told.CallBackWanted(handoff_id, number))

    async def renew(self, handoff_id: int) -> None:
        """More is known of a handoff, and it may be more urgent than before. Raises StateError."""
        await self._renew(handoff_id)
        await self._in_its_place(handoff_id)

    async def move(self, handoff_id: int, queue: str, priority: int, by: str) -> bool:
        """A supervisor moves somebody who waits; False when they do not wait any more. Raises StateError."""
        step = Step(StepKind.MOVED, moment(self.clock.now()), by, f"to {queue}, priority {priority}")
        if not await self.kept(self.store.advance, handoff_id, step, Changes(queue=queue, priority=priority)):
            return False
        await self._renew(handoff_id)
        await self.tell(told.Moved(handoff_id, queue, priority))
        return True

    async def note(self, handoff_id: int, notes: str) -> None:
        """Keep the notes on a case that is not settled. Raises StateError."""
        await self.kept(self.store.note, handoff_id, notes)
        await self._renew(handoff_id)

    async def write_up(self, handoff_id: int, operator: str, disposition: str, notes: str) -> None:
        """What came of a call; an operator who was writing up just this one is ready for the next.

        Raises HandoffError, UnknownError, StateError.
        """
        now = moment(self.clock.now())
        await self.kept(lambda: self.store.done(handoff_id, disposition, notes, now=now))
        self.handoffs.pop(handoff_id, None)
        one = self.distributor.floor.operators.get(operator)
        if one is not None and one.handoff == handoff_id:
            await self.tell(told.WrappedUp(operator))
        else:
            self.changed()

    # --- what happens by itself --------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            self._changed.clear()
            wake = self.distributor.wake
            try:
                async with asyncio.timeout(None if wake is None else max(0.0, wake - self.clock.now())):
                    await self._changed.wait()
            except TimeoutError:
                await self.tell(told.Tick())

    async def _look(self) -> None:
        """Other programs use the same queue."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.open_and_close()
            try:
                await self.look()
            except IvrError as error:
                _log.error("the queue cannot be read: %s", error)

    async def open_and_close(self) -> None:
        """Begin and end the hours of queues."""
        now, closed = self.clock.wall(), self.distributor.floor.closed
        for queue, hours in self._hours.items():
            if hours.is_open(now) is (queue in closed):
                await self.tell(told.Opened(queue) if queue in closed else told.Closed(queue))

    async def look(self) -> None:
        """Take up what others put into the store, let go of what they settled. Raises StateError."""
        found = {handoff.id: handoff for handoff in await self.kept(self.store.unsettled)}
        floor, now = self.distributor.floor, self.clock.now()
        # Their times are those of the machine's clock, which may have been set meanwhile: ours count.
        self._seen = {number: self._seen.get(number, now) for number in found}
        for number, handoff in found.items():
            # Who holds the line and is not in it was refused: they are told so, and called back after it.
            known = number in floor.entries or number in floor.talks or number in self._on_line
            if known and self.handoffs.get(number) != handoff:
                await self.renew(number)
            if handoff.state is State.WAITING and not known and self._seen[number] <= now - SETTLE_SECONDS:
                self.handoffs[number] = handoff
                await self.tell(self._entered(handoff, min(handoff.entered.timestamp(), self._seen[number])))
        for number in [*floor.entries, *floor.talks]:
            other = found.get(number)
            mine = State.TALKING if number in floor.talks else State.WAITING
            # Its state may have changed since the store was read: once more, now that nothing is under way.
            if other is None or other.state is not mine:
                await self._settle(number)

    async def _in_its_place(self, number: int) -> None:
        """Who waits stands in the line as the store says."""
        entry, handoff = self.distributor.floor.entries.get(number), self.handoffs.get(number)
        if entry is not None and handoff is not None:
            queue, priority = handoff.request.queue, handoff.request.priority
            if (entry.queue, entry.priority) != (queue, priority):
                await self.tell(told.Moved(number, queue, priority))
                return
        self.changed()

    async def _settle(self, number: int) -> None:
        async with self._lock:
            state = (await self.kept(self.store.get, number)).state
            floor = self.distributor.floor
            if (number in floor.entries and state is not State.WAITING) or (
                number in floor.talks and state is not State.TALKING
            ):
                self.handoffs.pop(number, None)
                self._on_line.discard(number)
                await self._handle(told.Settled(number))
        self.changed()

    async def _take_up(self, handoff: Handoff) -> None:
        """After a start. Who was cut off by a crash is called back, first in line."""
        if handoff.state is State.TALKING:
            number = handoff.call_back or handoff.request.caller
            step = Step(StepKind.RETURNED, moment(self.clock.now()), note="ivr ended in the middle")
            changes = Changes(operator="", returned=True, call_back=number)
            await self.kept(self.store.advance, handoff.id, step, changes)
            handoff = await self.kept(self.store.get, handoff.id)
        self.handoffs[handoff.id] = handoff
        if handoff.state is State.WAITING:
            await self.tell(self._entered(handoff, min(handoff.entered.timestamp(), self.clock.now())))

    def _entered(self, handoff: Handoff, arrived: float) -> told.Entered:
        request = handoff.request
        on_line = handoff.id in self._on_line
        return told.Entered(
            handoff.id,
            request.queue,
            request.priority,
            arrived,
            frozenset(request.skills),
            None if on_line else handoff.call_back or request.caller,
            handoff.returned,
            handoff.attempts,
            0.0 if handoff.not_before is None else handoff.not_before.timestamp(),
        )

    # --- one message -------------------------------------------------------------------------------------

    async def _handle(self, message: told.Message) -> tuple[do.Action, ...]:
        now = self.clock.now()
        actions = self.distributor.handle(message, now)
        done: list[do.Action] = []
        for action in actions:
            if await self._keep(action, now):
                done.append(action)
                for listener in tuple(self._listeners):
                    listener.done(action)
            else:
                done += await self._given_to_another(action)
        return tuple(done)

    async def _keep(self, action: do.Action, now: float) -> bool:
        """Whether the action stands: False when the store gave the handoff to somebody else meanwhile."""
        kept = step_of(action, now)
        if kept is None:
            return True
        number, step, changes = kept
        try:
            stands = await self.kept(self.store.advance, number, step, changes)
            await self._renew(number)
        except IvrError as error:
            _log.error("handoff %d: %s could not be kept: %s", number, step.kind, error)
            return True
        return stands or not isinstance(action, do.Offer | do.Connect | do.CallBack)

    async def _given_to_another(self, action: do.Action) -> tuple[do.Action, ...]:
        assert isinstance(action, do.Offer | do.Connect | do.CallBack)
        self.handoffs.pop(action.handoff, None)
        late = do.TooLate(action.operator, action.handoff, do.Why.TAKEN)
        for listener in tuple(self._listeners):
            listener.done(late)
        return (late, *await self._handle(told.Settled(action.handoff)))

    async def _renew(self, number: int) -> None:
        handoff = await self.kept(self.store.get, number)
        if handoff.state in (State.DONE, State.ABANDONED, State.GIVEN_UP, State.TAKEN):
            self.handoffs.pop(number, None)
            self._on_line.discard(number)
        else:
            self.handoffs[number] = handoff
