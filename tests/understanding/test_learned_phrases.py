"""Phrases that are learned as labelled sentences are, and answers that are also a want."""

from __future__ import annotations

from datetime import datetime

from ivr.meaning import Answer, Choice, Expect, Hypothesis, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.learned_examples import PHRASES, examples_of
from ivr.understanding.learned_training import train
from ivr.understanding.matcher import Matcher
from ivr.understanding.sentences import SentenceEncoder

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


NAME = SlotSpec("patient", SlotType.NAME)
ASKS = IntentSpec(
    "patient", ("(is|was) {patient} (there|with you|brought in)", "[how is] my (mum|dad)"), slots=(NAME,)
)
PARKS = IntentSpec("parking", ("is there [a] (parking|car park)", "where (can|do) I park"))


def test_a_phrase_around_a_name_is_learned_with_some_names() -> None:
    taught = {one.text for one in examples_of(Vocabulary("en-US", (ASKS,))) if one.intent == "patient"}
    around = {text for text in taught if text.startswith(("is ", "was "))}
    assert around and not any("{" in text for text in taught)


def test_a_phrase_around_a_name_is_understood_where_intents_are_learned(encoder: SentenceEncoder) -> None:
    vocabulary = Vocabulary("en-US", (ASKS, PARKS))
    matcher = Matcher(vocabulary, learned=train(examples_of(vocabulary), encoder))

    def score(text: str) -> float:
        found = matcher.match((Hypothesis(text, 1.0),), Expect(), NOW)
        return next((match.score for match in found if match.meaning == Intent("patient")), 0.0)

    for text in ("is Margaret Hill there", "was Peter Hall brought in", "is Sarah Collins with you"):
        assert score(text) >= 0.45, text
    assert score("is it there") < score("is Margaret Hill there")


def test_a_name_in_a_phrase_is_as_short_as_the_phrase_allows_and_no_word_for_anybody() -> None:
    asks = IntentSpec("patient", ("how is {patient} [doing|today]",), slots=(NAME,))
    matcher = Matcher(Vocabulary("en-US", (asks,)))

    def name(text: str) -> list[str]:
        return [slot.value for slot in matcher.match((Hypothesis(text, 1.0),), Expect(), NOW)[0].slots]

    assert name("how is Margaret Hill doing") == ["Margaret Hill"]
    assert name("how is Margaret Hill") == ["Margaret Hill"]
    assert name("how is my mother doing") == name("how is your food today") == []
