"""What a recognizer wrote, brought to the form in which it is matched.

Lower case, NFKC, no accents, no punctuation, contractions and numerals written out. Every token keeps the
place in the original that it came from, and tokens of a numeral keep the numeral: "201" is heard as "two
hundred one", but the digits asked for may well be 2, 0, 1. The work is linear in the length of the text.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from num2words import num2words

from ivr.understanding.positional import written
from ivr.understanding.segment import segmented
from ivr.understanding.token import Token as Token  # what normalizing gives is known by this name
from ivr.understanding.words import Words, load_words

MAX_CHARACTERS = 100_000
"""Texts are cut here; a ten-minute monologue has about 10,000 characters."""

_CHUNK = re.compile(r"\S+")
_PIECE = re.compile(
    r"""(?P<date>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?!\d))
      | (?P<money>[$£€]\d[\d,]*(?:\.\d\d)?(?!\d)|\d[\d,]*(?:\.\d\d)?[$£€])
      | (?P<time>\d{1,2}:\d\d(?!\d))
      | (?P<ordinal>\d+(?:st|nd|rd|th)\b)
      | (?P<decimal>\d+\.\d+)
      | (?P<thousands>\d{1,3}(?:,\d{3})+(?!\d))
      | (?P<integer>\d+)
      | (?P<letters>(?:[a-z]\.){2,}[a-z]?)
      | (?P<hyphened>[^\W\d_]+-[^\W\d_]+)
      | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*|'[a-z]+)
      | (?P<symbol>[&@+%#=])
    """,
    re.VERBOSE,
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})
_COMBINING = re.compile("[\u0300-\u036f]")
_LONGEST_WORD = 40
_LONGEST_SHORT = 3
_LONGEST_PIECE = 200
"""Characters of one word or numeral that are read: no more is ever said in one."""


def normalize(text: str, words: Words) -> tuple[Token, ...]:
    """The words of `text` in matching form. Never fails; what is beyond MAX_CHARACTERS is not read."""
    tokens: list[Token] = []
    for chunk in _CHUNK.finditer(text[:MAX_CHARACTERS]):
        original = chunk.group().translate(_QUOTES)
        plain = _fold(original)
        exact = len(plain) == len(original)
        for piece in _PIECE.finditer(plain):
            start = chunk.start() + (piece.start() if exact else 0)
            end = chunk.start() + piece.end() if exact else chunk.end()
            kind = piece.lastgroup or "word"
            written = piece.group()[:_LONGEST_PIECE]
            if kind == "money" and written[0].isdigit():  # "100€"
                written = written[-1] + written[:-1]
            numeral = written if kind not in {"word", "hyphened", "letters", "symbol"} else ""
            tokens.extend(Token(word, start, end, numeral) for word in _spoken(kind, written, words))
    return segmented(tuple(tokens), text, words) if words.together else tuple(tokens)


@functools.lru_cache(maxsize=64)  # one turn asks for the same few texts; a text may have a megabyte of words
def plain_words(text: str, words: Words) -> tuple[str, ...]:
    """The words of `text` in matching form, without their places."""
    return tuple(token.text for token in normalize(text, words))


def said(text: str, tokens: tuple[Token, ...], start: int, end: int) -> str:
    """The original words behind `tokens[start:end]`."""
    if start >= end:
        return ""
    return text[tokens[start].start : max(token.end for token in tokens[start:end])]


def _fold(chunk: str) -> str:
    """Lower case without accents, figures of every script as 0 to 9; control characters are gone."""
    if chunk.isascii():
        return chunk.lower()
    chunk = "".join(char for char in chunk if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"})
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", chunk).casefold())
    plain = unicodedata.normalize("NFC", _COMBINING.sub("", decomposed))
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in plain)


@functools.lru_cache(maxsize=20_000)
def _word(word: str, language: Words) -> tuple[str, ...]:
    """A word with its contraction written out; "caller's" is "callers"."""
    if (whole := language.contractions.get(word)) is not None:
        return tuple(whole.split())
    if "'" not in word:
        return (word,)
    for suffix, stands_for in language.contractions.items():
        if "'" in suffix and not suffix[0].isalnum() and word.endswith(suffix) and len(word) > len(suffix):
            stem = word[: -len(suffix)]
            return (*_word(stem, language), *stands_for.split()) if stands_for else (stem + suffix[1:],)
    if word.endswith("n't") and len(word) > 3 and "n't" in language.contractions:
        return (word[:-3], *language.contractions["n't"].split())
    return (word.replace("'", ""),)


def _spoken(kind: str, piece: str, words: Words) -> tuple[str, ...]:
    match kind:
        case "word":
            return _word(piece, words) if len(piece) <= _LONGEST_WORD else (piece[:_LONGEST_WORD],)
        case "hyphened":
            if (joined := words.contractions.get(piece)) is not None:
                return tuple(joined.split())
            return tuple(word for half in piece.split("-") for word in _spoken("word", half, words))
        case "letters":
            letters = piece.replace(".", "")  # "a.m.", "U.S.A."; more of them are spelled
            return tuple(letters) if len(letters) > _LONGEST_SHORT else (letters,)
        case "symbol":
            return tuple(words.symbols.get(piece, "").split())
        case "money":
            return _money(piece, words)
        case "time":
            hour, minute = piece.split(":")
            return spell(hour, words.language) + (spell(minute, words.language) if int(minute) else ())
        case "ordinal":
            return spell_ordinal(piece, words.language)
        case "decimal":
            whole, rest = piece.split(".")
            point = (words.numbers.point,) if words.numbers.point else ()
            return spell(whole, words.language) + point + digit_by_digit(rest, words.language)
        case "date":
            return tuple(word for part in re.split(r"[-/.]", piece) for word in spell(part, words.language))
        case "thousands":
            return _cardinal(int(piece.replace(",", "")[:15]), words.language)
        case _:
            return spell(piece, words.language)


def _money(piece: str, words: Words) -> tuple[str, ...]:
    one, many, small_one, small_many = words.currencies.get(piece[0], ("", "", "", ""))
    whole, _, rest = piece[1:].replace(",", "").partition(".")
    out = (*spell(whole, words.language), one if whole.lstrip("0") == "1" else many)
    if rest.strip("0"):
        out += (*spell(rest.lstrip("0"), words.language), small_one if rest == "01" else small_many)
    return tuple(word for word in out if word)


@functools.lru_cache(maxsize=10_000)
def spell(digits: str, language: str) -> tuple[str, ...]:
    """A numeral as it is mostly said: "12" twelve, "2026" twenty twenty six, "482913" digit by digit."""
    if not digits:
        return ()
    if len(digits) > 4 or (digits[0] == "0" and len(digits) > 1):
        return digit_by_digit(digits, language)
    return _number(int(digits), language, "year" if len(digits) == 4 else "cardinal")


@functools.lru_cache(maxsize=10_000)
def digit_by_digit(digits: str, language: str) -> tuple[str, ...]:
    """Every digit as a word; digits of any script."""
    return tuple(word for digit in digits for word in _cardinal(unicodedata.digit(digit, 0), language))


def spell_ordinal(piece: str, language: str) -> tuple[str, ...]:
    """ "3rd" as "third"."""
    digits = re.sub(r"\D", "", piece)
    if len(digits) > 4:
        return digit_by_digit(digits, language)
    return _number(int(digits), language, "ordinal")


def _cardinal(value: int, language: str) -> tuple[str, ...]:
    return _number(value, language, "cardinal")


@functools.lru_cache(maxsize=10_000)
def _number(value: int, language: str, form: str) -> tuple[str, ...]:
    if (numbers := load_words(language).numbers).positional and form != "ordinal":
        return (written(value, numbers),) if value < 10**8 else (str(value),)
    try:
        spelled = str(num2words(value, lang=language, to=form))
    except (NotImplementedError, OverflowError):  # num2words lacks the language or the form
        return (str(value),) if form == "cardinal" else _number(value, language, "cardinal")
    return tuple(word for word in re.findall(r"[^\W\d_]+", spelled.casefold()) if word != "and")
