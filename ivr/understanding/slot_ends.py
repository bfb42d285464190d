"""Whether an answer that is dictated in parts has come to its end."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.meaning import Completeness, SlotType
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found
from ivr.understanding.words import Words

_SURE = 0.55
DICTATED = frozenset(
    {SlotType.MONEY, SlotType.DURATION, SlotType.SPELLED, SlotType.EMAIL, SlotType.POSTCODE, SlotType.ADDRESS}
)
"""The kinds that `dictated_to_the_end` knows."""


def dictated_to_the_end(
    kind: SlotType, tokens: tuple[Token, ...], ending: Sequence[Found], words: Words
) -> Completeness:
    """Whether an answer is whole.

    tokens  what was said, without politeness at its end
    ending  values that were read from it and reach its last token
    """
    last = tokens[-1].text
    best = max(ending, key=lambda one: one.score, default=None)
    match kind:
        case SlotType.MONEY | SlotType.DURATION:
            if last in {words.numbers.joiner, words.numbers.point, *words.durations.one, *words.durations.to}:
                return Completeness.UNFINISHED
            if best is None:
                return Completeness.UNKNOWN
            # "An hour" may go on with "and a half", "twelve" with "fifty"; two units or a sign seldom do.
            whole = best.score >= _SURE and (best.end - best.start > 3 or bool(tokens[-1].numeral))
            return Completeness.COMPLETE if whole else Completeness.UNKNOWN
        case SlotType.SPELLED:
            return Completeness.UNFINISHED if last in words.digits.repeats else Completeness.UNKNOWN
        case SlotType.EMAIL:
            # "dot co" may go on with "dot uk".
            return (
                Completeness.COMPLETE if best and not best.value.endswith(".co") else Completeness.UNFINISHED
            )
        case SlotType.POSTCODE:
            if best is not None and best.score >= _SURE:
                return Completeness.COMPLETE
            return Completeness.UNKNOWN if best is not None else Completeness.UNFINISHED
        case SlotType.ADDRESS:
            if best is None or not best.value.split("|")[2]:
                return Completeness.UNFINISHED
            return Completeness.UNKNOWN
        case _:
            return Completeness.UNKNOWN
