from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.events import Heard, Say, Understood
from ivr.masking import without_values
from ivr.meaning import Hypothesis, SlotValue
from ivr.redaction.cards import CARD, holds_card, without_card_numbers

VISA = "4111111111111111"  # the test numbers that card companies publish
AMEX = "378282246310005"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"my card is {VISA} thanks", f"my card is {CARD} thanks"),
        ("it's 4111 1111 1111 1111.", f"it's {CARD}."),
        ("4111-1111-1111-1111 expires soon", f"{CARD} expires soon"),
        ("3782, 822463, 10005", CARD),
        ("card four one one one, one one one one one one one one one one one one, ok", f"card {CARD}, ok"),
        ("four triple one, triple one one triple one one triple one one, yes", f"{CARD}, yes"),
        ("Four One 1 1 1111 1111 1111", CARD),
    ],
)
def test_card_numbers_are_taken_out(text: str, left: str) -> None:
    assert without_card_numbers(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # the last digit does not check
        "call me on 0044 20 7946 0958 or +33 1 42 68 53 00",
        "order four eight two nine one three please",
        "one for the money, two for the show, three to get ready, and four to go",
        "someone phoned at ten",
        "and push, " + 8 * "one two three four ",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_card_numbers(text) == text


@given(st.text(alphabet="0123456789 -,oneaTWdoubl.x", max_size=120))
def test_no_text_is_too_strange_and_none_keeps_a_card(text: str) -> None:
    left = without_card_numbers(text)
    assert without_card_numbers(left) == left


@given(st.text("0123456789", min_size=14, max_size=14))
def test_some_last_digit_makes_a_number_a_card(middle: str) -> None:
    assert sum(holds_card(f"4{middle}{last}") for last in range(10)) >= 1


def test_it_is_in_no_event_but_in_the_slot_that_a_desk_asked_for() -> None:
    heard = Heard((Hypothesis(f"my card is {VISA}", 0.9),), 1.0, 2.0, "x")
    assert VISA not in repr(without_values(Understood(heard, ())))
    assert VISA not in repr(without_values(Say("slots.pay.card.confirm.1", f"I have {VISA}.")))
    kept = SlotValue("card", VISA, "as said", 0.9)
    assert without_values(kept) is kept
