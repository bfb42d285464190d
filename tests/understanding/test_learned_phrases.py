"""Phrases that are learned beside labelled sentences, and answers that are also a want."""

from __future__ import annotations

from datetime import datetime

from ivr.meaning import Answer, Choice, Expect, Hypothesis, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.learned_phrases import OF_A_TEMPLATE, with_phrases
from ivr.understanding.matcher import Matcher

NOW = datetime(2026, 11, 24, 10, 15)
REFUND = IntentSpec(
    "refund", ("[I] (want|would like) my money back", "refund for order {order}"), ("where is it",)
)
OTHER = IntentSpec("other", ("[the] (red|green|blue|black) one",))


def test_some_sentences_of_each_phrase_join_the_labelled_ones() -> None:
    learned = with_phrases(Vocabulary("en-US", (REFUND, OTHER)))
    refund, other = learned.intents
    assert refund.examples[0] == "where is it"
    assert 1 <= len(refund.examples) - 1 <= OF_A_TEMPLATE
    assert all("money back" in text for text in refund.examples[1:]), "no phrase whose value is not known"
    assert other.examples == (), "without labelled sentences phrases stay phrases"


def test_words_that_are_all_an_answer_are_one_even_if_they_are_a_phrase_too() -> None:
    wish = SlotSpec("wish", SlotType.CHOICE, None, (Choice("money", ("[I would like] my money back",)),))
    matcher = Matcher(Vocabulary("en-US", (IntentSpec("refund", REFUND.templates[:1]),)))
    said = (Hypothesis("I'd like my money back", 0.9),)
    assert matcher.match(said, Expect(), NOW)[0].meaning == Intent("refund")
    best = matcher.match(said, Expect(slot=wish), NOW)[0]
    assert best.meaning == Answer("wish") and best.score > 0.75
