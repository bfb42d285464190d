"""Wishes that are heard in every state where they are all that is said: another language, please.

Who is asked for a message, a name or a number, or is on hold, and says "English please", dictates nothing. So
these phrases are found word for word, without what is polite around them, beside what `matcher` finds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from ivr.meaning import Intent, IntentSpec, Match
from ivr.understanding.grammar import Template
from ivr.understanding.held_trust import Weighed
from ivr.understanding.normalize import plain_words
from ivr.understanding.words import Words

Parse: TypeAlias = Callable[[str], Template]

LEAST_SCORE = 0.05


def joined(said: Sequence[str], words: Words) -> str:
    """The words that count, without blanks: those of Chinese and Korean are parted in many ways.

    All words where no other is said; a word said again ("fire, fire!") counts once.
    """
    meant = [word for word in said if word not in words.fillers]
    kept = [word for word in meant if word not in words.polite]
    return "".join(word for word, _ in itertools.groupby(kept or meant or said))


class Wholes:
    """The phrases of one desk that are heard in every state."""

    def __init__(self, intents: Iterable[IntentSpec], parse: Parse, words: Words) -> None:
        """Raises DeskError (TemplateError) for a template that cannot be read."""
        self._words = words
        self._meant: dict[str, str] = {}
        for intent in intents:
            for template in intent.whole:
                parsed = parse(template)
                for sentence in parsed.sentences(parsed.count):
                    self._meant.setdefault(self._plain(" ".join(sentence)), intent.name)

    def heard(self, readings: Sequence[Weighed]) -> dict[str, tuple[float, str]]:
        """The chance of each wish, and the words it was found by."""
        found: dict[str, tuple[float, str]] = {}
        for reading in readings if self._meant else ():
            text = reading.hypothesis.text
            if (name := self._meant.get(self._plain(text))) is not None:
                found[name] = (min(1.0, found.get(name, (0.0, ""))[0] + reading.weight), text)
        return {name: entry for name, entry in found.items() if entry[0] >= LEAST_SCORE}

    def _plain(self, text: str) -> str:
        """The words that count."""
        return joined(plain_words(text, self._words), self._words)


def with_wholes(ranked: tuple[Match, ...], heard: dict[str, tuple[float, str]]) -> tuple[Match, ...]:
    """The matches of an utterance, and before those of the same meaning the wishes heard in every state."""
    if not heard:
        return ranked
    wishes = {
        name: Match(Intent(name), score, phrase=words, urgent=True) for name, (score, words) in heard.items()
    }
    others: list[Match] = []
    for match in ranked:
        if isinstance(match.meaning, Intent) and (wish := wishes.get(match.meaning.name)) is not None:
            wishes[match.meaning.name] = replace(wish, score=max(wish.score, match.score))
        else:
            others.append(match)
    return tuple(sorted([*wishes.values(), *others], key=lambda match: -match.score))
