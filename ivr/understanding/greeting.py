"""Callers who only say hello, or ask whether anybody is there: they want to be greeted."""

from __future__ import annotations

from dataclasses import replace

from ivr.meaning import Command, Expect, Hypothesis, Match
from ivr.understanding.backchannel import made_of
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words

CERTAIN = 0.85
"""A meaning at least this likely is what was meant: a desk may have its own answer to "good morning"."""
GREETED = 0.95
"""Chance that somebody whose words are all of greetings greets."""


def with_greeting(
    matches: tuple[Match, ...], hypotheses: tuple[Hypothesis, ...], expect: Expect, words: Words
) -> tuple[Match, ...]:
    """`matches` behind a greeting, where the caller says nothing else and nothing else is likely."""
    if Command.HELLO not in expect.commands or (matches and matches[0].score >= CERTAIN):
        return matches
    free = next((one.text for one in hypotheses if one.fit is None), "")
    said = " ".join(word for word in plain_words(free, words) if word not in words.fillers)
    if not made_of(said, words.greetings, words):
        return matches
    others = (replace(match, score=match.score * (1.0 - GREETED)) for match in matches)
    return (Match(Command.HELLO, GREETED, phrase=said), *others)
