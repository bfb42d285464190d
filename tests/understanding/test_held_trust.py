"""How much a reading held to a grammar is trusted beside the free one."""

from __future__ import annotations

import pytest

from ivr.meaning import Hypothesis, Word
from ivr.understanding.held_trust import Kind, trust, weigh
from ivr.understanding.phonemes import Sounds
from ivr.understanding.words import load_words

WORDS, SOUNDS = load_words("en"), Sounds("en")
FREE = Hypothesis("Lero.", 0.5)


def held(fit: float, likelihood: float, text: str = "zero", share: float = 1.0) -> Hypothesis:
    return Hypothesis(text, share, fit=fit, likelihood=likelihood)


def test_trust_grows_with_likelihood_and_likeness() -> None:
    sure, unsure, bad = (
        trust(held(fit, like), FREE, Kind.PHRASE, WORDS, SOUNDS)
        for fit, like in ((-0.1, -0.2), (-0.1, -1.5), (-1.5, -4.0))
    )
    assert sure > 0.8 > 0.5 > bad
    assert sure > unsure > bad
    unlike = trust(held(-0.1, -1.5), Hypothesis("good morning everyone", 0.5), Kind.PHRASE, WORDS, SOUNDS)
    assert unlike < unsure


@pytest.mark.parametrize(
    ("fit", "likelihood"), [(float("nan"), -0.1), (-0.1, float("nan")), (float("-inf"), -9.0), (-8.0, -9.0)]
)
def test_what_does_not_fit_weighs_nothing(fit: float, likelihood: float) -> None:
    assert trust(held(fit, likelihood), FREE, Kind.PHRASE, WORDS, SOUNDS) == 0.0
    assert [one.hypothesis for one in weigh((FREE, held(fit, likelihood)), WORDS, SOUNDS)] == [FREE]
    assert weigh((held(fit, likelihood),), WORDS, SOUNDS) == ()


def test_weights_add_up_to_one_and_keep_their_order() -> None:
    some = (FREE, Hypothesis("Hero", 0.3), held(-0.2, -0.5, share=0.8), held(-0.9, -1.2, "three", 0.2))
    weighed = weigh(some, WORDS, SOUNDS)
    assert tuple(one.hypothesis for one in weighed) == some
    assert [one.kind is not None for one in weighed] == [False, False, True, True]
    assert sum(one.weight for one in weighed) == pytest.approx(1.0)
    assert weighed[2].weight == pytest.approx(4 * weighed[3].weight)


def test_a_free_reading_that_is_also_held_has_no_weight_of_its_own() -> None:
    said = (Hypothesis("Zero.", 0.9), held(-0.2, -0.5, share=0.9), held(-0.9, -1.2, "three", 0.1))
    assert [one.kind is not None for one in weigh(said, WORDS, SOUNDS)] == [True, True]
    (free,) = weigh((said[0], held(float("-inf"), -9.0)), WORDS, SOUNDS)
    assert free.hypothesis is said[0]


def test_words_of_danger_need_more_than_other_phrases() -> None:
    some = held(-1.7, -2.5, "call a police")  # the price of the search is in its fit
    calling = Hypothesis("Calling.", 0.6)
    assert trust(some, calling, Kind.PHRASE, WORDS, SOUNDS) > 0.4
    assert trust(some, calling, Kind.ALARM, WORDS, SOUNDS) < 0.35
    clear = held(-0.2, -0.4, "call the police")
    assert trust(clear, Hypothesis("Call the police.", 0.9), Kind.ALARM, WORDS, SOUNDS) > 0.8


def test_commands_are_dear_and_the_best_of_what_is_left_is_trusted() -> None:
    said = (FREE, held(-1.4, -1.0, "leave it", 0.8), held(-0.2, -0.5, "zero", 0.2))
    kinds = {"leave it": Kind.COMMAND, "zero": Kind.PHRASE}
    weighed = weigh(said, WORDS, SOUNDS, lambda one: kinds[one.text])
    assert [one.hypothesis.text for one in weighed] == ["Lero.", "zero", "leave it"]
    assert weighed[1].weight > 4 * weighed[2].weight
    trusted = trust(said[2], FREE, Kind.PHRASE, WORDS, SOUNDS)
    assert sum(one.weight for one in weighed[1:]) == pytest.approx(trusted)


def test_without_a_free_reading_the_rest_is_nobodys() -> None:
    (alone,) = weigh((held(-0.2, -0.8),), WORDS, SOUNDS)
    assert 0.0 < alone.weight < 1.0


def test_a_held_reading_of_no_words_weighs_nothing() -> None:
    nothing = Hypothesis("", 0.0, fit=-99.0, likelihood=-99.0)
    assert [one.hypothesis for one in weigh((FREE, nothing), WORDS, SOUNDS)] == [FREE]
    assert weigh((nothing,), WORDS, SOUNDS) == ()


def test_empty_readings_and_strange_confidences_are_bounded() -> None:
    assert weigh((), WORDS, SOUNDS) == ()
    assert weigh((Hypothesis(" ", 1.0),), WORDS, SOUNDS) == ()
    (one,) = weigh((Hypothesis("a", float("nan")),), WORDS, SOUNDS)
    assert one.weight == 1.0


def test_words_that_are_surely_read_contradict_a_phrase_that_lacks_them() -> None:
    bill = held(-1.0, -2.0, "I have a question about my bill")

    def read(sure: float) -> Hypothesis:
        said = ["I", "have", "a", "question", "about", "my", "chemo"]
        words = (Word(word, 0.0, 0.1, sure if word == "chemo" else 0.95) for word in said)
        return Hypothesis(" ".join(said), 0.9, tuple(words))

    asked, openly, unsurely = (
        trust(bill, read(sure), Kind.PHRASE, WORDS, SOUNDS, openly)
        for sure, openly in ((0.95, False), (0.95, True), (0.6, True))
    )
    assert openly < 0.25 < asked == unsurely
    assert trust(bill, read(0.95), Kind.ALARM, WORDS, SOUNDS, openly=True) > openly, "danger stays danger"
