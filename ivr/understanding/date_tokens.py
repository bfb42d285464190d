"""Where words of dates stand in an utterance: what every reader of dates looks up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import cardinals
from ivr.understanding.words import Words


class Day(NamedTuple):
    """A reading: the day, where its words end, and how often such words mean it."""

    when: date
    end: int
    score: float


class DateTokens:
    """An utterance and the day on which it is said."""

    def __init__(self, tokens: tuple[Token, ...], words: Words, today: date) -> None:
        self.tokens = tokens
        self.texts = [token.text for token in tokens]
        self.words = words
        self.dates = words.dates
        self.today = today
        self.weekdays = {word: day for day, names in enumerate(self.dates.weekdays) for word in names}
        self.months = {word: n for n, names in enumerate(self.dates.months, start=1) for word in names}

    def word(self, at: int) -> str:
        """The word at a place, "" outside."""
        return self.texts[at] if 0 <= at < len(self.texts) else ""

    def skip(self, at: int, *words: str) -> int:
        """One further where one of `words` stands."""
        return at + (self.word(at) in words)

    def phrase(self, at: int, *phrases: str) -> int:
        """Where the longest of `phrases` that stands at a place ends; the place itself where none does."""
        ends = (
            at + size
            for phrase in phrases
            for size in (phrase.count(" ") + 1,)
            if self.texts[at : at + size] == phrase.split()
        )
        return max(ends, default=at)

    def is_week(self, at: int) -> bool:
        """Whether the word is one for seven days."""
        return self.dates.units.get(self.word(at)) == 7

    def count(self, at: int) -> Iterator[tuple[int, int]]:
        """How many, and where the words for it end: "a", "two", "a couple of"."""
        if self.word(at) in {"a", "an", "one"}:
            yield 1, at + 1
        if self.word(at) == "a" and self.word(at + 2) == "of":
            yield self.words.numbers.more.get(self.word(at + 1), 1), at + 3
        yield from cardinals(self.tokens, at, self.words.numbers)
