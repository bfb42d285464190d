"""How Moonshine writes what is said: numerals, times and abbreviations, as ids of its tokenizer.

Its tokenizer is byte-pair encoding in which a space belongs to the word after it ("▁roast"), so words are
encoded one by one; a word after a hyphen or a numeral inside a number has no space ("medium-roast", "12").
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator

from tokenizers import Tokenizer


class Form(enum.Enum):
    """Where a word stands, which decides how it begins."""

    SPACED = enum.auto()
    """After a space."""
    CAPITAL = enum.auto()
    """After a space, at the beginning of a sentence."""
    GLUED = enum.auto()
    """Right after a hyphen or a numeral."""


class Spelling:
    """Ids of written words. Remembers what it has encoded; the model's one is shared by all its grammars."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[tuple[str, Form], tuple[int, ...]] = {}
        self._before = self._encode("x-")
        self.comma = self._encode("x,")[-1]
        self.hyphen = self._before[-1]
        self.stops = tuple(self._encode(f"x{mark}")[-1] for mark in ".?!")
        pieces = (tokenizer.id_to_token(token) or "" for token in range(tokenizer.get_vocab_size()))
        self.begins = frozenset(token for token, piece in enumerate(pieces) if piece.startswith("▁"))
        """Ids that begin a new word."""

    def ids(self, text: str, form: Form) -> tuple[int, ...]:
        """The ids of one written piece; () where it cannot stand there."""
        key = (text, form)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._piece(text, form)
        return known

    def text(self, ids: tuple[int, ...]) -> str:
        """What the ids spell."""
        return str(self._tokenizer.decode(list(ids))).strip()

    def _piece(self, text: str, form: Form) -> tuple[int, ...]:
        if form is Form.SPACED:
            return self._encode(text)
        if form is Form.CAPITAL:
            return self._encode(text[:1].upper() + text[1:])
        ids = self._encode(f"x-{text}")
        return ids[len(self._before) :] if ids[: len(self._before)] == self._before else ()

    def _encode(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)


def pieces(words: tuple[str, ...]) -> Iterator[str]:
    """Ways to write `words` as one piece: a word itself, numerals, abbreviations."""
    if len(words) == 1:
        yield words[0]
    yield from WRITTEN.get(tuple(word.lower() for word in words), ())


_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
_ABBREVIATED = {
    ("okay",): ("OK", "ok"),
    ("ok",): ("OK", "okay"),
    ("oh",): ("0", "o", "O"),
    ("zero",): ("0", "oh"),
    ("mister",): ("Mr.", "Mr"),
    ("missus",): ("Mrs.", "Mrs"),
    ("miss",): ("Ms.", "Miss"),
    ("doctor",): ("Dr.", "Dr"),
    ("a", "m"): ("a.m.", "am", "AM"),
    ("p", "m"): ("p.m.", "pm", "PM"),
    ("double", "oh"): ("00",),
    ("double", "zero"): ("00",),
    ("triple", "zero"): ("000",),
}


def _written() -> dict[tuple[str, ...], tuple[str, ...]]:
    cardinals: dict[tuple[str, ...], int] = {(word,): number for number, word in enumerate(_UNITS + _TEENS)}
    for ten, tens in enumerate(_TENS, start=2):
        cardinals[(tens,)] = 10 * ten
        cardinals.update({(tens, word): 10 * ten + unit for unit, word in enumerate(_UNITS) if unit})
    table: dict[tuple[str, ...], list[str]] = {words: [str(n)] for words, n in cardinals.items()}
    for words, n in cardinals.items():
        if 0 < n < 10:
            table[(*words, "hundred")] = [f"{n}00"]
            table[(*words, "thousand")] = [f"{n},000", f"{n}000"]
            table[("double", *words)] = [f"{n}{n}"]
            table[("triple", *words)] = [f"{n}{n}{n}"]
        if 0 < n <= 12:
            table[(*words, "o'clock")] = [f"{n} o'clock", f"{n}:00"]
    for (hours, h), (minutes, m) in itertools.product(cardinals.items(), cardinals.items()):
        if 0 < h <= 12 and 10 <= m < 60:
            table[(*hours, *minutes)] = [*table.get((*hours, *minutes), ()), f"{h}:{m}"]
    ordinals: dict[tuple[str, ...], int] = {(word,): number for number, word in enumerate(_ORDINALS, start=1)}
    ordinals[("thirtieth",)] = 30
    ordinals.update({("twenty", word): 20 + n for n, word in enumerate(_ORDINALS[:9], start=1)})
    ordinals["thirty", "first"] = 31
    for words, n in ordinals.items():
        ending = "th" if n in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
        table[words] = [f"{n}{ending}", str(n)]
    for words, forms in _ABBREVIATED.items():
        table[words] = [*dict.fromkeys((*table.get(words, ()), *forms))]
    return {words: tuple(forms) for words, forms in table.items()}


WRITTEN = _written()
"""Words that are also written another way, one or several at a time."""
BEGINNINGS = frozenset(words[:count] for words in WRITTEN for count in range(1, len(words) + 1))
"""What the entries of `WRITTEN` begin with."""
