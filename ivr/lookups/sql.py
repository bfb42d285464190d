"""Databases, asked with one SELECT in a transaction that cannot write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnClause,
    Engine,
    NullPool,
    String,
    cast,
    column,
    create_engine,
    func,
    select,
    table,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ivr.errors import DeskError
from ivr.inquiry import MOST_ROWS, Kept, Named, Sql, filled
from ivr.lookups.source import NoAnswerError, Row, setting

_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
}
"""What makes a transaction one that only reads, whatever the account may do. SQLite's is in its address."""


def read_only(file: Path) -> Engine:
    """A SQLite file that is only read; each question opens it anew, so a new file counts at once."""
    return create_engine(f"sqlite:///file:{file.as_posix()}?mode=ro&uri=true", poolclass=NullPool)


class SqlSource:
    """One query."""

    def __init__(self, query: Sql, place: str) -> None:
        """Raises DeskError where the environment lacks the address, or its driver is missing."""
        self._parameters = query.parameters
        self._query = text(query.query)
        if query.file is not None:
            self._engine = read_only(query.file)
        else:
            try:
                url = make_url(setting(query.url, place))
                self._engine = create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=4)
            except (ArgumentError, NoSuchModuleError, ImportError):  # the address itself may hold a secret
                raise DeskError(
                    "no address of a database, or its driver is not installed",
                    place=place,
                    remedy="Write it as SQLAlchemy does, and install the driver that it names",
                ) from None

    def close(self) -> None:
        """Let go of connections."""
        self._engine.dispose()

    def rows(self, values: Mapping[str, str], seconds: float) -> Sequence[Row]:
        """The rows of the answer. Raises NoAnswerError."""
        bound = {name: filled(value, values) for name, value in self._parameters}
        return ask(self._engine, lambda connection: connection.execute(self._query, bound).mappings())


class SqliteTable:
    """The rows of a table in a SQLite file."""

    def __init__(self, file: Path, name: str, by: Named, keep: Sequence[Kept]) -> None:
        self._engine = read_only(file)
        self._by = by
        self._table = table(name)
        self._columns: list[ColumnClause[Any]] = [column(one.path[0]) for one in keep] or [
            column(name) for name, _ in by
        ]

    def close(self) -> None:
        """Let go of connections."""
        self._engine.dispose()

    def rows(self, values: Mapping[str, str], seconds: float) -> Sequence[Row]:
        """The rows of the answer. Raises NoAnswerError."""
        query = select(*self._columns).select_from(self._table).limit(MOST_ROWS)
        for name, value in self._by:
            wanted = filled(value, values).strip().lower()
            query = query.where(func.lower(cast(column(name), String)) == wanted)
        return ask(self._engine, lambda connection: connection.execute(query).mappings())


def ask(engine: Engine, question: object) -> Sequence[Row]:
    """The first rows of what a question asks. Raises NoAnswerError, without what the database says."""
    assert callable(question)
    try:
        with engine.connect() as connection:
            if (sentence := _READ_ONLY.get(engine.dialect.name)) is not None:
                connection.execute(text(sentence))
            return [dict(row) for row in question(connection).fetchmany(MOST_ROWS)]
    except SQLAlchemyError as error:
        raise NoAnswerError(f"the database does not answer ({type(error).__name__})") from None
