"""Answers that are nothing but what a list of phrases says: a yes without doubt, words that answer nothing.

"Are they breathing normally?" is not answered by "okay", "yeah, I think" or "yes, but it sounds strange".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from ivr.understanding.grammar import Template
from ivr.understanding.normalize import plain_words
from ivr.understanding.whole import joined
from ivr.understanding.words import Words


class Plainly:
    """Phrases that are meant only where they are all that is said."""

    def __init__(
        self, templates: Iterable[str], parse: Callable[[str], Template], words: Words, *, strict: bool
    ) -> None:
        """`strict`: hesitation ("um") and polite words beside a phrase count. Raises TemplateError."""
        self._words = words
        self._strict = strict
        self._phrases = frozenset(
            self._key(list(sentence))
            for parsed in map(parse, templates)
            for sentence in parsed.sentences(parsed.count)
        )

    def said(self, text: str) -> bool:
        """Whether a text is one of the phrases; a word said twice ("yes, yes") counts once."""
        said = plain_words(text, self._words)
        return bool(said) and self._key(said) in self._phrases

    def _key(self, said: Iterable[str]) -> str:
        once = [word for word, _ in itertools.groupby(said)]
        return "".join(once) if self._strict else joined(once, self._words)
