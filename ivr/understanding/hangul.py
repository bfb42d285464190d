"""How Korean sounds: Hangul by its jamo, in the phonemes that `phonemes` has costs for.

A block is a consonant, a vowel and up to two consonants below, which close the syllable as one of seven
sounds (Standard Pronunciation of Korean, articles 8 to 11). Lax, tense and aspirated consonants of one place
are alike over a telephone; ㅐ and ㅔ are one vowel for most speakers today, and so are ㅙ, ㅚ and ㅞ.
"""

from __future__ import annotations

_FIRST, _LAST = 0xAC00, 0xD7A3
_INITIALS: tuple[str, ...] = (*"gɡndɾlmbpsz", "", *"ʤʒʧktph")
_VOWELS: tuple[str, ...] = (
    *"aɛ",
    "ja",
    "jɛ",
    "ʌ",
    "ɛ",
    "jʌ",
    "jɛ",
    "o",
    "wa",
    "wɛ",
    "wɛ",
    "jo",
    "u",
    "wʌ",
    "wɛ",
    "wi",
    "ju",
)
_VOWELS += ("ʊ", "ʊi", "i")
_FINALS: tuple[str, ...] = ("", *"gggnnndlgmlllblmbbddŋddgdbd")
_BELOW = len(_FINALS)


def spell_hangul(word: str) -> str:
    """The phonemes of a word in matching form; letters of other scripts stay."""
    return "".join(map(_block, word))


def _block(char: str) -> str:
    number = ord(char) - _FIRST
    if not 0 <= number <= _LAST - _FIRST:
        return char if char.isalpha() else ""
    initial, rest = divmod(number, len(_VOWELS) * _BELOW)
    vowel, final = divmod(rest, _BELOW)
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
