"""What simulated callers say when they are asked for a fact that nobody gave them. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ivr.meaning import SlotSpec, SlotType

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MOST_DIGITS = 10
_PIECE = 3

_SAID: dict[SlotType, Sequence[str]] = {
    SlotType.YES_NO: ("yes", "yes please", "yeah that's right", "no", "no it isn't"),
    SlotType.DATE: (
        "tomorrow",
        "next Tuesday",
        "on Friday",
        "the third of December",
        "the day after tomorrow",
    ),
    SlotType.TIME: (
        "at ten in the morning",
        "half past three",
        "around two in the afternoon",
        "quarter past nine",
    ),
    SlotType.NUMBER: ("two", "five", "twelve", "thirty"),
    SlotType.NAME: ("Laura Bennett", "Thomas Reed", "Sarah Collins", "David Turner", "Emma Hughes"),
    SlotType.MONEY: ("twelve pounds fifty", "forty euros", "three hundred dollars"),
    SlotType.DURATION: ("two hours", "three days", "half an hour", "a week"),
    SlotType.SPELLED: ("b e n n e t t", "r e e d", "h u g h e s"),
    SlotType.EMAIL: ("laura dot bennett at example dot com", "tom at example dot org"),
    SlotType.POSTCODE: ("nine oh two one oh", "one oh oh oh one"),
    SlotType.ADDRESS: ("twelve Quay Street, Port Alder", "forty five Mill Lane, Port Alder"),
    SlotType.PLACE: ("twelve Quay Street, Port Alder", "the car park behind the station"),
    SlotType.TEXT: ("it's about what we spoke of last week", "I'd like to know how things stand"),
}


def said_for(spec: SlotSpec, chance: random.Random) -> str:
    """What somebody says when asked for the fact."""
    if spec.choices:
        return chance.choice(spec.choices).value
    if spec.type is SlotType.DIGITS:
        least, most = spec.length or (6, 6)
        return _number(min(max(least, 6 if most >= 6 else least), most, max(least, _MOST_DIGITS)), chance)
    return chance.choice(_SAID[spec.type])


def keys_for(said: str) -> str:
    """What somebody presses for a fact that may not be said: its digits, and the hash key."""
    words = said.replace(",", " ").split()
    digits = "".join(str(_DIGITS.index(word)) if word in _DIGITS else word for word in words)
    return "".join(digit for digit in digits if digit.isdigit()) + "#"


def _number(length: int, chance: random.Random) -> str:
    """Digits in groups, the first no zero: "four eight two, nine one three"."""
    digits = [_DIGITS[chance.randrange(1 if place == 0 else 0, 10)] for place in range(length)]
    return ", ".join(" ".join(digits[at : at + _PIECE]) for at in range(0, length, _PIECE))
