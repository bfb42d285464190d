"""Whether a sentence and a phrase agree about "not": "I don't believe so" is no "I believe so".

Nor is "nobody is hurt" the same as "somebody is hurt".

Letters, sounds and words weigh a small word little, and this one turns a yes into a no.
"""

from __future__ import annotations

from collections.abc import Sequence

from ivr.meaning import Command, Intent, Meaning
from ivr.understanding.words import Words

TURNED = (Command.YES, Command.NO, Command.WRONG)
"""The meanings whose phrases are told apart by it."""


def disagrees(meaning: Meaning, said: Sequence[str], phrase: Sequence[str], words: Words) -> bool:
    """Whether one denies and the other does not, where that turns what is meant.

    said, phrase  both in matching form
    """
    if isinstance(meaning, Intent):
        return _tells_of_nobody(said, phrase, words)
    if meaning not in TURNED or not words.negations:
        return False
    return words.negations.isdisjoint(said) != words.negations.isdisjoint(phrase)


def _tells_of_nobody(said: Sequence[str], phrase: Sequence[str], words: Words) -> bool:
    """Whether it is said of nobody what the phrase says of somebody; who tells of both means somebody."""
    if not (_holds(phrase, words.somebody) and _holds(said, words.nobody)):
        return False
    rest = f" {' '.join(said)} "
    for word in sorted(words.nobody, key=len, reverse=True):
        rest = rest.replace(f" {word} ", " ")
    return not _holds(rest.split(), words.somebody)


def _holds(texts: Sequence[str], some: Sequence[str]) -> bool:
    joined = f" {' '.join(texts)} "
    return any(f" {word} " in joined for word in some)
