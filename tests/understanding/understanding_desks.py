"""Two made-up desks: a switchboard with a directory of 30 people, and a desk that takes orders."""

from __future__ import annotations

from datetime import datetime

from ivr.meaning import Choice, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.understanding.words import commands

NOW = datetime(2026, 11, 25, 10, 0)  # a Wednesday

PEOPLE = (
    "Amelia Hartley", "Benjamin Okafor", "Catherine Dubois", "Daniel Kowalski", "Eleanor Whitfield",
    "Farid Rahmani", "Grace Lindqvist", "Henry Castellano", "Isabel Moreno", "Jack Thornbury",
    "Karen Fitzgerald", "Liam O'Connor", "Maria Gonzalez", "Nathan Pryce", "Olivia Sandberg",
    "Patrick Delaney", "Quentin Marsh", "Rachel Nakamura", "Samuel Adeyemi", "Teresa Bianchi",
    "Umar Siddiqui", "Victoria Langley", "William Ashcroft", "Xenia Petrova", "Yusuf Demir",
    "Zoe Carmichael", "John Smith", "John Baxter", "Martin Keller", "Martha Kessler",
)  # fmt: skip
PERSON = SlotSpec("person", SlotType.NAME, choices=tuple(Choice(name, (name,)) for name in PEOPLE))
ORDER_NUMBER = SlotSpec("order_number", SlotType.DIGITS, (6, 6))
DAY = SlotSpec("day", SlotType.DATE)
HOUR = SlotSpec("hour", SlotType.TIME)
DRINK = SlotSpec(
    "drink",
    SlotType.CHOICE,
    choices=(
        Choice("latte", ("latte",)),
        Choice("iced mocha", ("iced mocha",)),
        Choice("espresso", ("espresso",)),
        Choice("house coffee", ("[house] coffee",)),
    ),
)
SIZE = SlotSpec(
    "size",
    SlotType.CHOICE,
    choices=(
        Choice("small", ("small", "eight ounce")),
        Choice("medium", ("medium", "twelve ounce")),
        Choice("large", ("large", "sixteen ounce")),
    ),
)
NOTE = SlotSpec("note", SlotType.TEXT)

SWITCHBOARD = Vocabulary(
    "en-US",
    (
        IntentSpec(
            "billing", ("[I have] a question about my (bill|invoice)", "billing", "[the] billing department")
        ),
        IntentSpec("sales", ("sales", "[the] sales department", "(buy|order) (something|your products)")),
        IntentSpec(
            "support", ("[technical] support", "help with my (product|machine)", "my machine is broken")
        ),
        IntentSpec("shipping", ("shipping", "where is my (delivery|shipment)", "[the] delivery department")),
        IntentSpec("prescription", ("[I need] a (repeat prescription|prescription|refill)",)),
        IntentSpec("reach_person", ("(speak|talk) to {person}", "{person} please"), (), (PERSON,)),
        IntentSpec(
            "hours", ("when are you open", "[your] opening (hours|times)", "what time do you (open|close)")
        ),
    ),
    commands("en"),
)
ORDERS = Vocabulary(
    "en-US",
    (
        IntentSpec("status", ("where is my order", "track order {order_number}"), (), (ORDER_NUMBER,)),
        IntentSpec(
            "cancel", ("cancel (my|an) order", "cancel order [number] {order_number}"), (), (ORDER_NUMBER,)
        ),
        IntentSpec("pickup", ("collect my order [on {day}] [at {hour}]",), (), (DAY, HOUR)),
        IntentSpec("drink", ("[I want] a {size} {drink}", "{drink} please"), (), (SIZE, DRINK)),
        IntentSpec("note", ("tell the courier that {note}",), (), (NOTE,)),
        IntentSpec(
            "complaint", (), ("this is the third time you have messed up", "your driver was rude to me")
        ),
    ),
    commands("en"),
)
