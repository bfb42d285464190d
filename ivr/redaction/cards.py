"""Numbers of payment cards in what was said or written: they are in no record, whoever said them when.

A card's number begins with the digits of its issuer, has 14 to 19 of them, and the last checks the others
(ISO/IEC 7812-1, the formula of Luhn): of other numbers that look like one, a tenth passes by chance.
"""

from __future__ import annotations

import re

from ivr.redaction.runs import RUN, digits_of

CARD = "[card number]"
"""Stands for one."""
LEAST = 14
MOST = 26
"""Digits of a run that may be a card with what is said beside it (its last day, its code); longer ones are
counting, or reading out a list."""
_ISSUERS = re.compile(
    r"(?=(4\d{15}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|35\d{14}|3[0689]\d{12}|6\d{15}(?:\d{3})?))"
)
"""Visa; Mastercard twice; American Express; Diners; JCB; Discover, UnionPay and Maestro."""


def without_card_numbers(text: str) -> str:
    """The text with `CARD` for each card number in it, and the digits around one in the same breath."""
    if sum(character.isdigit() for character in text) < LEAST and len(text.split()) < LEAST // 3:
        return text
    return RUN.sub(lambda run: CARD if holds_card(digits_of(run[0])) else run[0], text)


def holds_card(digits: str) -> bool:
    """Whether a card's number is somewhere in a run of digits."""
    return len(digits) <= MOST and any(
        _checks(number) or _checks(number[:16]) for number in _ISSUERS.findall(digits)
    )


def _checks(number: str) -> bool:
    """The formula of Luhn: every second digit from the right twice, the sum of all figures ends in 0."""
    doubled = (int(digit) * 2 if place % 2 else int(digit) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
