"""What is to be sent, on disk until somebody took it. Several programs may open the same file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ivr.database.columns import LARGEST_ID
from ivr.database.dialect import reading, writing
from ivr.database.store import Store
from ivr.errors import UnknownError
from ivr.webhooks.schema import Fate, deliveries, marks

KEPT_DAYS = 7
"""How long is remembered what was sent."""
MOST_ROWS = 500
_LONGEST_TROUBLE = 300


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that happened, for one target. `data` is plain JSON; `at` has an offset."""

    target: str
    kind: str
    at: datetime
    data: Mapping[str, object]

    def body(self) -> str:
        """As it is sent, in the form of Standard Webhooks."""
        told = {"type": self.kind, "timestamp": self.at.isoformat(), "data": dict(self.data)}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it is kept. `trouble`: why the latest attempt failed."""

    id: int
    target: str
    kind: str
    body: str
    made: datetime
    fate: Fate
    attempts: int
    trouble: str


class Outbox(Store):
    """What waits to be sent, what was sent lately, and what nobody took."""

    migrations = Path(__file__).parent / "migrations"

    def put(self, messages: Iterable[Message], *, source: str = "", place: int = 0) -> tuple[int, ...]:
        """Keep them, in order, and in the same step that `source` was read up to `place`; their numbers."""
        with writing(self._engine) as connection:
            numbers = tuple(_put(connection, one) for one in messages)
            if source:
                _mark(connection, source, place)
        return numbers

    def place(self, source: str) -> int | None:
        """How far `source` was read; None when it never was."""
        with reading(self._engine) as connection:
            found = connection.execute(select(marks.c.place).where(marks.c.source == source)).scalar()
        return None if found is None else int(found)

    def waiting(self, most: int = MOST_ROWS) -> tuple[Delivery, ...]:
        """What is to be sent, the oldest first."""
        return self._found(Fate.WAITING, most)

    def dead(self, most: int = MOST_ROWS) -> tuple[Delivery, ...]:
        """What nobody took, the oldest first."""
        return self._found(Fate.DEAD, most)

    def undelivered(self, kind: str, most: int = MOST_ROWS) -> tuple[Delivery, ...]:
        """What of this kind was tried and not taken, given up or not, the oldest first."""
        tried = (deliveries.c.fate == Fate.DEAD) | (
            (deliveries.c.fate == Fate.WAITING) & (deliveries.c.attempts > 0)
        )
        query = select(deliveries).where(deliveries.c.kind == kind, tried).order_by(deliveries.c.id)
        with reading(self._engine) as connection:
            return tuple(_delivery(row) for row in connection.execute(query.limit(most)))

    def told(self, number: int) -> None:
        """The receiver knows it by other means."""
        self._change(number, fate=Fate.TOLD)

    def sent(self, number: int) -> None:
        """Somebody took it."""
        self._change(number, fate=Fate.SENT, trouble="", attempts=deliveries.c.attempts + 1)

    def failed(self, number: int, trouble: str) -> None:
        """An attempt was for nothing."""
        self._change(number, trouble=trouble[:_LONGEST_TROUBLE], attempts=deliveries.c.attempts + 1)

    def bury(self, number: int, trouble: str) -> None:
        """Nobody will take it: into the list of the dead."""
        self._change(number, fate=Fate.DEAD, trouble=trouble[:_LONGEST_TROUBLE])

    def revive(self, number: int | None = None) -> int:
        """Send number `number`, or everything that nobody took, again; how many. Raises UnknownError."""
        change = update(deliveries).where(deliveries.c.fate == Fate.DEAD)
        if number is not None:
            change = change.where(deliveries.c.id == min(max(number, 0), LARGEST_ID))
        with writing(self._engine) as connection:
            count = connection.execute(change.values(fate=Fate.WAITING, attempts=0)).rowcount
        if number is not None and not count:
            raise UnknownError(
                "is not in the list of what nobody took",
                place=f"delivery {number}",
                remedy="ivr queue webhooks shows it",
            )
        return count

    def forget(self, now: datetime) -> None:
        """Let go of what was sent, or told, long ago."""
        old = deliveries.c.fate.in_([Fate.SENT, Fate.TOLD]) & (
            deliveries.c.made < now - timedelta(days=KEPT_DAYS)
        )
        with writing(self._engine) as connection:
            connection.execute(delete(deliveries).where(old))

    def forget_dead(self, before: datetime, *, dry_run: bool = False) -> int:
        """Let go of what nobody took and that was made before; how many."""
        old = (deliveries.c.fate == Fate.DEAD) & (deliveries.c.made < before)
        if dry_run:
            with reading(self._engine) as connection:
                return int(connection.execute(select(func.count()).where(old)).scalar_one())
        with writing(self._engine) as connection:
            return connection.execute(delete(deliveries).where(old)).rowcount

    def _found(self, fate: Fate, most: int) -> tuple[Delivery, ...]:
        query = select(deliveries).where(deliveries.c.fate == fate).order_by(deliveries.c.id).limit(most)
        with reading(self._engine) as connection:
            return tuple(_delivery(row) for row in connection.execute(query))

    def _change(self, number: int, **values: object) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(deliveries.c.id == number).values(**values))


def _put(connection: Connection, message: Message) -> int:
    values = {
        "target": message.target,
        "kind": message.kind,
        "body": message.body().encode("utf-8", "replace").decode(),
        "made": message.at,
        "fate": Fate.WAITING,
    }
    key = connection.execute(insert(deliveries).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _mark(connection: Connection, source: str, place: int) -> None:
    changed = connection.execute(update(marks).where(marks.c.source == source).values(place=place))
    if not changed.rowcount:
        connection.execute(insert(marks).values(source=source, place=place))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.id, row.target, row.kind, row.body, row.made, row.fate, row.attempts, row.trouble)
