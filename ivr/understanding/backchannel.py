"""Words that people say while they listen: "uh-huh", "yeah, okay". They do not ask anybody to stop."""

from __future__ import annotations

import functools

from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words

MOST_WORDS = 6
"""Whoever says more than this has something to say."""


def is_backchannel(text: str, words: Words) -> bool:
    """Whether `text` is made of backchannels and thanks and nothing else; False for no words."""
    return made_of(text, words.backchannels + words.thanks, words)


def says_nothing(text: str, words: Words) -> bool:
    """Whether `text` tells nothing: a yes or no, a greeting, thanks."""
    answers = (*words.yes_first, *words.no_first, *words.polite, *words.fillers)
    return made_of(text, words.backchannels + words.thanks + words.greetings + tuple(sorted(answers)), words)


def made_of(text: str, phrases: tuple[str, ...], words: Words, most: int = MOST_WORDS) -> bool:
    """Whether `text` is made of some of `phrases`, at most `most` words long; False for no words."""
    said = plain_words(text, words)
    if not said or len(said) > most:
        return False
    known = _known(phrases, words)
    longest = max(map(len, known), default=0)
    reached = {0}
    for end in range(1, len(said) + 1):
        starts = range(max(0, end - longest), end)
        if any(start in reached and said[start:end] in known for start in starts):
            reached.add(end)
    return len(said) in reached


@functools.cache
def _known(phrases: tuple[str, ...], words: Words) -> frozenset[tuple[str, ...]]:
    return frozenset(plain_words(phrase, words) for phrase in phrases)
