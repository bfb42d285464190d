"""Callers who only say hello, thank you or "hmm": no want, and nothing that was misunderstood."""

from __future__ import annotations

from dataclasses import replace

from ivr.meaning import Command, Expect, Hypothesis, Match, SlotType
from ivr.understanding.backchannel import made_of
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words

COURTESIES = frozenset({Command.HELLO, Command.THANKS, Command.MUSING})
"""What asks for nothing."""
CERTAIN = 0.85
"""A meaning at least this likely is what was meant: a desk may have its own answer to "good morning"."""
COURTEOUS = 0.95
"""Chance that somebody whose words are all of greetings greets, or of thanks thanks."""
BESIDE = 0.5
"""The same where the words also mean something else for certain: "okay, thank you" is a yes, too."""
DOUBTED = 0.5
"""Readings less sure than this say thanks by half: recognizers write "thank you" for noise, too."""
MOST_WORDS = 10
"""Of "thank you very much, that was very helpful"."""


def with_courtesy(
    matches: tuple[Match, ...], hypotheses: tuple[Hypothesis, ...], expect: Expect, words: Words
) -> tuple[Match, ...]:
    """`matches` behind a courtesy, where the caller says nothing else and nothing is likelier."""
    free = next((one for one in hypotheses if one.fit is None), None)
    if free is None:
        return matches
    said = " ".join(word for word in plain_words(free.text, words) if word not in words.fillers)
    certain = bool(matches) and matches[0].score >= CERTAIN
    if Command.THANKS in expect.commands and thanks(said, words):
        chance = (BESIDE if certain else COURTEOUS) * (DOUBTED if free.confidence < DOUBTED else 1.0)
        meaning = Command.THANKS
    elif Command.HELLO in expect.commands and not certain and made_of(said, words.greetings, words):
        chance, meaning = COURTEOUS, Command.HELLO
    elif Command.MUSING in expect.commands and not certain and _muses(free.text, expect, words):
        chance, meaning = COURTEOUS, Command.MUSING
    else:
        return matches
    others = (replace(match, score=match.score * (1.0 - chance)) for match in matches)
    return tuple(sorted((Match(meaning, chance, phrase=said), *others), key=lambda match: -match.score))


def _muses(text: str, expect: Expect, words: Words) -> bool:
    """Whether only sounds of thinking or listening were made, where a text is not dictated."""
    dictated = expect.slot is not None and expect.slot.type is SlotType.TEXT
    return not dictated and made_of(text, words.backchannels + tuple(words.fillers), words)


def thanks(said: str, words: Words) -> bool:
    """Whether `said` is made of thanks and of what shows that somebody is content, but not of that alone."""
    if not made_of(said, words.thanks + words.content, words, MOST_WORDS):
        return False
    padded = f" {said} "
    return any(f" {' '.join(plain_words(phrase, words))} " in padded for phrase in words.thanks)
