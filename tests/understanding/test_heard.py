"""What Moonshine made of speech at 8 kHz, with and without noise (bench/data), is understood as before."""

from __future__ import annotations

import pytest
from understanding_desks import NOW

from bench.made_up import MadeUpDesk, desks
from ivr.meaning import Expect, Hypothesis
from ivr.understanding.matcher import Matcher


@pytest.fixture(scope="module")
def measured() -> list[tuple[MadeUpDesk, Matcher]]:
    """The desks that the weights were not fitted on."""
    return [(desk, Matcher(desk.vocabulary)) for desk in desks() if desk.use == "check"]


def test_phrases_are_understood_as_heard(measured: list[tuple[MadeUpDesk, Matcher]]) -> None:
    rights: list[bool] = []
    accepted: list[bool] = []
    for desk, matcher in measured:
        for case in desk.cases:
            if case.kind == "heard template" and case.text:
                best = next(iter(matcher.match((Hypothesis(case.text, 1.0),), Expect(), NOW)), None)
                right = best is not None and best.meaning == case.meaning
                rights.append(right)
                if best is not None and best.score >= 0.75:
                    accepted.append(right)
    assert len(rights) > 500
    assert sum(rights) / len(rights) > 0.87
    assert len(accepted) / len(rights) > 0.62
    assert sum(accepted) / len(accepted) > 0.98


def test_what_is_out_of_scope_is_rarely_accepted(measured: list[tuple[MadeUpDesk, Matcher]]) -> None:
    scores = [
        max(
            (match.score for match in matcher.match((Hypothesis(case.text, 1.0),), Expect(), NOW)),
            default=0.0,
        )
        for desk, matcher in measured
        for case in desk.cases
        if case.meaning is None
    ]
    assert len(scores) > 100
    assert sum(score >= 0.75 for score in scores) / len(scores) < 0.05
    assert sum(score >= 0.45 for score in scores) / len(scores) < 0.12
