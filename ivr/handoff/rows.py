"""One handoff in the tables: what a request becomes as a row, what a row means, and the steps it takes.

Each function works within the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from ivr.database.columns import LARGEST_ID
from ivr.database.dialect import place_of
from ivr.errors import StateError, UnknownError
from ivr.handoff.plain import clean, plain
from ivr.handoff.promises import after
from ivr.handoff.queue import ALLOWED_FROM, LEADS_TO, Handoff, Step, StepKind
from ivr.handoff.schema import handoffs, steps
from ivr.handover import HandoffRequest, Reason, Turn
from ivr.meaning import SlotValue


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
            name: clean(value) if isinstance(value, str) else value
            for name, value in given
            if value is not None
        }


def one(connection: Connection, handoff_id: int) -> Handoff:
    """Number `handoff_id`. Raises UnknownError when there is none."""
    query: Select[Any] = select(handoffs).where(handoffs.c.id == handoff_id)
    row = connection.execute(query).one_or_none() if 0 < handoff_id <= LARGEST_ID else None
    if row is None:
        raise UnknownError(
            "there is no such handoff", place=f"handoff {handoff_id}", remedy="ivr queue list shows them"
        )
    return handoff_of(row, connection)


def handoff_of(row: Row[Any], connection: Connection) -> Handoff:
    """A row of the handoffs. Raises StateError when it holds what none can hold."""
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
            place=place_of(connection.engine),
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


def enter(connection: Connection, request: HandoffRequest, entered: datetime) -> int:
    """A new handoff; its number. Raises IntegrityError for the same call, moment and queue."""
    values = {field.name: plain(getattr(request, field.name)) for field in fields(request)}
    values |= {"entered": entered, "entered_local": request.entered, "state": LEADS_TO[StepKind.ENTERED]}
    key = connection.execute(insert(handoffs).values(values)).inserted_primary_key
    assert key is not None
    number = int(key[0])
    _write_down(connection, number, Step(StepKind.ENTERED, entered, note=request.reason))
    return number


def advance(connection: Connection, handoff_id: int, step: Step, changes: Changes) -> bool:
    """Make `step` if the handoff's state allows it; of several who try at once exactly one succeeds."""
    allowed = handoffs.c.state.in_(ALLOWED_FROM[step.kind])
    change = update(handoffs).where(handoffs.c.id == handoff_id, allowed)
    if connection.execute(change.values(state=LEADS_TO[step.kind], **changes.values())).rowcount != 1:
        return False
    _write_down(connection, handoff_id, step)
    after(connection, handoff_id, step, changes.disposition or "")
    return True


def _write_down(connection: Connection, handoff_id: int, step: Step) -> None:
    row = {"kind": step.kind, "at": step.at, "who": clean(step.who), "note": clean(step.note)}
    connection.execute(insert(steps).values(handoff_id=handoff_id, **row))
