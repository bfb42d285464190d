"""The company desk's sample calls: what they cover."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ivr.events import Outcome
from ivr.trials.callfile import CallFile, Noise, load_calls


@pytest.fixture(scope="module")
def company(root: Path) -> list[CallFile]:
    return load_calls(root / "tests" / "calls" / "company")


def test_the_calls_reach_every_route_and_queue(root: Path, company: list[CallFile]) -> None:
    desk = YAML(typ="safe").load((root / "grammars" / "company" / "desk.yaml").read_text(encoding="utf-8"))
    reached = {call.expect.detail for call in company}
    assert set(desk["routes"]) <= reached
    assert {"reception", "messages", "complaints"} <= reached


def test_the_calls_cover_what_a_switchboard_meets(company: list[CallFile]) -> None:
    assert len(company) >= 26
    assert len({c.expect.slots.get("person") for c in company if c.expect.detail == "person"}) >= 6
    outcomes = [c.expect.outcome for c in company]
    assert outcomes.count(Outcome.SCREENED_OUT) >= 2
    assert {Outcome.ANSWERED, Outcome.ROUTED, Outcome.HANDED_OFF, Outcome.ABANDONED} <= set(outcomes)
    lines = [call.line_of(turn) for call in company for turn in call.turns if turn.audio]
    assert {line.noise for line in lines} == set(Noise)
    assert {line.rate for line in lines} >= {8_000, 16_000, 44_100, 48_000}
    assert any(call.audio for call in company)


def test_every_person_asked_for_is_in_the_directory(root: Path, company: list[CallFile]) -> None:
    table = (root / "grammars" / "company" / "staff.csv").read_text(encoding="utf-8").splitlines()
    names = {row.split(",")[0] for row in table[1:]}
    assert len(names) == len(table) - 1 == 30
    assert {c.expect.slots["person"] for c in company if "person" in c.expect.slots} <= names
