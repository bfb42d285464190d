"""How Chinese sounds: characters by their pinyin (pypinyin), in the phonemes that `phonemes` has costs for.

Tones are left out: recognizers that take one word for another mostly keep its syllables and not its tone.
Retroflex, dental and palatal sibilants are alike, as they are for many speakers and over a telephone.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

_INITIALS = {"zh": "ʤ", "ch": "ʧ", "sh": "ʃ", "j": "ʒ", "q": "ʧ", "x": "ʃ", "c": "x", "r": "ɹ", "y": "j"}
_FINALS = {"ng": "ŋ", "e": "ə", "ü": "y", "v": "y", "r": "ɹ"}


class PinyinSpeller:
    """Chinese words. Made only for Chinese desks: it loads the readings of 40,000 characters."""

    def __init__(self) -> None:
        self._read: Callable[[str], list[str]] = importlib.import_module("pypinyin").lazy_pinyin

    def __call__(self, word: str) -> str:
        """The phonemes of a word in matching form."""
        return "".join(map(sounds, self._read(word)))


def sounds(syllable: str) -> str:
    """The phonemes of a syllable of pinyin without a tone ("zhang"); "" for anything else."""
    size = next((size for size in (2, 1) if syllable[:size] in _INITIALS), 0)
    out = _INITIALS.get(syllable[:size], "")
    at = size
    while at < len(syllable):
        step = 2 if syllable[at : at + 2] in _FINALS else 1
        out += _FINALS.get(syllable[at : at + step], syllable[at : at + step])
        at += step
    return out if syllable.isalpha() else ""
