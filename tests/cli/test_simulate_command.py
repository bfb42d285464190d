"""``ivr simulate`` as a command: typed, spoken, bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_helpers import Run, files_under

Ivr = Callable[..., Run]

CALLERS = """
callers:
  - intent: billing
    says: [I have got a question about my invoice, my bill]
  - intent: hours
    says: [when are you people open]
"""


@pytest.fixture
def callers(work: Path) -> Path:
    path = work / "grammars" / "small" / "callers.yaml"
    path.write_text(CALLERS, encoding="utf-8")
    return path


def test_typed_callers_are_counted(ivr: Ivr, callers: Path, state: Path) -> None:
    run = ivr("simulate", "small", "--calls", "6", "--words", "--jobs", "1", "--json")
    assert run.status == 0, run
    result = json.loads(run.out)
    assert (result["calls"], result["desk"], result["right_place"]) == (6, "small", 1.0)
    assert {one["expected"] for one in result["results"]} == {"routed billing", "answered hours"}
    assert sum(one["calls"] for one in result["intents"]) == 6
    assert not files_under(state) if state.exists() else True


def test_a_spoken_caller_is_heard_and_kept(ivr: Ivr, callers: Path, work: Path) -> None:
    args = ("--calls", "1", "--jobs", "1", "--snr", "30", "40", "--keep", "kept", "--json", "out.json")
    run = ivr("simulate", "small", *args)
    assert run.status == 0, run
    (one,) = json.loads((work / "out.json").read_text(encoding="utf-8"))["results"]
    assert one["heard"] and one["verdict"] != "broken off", one
    assert {Path(name).suffix for name in files_under(work / "kept")} == {".wav", ".jsonl"}


def test_too_few_in_the_right_place_fail(ivr: Ivr, callers: Path) -> None:
    callers.write_text("callers: [{intent: billing, says: [purple elephants sing]}]", encoding="utf-8")
    run = ivr("simulate", "small", "--calls", "2", "--words", "--jobs", "1", "--at-least", "0.9")
    assert run.status == 1
    assert "person instead billing: 'purple elephants sing'" in run.err
    assert "2 callers: 0.0 % to the right place" in run.out


def test_without_a_file_callers_use_the_phrases_of_the_desk(ivr: Ivr) -> None:
    run = ivr("simulate", "small", "--calls", "2", "--words", "--jobs", "1")
    assert run.status == 0 and "callers use the desk's own phrases" in run.err


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        (("klingon",), "klingon"),
        (("small", "--callers", "nowhere.yaml"), "nowhere.yaml"),
        (("small", "--calls", "0"), "--calls"),
        (("small", "--snr", "nan", "5"), "--snr"),
    ],
)
def test_bad_input(ivr: Ivr, args: tuple[str, ...], wrong: str) -> None:
    assert wrong in ivr("simulate", *args).error
