"""Bringing the tables up to date: forward only, whole or not at all, one program at a time."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from ivr.database.dialect import check_health, lock_schema, only_opener, place_of, writing
from ivr.errors import StateError

# Alembic keeps the migration under way in module globals.
_one_at_a_time = threading.Lock()


def migrate(engine: Engine, migrations: Path) -> None:
    """Check the database and bring its tables to the `migrations`. One that is newer is left alone.

    Raises StateError: damaged, another program's, newer than this program, not writable.
    """
    with _one_at_a_time, only_opener(engine), writing(engine) as connection:
        lock_schema(connection)
        check_health(connection)
        config = alembic_config(migrations)
        script = ScriptDirectory.from_config(config)
        have = MigrationContext.configure(connection).get_current_heads()
        if have == tuple(script.get_heads()):
            return
        _refuse_what_is_not_ours(connection, script, have)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def alembic_config(migrations: Path) -> Config:
    """Alembic's settings, without an ini file."""
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
