"""Values that a caller takes back: "Monday, no, Wednesday", "seven, not six", "ten instead of nine".

Strings of digits and letters are put right place by place (see `digits`); other values as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ivr.understanding.numbers import Found
from ivr.understanding.words import Words

_TAKEN_BACK = 0.1
"""What is left of the chance of a value that the next one replaces."""
_LEAST = 0.2
"""A less likely value replaces none."""


def without_taken_back(found: tuple[Found, ...], texts: Sequence[str], words: Words) -> tuple[Found, ...]:
    """The values with little chance left for those that are taken back, best first.

    texts  the words of the utterance in matching form
    """
    if len({one.value for one in found}) < 2:
        return found
    kept = [
        replace(one, score=one.score * _TAKEN_BACK) if _taken_back(one, found, texts, words) else one
        for one in found
    ]
    return tuple(sorted(kept, key=lambda one: -one.score)) if kept != list(found) else found


def _taken_back(one: Found, found: Sequence[Found], texts: Sequence[str], words: Words) -> bool:
    others = [other for other in found if other.value != one.value and other.score >= _LEAST]
    apart = [other for other in others if other.start >= one.end or other.end <= one.start]
    if apart and _ends_with(texts[: one.start], words.corrections.not_, words):
        return True
    after = [other for other in apart if other.start >= one.end]
    return any(_corrects(texts[one.end : other.start], words) for other in after)


def _corrects(between: Sequence[str], words: Words) -> bool:
    """Whether words between two values say that the second is right: "no", not "rather than"."""
    at = 0
    while at < len(between):
        if size := _size(between, at, words.corrections.not_):
            at += size
        elif _size(between, at, words.corrections.words):
            return True
        else:
            at += 1
    return False


def _ends_with(before: Sequence[str], phrases: Sequence[str], words: Words) -> bool:
    """Whether one of `phrases` stands last but for everyday words: "not", "not at", "instead of the"."""
    for at in range(len(before) - 1, -1, -1):
        if size := _size(before, at, phrases):
            return all(text in words.light for text in before[at + size :])
    return False


def _size(texts: Sequence[str], at: int, phrases: Sequence[str]) -> int:
    sizes = (len(some) for some in map(str.split, phrases) if list(texts[at : at + len(some)]) == some)
    return max(sizes, default=0)
