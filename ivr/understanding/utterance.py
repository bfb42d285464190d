"""One reading of an utterance, prepared once for all parts that match it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ivr.understanding.normalize import Token, normalize, said
from ivr.understanding.phonemes import Codes, Sounds, encode
from ivr.understanding.words import Words

MAX_TOKENS = 120
"""What is matched of a long utterance: its first 80 and last 40 words, where callers say what they want."""

_FIRST, _MAX_CHARACTERS = 80, 4_000


@dataclass(frozen=True)
class Utterance:
    """What was heard: the text, its words in matching form, and their sounds."""

    text: str
    tokens: tuple[Token, ...]
    words: Words
    sounds: Sounds

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words in matching form."""
        return tuple(token.text for token in self.tokens)

    @cached_property
    def bounds(self) -> NDArray[np.intp]:
        """Where each word begins in `phonemes`, and the length of `phonemes`: shape (words + 1,)."""
        return np.cumsum([0, *map(len, self._spoken)])

    @cached_property
    def phonemes(self) -> str:
        """The sounds of all words; fillers make none."""
        return "".join(self._spoken)

    @cached_property
    def codes(self) -> Codes:
        """`phonemes` as numbers."""
        return encode(self.phonemes)

    @cached_property
    def _spoken(self) -> list[str]:
        fillers = self.words.fillers
        return ["" if text in fillers else self.sounds.word(text) for text in self.texts]

    def said(self, start: int, end: int) -> str:
        """The caller's words behind tokens start to end."""
        return said(self.text, self.tokens, start, end)


def utterance(text: str, words: Words, sounds: Sounds) -> Utterance:
    """Prepare a reading; of long texts only the beginning and the end are kept."""
    if len(text) > _MAX_CHARACTERS:
        text = f"{text[: _MAX_CHARACTERS // 2]} {text[-_MAX_CHARACTERS // 2 :]}"
    tokens = normalize(text, words)
    if len(tokens) > MAX_TOKENS:
        tokens = tokens[:_FIRST] + tokens[_FIRST - MAX_TOKENS :]
    return Utterance(text, tokens, words, sounds)
