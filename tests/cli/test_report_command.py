"""``ivr report``: over real calls, in every form."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import Run

Ivr = Callable[..., Run]
DAY = ("--from", "2026-11-26", "--to", "2026-11-26")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the state with the calls is kept for the next test."""
    return tmp_path_factory.mktemp("held") / "state"


@pytest.fixture
def calls(ivr: Ivr, work: Path, state: Path, held: Path) -> None:
    """Three calls of a day, and one of the day before."""
    if held.exists():
        shutil.copytree(held, state)
        return
    for at, words in (
        ("2026-11-25T09:00", "when are you open\ngoodbye\n"),
        ("2026-11-26T09:00", "I have a question about my bill\n"),
        ("2026-11-26T10:00", "when are you open\ngoodbye\n"),
        ("2026-11-26T10:30", "operator\n"),
    ):
        assert ivr("call", "small", "--text", "--at", at, typed=words).status == 0
    shutil.copytree(state, held)


@pytest.mark.usefixtures("calls")
def test_as_json(ivr: Ivr) -> None:
    told = json.loads(ivr("report", *DAY, "--format", "json").out)
    assert (told["calls"], told["calls_before"]) == (3, 1)
    assert {hour: n for hour, n in enumerate(told["by_hour"]) if n} == {9: 1, 10: 2}
    assert {name: n for name, n in told["outcomes"].items() if n} == {
        "answered": 1,
        "routed": 1,
        "handed off": 1,
    }
    assert told["matters"] == [
        {"matter": "hours", "calls": 1, "before": 1, "growth": 0},
        {"matter": "billing", "calls": 1, "before": 0, "growth": 1},
    ]
    assert told["containment"] == pytest.approx(2 / 3, abs=1e-3)
    assert [row["result"] for row in told["rows"]] == ["routed", "answered", "handed off"]
    assert json.loads(ivr("report", *DAY, "--json").out) == told


@pytest.mark.usefixtures("calls")
def test_other_forms(ivr: Ivr, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ivr("report", *DAY, "--format", "csv").out)))
    assert [row["matters"] for row in rows] == ["billing", "hours", ""]
    shown: Run = ivr("report", *DAY)
    assert shown.out.startswith("3 calls, 2026-11-26 to 2026-11-26 (before: 1)")
    html = tmp_path / "report.html"
    assert ivr("report", *DAY, "--format", "html", "--out", html).out == ""
    assert html.read_text("utf-8").count("<tr data-hour=") == 3


@pytest.mark.usefixtures("calls")
def test_one_desk(ivr: Ivr) -> None:
    assert json.loads(ivr("report", *DAY, "--desk", "small", "--json").out)["calls"] == 3
    assert json.loads(ivr("report", *DAY, "--desk", "Small desk", "--json").out)["calls"] == 3
    assert json.loads(ivr("report", *DAY, "--desk", "other", "--json").out)["calls"] == 0


def test_a_desk_that_nobody_knows_is_told(ivr: Ivr, work: Path) -> None:
    assert "no such desk here, and no calls of one: smal" in ivr("report", *DAY, "--desk", "smal").err
    assert "no such desk" not in ivr("report", *DAY, "--desk", "small").err


def test_a_damaged_record_is_passed_over(ivr: Ivr, state: Path, calls: None) -> None:
    broken = next((state / "calls" / "2026-11-26").glob("*/summary.json"))
    broken.write_text("{", encoding="utf-8")
    run: Run = ivr("report", *DAY, "--json")
    assert json.loads(run.out)["calls"] == 2
    assert "passed over:" in run.err


def test_bad_input(ivr: Ivr, tmp_path: Path) -> None:
    assert "begin after its end" in ivr("report", "--from", "2026-11-26", "--to", "2026-11-25").error
    assert "--out is not for text" in ivr("report", "--out", tmp_path / "x").error
    assert "no such folder" in ivr("report", "--format", "csv", "--out", tmp_path / "no" / "x").error
    assert ivr("report", "--from", "yesterday").status == 2
    assert ivr("report", "--format", "pdf").status == 2
