"""Bringing the tables up to date: forward only, whole or not at all, one program at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from ivr.database.dialect import (
    check_health,
    lock_schema,
    only_opener,
    place_of,
    unmade_when_empty,
    writing,
)
from ivr.errors import StateError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# Alembic keeps the migration under way in module globals.
_one_at_a_time = threading.Lock()


def migrate(engine: Engine, migrations: Path) -> None:
    """Check the database and bring its tables to the `migrations`. One that is newer is left alone.

    Raises StateError: damaged, another program's, newer than this program, not writable.
    """
    with _one_at_a_time, only_opener(engine), unmade_when_empty(engine), writing(engine) as connection:
        lock_schema(connection)
        check_health(connection)
        have = _revisions(connection)
        if have == (newest(migrations),):
            return
        # Alembic takes 0.4 s to load, which a start with tables that are up to date need not pay.
        from alembic import command  # noqa: PLC0415
        from alembic.script import ScriptDirectory  # noqa: PLC0415

        config = alembic_config(migrations)
        script = ScriptDirectory.from_config(config)
        _refuse_what_is_not_ours(connection, script, have)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def newest(migrations: Path) -> str:
    """The revision the tables should have, by the names of the files: versions/v0002_floor.py is 0002."""
    return max(path.name[1:5] for path in (migrations / "versions").glob("v[0-9]*.py"))


def _revisions(connection: Connection) -> tuple[str, ...]:
    if not inspect(connection).has_table("alembic_version"):
        return ()
    return tuple(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def alembic_config(migrations: Path) -> Config:
    """Alembic's settings, without an ini file."""
    from alembic.config import Config  # noqa: PLC0415 - only where tables are changed, as above

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _refuse_what_is_not_ours(connection: Connection, script: ScriptDirectory, have: tuple[str, ...]) -> None:
    place = place_of(connection.engine)
    known = {revision.revision for revision in script.walk_revisions()}
    newer = [revision for revision in have if revision not in known]
    if newer:
        raise StateError(
            f"was written by a newer ivr (schema {', '.join(newer)})",
            place=place,
            remedy="Update ivr, or name another folder in IVR_STATE",
        )
    if not have and inspect(connection).get_table_names():
        raise StateError(
            "is the database of another program", place=place, remedy="Name another folder in IVR_STATE"
        )
