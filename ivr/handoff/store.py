"""The durable queue: nobody who was told of as waiting is lost, and nobody is given to two operators.

Every step is committed to the database before the method that makes it returns. The store may be used from
several threads and, on the same file, from several processes; open it after a fork, not before.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.database.columns import LARGEST_ID
from ivr.database.dialect import open_sqlite, open_url, place_of, reading, writing
from ivr.database.migrate import migrate
from ivr.errors import HandoffError, StateError, UnknownError
from ivr.handoff.queue import (
    ALLOWED_FROM,
    LEADS_TO,
    SETTLED,
    Handoff,
    Place,
    State,
    Step,
    StepKind,
    line_up,
    rank,
)
from ivr.handoff.schema import handoffs, steps
from ivr.meaning import HandoffRequest, Reason, SlotValue, Turn

_KNOWN_LATER = ("want", "reason", "slots", "transcript", "skills", "tried", "identity", "mood")
"""What a call may tell of itself when it is in the queue already."""
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a step changes beside the state; None leaves it as it is."""

    queue: str | None = None
    priority: int | None = None
    operator: str | None = None
    disposition: str | None = None
    notes: str | None = None
    call_back: str | None = None
    attempts: int | None = None
    not_before: datetime | None = None
    returned: bool | None = None

    def values(self) -> dict[str, Any]:
        """By column."""
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {
            name: _clean(value) if isinstance(value, str) else value
            for name, value in given
            if value is not None
        }


class HandoffStore:
    """Open with `open` (a file) or `connect` (a server); `close` it, or use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        try:
            migrate(engine, MIGRATIONS)
        except BaseException:
            engine.dispose()
            raise

    @classmethod
    def open(cls, path: Path) -> Self:
        """The queue in the SQLite file `path`, made or brought up to date. Raises StateError."""
        return cls(open_sqlite(path))

    @classmethod
    def connect(cls, url: str) -> Self:
        """The queue on a database server (SQLAlchemy URL). Raises ConfigError, StateError."""
        return cls(open_url(url))

    def close(self) -> None:
        """Let go of the database. Harmless when repeated."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enqueue(self, request: HandoffRequest) -> int:
        """Keep `request`; returns its number. The same call, moment and queue again give the same number.

        Raises StateError when it could not be kept, ValueError when `entered` has no offset.
        """
        entered = _moment(request.entered)
        known = select(handoffs.c.id).where(
            handoffs.c.call_id == _clean(request.call_id),
            handoffs.c.entered == entered,
            handoffs.c.queue == _clean(request.queue),
        )
        with writing(self._engine) as connection:
            try:
                with connection.begin_nested():
                    return _enter(connection, request, entered)
            except IntegrityError:
                return int(connection.execute(known).scalar_one())

    def update(self, handoff_id: int, request: HandoffRequest) -> None:
        """More is known of a call that was kept. Who still waits is moved to the request's queue, and may
        become more urgent, never less.

        Raises StateError; UnknownError for a number that does not exist.
        """
        known = {name: _plain(getattr(request, name)) for name in _KNOWN_LATER}
        with writing(self._engine) as connection:
            before = self._one(connection, handoff_id)
            if before.state is State.WAITING:
                priority = min(before.request.priority, request.priority)
                known |= {"queue": _clean(request.queue), "priority": priority}
            connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(known))

    def settle(self, handoff_id: int, disposition: str, *, now: datetime) -> None:
        """Nobody need come any more: one that waits is done. One that somebody took is theirs.

        Raises StateError; UnknownError for a number that does not exist.
        """
        _aware(now)
        with writing(self._engine) as connection:
            if self._one(connection, handoff_id).state is State.WAITING:
                step = Step(StepKind.DONE, now, note=disposition)
                _advance(connection, handoff_id, step, Changes(disposition=disposition))

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
        _aware(now)
        if not operator.strip():
            raise HandoffError("no operator is named", place="take", remedy="Say who takes it")
        waits = select(
            handoffs.c.id, handoffs.c.queue, handoffs.c.priority, handoffs.c.entered, handoffs.c.skills
        ).where(handoffs.c.state == State.WAITING)
        if queue is not None:
            waits = waits.where(handoffs.c.queue == queue)
        with writing(self._engine) as connection:
            if handoff_id is not None:
                self._one(connection, handoff_id)
                waits = waits.where(handoffs.c.id == handoff_id)
            places = [
                Place(row.id, row.queue, row.priority, row.entered, frozenset(row.skills))
                for row in connection.execute(waits)
            ]
            for place in line_up(places, now, queue=queue, skills=skills):
                step = Step(StepKind.TAKEN, now, operator)
                if _advance(connection, place.id, step, Changes(operator=operator)):
                    return self._one(connection, place.id)
        return None

    def done(self, handoff_id: int, disposition: str, notes: str = "", *, now: datetime) -> Handoff:
        """The operator settled it. The same again changes nothing.

        Raises UnknownError for a number that does not exist, HandoffError when nobody took it or it is
        already done in another way, StateError.
        """
        _aware(now)
        result = Changes(disposition=disposition, notes=notes)
        with writing(self._engine) as connection:
            before = self._one(connection, handoff_id)
            place = f"handoff {handoff_id}"
            if before.state is State.WAITING:
                raise HandoffError("nobody has taken it", place=place, remedy=f"ivr queue take {handoff_id}")
            step = Step(StepKind.DONE, now, before.operator, disposition)
            if _advance(connection, handoff_id, step, result):
                return self._one(connection, handoff_id)
            if before.state in (State.ABANDONED, State.GIVEN_UP):
                raise HandoffError(f"is {before.state}: there is nothing to settle", place=place)
            if {"disposition": before.disposition, "notes": before.notes} != result.values():
                raise HandoffError(f"is already done by {before.operator}: {before.disposition}", place=place)
            return before

    def advance(self, handoff_id: int, step: Step, changes: Changes | None = None) -> bool:
        """Make `step`; False when the handoff's state does not allow it: somebody else was faster.

        Raises StateError; UnknownError for a number that does not exist.
        """
        _aware(step.at)
        with writing(self._engine) as connection:
            if _advance(connection, handoff_id, step, changes or Changes()):
                return True
            self._one(connection, handoff_id)
            return False

    def note(self, handoff_id: int, notes: str) -> None:
        """Keep `notes` on a handoff that is not settled yet; no step. Raises StateError."""
        open_one = (handoffs.c.id == handoff_id) & handoffs.c.state.not_in(SETTLED)
        with writing(self._engine) as connection:
            connection.execute(update(handoffs).where(open_one).values(notes=_clean(notes)))

    def unsettled(self) -> tuple[Handoff, ...]:
        """Everybody who waits, talks or is to be written up, in the order of their numbers."""
        query = select(handoffs).where(handoffs.c.state.not_in(SETTLED)).order_by(handoffs.c.id)
        with reading(self._engine) as connection:
            return tuple(self._handoff(row) for row in connection.execute(query))

    def get(self, handoff_id: int) -> Handoff:
        """Number `handoff_id`. Raises UnknownError when there is none."""
        with reading(self._engine) as connection:
            return self._one(connection, handoff_id)

    def history(self, handoff_id: int) -> tuple[Step, ...]:
        """What happened to number `handoff_id`, oldest first. Raises UnknownError when there is none."""
        query = select(steps).where(steps.c.handoff_id == handoff_id).order_by(steps.c.id)
        with reading(self._engine) as connection:
            self._one(connection, handoff_id)
            return tuple(Step(row.kind, row.at, row.who, row.note) for row in connection.execute(query))

    def find(self, query: Select[Any]) -> tuple[Handoff, ...]:
        """The handoffs of a query on their table. Raises StateError."""
        with reading(self._engine) as connection:
            return tuple(self._handoff(row) for row in connection.execute(query))

    def steps_of(self, query: Select[Any]) -> tuple[tuple[Any, ...], ...]:
        """The rows of a query on the steps. Raises StateError."""
        with reading(self._engine) as connection:
            return tuple(tuple(row) for row in connection.execute(query))

    def _in_state(self, state: State, queue: str | None) -> tuple[Handoff, ...]:
        query = select(handoffs).where(handoffs.c.state == state).order_by(handoffs.c.id)
        if queue is not None:
            query = query.where(handoffs.c.queue == queue)
        with reading(self._engine) as connection:
            return tuple(self._handoff(row) for row in connection.execute(query))

    def _one(self, connection: Connection, handoff_id: int) -> Handoff:
        query: Select[Any] = select(handoffs).where(handoffs.c.id == handoff_id)
        row = connection.execute(query).one_or_none() if 0 < handoff_id <= LARGEST_ID else None
        if row is None:
            raise UnknownError(
                "there is no such handoff", place=f"handoff {handoff_id}", remedy="ivr queue list shows them"
            )
        return self._handoff(row)

    def _handoff(self, row: Row[Any]) -> Handoff:
        try:
            request = HandoffRequest(
                call_id=row.call_id,
                desk=row.desk,
                queue=row.queue,
                caller=row.caller,
                want=row.want,
                reason=Reason(row.reason),
                entered=row.entered_local,
                waited=row.waited,
                transcript=tuple(Turn(**turn) for turn in row.transcript),
                slots=tuple(SlotValue(**slot) for slot in row.slots),
                skills=tuple(row.skills),
                priority=row.priority,
                tried=tuple(row.tried),
                identity=row.identity,
                mood=row.mood,
            )
        except (TypeError, ValueError) as error:
            raise StateError(
                f"handoff {row.id} cannot be read ({error})",
                place=place_of(self._engine),
                remedy="Mend that row, or restore the file from a copy",
            ) from None
        return Handoff(
            row.id,
            request,
            row.entered,
            row.state,
            row.operator,
            row.disposition,
            row.notes,
            row.call_back,
            row.attempts,
            row.not_before,
            row.returned,
        )


def _enter(connection: Connection, request: HandoffRequest, entered: datetime) -> int:
    values = {field.name: _plain(getattr(request, field.name)) for field in fields(request)}
    values |= {"entered": entered, "entered_local": request.entered, "state": LEADS_TO[StepKind.ENTERED]}
    key = connection.execute(insert(handoffs).values(values)).inserted_primary_key
    assert key is not None
    number = int(key[0])
    _write_down(connection, number, Step(StepKind.ENTERED, entered, note=request.reason))
    return number


def _advance(connection: Connection, handoff_id: int, step: Step, changes: Changes) -> bool:
    """Make `step` if the handoff's state allows it; of several who try at once exactly one succeeds."""
    allowed = handoffs.c.state.in_(ALLOWED_FROM[step.kind])
    change = update(handoffs).where(handoffs.c.id == handoff_id, allowed)
    if connection.execute(change.values(state=LEADS_TO[step.kind], **changes.values())).rowcount != 1:
        return False
    _write_down(connection, handoff_id, step)
    return True


def _write_down(connection: Connection, handoff_id: int, step: Step) -> None:
    row = {"kind": step.kind, "at": step.at, "who": _clean(step.who), "note": _clean(step.note)}
    connection.execute(insert(steps).values(handoff_id=handoff_id, **row))


def _plain(value: object) -> Any:
    """`value` as plain data that every database takes: nobody is lost over a broken character or score."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return float(value) if math.isfinite(value) else 0.0
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _clean(words: str) -> str:
    """`words` without lone surrogates and NUL, which no database keeps as text."""
    return str(words).encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _moment(iso: str) -> datetime:
    moment = datetime.fromisoformat(iso)
    _aware(moment)
    return moment


def _aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset from UTC")
