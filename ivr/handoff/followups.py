"""The durable follow-ups, in the database of the queue. What happens to one is on disk before it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, or_, select

from ivr.database.columns import LARGEST_ID
from ivr.database.dialect import place_of, reading, writing
from ivr.errors import HandoffError, StateError, UnknownError
from ivr.handoff import promises
from ivr.handoff.followup import (
    UNSETTLED,
    FollowUp,
    FollowUpState,
    FollowUpStep,
    FollowUpStepKind,
    by_urgency,
    to_alarm,
)
from ivr.handoff.plain import aware
from ivr.handoff.queue import State, Step, StepKind
from ivr.handoff.rows import Changes, advance
from ivr.handoff.schema import follow_up_steps, follow_ups, handoffs
from ivr.handover import FollowUpKind, FollowUpRequest
from ivr.meaning import SlotValue

MOST = 500
_SETTLES_THE_CALL = frozenset({FollowUpKind.CALL_BACK, FollowUpKind.MESSAGE})
_SEARCHED = ("what", "caller", "contact", "addressee", "owner", "desk", "call_id", "queue", "outcome")


@dataclass(frozen=True, slots=True)
class Counts:
    """Follow-ups of a queue that are not settled, and how many of them are overdue."""

    open: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class NumberedFollowUpStep:
    """A step with its number, which counts over all follow-ups, and its follow-up as it is now."""

    number: int
    step: FollowUpStep
    follow_up: FollowUp


class FollowUps:
    """The follow-ups of a `HandoffStore`. Every method raises StateError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, request: FollowUpRequest) -> int:
        """Keep `request`; returns its number. Raises ValueError for a time without an offset."""
        with writing(self._engine) as connection:
            return promises.make(connection, request)

    def get(self, number: int) -> FollowUp:
        """Number `number`. Raises UnknownError when there is none."""
        with reading(self._engine) as connection:
            return self._one(connection, number)

    def history(self, number: int) -> tuple[FollowUpStep, ...]:
        """What happened to number `number`, oldest first. Raises UnknownError when there is none."""
        table = follow_up_steps
        query = select(table).where(table.c.follow_up_id == number).order_by(table.c.id)
        with reading(self._engine) as connection:
            self._one(connection, number)
            return tuple(
                FollowUpStep(row.kind, row.at, row.who, row.note) for row in connection.execute(query)
            )

    def find(
        self,
        words: str = "",
        *,
        settled: bool | None = False,
        kind: FollowUpKind | None = None,
        queues: frozenset[str] | None = None,
        owner: str | None = None,
        overdue_at: datetime | None = None,
        most: int = MOST,
    ) -> tuple[FollowUp, ...]:
        """Follow-ups, overdue ones first, then by their time; settled ones last, the latest first.

        words       each must be in what is to be done, a number, a name, the desk, the call or the queue
        settled     whether those that are settled are meant; None for all
        queues      only these; None for all
        overdue_at  only what is overdue then
        """
        query = _all()
        if settled is not None:
            unsettled = follow_ups.c.state.in_(UNSETTLED)
            query = query.where(~unsettled if settled else unsettled)
        if kind is not None:
            query = query.where(follow_ups.c.kind == kind)
        if queues is not None:
            query = query.where(follow_ups.c.queue.in_(queues))
        if owner is not None:
            query = query.where(follow_ups.c.owner == owner)
        if overdue_at is not None:
            query = query.where(follow_ups.c.due <= overdue_at)
        for word in words.split()[:10]:
            named = (follow_ups.c[name].contains(word, autoescape=True) for name in _SEARCHED)
            query = query.where(or_(*named))
        if settled:
            query = query.order_by(follow_ups.c.settled.desc(), follow_ups.c.id.desc())
        else:
            query = query.order_by(follow_ups.c.due.is_(None), follow_ups.c.due, follow_ups.c.id)
        with reading(self._engine) as connection:
            return by_urgency(self._read(row) for row in connection.execute(query.limit(most)))

    def made_between(self, since: datetime, until: datetime) -> dict[str, tuple[FollowUp, ...]]:
        """What was promised from `since` until before `until`, by the id of the call."""
        query = _all().where(follow_ups.c.made >= since, follow_ups.c.made < until)
        found: dict[str, list[FollowUp]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query.order_by(follow_ups.c.id)):
                found.setdefault(row.call_id, []).append(self._read(row))
        return {call: tuple(some) for call, some in found.items()}

    def counts(self, now: datetime) -> dict[str, Counts]:
        """What is not settled, by queue."""
        overdue = func.sum((follow_ups.c.due <= now).cast(follow_ups.c.id.type))
        query = select(follow_ups.c.queue, func.count(), overdue).where(follow_ups.c.state.in_(UNSETTLED))
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(follow_ups.c.queue))
            return {queue: Counts(count, int(late or 0)) for queue, count, late in rows}

    # --- steps -------------------------------------------------------------------------------------------

    def take(self, number: int, operator: str, *, now: datetime) -> FollowUp:
        """`operator` does it. Raises HandoffError when somebody else does already, or it is settled."""
        with writing(self._engine) as connection:
            before = self._one(connection, number)
            if before.owner not in ("", operator):
                raise HandoffError(
                    f"is {before.owner}'s", place=_place(number), remedy="Let them reassign it"
                )
            step = FollowUpStep(FollowUpStepKind.TAKEN, now, operator)
            return self._step(connection, number, step, owner=operator)

    def reassign(self, number: int, owner: str, *, by: str, now: datetime) -> FollowUp:
        """`owner` does it from now on."""
        step = FollowUpStep(FollowUpStepKind.REASSIGNED, now, by, f"to {owner}")
        return self._advance(number, step, owner=owner)

    def note(self, number: int, note: str, *, by: str, now: datetime) -> FollowUp:
        """Remember something about it."""
        return self._advance(number, FollowUpStep(FollowUpStepKind.NOTED, now, by, note))

    def postpone(self, number: int, due: datetime, *, by: str, now: datetime) -> FollowUp:
        """Another time was agreed; when that has come, it alarms again."""
        aware(due)
        local = due.isoformat(timespec="seconds")
        step = FollowUpStep(FollowUpStepKind.POSTPONED, now, by, f"to {local}")
        return self._advance(number, step, due=due, due_local=local, alarmed=None)

    def settle(
        self, number: int, kind: FollowUpStepKind, outcome: str, *, by: str, now: datetime
    ) -> FollowUp:
        """It is done, missed or cancelled; who still waits for a call-back in the queue waits no more.

        Raises HandoffError when it was settled before, unless in the very same way.
        """
        with writing(self._engine) as connection:
            before = self._one(connection, number)
            step = FollowUpStep(kind, now, by, outcome)
            if before.state.value == kind.value and before.outcome == outcome:
                return before
            after = self._step(connection, number, step, owner=before.owner or by, outcome=outcome)
            if before.handoff is not None and before.request.kind in _SETTLES_THE_CALL:
                query = select(handoffs.c.state).where(handoffs.c.id == before.handoff)
                if connection.execute(query).scalar() is State.WAITING:
                    done = Step(StepKind.DONE, now, by, f"follow-up {number}: {outcome or kind.value}")
                    advance(connection, before.handoff, done, Changes(operator=by, disposition=outcome))
            return after

    def reopen(self, number: int, *, by: str, now: datetime) -> FollowUp:
        """It is to be done after all."""
        return self._advance(number, FollowUpStep(FollowUpStepKind.REOPENED, now, by), owner="", outcome="")

    def alarm(self, now: datetime) -> tuple[FollowUp, ...]:
        """Those that became overdue, each once for the time that was promised, also after a crash."""
        aware(now)
        late = (follow_ups.c.due <= now) & follow_ups.c.alarmed.is_(None)
        query = _all().where(follow_ups.c.state.in_(UNSETTLED), late)
        with reading(self._engine) as connection:
            if connection.execute(query.limit(1)).first() is None:
                return ()
        with writing(self._engine) as connection:
            found = to_alarm([self._read(row) for row in connection.execute(query)], now)
            for one in found:
                promises.advance(connection, one.id, FollowUpStep(FollowUpStepKind.OVERDUE, now), alarmed=now)
            return found

    # --- for other programs ------------------------------------------------------------------------------

    def last_step(self) -> int:
        """The number of the latest step, 0 for none."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.max(follow_up_steps.c.id))).scalar() or 0)

    def steps_after(self, number: int, most: int = 200) -> tuple[NumberedFollowUpStep, ...]:
        """The steps that came after `number`, oldest first."""
        table = follow_up_steps
        query = select(table).where(table.c.id > number).order_by(table.c.id).limit(most)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            wanted = {row.follow_up_id for row in rows}
            known = connection.execute(_all().where(follow_ups.c.id.in_(wanted)))
            by_id = {row.id: self._read(row) for row in known}
            return tuple(
                NumberedFollowUpStep(
                    row.id, FollowUpStep(row.kind, row.at, row.who, row.note), by_id[row.follow_up_id]
                )
                for row in rows
            )

    # --- rows --------------------------------------------------------------------------------------------

    def _advance(self, number: int, step: FollowUpStep, **changes: object) -> FollowUp:
        with writing(self._engine) as connection:
            return self._step(connection, number, step, **changes)

    def _step(self, connection: Connection, number: int, step: FollowUpStep, **changes: object) -> FollowUp:
        """Raises HandoffError when its state does not allow the step, UnknownError when there is none."""
        aware(step.at)
        before = self._one(connection, number)
        if not promises.advance(connection, number, step, **changes):
            who = f" by {before.owner}" if before.owner else ""
            raise HandoffError(f"is {before.state.value}{who} already", place=_place(number))
        return self._one(connection, number)

    def _one(self, connection: Connection, number: int) -> FollowUp:
        row = None
        if 0 < number <= LARGEST_ID:
            row = connection.execute(_all().where(follow_ups.c.id == number)).one_or_none()
        if row is None:
            remedy = "ivr followups list shows them"
            raise UnknownError("there is no such follow-up", place=_place(number), remedy=remedy)
        return self._read(row)

    def _read(self, row: Row[Any]) -> FollowUp:
        try:
            request = FollowUpRequest(
                call_id=row.call_id,
                desk=row.desk,
                queue=row.queue,
                kind=row.kind,
                what=row.what,
                made=row.made_local,
                due=row.due_local,
                caller=row.caller,
                contact=row.contact,
                addressee=row.addressee,
                slots=tuple(SlotValue(**slot) for slot in row.slots),
            )
            return FollowUp(
                row.id,
                request,
                row.made,
                row.due,
                FollowUpState(row.state),
                row.owner,
                row.outcome,
                row.settled,
                row.alarmed,
                row.handoff,
            )
        except (TypeError, ValueError) as error:
            what, remedy = f"follow-up {row.id} cannot be read ({error})", "Mend that row"
            raise StateError(what, place=place_of(self._engine), remedy=remedy) from None


def _all() -> Select[Any]:
    """Follow-ups, each with the handoff of its call."""
    handoff = (
        select(func.max(handoffs.c.id)).where(handoffs.c.call_id == follow_ups.c.call_id).scalar_subquery()
    )
    return select(follow_ups, handoff.label("handoff"))


def _place(number: int) -> str:
    return f"follow-up {number}"
