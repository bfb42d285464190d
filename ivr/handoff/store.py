"""The durable queue: nobody who was told of as waiting is lost, and nobody is given to two operators.

Every step is committed to the database before the method that makes it returns. The store may be used from
several threads and, on the same file, from several processes; open it after a fork, not before.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from ivr.database.dialect import reading, writing
from ivr.database.store import Store
from ivr.errors import HandoffError
from ivr.handoff import promises
from ivr.handoff.followups import FollowUps
from ivr.handoff.plain import aware, clean, moment, plain
from ivr.handoff.queue import SETTLED, Handoff, Place, State, Step, StepKind, line_up, rank
from ivr.handoff.rows import Changes, advance, enter, handoff_of, one
from ivr.handoff.rules import URGENT
from ivr.handoff.schema import handoffs, steps
from ivr.handover import FollowUpRequest, HandoffRequest

_KNOWN_LATER = ("want", "reason", "slots", "transcript", "skills", "tried", "identity", "mood")
"""What a call may tell of itself when it is in the queue already."""


def _tells_more(before: HandoffRequest, now: HandoffRequest) -> bool:
    """Whether whoever is dispatched has to know: another want, other facts, another place to go to."""
    facts = [tuple((slot.name, slot.value) for slot in one.slots) for one in (before, now)]
    urgent = before.priority != URGENT and now.priority == URGENT
    return urgent or facts[0] != facts[1] or (before.want, before.queue) != (now.want, now.queue)


class HandoffStore(Store):
    """Who waits for a person, who is with one, and everything that happened to them."""

    migrations = Path(__file__).parent / "migrations"

    @property
    def follow_ups(self) -> FollowUps:
        """What is to be done for callers after their calls, in the same database."""
        return FollowUps(self._engine)

    def enqueue(self, request: HandoffRequest) -> int:
        """Keep `request`; returns its number. The same call, moment and queue again give the same number.

        Raises StateError when it could not be kept, ValueError when `entered` has no offset.
        """
        entered = moment(request.entered)
        known = select(handoffs.c.id).where(
            handoffs.c.call_id == clean(request.call_id),
            handoffs.c.entered == entered,
            handoffs.c.queue == clean(request.queue),
        )
        with writing(self._engine) as connection:
            try:
                with connection.begin_nested():
                    return enter(connection, request, entered)
            except IntegrityError:
                return int(connection.execute(known).scalar_one())

    def update(self, handoff_id: int, request: HandoffRequest) -> None:
        """More is known of a call that was kept. Who still waits is moved to the request's queue, and may
        become more urgent, never less.

        Raises StateError; UnknownError for a number that does not exist.
        """
        known = {name: plain(getattr(request, name)) for name in _KNOWN_LATER}
        with writing(self._engine) as connection:
            before = one(connection, handoff_id)
            if before.state is State.WAITING:
                priority = min(before.request.priority, request.priority)
                known |= {"queue": clean(request.queue), "priority": priority}
            connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(known))
            if before.state is State.WAITING and priority == URGENT and _tells_more(before.request, request):
                informed = Step(StepKind.INFORMED, moment(request.entered))
                advance(connection, handoff_id, informed, Changes())

    def settle(self, handoff_id: int, disposition: str, *, now: datetime) -> None:
        """Nobody need come any more: one that waits is done. One that somebody took is theirs.

        Raises StateError; UnknownError for a number that does not exist.
        """
        aware(now)
        with writing(self._engine) as connection:
            if one(connection, handoff_id).state is State.WAITING:
                step = Step(StepKind.DONE, now, note=disposition)
                advance(connection, handoff_id, step, Changes(disposition=disposition))

    def promise(self, request: FollowUpRequest) -> int:
        """Keep what is promised to a caller; returns its number. Raises StateError."""
        return self.follow_ups.add(request)

    def waiting(self, queue: str | None = None, *, now: datetime) -> tuple[Handoff, ...]:
        """Who waits (in `queue`), first who is next."""
        found = self._in_state(State.WAITING, queue)
        return tuple(sorted(found, key=lambda handoff: rank(handoff.place, now)))

    def taken(self, queue: str | None = None) -> tuple[Handoff, ...]:
        """Who is with an operator (from `queue`), in the order of their numbers."""
        return self._in_state(State.TAKEN, queue)

    def take(
        self,
        operator: str,
        *,
        now: datetime,
        queue: str | None = None,
        handoff_id: int | None = None,
        skills: AbstractSet[str] | None = None,
    ) -> Handoff | None:
        """Give `operator` the next who waits, or number `handoff_id` if that still waits; None when nobody.

        skills  only handoffs that need none but these; None for an operator who may take any
        Raises HandoffError without a name, UnknownError for a number that does not exist, StateError.
        """
        aware(now)
        if not operator.strip():
            raise HandoffError("no operator is named", place="take", remedy="Say who takes it")
        waits = select(
            handoffs.c.id, handoffs.c.queue, handoffs.c.priority, handoffs.c.entered, handoffs.c.skills
        ).where(handoffs.c.state == State.WAITING)
        if queue is not None:
            waits = waits.where(handoffs.c.queue == queue)
        with writing(self._engine) as connection:
            if handoff_id is not None:
                one(connection, handoff_id)
                waits = waits.where(handoffs.c.id == handoff_id)
            places = [
                Place(row.id, row.queue, row.priority, row.entered, frozenset(row.skills))
                for row in connection.execute(waits)
            ]
            for place in line_up(places, now, queue=queue, skills=skills):
                step = Step(StepKind.TAKEN, now, operator)
                if advance(connection, place.id, step, Changes(operator=operator)):
                    return one(connection, place.id)
        return None

    def done(self, handoff_id: int, disposition: str, notes: str = "", *, now: datetime) -> Handoff:
        """The operator settled it. The same again changes nothing.

        Raises UnknownError for a number that does not exist, HandoffError when nobody took it or it is
        already done in another way, StateError.
        """
        aware(now)
        result = Changes(disposition=disposition, notes=notes)
        with writing(self._engine) as connection:
            before = one(connection, handoff_id)
            place = f"handoff {handoff_id}"
            if before.state is State.WAITING:
                raise HandoffError("nobody has taken it", place=place, remedy=f"ivr queue take {handoff_id}")
            step = Step(StepKind.DONE, now, before.operator, disposition)
            if advance(connection, handoff_id, step, result):
                return one(connection, handoff_id)
            if before.state in (State.ABANDONED, State.GIVEN_UP):
                raise HandoffError(f"is {before.state}: there is nothing to settle", place=place)
            if {"disposition": before.disposition, "notes": before.notes} != result.values():
                raise HandoffError(f"is already done by {before.operator}: {before.disposition}", place=place)
            return before

    def advance(
        self,
        handoff_id: int,
        step: Step,
        changes: Changes | None = None,
        promise: FollowUpRequest | None = None,
    ) -> bool:
        """Make `step`; False when the handoff's state does not allow it: somebody else was faster.

        promise  what is promised to the caller with the step
        Raises StateError; UnknownError for a number that does not exist.
        """
        aware(step.at)
        with writing(self._engine) as connection:
            if advance(connection, handoff_id, step, changes or Changes()):
                if promise is not None:
                    promises.make(connection, promise)
                return True
            one(connection, handoff_id)
            return False

    def note(self, handoff_id: int, notes: str) -> None:
        """Keep `notes` on a handoff that is not settled yet; no step. Raises StateError."""
        open_one = (handoffs.c.id == handoff_id) & handoffs.c.state.not_in(SETTLED)
        with writing(self._engine) as connection:
            connection.execute(update(handoffs).where(open_one).values(notes=clean(notes)))

    def unsettled(self) -> tuple[Handoff, ...]:
        """Everybody who waits, talks or is to be written up, in the order of their numbers."""
        query = select(handoffs).where(handoffs.c.state.not_in(SETTLED)).order_by(handoffs.c.id)
        with reading(self._engine) as connection:
            return tuple(handoff_of(row, connection) for row in connection.execute(query))

    def get(self, handoff_id: int) -> Handoff:
        """Number `handoff_id`. Raises UnknownError when there is none."""
        with reading(self._engine) as connection:
            return one(connection, handoff_id)

    def history(self, handoff_id: int) -> tuple[Step, ...]:
        """What happened to number `handoff_id`, oldest first. Raises UnknownError when there is none."""
        query = select(steps).where(steps.c.handoff_id == handoff_id).order_by(steps.c.id)
        with reading(self._engine) as connection:
            one(connection, handoff_id)
            return tuple(Step(row.kind, row.at, row.who, row.note) for row in connection.execute(query))

    def find(self, query: Select[Any]) -> tuple[Handoff, ...]:
        """The handoffs of a query on their table. Raises StateError."""
        with reading(self._engine) as connection:
            return tuple(handoff_of(row, connection) for row in connection.execute(query))

    def steps_of(self, query: Select[Any]) -> tuple[tuple[Any, ...], ...]:
        """The rows of a query on the steps. Raises StateError."""
        with reading(self._engine) as connection:
            return tuple(tuple(row) for row in connection.execute(query))

    def _in_state(self, state: State, queue: str | None) -> tuple[Handoff, ...]:
        query = select(handoffs).where(handoffs.c.state == state).order_by(handoffs.c.id)
        if queue is not None:
            query = query.where(handoffs.c.queue == queue)
        with reading(self._engine) as connection:
            return tuple(handoff_of(row, connection) for row in connection.execute(query))
