"""Runs of digits in text: figures in groups or words, as recognizers write them, and "double four"."""

from __future__ import annotations

import re
from itertools import pairwise

_WORDS = {
    **{"zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4"},
    **{"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"},
}
_LONGEST_FIRST = sorted(_WORDS, key=len, reverse=True)
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_DIGIT = rf"(?:\d+|(?:(?:{'|'.join(_TIMES)})\s+)?(?:{'|'.join(_LONGEST_FIRST)}|\d)(?![^\W\d_]))"
RUN = re.compile(
    rf"(?<![A-Za-z0-9_]){_DIGIT}(?:[\s,.;-]*(?<![^\W\d_]){_DIGIT}|[\s,.;-]+{_DIGIT})*", re.IGNORECASE
)
"""Digits one after the other, with what people put between them."""
_PART = re.compile(rf"(?:({'|'.join(_TIMES)})\s+)?(\d|{'|'.join(_LONGEST_FIRST)})", re.IGNORECASE)


def digits_of(run: str) -> str:
    """The digits of a run."""
    return "".join(
        _WORDS.get(digit.lower(), digit) * _TIMES.get(times.lower(), 1) for times, digit in _PART.findall(run)
    )


def counts(digits: str) -> bool:
    """Whether somebody counts or taps: each digit follows the one before by the same step, or a few repeat.

    "0123456789", "9876543210", "1234 1234 1234" and "0000000" are no numbers of anything.
    """
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    if len(steps) <= 1:
        return True
    period = next((n for n in range(2, 6) if digits == (digits[:n] * len(digits))[: len(digits)]), 0)
    return period > 0
