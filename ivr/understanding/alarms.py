"""Words of danger, found anywhere in what somebody says: what goes before and after them does not count.

Who is in danger tells a story, and every story is another one; the words that matter are few and say so
plainly ("not breathing", "on fire"). So phrases of urgent intents are not weighed against all others, as
`matcher` does, but found word for word inside a reading. One word may be another that sounds like it, as
recognizers write it. Figures of speech ("the wait is killing us") are left out before anything is looked for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from ivr.meaning import Expect, Intent, IntentSpec, Match
from ivr.understanding.grammar import Group, Template
from ivr.understanding.grammar import Sequence as Body
from ivr.understanding.held_trust import Weighed
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounding, Sounds
from ivr.understanding.words import Words

Parse: TypeAlias = Callable[[str], Template]

LEAST_SCORE = 0.05
ALIKE = 0.75
"""Likeness from which a word may be another one that was misheard."""
LEAST_MISHEARD = 3
"""Words of the shortest phrase of which one may be misheard: of "not breathing" none."""
FREELY = 0.5
"""Chance at least of words of danger in the best free reading, whatever the grammar makes of what was said:
it holds what is like them and harmless ("started breathing")."""
_MARK = "~"
_FIGURE = "_"
"""Stands for a figure of speech: no word of danger, and no gap between two of them."""
_GAP = f"(?:{_MARK}[^ ]* )*"
"""Words that may stand between those of a phrase are marked where they are said: a list of them after each
word of each phrase would be a pattern of a megabyte, which takes 5 s and 100 MB to compile."""
MOST_WORDS, AROUND = 200, 20
"""Of a longer text the words in which one may be misheard, and how far around each a phrase is looked for: so
that any text is read in bounded time. Words of danger that are all there are found anywhere."""
MISHEARD = 0.6
"""Chance of a phrase with a misheard word, of what it has when all were heard."""


class Alarms:
    """The words of danger of one desk, by intent."""

    def __init__(self, intents: Iterable[IntentSpec], parse: Parse, words: Words, sounds: Sounds) -> None:
        """Raises DeskError (TemplateError) for a template that cannot be read."""
        self._words = words
        self._sounds = sounds
        self._vocabulary: set[str] = set()
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._figures: dict[str, re.Pattern[str]] = {}
        self._persons: set[str] = set()
        self._skipped = words.fillers | words.polite | words.intensifiers
        for intent in intents:
            if intent.alarms:
                groups = {
                    f"{{{spec.name}}}": self._either(
                        "".join(self._word(word) for way in choice.say for word in plain_words(way, words))
                        for choice in spec.choices
                    )
                    for spec in intent.groups
                }
                choices = (choice for spec in intent.groups for choice in spec.choices)
                self._persons.update(word for choice in choices for word in choice.say)
                self._patterns[intent.name] = self._anywhere(intent.alarms, parse, groups)
                dangerous = frozenset(self._vocabulary)
                if intent.unless:
                    self._figures[intent.name] = self._anywhere(intent.unless, parse, groups)
                self._vocabulary = set(dangerous)  # words of figures of speech are none of danger
        self._sounding = Sounding(sorted(word for word in self._vocabulary if len(word) > 2), sounds)

    def _anywhere(self, templates: Iterable[str], parse: Parse, groups: Mapping[str, str]) -> re.Pattern[str]:
        bodies = (self._pattern(parse(text).body, groups) for text in templates)
        return re.compile(f"(?<![^ ]){self._either(bodies)}")

    def _pattern(self, body: Body, groups: Mapping[str, str]) -> str:
        """Words in matching form, each with a blank after it."""
        return "".join(
            self._either(self._pattern(option, groups) for option in item.options)
            if isinstance(item, Group)
            else groups.get(item) or self._word(item)
            for item in body
        )

    def _word(self, word: str) -> str:
        self._vocabulary.add(word)
        return f"{re.escape(self._marked(word))} {_GAP}"

    def _marked(self, word: str) -> str:
        return f"{_MARK}{word}" if word in self._skipped else word

    @staticmethod
    def _either(patterns: Iterable[str]) -> str:
        return f"(?:{'|'.join(patterns)})"

    def heard(self, readings: Sequence[Weighed], free: str) -> dict[str, tuple[float, str]]:
        """The chance of each intent, and the words it was found by; `free` is the best free reading."""
        found = {name: (FREELY * share, words) for name, share, words in self.found(free)}
        whole: dict[str, float] = {}
        for reading in readings if self._patterns else ():
            for name, share, words in self.found(reading.hypothesis.text):
                whole[name] = min(1.0, whole.get(name, 0.0) + reading.weight * share)
                if whole[name] > found.get(name, (0.0, ""))[0]:
                    found[name] = (whole[name], words)
        return {name: entry for name, entry in found.items() if entry[0] >= LEAST_SCORE}

    def found(self, text: str) -> Iterator[tuple[str, float, str]]:
        """Each intent whose words are in the text, how surely, and the words."""
        if not self._patterns:
            return
        ways = self._ways(text)
        for name, pattern in self._patterns.items():
            said = [self._meant(name, words) for words in ways]
            exact = next(filter(None, (pattern.search(self._joined(words)) for words in said)), None)
            if exact is not None:
                yield name, 1.0, _plain(exact)
            elif near := next(filter(None, (self._misheard(pattern, words) for words in said)), None):
                yield name, MISHEARD, near

    def figurative(self, text: str) -> frozenset[str]:
        """The intents of which a figure of speech is in the text."""
        ways = [self._joined(words) for words in self._ways(text)] if self._figures else []
        return frozenset(
            name for name, pattern in self._figures.items() if any(pattern.search(way) for way in ways)
        )

    def _ways(self, text: str) -> tuple[tuple[str, ...], ...]:
        """The words of a text: "my wife's choking" and "my wife's collapsed", which normalizing reads as of
        the wife, tell of her. They are read with what the ending stands for, and without it."""
        said = plain_words(text, self._words)
        owners = [word.removesuffix("s") for word in said]
        short = [
            owner != word and owner in self._persons and word not in self._persons
            for word, owner in zip(said, owners, strict=True)
        ]
        if not self._words.whose or not any(short):
            return (said,)
        without = tuple(owner if one else word for word, owner, one in zip(said, owners, short, strict=True))
        pairs = (
            (owner, self._words.whose) if one else (owner,) for owner, one in zip(without, short, strict=True)
        )
        return (tuple(word for pair in pairs for word in pair), without)

    def _meant(self, name: str, said: tuple[str, ...]) -> tuple[str, ...]:
        """The words with one that means nothing for each figure of speech."""
        if (figures := self._figures.get(name)) is None:
            return said
        joined = self._joined(said)
        left = figures.sub(f"{_FIGURE} ", joined)
        return said if left == joined else tuple(word.removeprefix(_MARK) for word in left.split())

    def _misheard(self, pattern: re.Pattern[str], said: tuple[str, ...]) -> str | None:
        """The words of danger that are there when one word is another that sounds like it."""
        for at, word in enumerate(said[:MOST_WORDS]):
            for other in self._alike(word):
                around = (*said[max(0, at - AROUND) : at], other, *said[at + 1 : at + 1 + AROUND])
                near = pattern.search(self._joined(around))
                if near is not None and len(near[0].split()) >= LEAST_MISHEARD:
                    return _plain(near)
        return None

    def _joined(self, words: tuple[str, ...]) -> str:
        return "".join(f"{self._marked(word)} " for word in words)

    @functools.lru_cache(maxsize=4_096)  # noqa: B019  (lives as long as its desk)
    def _alike(self, word: str) -> tuple[str, ...]:
        """Words of danger that sound like a word that is none, and no everyday word."""
        others = (self._vocabulary, self._words.light, self._words.polite, self._words.outcries)
        if any(word in some for some in others):
            return ()
        return self._sounding.alike(self._sounds.word(word), ALIKE)


def _plain(found: re.Match[str]) -> str:
    return found[0].replace(_MARK, "").strip()


def with_alarms(
    ranked: tuple[Match, ...], heard: Mapping[str, tuple[float, str]], expect: Expect
) -> tuple[Match, ...]:
    """The matches of an utterance, and before those of the same meaning the urgent ones.

    What is said about the intent that is being carried out is an answer to it, and alarms nobody anew.
    """
    urgent = {
        name: Match(Intent(name), score, phrase=words, urgent=True)
        for name, (score, words) in heard.items()
        if name != expect.about
    }
    if not urgent:
        return ranked
    for match in ranked:
        if isinstance(match.meaning, Intent) and (alarm := urgent.get(match.meaning.name)) is not None:
            score = max(match.score, alarm.score)
            urgent[match.meaning.name] = replace(match, score=score, urgent=True)
    others = (
        match for match in ranked if not isinstance(match.meaning, Intent) or match.meaning.name not in urgent
    )
    return tuple(sorted([*urgent.values(), *others], key=lambda match: -match.score))
