"""The emergency desk's sample calls: what they cover."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ivr.events import Outcome
from ivr.trials.callfile import CallFile, load_calls


@pytest.fixture(scope="module")
def calls(root: Path) -> list[CallFile]:
    return load_calls(root / "tests" / "calls" / "emergency")


def test_every_call_ends_with_a_person_and_every_service_is_called(root: Path, calls: list[CallFile]) -> None:
    desk = YAML(typ="safe").load((root / "grammars" / "emergency" / "desk.yaml").read_text(encoding="utf-8"))
    assert len(calls) >= 20
    assert {call.expect.outcome for call in calls} == {Outcome.HANDED_OFF}
    assert {call.expect.detail for call in calls} == set(desk["queues"])
