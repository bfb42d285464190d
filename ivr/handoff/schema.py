"""The tables of the queue. What is in them now; how they came to be is in `ivr.handoff.migrations`."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from ivr.handoff.queue import State, StepKind

LARGEST_ID = 2**63 - 1


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept in UTC; databases without time zones get the bare UTC time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


def _enum(kind: type[enum.Enum]) -> Enum:
    # Kept as text without a check in the database: a new state needs no migration.
    return Enum(kind, native_enum=False, create_constraint=False, length=32, values_callable=_values)


_Id = BigInteger().with_variant(Integer, "sqlite")
_Json: type[JSON] = JSON

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, default="")


handoffs = Table(
    "handoffs",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("call_id", Text, nullable=False),
    Column("desk", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("want", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("entered", UtcTime, nullable=False),
    # as the call wrote it, with the offset of the desk's place
    Column("entered_local", String(40), nullable=False),
    Column("waited", Float, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("skills", _Json, nullable=False),
    Column("transcript", _Json, nullable=False),
    Column("slots", _Json, nullable=False),
    Column("tried", _Json, nullable=False),
    Column("state", _enum(State), nullable=False),
    _text("operator"),
    _text("disposition"),
    _text("notes"),
    UniqueConstraint("call_id", "entered", "queue"),
    Index(None, "state", "queue"),
    # a number once told to somebody is never given to another handoff
    sqlite_autoincrement=True,
)

steps = Table(
    "steps",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("handoff_id", _Id, ForeignKey("handoffs.id"), nullable=False, index=True),
    Column("kind", _enum(StepKind), nullable=False),
    Column("at", UtcTime, nullable=False),
    _text("who"),
    _text("note"),
    sqlite_autoincrement=True,
)
