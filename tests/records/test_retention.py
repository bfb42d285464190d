from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from faults import without_rights
from hypothesis import given
from hypothesis import strategies as st

from ivr.records.log import CallLog
from ivr.records.retention import Swept, expired, sweep

TODAY = date(2026, 5, 31)


@pytest.fixture
def call(tmp_path: Path, when: datetime) -> Callable[[int, str], Path]:
    """call(days ago, id): the folder of a call that has ended."""

    def make(ago: int, name: str) -> Path:
        moment = datetime.combine(TODAY - timedelta(days=ago), when.timetz())
        with CallLog.open(tmp_path, name, moment) as log:
            log.recording.write_bytes(b"x" * 1_000)
        return log.folder

    return make


def test_only_calls_older_than_the_days_kept_go(tmp_path: Path, call: Callable[[int, str], Path]) -> None:
    old, other, edge, new = call(31, "old"), call(31, "other"), call(30, "edge"), call(0, "new")
    would = sweep(tmp_path, 30, TODAY, dry_run=True)
    assert would.folders == (old, other)
    assert would.size == sum(path.stat().st_size for folder in (old, other) for path in folder.iterdir())
    assert old.is_dir()
    assert sweep(tmp_path, 30, TODAY) == would
    assert not old.parent.exists()
    assert edge.is_dir()
    assert new.is_dir()
    assert sweep(tmp_path, 30, TODAY) == Swept((), 0)
    assert sweep(tmp_path, 0, TODAY).folders == (edge,)


def test_a_call_still_held_stays(tmp_path: Path, call: Callable[[int, str], Path], when: datetime) -> None:
    ended = call(28, "ended")
    with CallLog.open(tmp_path, "held", when) as held:
        assert sweep(tmp_path, 5, TODAY).folders == (ended,)
        assert (held.folder / "events.jsonl").exists()
    assert sweep(tmp_path, 5, TODAY).folders == (held.folder,)


def test_what_is_no_call_stays(tmp_path: Path, call: Callable[[int, str], Path]) -> None:
    folder = call(40, "old")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("")
    (folder / "link").symlink_to(elsewhere)
    (tmp_path / "calls" / "2020-01-01").symlink_to(elsewhere)
    (tmp_path / "calls" / "notes").mkdir()
    (folder.parent / "note.txt").write_text("")
    (folder.parent / "linked").symlink_to(elsewhere)
    assert sweep(tmp_path, 1, TODAY).folders == (folder,)
    assert (elsewhere / "precious").exists()
    assert (tmp_path / "calls" / "notes").exists()
    assert {path.name for path in folder.parent.iterdir()} == {"note.txt", "linked"}


def test_one_that_cannot_be_deleted_does_not_keep_the_others(when: datetime) -> None:
    with without_rights() as state:
        for name in ("a", "b"):
            CallLog.open(state, name, when).close()
        stuck = state / "calls" / "2026-05-03" / "a"
        stuck.chmod(0o500)
        swept = sweep(state, 1, TODAY)
        assert [folder.name for folder in swept.folders] == ["b"]
        assert [failure.place for failure in swept.failures] == [str(stuck)]
        assert "may not be written" in str(swept.failures[0])


def test_nothing_kept_yet(tmp_path: Path) -> None:
    assert sweep(tmp_path / "none", 30, TODAY) == Swept((), 0)


@given(st.lists(st.dates(), max_size=10), st.dates(), st.integers(0, 10**9))
def test_expired(days: list[date], today: date, keep: int) -> None:
    chosen = expired(days, today, keep)
    assert list(chosen) == sorted(chosen)
    assert {day for day in days if day not in chosen} == {day for day in days if (today - day).days <= keep}


def test_fewer_than_no_days() -> None:
    with pytest.raises(ValueError, match="-1 days cannot be kept"):
        expired([TODAY], TODAY, -1)
