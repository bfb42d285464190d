"""What all stores are: tables in one database, brought up to date when it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from sqlalchemy import Engine

from ivr.database.dialect import open_sqlite, open_url
from ivr.database.migrate import migrate


class Store:
    """Open with `open` (a file) or `connect` (a server); `close` it, or use it as a context manager.

    May be used from several threads and, on the same file, from several processes; open it after a fork, not
    before. Every method raises StateError when the database cannot be used.
    """

    migrations: ClassVar[Path]
    """The folder with the versions of the tables."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        try:
            migrate(engine, self.migrations)
        except BaseException:
            engine.dispose()
            raise

    @property
    def engine(self) -> Engine:
        """The database, for functions that work on all of its tables."""
        return self._engine

    @classmethod
    def open(cls, path: Path) -> Self:
        """The store in the SQLite file `path`, made or brought up to date. Raises StateError."""
        return cls(open_sqlite(path))

    @classmethod
    def connect(cls, url: str) -> Self:
        """The store on a database server (SQLAlchemy URL). Raises ConfigError, StateError."""
        return cls(open_url(url))

    def close(self) -> None:
        """Let go of the database. Harmless when repeated."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
