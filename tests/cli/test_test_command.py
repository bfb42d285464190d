"""``ivr test``: call files found, held, judged and reported; bad input named before the first call."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_helpers import CALLS, Run

Ivr = Callable[..., Run]

CALL = """
call: {name}
desk: small
about: asks about a bill <b>twice</b>
at: 2026-11-24T10:15:00+01:00
turns:
  - say: "I have a question about my bill"
expect: {{outcome: routed, detail: {route}, max_turns: 1}}
"""


@pytest.fixture
def calls(work: Path) -> Path:
    """Two calls by words: one that comes out, one that expects another route."""
    folder = work / "tests" / "calls"
    folder.mkdir(parents=True)
    write(folder, "right", "billing")
    write(folder, "wrong", "sales")
    return folder


def write(folder: Path, name: str, route: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(CALL.format(name=name, route=route), encoding="utf-8")
    return path


def test_every_call_comes_out(ivr: Ivr, calls: Path) -> None:
    run: Run = ivr("test", calls / "right.yaml")
    assert run.status == 0
    assert run.out.startswith("1 of 1 calls came out as expected")


def test_one_does_not(ivr: Ivr, calls: Path) -> None:
    run: Run = ivr("test", "--jobs", "1")
    assert run.status == 1
    assert "1 of 2 calls came out as expected" in run.out
    assert "small/wrong: routed 'billing', expected 'sales'" in run.err
    assert "routed sales" in run.out


def test_as_json(ivr: Ivr, calls: Path) -> None:
    run: Run = ivr("test", "--json")
    told = json.loads(run.out)
    assert run.status == 1
    assert (told["calls"], told["passed"], told["failed"]) == (2, 1, 1)
    assert [(one["call"], one["passed"], one["way"]) for one in told["results"]] == [
        ("right", True, "words"),
        ("wrong", False, "words"),
    ]
    assert told["outcomes"][0] == {"expected": "routed sales", "outcome": "routed billing", "calls": 1}


def test_json_before_the_path(ivr: Ivr, calls: Path) -> None:
    assert json.loads(ivr("test", "--json", calls / "right.yaml").out)["passed"] == 1


def test_reports(ivr: Ivr, calls: Path, tmp_path: Path) -> None:
    html, xml = tmp_path / "report.html", tmp_path / "junit.xml"
    assert ivr("test", "--html", html, "--junit", xml).status == 1
    suite = ElementTree.parse(xml).getroot()[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("small", "2", "1")
    assert [case.find("failure") is not None for case in suite] == [False, True]
    page = html.read_text(encoding="utf-8")
    assert "routed &#x27;billing&#x27;, expected &#x27;sales&#x27;" in page
    assert "asks about a bill &lt;b&gt;twice&lt;/b&gt;" in page
    assert 'data-meant="routed sales" data-taken="routed billing"' in page


def test_nobody_is_left_waiting(ivr: Ivr, calls: Path, state: Path) -> None:
    text = (calls / "right.yaml").read_text(encoding="utf-8")
    text = text.replace("I have a question about my bill", "operator").replace("call: right", "call: person")
    text = text.replace("outcome: routed, detail: billing", "outcome: handed off, detail: reception")
    (calls / "person.yaml").write_text(text, encoding="utf-8")
    assert ivr("test", calls / "person.yaml").status == 0
    assert not state.exists() or not list(state.rglob("*.jsonl"))
    assert json.loads(ivr("queue", "list", "--json").out) == []


def test_a_changed_desk(ivr: Ivr, calls: Path, work: Path) -> None:
    changed = work / "changed.yaml"
    desk = (work / "grammars" / "small" / "desk.yaml").read_text(encoding="utf-8")
    changed.write_text(
        desk.replace("billing:", "sales:", 1).replace("route: billing", "route: sales"), "utf-8"
    )
    run: Run = ivr("test", calls / "wrong.yaml", "--desk", changed)
    assert run.status == 0, run.err


def test_a_recorded_caller_is_played(ivr: Ivr, calls: Path, work: Path, tmp_path: Path) -> None:
    path = write(calls, "spoken", "billing")
    recording = next((CALLS / "billing-plain").glob("1.wav"))
    (calls / "caller.wav").write_bytes(recording.read_bytes())
    text = path.read_text(encoding="utf-8").replace('bill"\n', 'bill"\n    audio: caller.wav\n')
    path.write_text(text, encoding="utf-8")
    kept, html = tmp_path / "kept", tmp_path / "report.html"
    run: Run = ivr("test", path, "--keep", kept, "--html", html, "--json")
    (result,) = json.loads(run.out)["results"]
    assert result["way"] == "sound"
    assert result["passed"], result["wrong"]
    assert result["seconds"] > 2
    assert Path(result["recording"]).stat().st_size > 16_000
    assert Path(result["log"]).read_text(encoding="utf-8").count("\n") > 5
    assert "data:audio/flac;base64," in html.read_text(encoding="utf-8")


def test_bad_files_are_all_named_and_nothing_is_held(ivr: Ivr, calls: Path) -> None:
    write(calls, "typo", "billing").write_text("call: typo\ndesk: small\n", encoding="utf-8")
    write(calls, "misnamed", "billing").rename(calls / "renamed.yaml")
    run: Run = ivr("test")
    assert (run.status, run.out) == (2, "")
    lines = run.err.splitlines()
    assert len(lines) == 2
    assert "renamed.yaml" in lines[0]
    assert "typo.yaml:" in lines[1]


BAD = {
    "no folder": (["nowhere"], "nowhere: there is no such file or folder"),
    "no call files": (["empty"], "empty: there is no call file (*.yaml) in this folder"),
    "unknown desk": (["tests/calls", "--desk", "nobody"], "nobody"),
    "no recording": (["unrecorded.yaml"], "unrecorded.yaml:turns.0.audio: there is no recording"),
    "report over a call": (["tests/calls/right.yaml", "--html", "tests/calls/right.yaml"], "overwritten"),
    "no folder for the report": (["tests/calls", "--junit", "no/such/junit.xml"], "no such folder"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(ivr: Ivr, calls: Path, work: Path, name: str) -> None:
    (work / "empty").mkdir()
    path = write(work, "unrecorded", "billing")
    path.write_text(path.read_text("utf-8").replace('bill"\n', 'bill"\n    audio: gone.wav\n'), "utf-8")
    args, said = BAD[name]
    assert said in ivr("test", *args).error


def test_nothing_named_and_nothing_here(ivr: Ivr, work: Path) -> None:
    assert "tests/calls: there is no such folder here" in ivr("test").error
