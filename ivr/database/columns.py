"""The kinds of columns that our tables have, the same in every database."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Enum, Integer, MetaData, Text, TypeDecorator

LARGEST_ID = 2**63 - 1

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""The type of a row's own number."""


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


def one_of(kind: type[enum.Enum]) -> Enum:
    """A member of `kind`, as text without a check in the database: a new member needs no migration."""
    return Enum(kind, native_enum=False, create_constraint=False, length=32, values_callable=_values)


def words(name: str) -> Column[Any]:
    """A text that may be empty."""
    return Column(name, Text, nullable=False, default="")


def named() -> MetaData:
    """Tables whose keys and indexes have names that migrations can count on."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]
