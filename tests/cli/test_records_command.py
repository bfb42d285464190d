"""``ivr records prune``: what the options or the settings file say, and the audit log of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_helpers import Run

from ivr.accounts.account import Deed
from ivr.accounts.store import AccountStore
from ivr.records.log import CallLog

Ivr = Callable[..., Run]


@pytest.fixture
def old_call(state: Path) -> Path:
    with CallLog.open(state, "old", datetime.now(UTC) - timedelta(days=40)) as log:
        log.recording.write_bytes(b"x" * 2_000_000)
    return log.folder


def test_a_dry_run_deletes_nothing_and_is_in_no_log(ivr: Ivr, state: Path, old_call: Path) -> None:
    said = ivr("records", "prune", "--older-than", "30", "--dry-run")
    assert said.err == "would delete 1 call, 2.0 MB of files\n"
    assert old_call.exists()
    assert not (state / "accounts.sqlite").exists()


def test_what_was_deleted_is_in_the_audit_log(ivr: Ivr, state: Path, old_call: Path) -> None:
    found = ivr("records", "prune", "--older-than", "90", "--recordings", "30", "--json")
    assert json.loads(found.out) == {
        "recordings": 1,
        "transcripts": 0,
        "calls": 0,
        "cases": 0,
        "follow_ups": 0,
        "webhooks": 0,
        "bytes": 2_000_000,
        "failures": [],
    }
    assert old_call.exists() and not (old_call / "recording.wav").exists()
    assert ivr("records", "prune", "--calls", "30").status == 0
    assert not old_call.exists()
    with AccountStore.open(state / "accounts.sqlite") as accounts:
        lines = [line.about for line in reversed(accounts.remembered()) if line.deed is Deed.DELETED]
    assert lines == [
        "begins: what is older than 30 days (recordings), 90 days (transcripts), 90 days (calls), "
        "90 days (cases), 90 days (follow-ups)",
        "1 recording",
        "begins: what is older than 30 days (calls)",
        "1 call",
    ]


def test_the_settings_file_says_how_long(ivr: Ivr, tmp_path: Path, old_call: Path) -> None:
    nothing = ivr("records", "prune")
    assert (nothing.status, "add a section [retention]" in nothing.err) == (2, True)
    file = tmp_path / "some.toml"
    file.write_text("[retention]\ncalls = 30\n", encoding="utf-8")
    assert ivr("records", "prune", "--config", str(file)).status == 0
    assert not old_call.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[retention]\n", "nothing is ever deleted. Add recordings = 30"),
        ("[retention]\ncalls = -1\n", "retention.calls: -1 is too small. Give 0 or more"),
        ('[retention]\ncalls = 3\nat = "noon"\n', "'noon' is no time of day. Write at = \"03:30\""),
        ("[retention]\nrecording = 3\n", "retention.recording: unknown setting. Did you mean recordings?"),
    ],
)
def test_faults_of_the_section_are_named(ivr: Ivr, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "some.toml"
    file.write_text(text, encoding="utf-8")
    found = ivr("records", "prune", "--config", str(file))
    assert found.status == 2
    assert told in found.err
