"""What happened in the queue, for other programs: every step on disk becomes what each of them wants to hear.

The steps are read from the store, up to where the outbox remembers: nothing is left out when we are killed in
between, nothing is told twice, and what other programs did to the queue is told too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from ivr.errors import IvrError
from ivr.floor.durable import DurableQueue
from ivr.handoff.followup import FollowUpStepKind
from ivr.handoff.followups import NumberedFollowUpStep
from ivr.handoff.queue import Handoff, StepKind
from ivr.handoff.rules import URGENT
from ivr.handoff.search import NumberedStep, last_step, steps_after
from ivr.webhooks.outbox import Message
from ivr.webhooks.sender import Sender

SOURCE = "queue"
FOLLOW_UPS = "follow-ups"
LOOK_SECONDS = 5.0
"""How often is looked for steps that other programs made."""
PREFIX = "queue."
FOLLOW_UP_PREFIX = "follow-up."

TOLD = {
    StepKind.ENTERED: "entered",
    StepKind.ACCEPTED: "connected",
    StepKind.TAKEN: "connected",
    StepKind.CONNECTED: "connected",
    StepKind.RETURNED: "returned",
    StepKind.ENDED: "ended",
    StepKind.ABANDONED: "ended",
    StepKind.GIVEN_UP: "ended",
    StepKind.DONE: "written-up",
}

DISPATCH = "dispatch"
"""What is told of an emergency: all that is known of it, at its beginning and whenever that is more."""
_DISPATCHED = frozenset({StepKind.ENTERED, StepKind.INFORMED})

FOLLOW_UPS_TOLD = {
    FollowUpStepKind.MADE: "made",
    FollowUpStepKind.OVERDUE: "overdue",
    FollowUpStepKind.DONE: "settled",
    FollowUpStepKind.MISSED: "settled",
    FollowUpStepKind.CANCELLED: "settled",
}

_N = TypeVar("_N", NumberedStep, NumberedFollowUpStep)
_log = logging.getLogger(__name__)


def messages(steps: Iterable[NumberedStep], sender: Sender) -> list[Message]:
    """What each target hears of the steps, in order."""
    told: list[Message] = []
    for numbered in steps:
        queue = numbered.handoff.request.queue
        if numbered.step.kind in _DISPATCHED and numbered.handoff.request.priority == URGENT:
            told += _each(sender, DISPATCH, queue, numbered.step.at, _dispatch(numbered))
        if (event := TOLD.get(numbered.step.kind)) is not None:
            told += _each(sender, PREFIX + event, queue, numbered.step.at, _data(numbered))
    return told


def _each(sender: Sender, kind: str, queue: str, at: datetime, data: dict[str, object]) -> list[Message]:
    """One for every target that wants it."""
    wanting = (name for name, target in sender.targets.items() if target.wants(kind, queue))
    return [Message(name, kind, at, data) for name in wanting]


def _dispatch(numbered: NumberedStep) -> dict[str, object]:
    """All that is known of an emergency; `version` grows with each that is told of the same handoff."""
    handoff = numbered.handoff
    request = handoff.request
    return {
        "handoff": handoff.id,
        "version": numbered.number,
        "call": request.call_id,
        "desk": request.desk,
        "queue": request.queue,
        "caller": request.caller,
        "want": request.want,
        "facts": {slot.name: slot.value for slot in request.slots},
        "mood": request.mood,
        "entered": request.entered,
    }


def _data(numbered: NumberedStep) -> dict[str, object]:
    handoff, step = numbered.handoff, numbered.step
    data: dict[str, object] = {
        "handoff": handoff.id,
        "call": handoff.request.call_id,
        "desk": handoff.request.desk,
        "queue": handoff.request.queue,
        "priority": handoff.request.priority,
        "caller": handoff.request.caller,
        "want": handoff.request.want,
        "reason": handoff.request.reason.value,
        "operator": step.who,
        "how": step.kind.value,
        "note": step.note,
        "waited": _waited(handoff, numbered),
    }
    if step.kind is StepKind.DONE:
        data |= {"disposition": handoff.disposition, "notes": handoff.notes}
    return data


def _waited(handoff: Handoff, numbered: NumberedStep) -> float:
    return round(max(0.0, (numbered.step.at - handoff.entered).total_seconds()), 3)


def follow_up_messages(steps: Iterable[NumberedFollowUpStep], sender: Sender) -> list[Message]:
    """What each target hears of the steps of follow-ups, in order."""
    told: list[Message] = []
    for numbered in steps:
        if (event := FOLLOW_UPS_TOLD.get(numbered.step.kind)) is not None:
            queue, data = numbered.follow_up.request.queue, _follow_up_data(numbered)
            told += _each(sender, FOLLOW_UP_PREFIX + event, queue, numbered.step.at, data)
    return told


def _follow_up_data(numbered: NumberedFollowUpStep) -> dict[str, object]:
    one = numbered.follow_up
    request = one.request
    return {
        "follow_up": one.id,
        "call": request.call_id,
        "desk": request.desk,
        "queue": request.queue,
        "kind": request.kind.value,
        "what": request.what,
        "caller": request.caller,
        "contact": request.contact,
        "to": request.addressee,
        "due": request.due,
        "state": one.state.value,
        "operator": numbered.step.who or one.owner,
        "outcome": one.outcome,
    }


class Feed:
    """Between the queue and the sender. `start`, `close`."""

    def __init__(self, queue: DurableQueue, sender: Sender) -> None:
        self._queue = queue
        self._sender = sender
        self._changed = asyncio.Event()
        self._stop = queue.watch(self._changed.set)
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    async def start(self) -> None:
        """From now on; the first time of all, what was before is not told. Raises StateError."""
        store, outbox = self._queue.store, self._sender.outbox
        last = {SOURCE: lambda: last_step(store), FOLLOW_UPS: store.follow_ups.last_step}
        for source, newest in last.items():
            if await asyncio.to_thread(outbox.place, source) is None:
                place = await self._queue.kept(newest)
                await asyncio.to_thread(lambda: outbox.put((), source=source, place=place))  # noqa: B023
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop, when what has happened so far is in the outbox. Harmless when repeated."""
        if self._task is None:
            return
        self._stop()
        # Not cancelled: what is being kept in a thread at this moment would be told again.
        self._ending = True
        self._changed.set()
        await self._task
        self._task = None

    async def _follow(self) -> None:
        last = False
        while not last:
            last = self._ending
            self._changed.clear()
            await self._read()
            if self._ending:
                continue
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def _read(self) -> None:
        """What is new, into the outbox."""
        store, sender = self._queue.store, self._sender
        try:
            await self._take(
                SOURCE, lambda place: steps_after(store, place), lambda new: messages(new, sender)
            )
            await self._take(
                FOLLOW_UPS, store.follow_ups.steps_after, lambda new: follow_up_messages(new, sender)
            )
        except IvrError as error:
            _log.error("what happened in the queue could not be told: %s", error)

    async def _take(
        self,
        source: str,
        after: Callable[[int], tuple[_N, ...]],
        tell: Callable[[tuple[_N, ...]], list[Message]],
    ) -> None:
        """The steps of one source. Raises StateError."""
        outbox = self._sender.outbox
        place = await asyncio.to_thread(outbox.place, source) or 0
        while found := await self._queue.kept(after, place):
            told, place = tell(found), found[-1].number
            await asyncio.to_thread(lambda: outbox.put(told, source=source, place=place))  # noqa: B023
            if told:
                self._sender.wake()
