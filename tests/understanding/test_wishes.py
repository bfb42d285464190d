"""Two wishes in one breath: found where both are sure, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from understanding_desks import NOW, ORDER_NUMBER

from ivr.dialog.load import load_desk
from ivr.meaning import Answer, Command, Expect, Hypothesis, Intent, Match, SlotSpec, SlotType
from ivr.understanding.matcher import Matcher
from ivr.understanding.normalize import normalize
from ivr.understanding.wishes import Cut, cuts
from ivr.understanding.words import Words, commands


def best(matcher: Matcher, text: str, expect: Expect | None = None) -> Match:
    return matcher.match((Hypothesis(text, 1.0),), expect or Expect(), NOW)[0]


def wishes(matcher: Matcher, text: str) -> list[str]:
    first = best(matcher, text)
    return [
        what.name if isinstance(what, Intent) else str(what.value)
        for what in (first.meaning, *(later.meaning for later in first.later))
        if isinstance(what, Intent | Command)
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("when are you open and then I would like billing", ["hours", "billing"]),
        ("I have a question about my invoice. And what time do you close?", ["billing", "hours"]),
        ("what time do you open, and could I talk to John Smith", ["hours", "reach_person"]),
        ("my machine is broken and also I have a question about my bill", ["support", "billing"]),
        ("when are you open and then I want to speak to a real person", ["hours", "operator"]),
        (
            "what are your opening times, and where is my shipment, and then I need the sales department",
            ["hours", "shipping", "sales"],
        ),
    ],
)
def test_each_wish_that_is_sure_is_found(switchboard: Matcher, said: str, expected: list[str]) -> None:
    assert wishes(switchboard, said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("where is my shipment and where is my delivery", "shipping"),  # both mean the same
        ("my delivery is late and I would like the sales department", "sales"),  # what is told leads to it
        ("I have a question about my bill and my machine", "billing"),  # no second request
        ("when are you open and what is the weather like", "hours"),  # the second is not known
        ("my machine is broken and does not want to go to sales", "support"),  # its subject is that before
    ],
)
def test_one_wish_is_not_parted(switchboard: Matcher, said: str, expected: str) -> None:
    assert wishes(switchboard, said) == [expected]


def test_what_one_phrase_holds_is_one_wish(orders: Matcher) -> None:
    held = "tell the courier that I am out and then cancel my order"
    assert wishes(orders, held) == ["note"]
    assert wishes(orders, "where is my order and also cancel my order") == ["status", "cancel"]


def test_a_fact_that_was_said_once_serves_both(orders: Matcher) -> None:
    first = best(orders, "where is my order and can you cancel order number 482913")
    assert [wish.meaning for wish in first.later] == [Intent("cancel")]
    assert [slot.value for slot in (*first.slots, *first.later[0].slots)] == ["482913", "482913"]


def test_a_yes_may_come_before_a_wish(switchboard: Matcher) -> None:
    asked = Expect(commands=frozenset({Command.YES, Command.NO}))
    first = best(switchboard, "yes please, and what time do you close?", asked)
    assert first.meaning is Command.YES
    assert [wish.meaning for wish in first.later] == [Intent("hours")]
    assert (
        best(
            switchboard, "yes, and what time do you close?", Expect(commands=asked.commands, more=True)
        ).later
        == ()
    )


def test_an_answer_may_come_before_a_wish(orders: Matcher) -> None:
    asked = Expect(slot=ORDER_NUMBER)
    first = best(orders, "four eight two nine one three, and can you cancel my order", asked)
    assert first.meaning == Answer("order_number") and first.slots[0].value == "482913"
    assert [wish.meaning for wish in first.later] == [Intent("cancel")]
    assert best(orders, "four eight two and nine one three", asked).later == ()


def test_where_danger_is_told_of_nothing_is_parted(switchboard: Matcher) -> None:
    told = Expect(told=(SlotSpec("place", SlotType.PLACE),))
    assert best(switchboard, "when are you open and then I would like billing", told).later == ()


def test_a_dictated_answer_is_not_parted(switchboard: Matcher) -> None:
    asked = Expect(slot=SlotSpec("note", SlotType.TEXT))
    assert best(switchboard, "I ask when are you open and then for billing", asked).later == ()


def test_places_where_a_sentence_may_be_parted(words: Words) -> None:
    text = "Hello? One thing and also another. Bye now"
    tokens = normalize(text, words)
    assert list(cuts(text, tokens, words)) == [Cut(1, 1, False), Cut(3, 5, True), Cut(6, 6, False)]


@pytest.mark.parametrize(
    ("desk", "said", "expected"),
    [
        ("company-zh", "我想问一下营业时间，然后转财务", ["opening_hours", "billing"]),
        ("company-zh", "你们几点开门，还有地址在哪里", ["opening_hours", "address"]),
        ("company-ko", "영업시간 알려 주세요 그리고 주소도 알려 주세요", ["opening_hours", "address"]),
    ],
)
def test_wishes_in_languages_that_do_not_tell_kinds_of_sentences(
    root: Path, desk: str, said: str, expected: list[str]
) -> None:
    loaded = load_desk(desk, root)
    assert wishes(Matcher(loaded.vocabulary(commands(loaded.language))), said) == expected
