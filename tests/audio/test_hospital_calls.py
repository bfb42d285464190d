"""The hospital desk's sample calls: what they cover."""

from __future__ import annotations

from pathlib import Path

from ivr.events import Outcome
from ivr.trials.callfile import load_calls


def test_clinics_wards_people_danger_and_answers(root: Path) -> None:
    calls = load_calls(root / "tests" / "calls" / "hospital")
    assert len(calls) >= 20
    reached = {call.expect.detail for call in calls}
    assert {"heart", "bones", "skin", "children", "wards", "doctor", "appointments", "results"} <= reached
    assert sum(call.expect.detail == "emergency_department" for call in calls) >= 4
    assert {Outcome.ANSWERED, Outcome.ROUTED, Outcome.HANDED_OFF} <= {call.expect.outcome for call in calls}
