from __future__ import annotations

import importlib.resources
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ivr.database.migrate import alembic_config, newest
from ivr.errors import StateError
from ivr.handoff.schema import metadata
from ivr.handoff.store import HandoffStore


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_migrations_make_exactly_the_tables_the_store_uses(store: HandoffStore) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_go_forward_in_one_line() -> None:
    script = ScriptDirectory.from_config(alembic_config(HandoffStore.migrations))
    assert script.get_heads() == [newest(HandoffStore.migrations)]
    for revision in script.walk_revisions():
        assert not hasattr(revision.module, "downgrade")


def test_migrations_are_packaged() -> None:
    folder = importlib.resources.files("ivr.handoff") / "migrations"
    assert (folder / "env.py").is_file()
    assert [entry.name for entry in (folder / "versions").iterdir() if entry.name.startswith("v0001")]


def test_a_newer_schema_is_left_alone(tmp_path: Path, noon: datetime) -> None:
    path = tmp_path / "queue.db"
    HandoffStore.open(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0999'")
        database.execute("ALTER TABLE handoffs ADD COLUMN weather TEXT")
        database.commit()
    before = path.read_bytes()
    with pytest.raises(
        StateError, match=r"queue\.db: was written by a newer ivr \(schema 0999\)\. Update ivr"
    ):
        HandoffStore.open(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
        database.commit()
    with pytest.raises(StateError, match="is the database of another program"):
        HandoffStore.open(path)
    assert tables(path) == {"bookmarks"}


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "queue.db"
    migration = (
        ScriptDirectory.from_config(alembic_config(HandoffStore.migrations)).get_revision("0001").module.op
    )
    work = migration.create_index
    made = []

    def fails_at_the_last(name: str, *args: object) -> None:
        made.append(name)
        if len(made) == 2:
            raise RuntimeError("power cut")
        work(name, *args)

    monkeypatch.setattr(migration, "create_index", fails_at_the_last)
    with pytest.raises(RuntimeError, match="power cut"):
        HandoffStore.open(path)
    assert len(made) == 2
    assert tables(path) == set()
    monkeypatch.undo()
    HandoffStore.open(path).close()
    assert {"handoffs", "steps", "alembic_version"} <= tables(path)


def test_threads_that_open_a_new_queue_together(tmp_path: Path, noon: datetime) -> None:
    together = threading.Barrier(4)

    def opens(_: int) -> int:
        together.wait()
        with HandoffStore.open(tmp_path / "queue.db") as store:
            return len(store.waiting(now=noon))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opens, range(4))) == [0, 0, 0, 0]


def test_threads_that_open_different_queues_together(tmp_path: Path, noon: datetime) -> None:
    together = threading.Barrier(4)

    def opens(number: int) -> int:
        together.wait()
        with HandoffStore.open(tmp_path / f"{number}.db") as store:
            return len(store.waiting(now=noon))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opens, range(4))) == [0, 0, 0, 0]


def test_a_folder_with_odd_characters(tmp_path: Path, noon: datetime) -> None:
    with HandoffStore.open(tmp_path / "100 % ?#&ü" / "queue.db") as store:
        assert store.waiting(now=noon) == ()
    assert (tmp_path / "100 % ?#&ü" / "queue.db").is_file()


def test_a_queue_that_cannot_be_begun_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: object) -> None:
        raise StateError("no space left on the disk")

    monkeypatch.setattr("ivr.database.migrate.check_health", full)
    with pytest.raises(StateError, match="no space left"):
        HandoffStore.open(tmp_path / "state" / "queue.db")
    assert list((tmp_path / "state").iterdir()) == []


def test_a_queue_that_cannot_be_opened_keeps_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "queue.db"
    HandoffStore.open(path).close()

    def full(_connection: object) -> None:
        raise StateError("no space left on the disk")

    monkeypatch.setattr("ivr.database.migrate.check_health", full)
    with pytest.raises(StateError, match="no space left"):
        HandoffStore.open(path)
    assert "handoffs" in tables(path)
