"""`ivr serve` deletes once a day, by a real process of its own."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from ivr.records.log import CallLog
from ivr.server.retention import MARK, Retention
from ivr.serving.retention import RetentionSettings, is_due

AT = time(3, 30)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-05-03T03:29", None, True),
        ("2026-05-03T03:29", "2026-05-02", False),
        ("2026-05-03T03:30", "2026-05-02", True),
        ("2026-05-03T23:59", "2026-05-03", False),
        ("2026-05-04T00:10", "2026-05-02", True),  # missed yesterday
        ("2026-05-03T12:00", "2026-05-09", False),  # the clock was set back
    ],
)
def test_when_it_is_due(now: str, last: str | None, due: bool) -> None:
    when = None if last is None else date.fromisoformat(last)
    assert is_due(AT, datetime.fromisoformat(now), when) is due


async def test_once_a_day(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("PYTHONPATH", str(root))
    state = tmp_path / "state"
    with CallLog.open(state, "old", datetime.now(UTC) - timedelta(days=40)) as log:
        pass
    file = tmp_path / "ivr.toml"
    file.write_text(f'state = "{state}"\n[retention]\ncalls = 30\n', encoding="utf-8")
    now = datetime(2026, 5, 3, 12)
    retention = Retention(RetentionSettings(calls=30), file, state, lambda: now)
    assert await retention.prune_due()
    assert not log.folder.exists()
    assert (state / MARK).read_text("utf-8") == "2026-05-03\n"
    assert "retention: deleted 1 call" in caplog.text
    file.write_text("state = 3\n", encoding="utf-8")
    assert await retention.prune_due()  # not asked again today
    now += timedelta(days=1)
    assert not await retention.prune_due()
    assert (state / MARK).read_text("utf-8") == "2026-05-03\n"
    assert "what is too old was not deleted" in caplog.text
