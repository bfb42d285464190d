"""Reports that are made while calls go on: real ones, by a process of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.errors import StateError
from ivr.server.reports import Reports
from ivr.serving.reports import ReportSettings
from ivr.serving.schedule import latest

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


def reports(folder: Path, **given: object) -> Reports:
    file = folder / "ivr.toml"
    file.write_text(f'state = "{folder / "state"}"\n', encoding="utf-8")
    settings = ReportSettings.model_validate({"folder": folder / "reports", "daily": "06:00", **given})
    return Reports(settings, file, folder, lambda: NOW)


async def test_a_report_that_is_due_is_made_once_and_old_ones_go(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))
    folder = tmp_path / "reports"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"daily-2026-11-0{day}.html").touch()
    made = reports(tmp_path, keep=2)
    assert await made.make_due()
    assert {path.name for path in folder.iterdir()} == {"daily-2026-11-03.html", "daily-2026-11-29.html"}
    written = (folder / "daily-2026-11-29.html").stat().st_mtime_ns
    assert await made.make_due()
    assert (folder / "daily-2026-11-29.html").stat().st_mtime_ns == written
    assert "<html" in (folder / "daily-2026-11-29.html").read_text(encoding="utf-8")[:200]


async def test_a_report_that_cannot_be_made_says_why(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("IVR_STATE", raising=False)  # it would win over the file
    broken = reports(tmp_path)
    (tmp_path / "ivr.toml").write_text("state = 3\n", encoding="utf-8")
    due = latest(broken._settings.moments()[0], NOW)
    (tmp_path / "reports").mkdir()
    with pytest.raises(StateError, match=r"daily-2026-11-29\.html: the report was not made \(.*state"):
        await broken.make(due)
    assert not await broken.make_due()
    assert list((tmp_path / "reports").iterdir()) == []
