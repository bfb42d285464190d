"""Phrases that are learned as labelled sentences are, and answers that are also a want."""

from __future__ import annotations

from datetime import datetime

from ivr.meaning import Answer, Choice, Expect, Hypothesis, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.learned_examples import PHRASES, examples_of
from ivr.understanding.matcher import Matcher

NOW = datetime(2026, 11, 24, 10, 15)
REFUND = IntentSpec(
    "refund", ("[I] (want|would like) my money back", "refund for order {order}"), ("where is it",)
)
OTHER = IntentSpec("other", ("[the] (red|green|blue|black) one",))


def test_phrases_are_learned_beside_labelled_sentences() -> None:
    taught = examples_of(Vocabulary("en-US", (REFUND, OTHER)))
    refund = [example for example in taught if example.intent == "refund"]
    assert refund[0].text == "where is it" and refund[0].kin == ""
    assert all("money back" in example.text for example in refund[1:]), "no phrase whose value is not known"
    assert 1 <= len(refund) - 1 <= PHRASES and len({example.kin for example in refund[1:]}) == 1
    assert {example.text for example in taught if example.intent == "other"} >= {"the red one", "blue one"}


def test_a_phrase_with_a_choice_is_learned_with_its_values() -> None:
    colour = SlotSpec("colour", SlotType.CHOICE, None, (Choice("red", ("red",)), Choice("green", ("green",))))
    paint = IntentSpec("paint", ("paint it {colour}", "[some] {colour} paint"), slots=(colour,))
    taught = {example.text for example in examples_of(Vocabulary("en-US", (paint,)))}
    assert taught & {"paint it red", "paint it green"} and not any("{" in text for text in taught)


def test_words_that_are_all_an_answer_are_one_even_if_they_are_a_phrase_too() -> None:
    wish = SlotSpec("wish", SlotType.CHOICE, None, (Choice("money", ("[I would like] my money back",)),))
    matcher = Matcher(Vocabulary("en-US", (IntentSpec("refund", REFUND.templates[:1]),)))
    said = (Hypothesis("I'd like my money back", 0.9),)
    assert matcher.match(said, Expect(), NOW)[0].meaning == Intent("refund")
    best = matcher.match(said, Expect(slot=wish), NOW)[0]
    assert best.meaning == Answer("wish") and best.score > 0.75
