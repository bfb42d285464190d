"""All that is particular to one kind of database: opening, locking, and what its errors mean.

SQLite keeps everything in one file; write-ahead log and full synchronisation make every commit survive
``kill -9`` and a loss of power. Any other database is reached by its SQLAlchemy URL (PostgreSQL is meant).
"""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from ivr.errors import ConfigError, StateError
from ivr.private import FILE_MODE, make_private_folder, state_error

BUSY_SECONDS = 10.0
"""How long a step waits for other processes that are writing."""

_POSTGRES_MIGRATION_LOCK = 0x69767271  # "ivrq"; any number that no other program on the server uses
_SQLITE = "sqlite"
_POSTGRES = "postgresql"
_READ_ONLY = "ivr_read_only"
_ROOM = 65_536
"""Bytes; a write-ahead log and its index begin with as many."""
_to_json = functools.partial(json.dumps, ensure_ascii=False)


def open_sqlite(path: Path) -> Engine:
    """An engine on the file `path`, made with mode 0600 where it is missing. Raises StateError."""
    make_private_folder(path.parent)
    try:
        path.touch(FILE_MODE, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(path.stat().st_mode):
            raise StateError("is not an ordinary file", place=str(path), remedy="Move it away")
        # asked, not tried: closing a file of our own would drop the locks of this process's connections to it
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise state_error(error, path) from None
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path.absolute())),
        connect_args={"timeout": BUSY_SECONDS},
        json_serializer=_to_json,
        max_overflow=-1,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_url(url: str) -> Engine:
    """An engine on the database server at `url`. Raises ConfigError for a URL that is none."""
    try:
        return create_engine(url, json_serializer=_to_json, pool_pre_ping=True, max_overflow=-1)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        # without the text of the error: it repeats the URL, which may hold a password
        raise ConfigError(
            f"cannot be used as a database ({type(error).__name__})",
            place="database URL",
            remedy="Write it like postgresql+psycopg://user@host/name and install the driver",
        ) from None


def place_of(engine: Engine) -> str:
    """How errors name the database: the file, or the URL without its password."""
    if engine.dialect.name == _SQLITE:
        return str(engine.url.database)
    return make_url(engine.url).render_as_string(hide_password=True)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # BEGIN is sent by _begin_sqlite, never by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once and waits for it; a lock wanted only later could fail at once.
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back on an exception. Raises StateError."""
    with _state_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads and waits for nobody. Raises StateError."""
    reader = engine.execution_options(**{_READ_ONLY: True})
    with _state_errors(engine), reader.begin() as connection:
        yield connection


@contextmanager
def only_opener(engine: Engine) -> Iterator[None]:
    """Keep other processes from opening or migrating the same SQLite file meanwhile. Raises StateError."""
    if engine.dialect.name != _SQLITE:
        yield
        return
    # Two processes that switch a new file to the write-ahead log at the same time fail at once, whatever
    # the busy timeout: the lock is outside the database.
    path = Path(f"{engine.url.database}.lock")
    lock = FileLock(path, timeout=3 * BUSY_SECONDS, mode=FILE_MODE, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise _busy(place_of(engine)) from None
    except OSError as error:
        raise state_error(error, path) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def unmade_when_empty(engine: Engine) -> Iterator[None]:
    """When what is done here fails, leave no SQLite file behind that was empty before.

    To be used by the only opener.
    """
    if engine.dialect.name != _SQLITE:
        yield
        return
    path = Path(str(engine.url.database))
    empty = not path.exists() or path.stat().st_size == 0
    try:
        yield
    except BaseException:
        if empty:
            engine.dispose()
            for made in (path, *(Path(f"{path}{end}") for end in ("-wal", "-shm", ".lock"))):
                with contextlib.suppress(OSError):
                    made.unlink(missing_ok=True)
        raise


def lock_schema(connection: Connection) -> None:
    """Let one program at a time look at the schema and change it, until the transaction ends."""
    if connection.dialect.name == _POSTGRES:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_MIGRATION_LOCK})


def check_health(connection: Connection) -> None:
    """Raises StateError when the file is damaged, before anything is written to it."""
    if connection.dialect.name != _SQLITE:
        return
    finding = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if finding != "ok":
        raise _damaged(str(connection.engine.url.database))


@contextmanager
def _state_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _state_error(error.orig, place_of(engine)) from error
    except PoolTimeout:
        raise _busy(place_of(engine)) from None
    except (ValueError, LookupError) as error:
        # what was read is no UTF-8, no JSON, no moment or no known state; arguments are checked before
        raise _damaged(place_of(engine)) from error


def _damaged(place: str) -> StateError:
    return StateError(
        "the database is damaged",
        place=place,
        remedy="Move the file away and keep it (a new one is made); sqlite3's .recover reads what is left",
    )


def _busy(place: str) -> StateError:
    return StateError(
        "another process keeps the database locked",
        place=place,
        remedy="Try again; if it stays so, end the process that holds it",
    )


def _is_full(file: str) -> bool:
    """Whether its disk has no room, which SQLite calls an I/O error where it maps a file into memory."""
    try:
        return shutil.disk_usage(Path(file).parent).free < _ROOM
    except OSError:
        return False


def _state_error(error: BaseException | None, place: str) -> StateError:
    if not isinstance(error, sqlite3.Error):
        return StateError(
            f"the database cannot be used ({type(error).__name__})",
            place=place,
            remedy="Check that its server runs and that the user may write",
        )
    # sqlite3 leaves the code out where it raises the error itself; extended codes carry the kind in 8 bits
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_FULL or _is_full(place):
            return StateError(
                "no space left on the disk", place=place, remedy="Free some space, then try again"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(place)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _busy(place)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StateError(
                "the database may not be written",
                place=place,
                remedy="Let this user write the file and its folder, or name another folder in IVR_STATE",
            )
        case _:
            return StateError(
                f"the database cannot be used ({error})",
                place=place,
                remedy="Check the disk: its space, its health, its limits",
            )
