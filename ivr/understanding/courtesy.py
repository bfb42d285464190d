"""Callers who only say hello, thank you or "hmm": no want, and nothing that was misunderstood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ivr.meaning import Command, Expect, Hypothesis, Match
from ivr.understanding.backchannel import made_of
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words

COURTESIES = frozenset({Command.HELLO, Command.THANKS, Command.MUSING})
"""What asks for nothing."""
CERTAIN = 0.85
"""A meaning at least this likely is what was meant: a desk may have its own answer to "good morning"."""
LIKELY = 0.4
"""A meaning at least this likely may be what was meant with what reads like "oh"."""
COURTEOUS = 0.95
"""Chance that somebody whose words are all of greetings greets, or of thanks thanks."""
BESIDE = 0.1
"""The same where the words also mean something else for certain: "okay, thank you" is a yes, too."""
DOUBTED = 0.5
"""Readings less sure than this say thanks by half: recognizers write "thank you" for noise, too."""
LONGEST = 200
"""Characters of a courtesy; whoever says more has something to say, and reading it again takes time."""
MOST_WORDS = 10
"""Of "thank you very much, that was very helpful"."""


def with_courtesy(
    matches: tuple[Match, ...], hypotheses: tuple[Hypothesis, ...], expect: Expect, words: Words
) -> tuple[Match, ...]:
    """`matches` behind a courtesy, where the caller says nothing else and nothing is likelier."""
    free = next((one for one in hypotheses if one.fit is None), None)
    if free is None or len(free.text) > LONGEST:
        return matches
    said = " ".join(word for word in plain_words(free.text, words) if word not in words.fillers)
    likeliest = matches[0].score if matches else 0.0
    certain = likeliest >= CERTAIN
    others = tuple(match for match in matches if match.meaning is not Command.GOODBYE)
    unclear = all(match.score < LIKELY or match.meaning in (Command.YES, Command.NO) for match in others)
    if Command.GOODBYE in expect.commands and not certain and unclear and takes_leave(said, words):
        return _first(Command.GOODBYE, COURTEOUS, said, others)
    if Command.THANKS in expect.commands and thanks(said, words):
        chance = (BESIDE if certain else COURTEOUS) * (DOUBTED if free.confidence < DOUBTED else 1.0)
        meaning = Command.THANKS
    elif Command.HELLO in expect.commands and not certain and made_of(said, words.greetings, words):
        chance, meaning = COURTEOUS, Command.HELLO
    elif (
        Command.MUSING in expect.commands
        and (certain or likeliest < LIKELY)
        and _muses(free.text, expect, words, certain)
    ):
        chance, meaning = (BESIDE if certain else COURTEOUS), Command.MUSING
    elif (
        Command.MUSING in expect.commands
        and not certain
        and all(match.score < LIKELY for match in others)
        and not (expect.slot is not None and expect.slot.type.dictated)
        and made_of(free.text, words.backchannels + tuple(words.fillers), words)
    ):
        chance, meaning, matches = COURTEOUS, Command.MUSING, others  # "okay" is no "okay, goodbye"
    else:
        return matches
    return _first(meaning, chance, said, matches)


def _first(meaning: Command, chance: float, said: str, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    others = (replace(match, score=match.score * (1.0 - chance)) for match in matches)
    return tuple(sorted((Match(meaning, chance, phrase=said), *others), key=lambda match: -match.score))


def _muses(text: str, expect: Expect, words: Words, certain: bool) -> bool:
    """Whether only sounds of thinking, listening or being content were made, where a text is not dictated.

    certain  whether they also mean something for certain: then only what is no plain yes counts
    """
    if expect.slot is not None and expect.slot.type.dictated:
        return False
    content = words.content + tuple(words.fillers)
    return made_of(text, content if certain else content + words.backchannels, words)


def takes_leave(said: str, words: Words) -> bool:
    """Whether `said` is made of a farewell and of thanks and what the content say.

    One word is for the phrases of the command: "bye" sounds like "five".
    """
    if " " not in said:
        return False
    phrases = tuple(words.sentences.farewells) + words.thanks + words.content + tuple(words.no_first)
    return made_of(said, phrases, words, MOST_WORDS) and _holds(said, words.sentences.farewells, words)


def thanks(said: str, words: Words) -> bool:
    """Whether `said` is made of thanks and of what shows that somebody is content, but not of that alone."""
    if not made_of(said, words.thanks + words.content, words, MOST_WORDS):
        return False
    return _holds(said, words.thanks, words)


def _holds(said: str, phrases: Iterable[str], words: Words) -> bool:
    padded = f" {said} "
    return any(f" {' '.join(plain_words(phrase, words))} " in padded for phrase in phrases)
