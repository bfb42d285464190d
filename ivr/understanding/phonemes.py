"""Text as the sounds it is spoken with, and how far two sounds are from each other over a telephone.

English goes through hibari's grapheme-to-phoneme part (misaki's phoneme set, one character a phoneme, without
stress), Korean by its jamo (`hangul`), Chinese by pinyin (`pinyin`). Other languages use their letters as
sounds until they get a `Speller` of their own.

The costs follow FIELD-NOTES: 0.35 vowel for vowel, 0.4 inside a class that the telephone band hardly tells
apart (p/b, t/d, k/g, f/v, s/z, m/n, l/r), 0.65 between plosives or between fricatives of different places,
0.8 for other consonants, 1 for a consonant taken for a vowel, 0.7 for a sound too many or too few.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ivr.pronunciation import pronunciation
from ivr.understanding.hangul import spell_hangul
from ivr.understanding.pinyin import PinyinSpeller
from ivr.understanding.words import load_words

Codes: TypeAlias = NDArray[np.uint8]
"""Phonemes as small integers, shape (n,); 0 never occurs and pads batches."""

GAP = 0.7
"""Cost of one phoneme too many or too few."""

MAX_WORD = 40
"""Longer words are cut: nobody says them, and an unknown word is read by a network."""


class Speller(Protocol):
    """How the words of a language sound."""

    def __call__(self, word: str) -> str:
        """The phonemes of one word in matching form, one character each, without stress or spaces."""


class EnglishSpeller:
    """English words through hibari's G2P; about 0.1 ms a new word, 0.5 ms one that its lexicon lacks.

    g2p  what else may say how a text sounds
    """

    def __init__(self, g2p: Callable[[str], str] | None = None) -> None:
        self._g2p = pronunciation() if g2p is None else g2p

    def __call__(self, word: str) -> str:
        """See Speller."""
        spoken = self._g2p(word)
        return "".join(char for char in spoken if char in _CODE) or spell_letters(word)


def spell_letters(word: str) -> str:
    """Letters as sounds: what a language without a Speller uses; Hangul as its jamo, no accents."""
    return "".join(char for char in unicodedata.normalize("NFD", word) if char.isalpha())


@functools.cache
def _english() -> EnglishSpeller:
    return EnglishSpeller()


_SPELLERS: dict[str, Callable[[], Speller]] = {
    "en": _english,
    "ko": lambda: spell_hangul,
    "zh": PinyinSpeller,
}
"""By language; what it lacks has its letters as sounds."""


class Sounds:
    """The sounds of words and phrases of one language, remembered: a desk says the same words all day."""

    def __init__(self, language: str, speller: Speller | None = None) -> None:
        if speller is None:
            speller = _SPELLERS.get(load_words(language).language, lambda: spell_letters)()
        self._speller = speller
        self._remembered = functools.lru_cache(maxsize=20_000)(self._spell)

    def word(self, word: str) -> str:
        """The phonemes of one word in matching form."""
        return self._remembered(word[:MAX_WORD])

    def phrase(self, words: tuple[str, ...]) -> str:
        """The phonemes of words one after another."""
        return "".join(map(self.word, words))

    def _spell(self, word: str) -> str:
        return self._speller(word)


# --- phonemes as numbers, and their costs --------------------------------------------------------------

_VOWELS = "AIOQWYæɑɐəɛɜiɪᵊuʊʌɔᵻaeoyɒ"
_ALIKE = ("pb", "tdɾ", "kɡgcq", "fvθð", "szʃʒʤʧx", "mnŋ", "lɹr", "w", "j", "hʔ")
_NEAR = ("pbtdɾkɡgcqʔ", "fvθðszʃʒʤʧxh", "mnŋlɹrwj")
_ALPHABET = _VOWELS + "".join(_ALIKE)
_CODE = {char: number for number, char in enumerate(_ALPHABET, start=1)}
_OTHER = len(_ALPHABET) + 1
"""The first of 128 codes shared by letters of other scripts."""


def _costs() -> NDArray[np.float32]:
    size = _OTHER + 128
    costs = np.full((size, size), 0.8, dtype=np.float32)
    for groups, cost in ((_NEAR, 0.65), (_ALIKE, 0.4)):
        for group in groups:
            places = [_CODE[char] for char in group]
            costs[np.ix_(places, places)] = cost
    vowels = np.arange(1, len(_VOWELS) + 1)
    costs[vowels, :] = 1.0
    costs[:, vowels] = 1.0
    costs[np.ix_(vowels, vowels)] = 0.35
    np.fill_diagonal(costs, 0.0)
    costs[0, :] = costs[:, 0] = 1.0
    return costs


COSTS = _costs()
"""COSTS[a, b] is the cost of hearing phoneme code a for b, shape (codes, codes), 0 on the diagonal."""


def encode(phonemes: str) -> Codes:
    """Phonemes as codes, index into COSTS."""
    return np.fromiter(
        (_CODE.get(char) or _OTHER + ord(char) % 128 for char in phonemes), np.uint8, len(phonemes)
    )


def classes(phonemes: str) -> str:
    """Phonemes with one character for each group of sounds that are easily confused; vowels are one."""
    return phonemes.translate(_CLASSES)


_CLASSES = str.maketrans({char: group[0] for group in (_VOWELS, *_ALIKE) for char in group})


# --- alignment ------------------------------------------------------------------------------------------


def pad(batch: list[Codes]) -> tuple[Codes, NDArray[np.intp]]:
    """Phrases as one array (phrases, longest) padded with 0, and their lengths."""
    lengths = np.array([len(codes) for codes in batch], dtype=np.intp)
    out = np.zeros((len(batch), int(lengths.max(initial=1))), dtype=np.uint8)
    for row, codes in enumerate(batch):
        out[row, : len(codes)] = codes
    return out, lengths


class Places(NamedTuple):
    """Where phrases were found in what was heard; arrays of shape (phrases,).

    cost   of the alignment, 0 when the phrase stands there sound for sound
    start  first phoneme of the place in what was heard
    end    one past its last phoneme
    """

    cost: NDArray[np.float64]
    start: NDArray[np.int32]
    end: NDArray[np.intp]


_UNIT = 100  # costs are whole hundredths here, so that a cost and a place fit into one integer
_PLACES = 4096
_PACKED_COSTS = np.rint((COSTS - GAP) * _UNIT).astype(np.int32) * _PLACES
_PACKED_GAP = round(GAP * _UNIT) * _PLACES


def find(heard: Codes, phrases: Codes, lengths: NDArray[np.intp]) -> Places:
    """Where in `heard` each phrase fits best, whatever stands before and after (Sellers 1980).

    heard    shape (n,); at most 4,000 are read
    phrases  shape (m, longest), see `pad`
    The work is n steps on arrays of shape (longest, m). A cell holds its cost and, in the low bits, where
    its path began, so that the smaller cell carries both; cells are kept less the gaps before them in the
    phrase, so that leaving out a run of its sounds (at most 7) is the minimum over the run.
    """
    heard = heard[: _PLACES - 1]
    many, longest = phrases.shape
    sounds, index = np.unique(heard, return_inverse=True)
    table = _PACKED_COSTS[sounds][:, phrases.T]
    row = np.zeros((longest + 1, many), dtype=np.int32)
    new = np.empty_like(row)
    substitute = np.empty((longest, many), dtype=np.int32)
    cells = lengths * many + np.arange(many)
    totals = np.empty((len(heard) + 1, many), dtype=np.int32)
    totals[0] = 0
    for place, sound in enumerate(index, start=1):
        np.add(row[:-1], table[sound], out=substitute)
        np.add(row, _PACKED_GAP, out=new)
        new[0] = place
        np.minimum(new[1:], substitute, out=new[1:])
        for run in (1, 2, 4):
            np.minimum(new[run:], new[:-run], out=new[run:])
        row, new = new, row
        row.take(cells, out=totals[place], mode="clip")
    totals += (lengths * _PACKED_GAP).astype(np.int32)
    end = totals.argmin(axis=0)
    best = totals[end, np.arange(many)]
    return Places(best // _PLACES / _UNIT, best % _PLACES, end)


def distance(first: Codes, second: Codes) -> float:
    """Cost of turning one whole string of phonemes into another."""
    return float(distances(first, *pad([second]))[0])


def distances(first: Codes, others: Codes, lengths: NDArray[np.intp]) -> NDArray[np.float32]:
    """Cost of turning one whole string of phonemes into each of others.

    first   shape (n,)
    others  shape (m, longest), see `pad`
    The work is n steps on arrays of shape (m, longest).
    """
    many, longest = others.shape
    gaps = GAP * np.arange(longest + 1, dtype=np.float32)
    row: NDArray[np.float32] = np.tile(gaps, (many, 1))
    table = COSTS[first][:, others]
    new = np.empty_like(row)
    for place, substitute in enumerate(table, start=1):
        new[:, 0] = GAP * place
        np.minimum(row[:, :-1] + substitute, row[:, 1:] + GAP, out=new[:, 1:])
        new -= gaps
        np.minimum.accumulate(new, axis=1, out=row)
        row += gaps
    costs: NDArray[np.float32] = row[np.arange(many), lengths]
    return costs


def likeness(first: str, second: str) -> float:
    """1 for phoneme strings that are the same, 0 for strings that have nothing in common."""
    longest = max(len(first), len(second))
    if longest == 0:
        return 1.0
    return max(0.0, 1.0 - distance(encode(first), encode(second)) / (GAP * longest))


class Sounding:
    """Words by their sound."""

    def __init__(self, words: Sequence[str], sounds: Sounds) -> None:
        self._words = tuple(words)
        spoken = [sounds.word(word) for word in words]
        self._codes, self._lengths = pad([encode(phonemes) for phonemes in spoken])

    def alike(self, phonemes: str, least: float) -> tuple[str, ...]:
        """Those whose `likeness` to a string of phonemes is `least` or more, in their order."""
        if not self._words or not phonemes:
            return ()
        costs = distances(encode(phonemes), self._codes, self._lengths)
        likeness = 1.0 - costs / (GAP * np.maximum(self._lengths, len(phonemes)))
        return tuple(self._words[at] for at in np.flatnonzero(likeness >= least))
