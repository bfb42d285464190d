"""From scores to decisions."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from dialog_helpers import answer, intent, value
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialog.decide import decide, decide_want, guesses, readings, together, undenied
from ivr.dialog.desk import Desk
from ivr.dialog.schema import ThresholdsText
from ivr.dialog.terms import Check
from ivr.events import Decision

USUAL = ThresholdsText()


@pytest.mark.parametrize(
    ("best", "second", "check", "decision"),
    [
        (0.75, 0.0, Check.AUTO, Decision.ACCEPT),
        (0.749, 0.0, Check.AUTO, Decision.CONFIRM),
        (0.45, 0.0, Check.AUTO, Decision.CONFIRM),
        (0.449, 0.0, Check.AUTO, Decision.REPROMPT),
        (0.449, 0.25, Check.AUTO, Decision.OFFER),
        (0.449, 0.24, Check.AUTO, Decision.REPROMPT),
        (0.24, 0.24, Check.AUTO, Decision.REPROMPT),
        (0.9, 0.81, Check.AUTO, Decision.OFFER),
        (0.9, 0.79, Check.AUTO, Decision.ACCEPT),
        (0.9, 0.0, Check.ALWAYS, Decision.CONFIRM),
        (0.5, 0.0, Check.NEVER, Decision.ACCEPT),
        (0.4, 0.0, Check.NEVER, Decision.REPROMPT),
        (0.5, 0.45, Check.NEVER, Decision.OFFER),
        (math.nan, 0.0, Check.AUTO, Decision.REPROMPT),
    ],
)
def test_the_rule(best: float, second: float, check: Check, decision: Decision) -> None:
    assert decide(best, second, USUAL, check) is decision


def test_a_want_that_two_utterances_name_is_likelier_than_one_of_each(desk: Desk) -> None:
    first = guesses([intent("billing", 0.3), intent("sales", 0.2)], desk)
    second = guesses([intent("opening_hours", 0.3), intent("sales", 0.2)], desk)
    both = together(first, second)
    assert [guess.intent.flow.name for guess in both][0] == "sales"
    assert both[0].score > 0.3 and sum(guess.score for guess in both) < 1.0
    assert together((), second) == second and together(first, ()) == first


@pytest.mark.parametrize(
    ("best", "second", "check", "decision"),
    [
        (0.8, 0.0, Check.AUTO, Decision.ACCEPT),
        (0.5, 0.0, Check.AUTO, Decision.CONFIRM),
        (0.3, 0.13, Check.AUTO, Decision.OFFER),
        (0.3, 0.12, Check.AUTO, Decision.REPROMPT),
        (0.24, 0.24, Check.AUTO, Decision.REPROMPT),
        (0.3, 0.13, Check.NEVER, Decision.REPROMPT),
    ],
)
def test_the_two_likeliest_are_asked_for_by_name(
    best: float, second: float, check: Check, decision: Decision
) -> None:
    assert decide_want(best, second, USUAL, check) is decision


def test_a_no_takes_the_chance_of_what_it_denies_to_the_others() -> None:
    first, second, third = undenied((intent("a", 0.65), intent("b", 0.18), answer("c", "1", 0.05)), {"a"})
    assert first.meaning == intent("b").meaning
    assert first.score == pytest.approx(0.18 / 0.3825)
    assert second.score == pytest.approx(0.05 / 0.3825)
    assert third.score == pytest.approx(0.65 * 0.05 / 0.3825)
    whole = intent("a", 1.0), intent("b", math.nan)
    assert undenied(whole, {"a"})[0].score == pytest.approx(1.0)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_better_score_never_makes_it_worse(one: float, other: float) -> None:
    order = [Decision.REPROMPT, Decision.CONFIRM, Decision.ACCEPT]
    low, high = sorted((one, other))
    assert order.index(decide(low, 0.0, USUAL)) <= order.index(decide(high, 0.0, USUAL))


def test_the_same_intent_twice_is_one_guess(desk: Desk) -> None:
    found = guesses([intent("sales", 0.6), intent("billing", 0.7), intent("sales", 0.5)], desk)
    assert [(guess.intent.flow.name, guess.score) for guess in found] == [("billing", 0.7), ("sales", 0.6)]


def test_readings_keep_different_values_and_drop_impossible_ones(desk: Desk) -> None:
    flow = desk.flows["reach_person"]
    matches = [
        intent("reach_person", 0.9, value("person", "Anna Burke", 0.5)),
        intent("reach_person", 0.8, value("person", "Anna Berg", 0.35), value("other", "x")),
        answer("person", "Anna Burke", 0.4),
        answer("person", "Nobody", 0.9),
        answer("person", "Carl Otto", math.nan),
        answer("person", "Carl Otto", 7.0),
    ]
    assert [[(v.value, v.score) for v in found] for found in readings(matches, flow)] == [
        [("Anna Burke", 0.5), ("Anna Berg", 0.35)]
    ]


def test_a_value_of_a_poor_reading_is_no_rival_however_clear_its_own_words_are(desk: Desk) -> None:
    flow = desk.flows["reach_person"]
    clear = replace(answer("person", "Anna Burke", 0.97), score=0.93)
    poor = replace(answer("person", "Anna Berg", 0.94), score=0.05)
    [[first, second]] = readings([clear, poor], flow)
    assert (first.value, second.value) == ("Anna Burke", "Anna Berg")
    assert first.score > 0.9
    assert second.score == pytest.approx(0.05 / 0.98)


def test_two_readings_that_are_as_likely_share_the_chance(desk: Desk) -> None:
    flow = desk.flows["reach_person"]
    one, other = (replace(answer("person", name, 0.97), score=0.45) for name in ("Anna Berg", "Anna Burke"))
    assert [v.score for v in readings([one, other], flow)[0]] == [0.5, 0.5]
