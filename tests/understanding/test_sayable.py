from __future__ import annotations

from understanding_desks import DAY, DRINK, HOUR, NOTE, ORDER_NUMBER, PEOPLE, PERSON

from ivr.meaning import Command, Expect, SlotSpec, SlotType
from ivr.understanding.matcher import Matcher

NOTHING = Expect(intents=False, commands=frozenset())


def test_phrases_of_every_meaning_come_first(switchboard: Matcher) -> None:
    few = switchboard.phrases(Expect(commands=frozenset({Command.OPERATOR})), 9)
    assert len(few) == len(set(few)) == 9
    assert {"billing", "sales", "support", "shipping"} <= set(few)
    assert any("operator" in phrase or "person" in phrase or "agent" in phrase for phrase in few)


def test_only_what_may_be_said(switchboard: Matcher) -> None:
    assert switchboard.phrases(NOTHING, 100) == ()
    assert switchboard.phrases(Expect(), 0) == ()
    said = switchboard.phrases(Expect(intents=False, commands=frozenset({Command.YES})), 1_000)
    assert "yes" in said
    assert "no" not in said
    assert "billing" not in said


def test_values_stand_in_their_phrases(switchboard: Matcher) -> None:
    phrases = switchboard.phrases(Expect(), 10_000)
    for name in PEOPLE:
        assert any(name.lower().replace("'", "") in phrase for phrase in phrases), name
    assert any(phrase.startswith("speak to ") for phrase in phrases)
    assert not any("{" in phrase for phrase in phrases)


def test_values_that_cannot_be_listed_are_listed_by_their_words(orders: Matcher) -> None:
    phrases = orders.phrases(Expect(commands=frozenset()), 10_000)
    assert "track order" in phrases
    assert {"nine", "oh", "double", "twenty"} <= set(phrases)
    assert {"tomorrow", "friday", "may", "third"} <= set(phrases)


def test_answers_come_with_their_question(orders: Matcher) -> None:
    def answers(slot: SlotSpec) -> set[str]:
        return set(orders.phrases(Expect(intents=False, commands=frozenset(), slot=slot), 1_000))

    assert answers(DRINK) == {"latte", "iced mocha", "espresso", "coffee", "house coffee"}
    assert answers(PERSON) >= {"amelia hartley", "liam oconnor"}
    assert answers(ORDER_NUMBER) >= {"zero", "oh", "double", "nine"}
    assert answers(DAY) >= {"tomorrow", "monday", "january", "third"}
    assert answers(HOUR) >= {"noon", "half past", "pm", "twelve"}
    assert answers(SlotSpec("n", SlotType.NUMBER)) >= {"hundred", "twelve"}
    assert answers(NOTE) == set()
    assert answers(SlotSpec("ok", SlotType.YES_NO)) >= {"yes", "no"}


def test_words_are_in_matching_form(switchboard: Matcher, orders: Matcher) -> None:
    for matcher in (switchboard, orders):
        for phrase in matcher.phrases(Expect(commands=frozenset(Command)), 10_000):
            assert phrase == " ".join(phrase.lower().split())
            assert phrase.replace(" ", "").isalpha(), phrase
