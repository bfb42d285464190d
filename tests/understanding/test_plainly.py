"""A yes that must leave no doubt, and words that answer nothing."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.meaning import Answer, Expect, Hypothesis, Intent, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

NOW = datetime(2026, 11, 24)
DANGER = IntentSpec("fire", (), whole=("fire", "there is smoke"))
MATCHER = Matcher(Vocabulary("en-US", (DANGER,), commands("en-US")))
BREATHING = SlotSpec("breathing", SlotType.YES_NO, safe="yes", plain=("[yes] [breathing] normally",))
INSIDE = SlotSpec("inside", SlotType.YES_NO, safe="no", plain=("we are all out",))
PLACE = SlotSpec("place", SlotType.TEXT, no_answer=("I do not know [where I am]", "okay"))


def heard(text: str, slot: SlotSpec, matcher: Matcher = MATCHER) -> str:
    """The value that is taken for the slot, from the score on from which desks act at most."""
    best = matcher.match((Hypothesis(text, 0.9),), Expect(intents=False, slot=slot), NOW)
    found = [one.slots[0].value for one in best if one.meaning == Answer(slot.name) and one.score >= 0.25]
    return found[0] if found else ""


@pytest.mark.parametrize(
    "text", ["yes", "Yes, yes!", "yeah", "yes they are", "he is", "breathing normally", "Normally."]
)
def test_a_plain_yes_is_a_yes(text: str) -> None:
    assert heard(text, BREATHING) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        *("okay", "um", "yeah I think", "I think so", "um yes", "uh-huh", "sure", "yes but slowly", "right"),
        *("yes and it sounds strange", "sort of", "maybe", "I guess so", "yes he is gasping", "fine"),
        *("of course", "he is breathing", "I don't know"),
    ],
)
def test_doubt_is_no_yes(text: str) -> None:
    assert heard(text, BREATHING) != "yes"
    plain_asked = SlotSpec("breathing", SlotType.YES_NO)
    if text in {"okay", "I think so", "sure"}:  # which is one where nobody dies of it
        assert heard(text, plain_asked) == "yes"


@pytest.mark.parametrize("text", ["no", "not really", "I don't think so", "no, he isn't", "hardly"])
def test_the_answer_that_is_not_safe_needs_no_plain_words(text: str) -> None:
    assert heard(text, BREATHING) == "no"


def test_a_no_may_be_the_safe_answer() -> None:
    assert heard("no", INSIDE) == heard("We're all out!", INSIDE) == heard("nobody", INSIDE) == "no"
    assert heard("I don't think so", INSIDE) == heard("not really", INSIDE) == ""
    assert heard("yes my brother", INSIDE) == heard("I think so", INSIDE) == "yes"


@pytest.mark.parametrize(
    ("language", "yes", "doubt"),
    [
        ("ko", ("네", "예", "네 맞아요"), ("글쎄요", "그런 것 같아요", "네 그런 것 같아요", "음")),
        ("zh", ("是", "是的", "对"), ("好的", "嗯", "好像是", "应该是吧", "可能吧")),
    ],
)
def test_other_languages(language: str, yes: tuple[str, ...], doubt: tuple[str, ...]) -> None:
    matcher = Matcher(Vocabulary(language, (), commands(language)))
    slot = SlotSpec("breathing", SlotType.YES_NO, safe="yes")
    assert {heard(text, slot, matcher) for text in yes} == {"yes"}
    assert "yes" not in {heard(text, slot, matcher) for text in doubt}


@pytest.mark.parametrize("text", ["I don't know where I am", "Um, okay.", "well I don't know"])
def test_words_that_answer_nothing(text: str) -> None:
    assert heard(text, PLACE) == ""
    assert heard("okay street, behind the church", PLACE)


@pytest.mark.parametrize("text", ["fire", "Fire! Fire! Fire!", "please, fire"])
def test_one_word_that_is_shouted_again_and_again(text: str) -> None:
    best = MATCHER.match((Hypothesis(text, 0.9),), Expect(intents=False, slot=PLACE), NOW)
    assert best[0].meaning == Intent("fire")
    assert best[0].urgent
