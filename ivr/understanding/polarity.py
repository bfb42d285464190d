"""Whether a sentence and a phrase agree about "not": "I don't believe so" is no "I believe so".

Letters, sounds and words weigh a small word little, and this one turns a yes into a no.
"""

from __future__ import annotations

from collections.abc import Sequence

from ivr.meaning import Command, Meaning
from ivr.understanding.words import Words

TURNED = (Command.YES, Command.NO, Command.WRONG)
"""The meanings whose phrases are told apart by it."""


def disagrees(meaning: Meaning, said: Sequence[str], phrase: Sequence[str], words: Words) -> bool:
    """Whether one denies and the other does not, where that turns what is meant.

    said, phrase  both in matching form
    """
    if meaning not in TURNED or not words.negations:
        return False
    return words.negations.isdisjoint(said) != words.negations.isdisjoint(phrase)
