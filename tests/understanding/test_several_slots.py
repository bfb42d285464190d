"""Several values in one sentence, some of them taken back or told from other days."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.meaning import Expect, Hypothesis, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.matcher import Matcher

BOOK = IntentSpec(
    "book",
    ("a table", "[can I] book [a table] for {people} [people] [on] {day} at {time}"),
    slots=(
        SlotSpec("people", SlotType.NUMBER),
        SlotSpec("day", SlotType.DATE),
        SlotSpec("time", SlotType.TIME),
    ),
)
PAY = IntentSpec(
    "pay",
    ("pay {amount} to account {account}",),
    slots=(SlotSpec("amount", SlotType.MONEY), SlotSpec("account", SlotType.DIGITS, (6, 6))),
)
MATCHER = Matcher(Vocabulary("en-GB", (BOOK, PAY)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "book a table for four on the last Friday of the month at half seven in the evening",
            {"people": "4", "day": "2026-11-27", "time": "19:30"},
        ),
        (
            "a table for six people, no, eight, Thursday next week at quarter to eight",
            {"people": "8", "day": "2026-12-03", "time": "07:45"},
        ),
        (
            "can I book for two at 7 pm on the day after tomorrow",
            {"people": "2", "day": "2026-11-26", "time": "19:00"},
        ),
        (
            "pay thirty pounds, no, forty pounds to account four eight two nine one three",
            {"amount": "40.00 GBP", "account": "482913"},
        ),
    ],
)
def test_every_value_of_a_sentence_is_read(text: str, wanted: dict[str, str]) -> None:
    best = MATCHER.match((Hypothesis(text, 1.0),), Expect(), datetime(2026, 11, 24, 10, 15))[0]
    surest = {slot.name: slot.value for slot in sorted(best.slots, key=lambda slot: slot.score)}
    assert surest == wanted
