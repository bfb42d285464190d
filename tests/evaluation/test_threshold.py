"""The threshold that examples alone give."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.evaluation import threshold
from ivr.evaluation.threshold import LOST, UNKNOWN, cross_validated_threshold
from ivr.meaning import IntentSpec, Vocabulary

VERBS = ("open", "close", "paint", "clean", "mend", "sell", "move", "count", "lock", "wash", "find", "lift")


def desk(*nouns: str, examples: int = 12) -> Vocabulary:
    intents = tuple(
        IntentSpec(noun, (), tuple(f"please {verb} the {noun} for me" for verb in VERBS[:examples]))
        for noun in nouns
    )
    return Vocabulary("en", intents)


def test_few_right_answers_are_rejected() -> None:
    vocabulary = desk("door", "window", "garden", "kitchen")
    chosen = cross_validated_threshold(vocabulary)
    assert 0.0 < chosen < 1.0
    tried = [one for fold in range(threshold.FOLDS) for one in threshold._fold(vocabulary, fold)]
    assert len(tried) == 48, "every example is tried once"
    right = np.array([score for score, right in tried if right])
    assert len(right) >= 40
    assert np.mean(right < chosen) <= LOST + 1 / len(right)
    assert cross_validated_threshold(vocabulary) == chosen


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[str]]:
    """What each matcher learned from; none is ever asked that."""
    found: list[frozenset[str]] = []

    class Spy(threshold.Matcher):
        def __init__(self, vocabulary: Vocabulary) -> None:
            found.append(frozenset(text for intent in vocabulary.intents for text in intent.examples))
            super().__init__(vocabulary)

        def match(self, hypotheses, expect, now):  # type: ignore[no-untyped-def]
            assert hypotheses[0].text not in found[-1]
            return super().match(hypotheses, expect, now)

    monkeypatch.setattr(threshold, "Matcher", Spy)
    return found


def test_what_is_tried_is_not_learned(learned: list[frozenset[str]]) -> None:
    cross_validated_threshold(desk("door", "window", "garden"))
    assert [len(some) for some in learned] == [24, 24, 24]


def test_an_intent_with_one_example_keeps_it(learned: list[frozenset[str]]) -> None:
    one = IntentSpec("one", (), ("ring the bell",))
    cross_validated_threshold(Vocabulary("en", (*desk("door", "window").intents, one)))
    assert all("ring the bell" in some for some in learned)


@pytest.mark.parametrize("examples", [0, 1, 2])
def test_too_few_examples_give_the_usual_threshold(examples: int) -> None:
    vocabulary = Vocabulary(
        "en", (*desk("door", examples=examples).intents, IntentSpec("hi", ("hello there",)))
    )
    assert cross_validated_threshold(vocabulary) == UNKNOWN


def test_wrong_answers_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = [(0.1, False)] * 50 + [(0.5, True)] + [(0.9, True)] * 99
    monkeypatch.setattr(threshold, "_fold", lambda vocabulary, fold: scores)
    assert cross_validated_threshold(desk("door")) == pytest.approx(0.9)
