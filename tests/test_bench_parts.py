"""A bench's part that hangs or dies costs its own rows; what was measured before is on disk."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

from bench import report
from bench.parts import Part, run

CHILD = """
import json, os, sys
def give(what, value, mark=None):
    print(json.dumps({"what": what, "value": value, "unit": "s", "mark": mark, "spread": None}), flush=True)
match sys.argv[1]:
    case "good":
        give("speed", 1.0, ["<=", 2.0])
        print("something else", flush=True)
        give("speed", 1.5, ["<=", 2.0])
    case "hangs":
        give("half", 0.5)
        os.read(os.pipe()[0], 1)
    case "dies":
        os.kill(os.getpid(), 9)
"""


def test_one_that_hangs_and_one_that_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    parts = [Part("hangs", 1.0, "whole"), Part("dies", 60.0, "size"), Part("good", 60.0, "speed")]
    results = run("tried", parts, (sys.executable, "-c", CHILD))
    assert [row.what for row in results] == [
        "half",
        "whole: stopped after 1 s",
        "size: ended with status -9",
        "speed",
    ]
    assert [row.met for row in results] == [None, False, False, True]
    assert math.isnan(results[1].value) and results[3].value == 1.5
    written = json.loads((tmp_path / "tried.json").read_text(encoding="utf-8"))
    assert [row["value"] for row in written] == [0.5, None, None, 1.5]
    assert "something else" in capfd.readouterr().err
    assert not report.report("tried", results)
    assert "not measured" in capfd.readouterr().out


def test_the_file_is_written_after_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    seen = []
    write = report.write

    def watched(name: str, results: list[report.Result]) -> None:
        write(name, results)
        seen.append(len(json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))))

    monkeypatch.setattr("bench.parts.write", watched)
    run("tried", [Part("good", 60.0, "speed")], (sys.executable, "-c", CHILD))
    assert seen == [1, 1, 1]
