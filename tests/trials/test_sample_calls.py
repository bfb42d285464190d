"""Desks hold their sample calls: all in words, and over their recordings those that each prove something.

All recordings are held by `make bench-desks`, those of the company also in real time by `make bench-call`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.config import load_settings
from ivr.trials.find import Trial, Way, find_trials
from ivr.trials.holder import Holder, HoldOptions

ROOT = Path(__file__).resolve().parents[2]
HEARD = {
    "company": """
        address-directions billing-plain callback-voice change-of-mind closed-evening complaint
        emergency-smoke float-pay hang-up hours-saturday keys-billing noisy-charged-twice operator-asked
        out-of-scope person-director person-ellen person-hesitant person-missed-call person-which-david
        press-journalist shipping-late silence-only slow-return spam-energy spam-robocall
        stereo-warranty whole-side""",
    "shop": "status-late",
    "telecom": "bill-wrong-pin",
    "support": "pair-terms",
}
"""By desk: the calls that are heard here. Of the company, one of each kind of line, noise, caller and end; of
the others, one that takes most of what is the trade's own."""
NAMED = {desk: names.split() for desk, names in HEARD.items()}
IN_WORDS = ("company-ko", "company-zh", "emergency-ko", "emergency-zh")
"""Desks in other languages, of whose callers there are no recordings."""


def trials(desk: str) -> Iterator[Trial]:
    found, wrong = find_trials([ROOT / "tests" / "calls" / desk], ROOT)
    assert not wrong
    for trial in found:
        yield replace(trial, way=Way.WORDS)
        if trial.call.call in NAMED.get(desk, ()):
            yield replace(trial, way=Way.SOUND)


TRIALS = [trial for desk in (*HEARD, *IN_WORDS) for trial in trials(desk)]


@pytest.fixture(scope="module")
def holder() -> Iterator[Holder]:
    with Holder(HoldOptions(load_settings())) as holder:
        yield holder


@pytest.mark.parametrize("trial", TRIALS, ids=lambda one: f"{one.desk}-{one.call.call}-{one.way}")
def test_a_call(trial: Trial, holder: Holder) -> None:
    result = holder.hold(trial)
    assert not result.wrong, result.conversation


@pytest.mark.parametrize("desk", HEARD)
def test_a_desk_has_twenty_calls_or_more(desk: str) -> None:
    mine = [trial for trial in TRIALS if trial.desk == desk]
    assert sum(trial.way is Way.WORDS for trial in mine) >= 20
    assert [trial.call.call for trial in mine if trial.way is Way.SOUND] == sorted(NAMED[desk])
