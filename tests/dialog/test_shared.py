"""Files that desks share: facts and intents, unless a desk has its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import Caller, answer, intent

from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.errors import DeskError
from ivr.events import HandOff

SHARED = """\
facts:
  callback: {type: digits, length: [5, 15], read_back: always, ask: Which number?, confirm: "{callback}?"}
intents:
  call_back:
    label: to be called back
    say: ["call me back"]
    facts: [callback]
    then: {handoff: {want: "Call {callback}", say: We will call you.}}
"""
DESK = """\
name: One
language: en-US
greeting: Hello.
use: ../shared/callback.yaml
intents:
  question:
    label: a question
    say: ["a question"]
    facts: callback
    then: {handoff: {want: "Question from {callback}"}}
"""


def make(folder: Path, desk: str = DESK, shared: str = SHARED) -> Desk:
    (folder / "shared").mkdir()
    (folder / "one").mkdir()
    (folder / "shared" / "callback.yaml").write_text(shared, encoding="utf-8")
    (folder / "one" / "desk.yaml").write_text(desk, encoding="utf-8")
    return load_desk(folder / "one", folder)


def test_a_fact_and_an_intent_of_a_shared_file(tmp_path: Path) -> None:
    desk = make(tmp_path)
    caller = Caller(desk).say(intent("question")).say(answer("callback", "12345")).keys("1")
    assert caller.did(HandOff).request.want == "Question from 12345"
    caller = Caller(desk).say(intent("call_back")).say(answer("callback", "12345")).keys("1")
    assert caller.did(HandOff).request.want == "Call 12345"
    assert desk.intents["call_back"].templates[0][1].file.endswith("callback.yaml")


def test_a_desks_own_comes_first(tmp_path: Path) -> None:
    own = DESK + '  call_back: {label: mine, say: ["ring me"], then: {answer: Later.}}\n'
    desk = make(tmp_path, own + "facts: {callback: {type: number, ask: How many?}}\n")
    assert desk.intents["call_back"].flow.label == "mine"
    assert desk.intents["question"].flow.slots[0].spec.type.value == "number"


@pytest.mark.parametrize(
    ("desk", "shared", "fault"),
    [
        pytest.param(DESK.replace("callback.yaml", "none.yaml"), SHARED, "none.yaml", id="missing"),
        pytest.param(DESK, SHARED + "rubbish: 1\n", "callback.yaml:9: rubbish", id="unknown key"),
        pytest.param(DESK, SHARED.replace("digits", "digit"), "callback.yaml:2", id="broken fact"),
        pytest.param(DESK, SHARED.replace("{want", "{queu: x, want"), "callback.yaml:8", id="broken intent"),
    ],
)
def test_faults_name_the_shared_file(tmp_path: Path, desk: str, shared: str, fault: str) -> None:
    with pytest.raises(DeskError) as caught:
        make(tmp_path, desk, shared)
    assert any(fault in problem for problem in caught.value.problems)
