"""Letting go of what is settled: cases and follow-ups after their time, before that what was said in them.

Each transaction takes a few whole ones with all their steps, so that a stop in the middle leaves nothing half
deleted, and callers who enter the queue meanwhile hardly wait. What is not settled always stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, cast, delete, exists, func, select, update
from sqlalchemy.types import Text

from ivr.database.dialect import reading, writing
from ivr.handoff import followup
from ivr.handoff.plain import aware
from ivr.handoff.queue import SETTLED
from ivr.handoff.schema import follow_up_steps, follow_ups, handoffs, steps
from ivr.handoff.store import HandoffStore

BATCH = 200
"""Rows a transaction."""

_EMPTY = "[]"


def forget_cases(store: HandoffStore, before: datetime, *, dry_run: bool = False) -> int:
    """Delete settled handoffs that entered before, unless something is to be done for their caller; how many.

    Raises StateError.
    """
    aware(before)
    owed = exists().where(
        follow_ups.c.call_id == handoffs.c.call_id, follow_ups.c.state.in_(followup.UNSETTLED)
    )
    old = handoffs.c.state.in_(SETTLED) & (handoffs.c.entered < before) & ~owed

    def take(connection: Connection, numbers: tuple[int, ...]) -> None:
        connection.execute(delete(steps).where(steps.c.handoff_id.in_(numbers)))
        connection.execute(delete(handoffs).where(handoffs.c.id.in_(numbers)))

    return _in_batches(store, handoffs, old, take, dry_run)


def forget_words(store: HandoffStore, before: datetime, *, dry_run: bool = False) -> int:
    """Empty transcript and facts of settled handoffs that entered before; how many. Raises StateError."""
    aware(before)
    said = (cast(handoffs.c.transcript, Text) != _EMPTY) | (cast(handoffs.c.slots, Text) != _EMPTY)
    old = handoffs.c.state.in_(SETTLED) & (handoffs.c.entered < before) & said

    def take(connection: Connection, numbers: tuple[int, ...]) -> None:
        nothing: dict[str, list[object]] = {"transcript": [], "slots": []}
        connection.execute(update(handoffs).where(handoffs.c.id.in_(numbers)).values(**nothing))

    return _in_batches(store, handoffs, old, take, dry_run)


def forget_follow_ups(store: HandoffStore, before: datetime, *, dry_run: bool = False) -> int:
    """Delete follow-ups that were settled before; how many. Raises StateError."""
    aware(before)
    old = follow_ups.c.state.in_(followup.SETTLED) & (follow_ups.c.settled < before)

    def take(connection: Connection, numbers: tuple[int, ...]) -> None:
        connection.execute(delete(follow_up_steps).where(follow_up_steps.c.follow_up_id.in_(numbers)))
        connection.execute(delete(follow_ups).where(follow_ups.c.id.in_(numbers)))

    return _in_batches(store, follow_ups, old, take, dry_run)


def _in_batches(
    store: HandoffStore,
    table: Table,
    old: ColumnElement[bool],
    take: Callable[[Connection, tuple[int, ...]], None],
    dry_run: bool,
) -> int:
    engine = store.engine
    if dry_run:
        with reading(engine) as connection:
            return int(connection.execute(select(func.count()).select_from(table).where(old)).scalar_one())
    count = 0
    while True:
        with writing(engine) as connection:
            query = select(table.c.id).where(old).order_by(table.c.id).limit(BATCH)
            numbers = tuple(connection.execute(query).scalars())
            if not numbers:
                return count
            take(connection, numbers)
        count += len(numbers)
