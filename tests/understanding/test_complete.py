from __future__ import annotations

import pytest
from understanding_desks import DAY, DRINK, HOUR, NOTE, NOW, ORDER_NUMBER, PERSON

from ivr.meaning import Command, Completeness, Expect, SlotSpec, SlotType
from ivr.understanding.matcher import Matcher

COMPLETE, UNKNOWN, UNFINISHED = Completeness.COMPLETE, Completeness.UNKNOWN, Completeness.UNFINISHED
COURTESY, TELLING = Completeness.COURTESY, Completeness.TELLING
CONFIRMING = Expect(commands=frozenset({Command.YES, Command.NO, Command.OPERATOR}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("billing", COMPLETE),
        ("Billing, please.", COMPLETE),
        ("um yeah hi I have a question about my bill", COURTESY),
        ("I have a question about my", UNFINISHED),
        ("I have a question", UNFINISHED),
        ("technical", UNFINISHED),
        ("can I speak to", UNFINISHED),
        ("can I speak to Eleanor Whitfield", COURTESY),
        ("can I speak to Eleanor Whitfield please", COMPLETE),
        ("my sister moved to another town", TELLING),
        ("my badge is lost and I cannot get into technical", TELLING),
        ("my badge is lost and I have a question about", UNFINISHED),
        ("that's all thank you", TELLING),
        ("that's all thank you goodbye", COMPLETE),
        ("never mind", TELLING),
        ("goodbye", COMPLETE),
        ("my order number is", UNFINISHED),
        ("I would like", UNFINISHED),
        ("it rained all day and", UNFINISHED),
        ("well um", UNFINISHED),
        ("I do not really know who I need to talk to", UNKNOWN),
        ("I do not really know who I need to", UNFINISHED),
        ("I would like to talk to", UNFINISHED),
        ("good morning", TELLING),
        ("a colleague of yours told me about the delivery department", UNKNOWN),
        ("operator", COMPLETE),
        ("something else entirely happened", UNKNOWN),
        ("can you hear me", UNKNOWN),
        ("thank you", TELLING),
        ("", UNKNOWN),
        ("?!", UNKNOWN),
    ],
)
def test_in_the_main_state(text: str, expected: Completeness, switchboard: Matcher) -> None:
    assert switchboard.completeness(text, Expect()) is expected


def test_a_whole_phrase_that_may_go_on_to_a_value_is_not_cut_off(orders: Matcher) -> None:
    assert orders.completeness("where is my order", Expect()) is COMPLETE
    assert orders.completeness("track order", Expect()) is UNFINISHED
    assert orders.completeness("track order 482913", Expect()) is COMPLETE
    assert orders.completeness("collect my order on", Expect()) is UNFINISHED


def test_a_yes_to_anything_else_is_the_beginning(switchboard: Matcher) -> None:
    asked = Expect(commands=CONFIRMING.commands, more=True)
    assert switchboard.completeness("yes", asked) is TELLING
    assert switchboard.completeness("yes please", asked) is TELLING
    assert switchboard.completeness("yes billing", asked) is COMPLETE
    assert switchboard.completeness("no", asked) is COMPLETE


def test_only_what_may_be_said_now_counts(switchboard: Matcher) -> None:
    assert switchboard.completeness("yes", CONFIRMING) is COMPLETE
    assert switchboard.completeness("no that's not right", CONFIRMING) is COMPLETE
    assert switchboard.completeness("no thank you", CONFIRMING) is TELLING
    assert switchboard.completeness("billing", Expect(intents=False)) is UNKNOWN


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("four eight two nine one three", (6, 6), COMPLETE),
        ("it's 482913", (6, 6), COMPLETE),
        ("four eight two nine one three please", (6, 6), COMPLETE),
        ("four eight two", (6, 6), UNFINISHED),
        ("four eight two nine one double", (6, 6), UNFINISHED),
        ("uh four eight um", (6, 6), UNFINISHED),
        ("four eight two nine one three seven", (7, 12), UNKNOWN),
        ("four eight two", (7, 12), UNFINISHED),
        ("four eight two", None, UNKNOWN),
        ("my number is", (6, 6), UNFINISHED),
        ("", (6, 6), TELLING),
        ("nah nah", (6, 6), TELLING),
        ("", None, UNKNOWN),
        ("where is my order", (6, 6), COMPLETE),
    ],
)
def test_digits(text: str, length: tuple[int, int] | None, expected: Completeness, orders: Matcher) -> None:
    asked = Expect(slot=SlotSpec("n", SlotType.DIGITS, length))
    assert orders.completeness(text, asked) is expected


@pytest.mark.parametrize(
    ("slot", "text", "expected"),
    [
        (DAY, "tomorrow", COMPLETE),
        (DAY, "the third of May", COMPLETE),
        (DAY, "the third", UNKNOWN),
        (DAY, "the third of", UNFINISHED),
        (DAY, "on friday", UNKNOWN),
        (DAY, "on friday please", COMPLETE),
        (DAY, "next", UNFINISHED),
        (HOUR, "half past", UNFINISHED),
        (HOUR, "half past three", COMPLETE),
        (HOUR, "three pm", COMPLETE),
        (HOUR, "three", UNKNOWN),
        (PERSON, "Eleanor Whitfield", COMPLETE),
        (PERSON, "Eleanor Whitfield please", COMPLETE),
        (PERSON, "Eleanor", UNKNOWN),
        (DRINK, "espresso", COMPLETE),
        (DRINK, "house", UNKNOWN),
        (NOTE, "please ring the bell", UNKNOWN),
        (NOTE, "please ring the", UNFINISHED),
        (SlotSpec("ok", SlotType.YES_NO), "yes", COMPLETE),
        (SlotSpec("n", SlotType.NUMBER), "twelve", UNKNOWN),
        (ORDER_NUMBER, "um", UNFINISHED),
    ],
)
def test_answers(slot: SlotSpec, text: str, expected: Completeness, orders: Matcher) -> None:
    assert orders.completeness(text, Expect(slot=slot), NOW) is expected
