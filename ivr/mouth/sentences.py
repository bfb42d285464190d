"""Prompts cut into sentences: so that the first is heard while the next is made, and no engine gets too much.

The rules are typographic, not linguistic: a cut too few only makes a longer piece, a cut too many makes a
pause inside a sentence, so in doubt there is none.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ivr.media.pcm import Pcm
from ivr.mouth.languages import primary

LIMIT = 200
"""Characters in a piece at most; espeak-ng through pyttsx3 is measured to be safe with that."""

# Latin marks end a sentence before a space; the others (CJK, Arabic, Urdu, Devanagari, Burmese, Khmer,
# Ethiopic, Armenian) wherever they stand.
_ENDERS = ".!?…"
_ENDERS_ANYWHERE = "。！？｡؟۔।॥။។።፧։"
_CLAUSE = ",;:–—"
_CLAUSE_ANYWHERE = "、，；：،؛၊፣"
_CLOSERS = "\"'”’»)\\]」』）】》"

_END = re.compile(
    rf"(?P<latin>[{_ENDERS}]+)[{_CLOSERS}]*(?=\s|$)|(?P<anywhere>[{_ENDERS_ANYWHERE}]+)[{_CLOSERS}]*"
)
_CLAUSE_END = re.compile(rf"[{_CLAUSE}][{_CLOSERS}]*\s|[{_CLAUSE_ANYWHERE}][{_CLOSERS}]*")
_DOTTED = re.compile(r"\w{1,2}(\.\w{1,2})+")

# English; German; French, Spanish, Italian, Portuguese, Dutch.
_ABBREVIATION_LIST = """
mr mrs ms dr prof st rev hon jr sr gen col capt lt sgt mt ft ave blvd rd no nos vs etc approx dept est ext fig
inc ltd co corp vol pp ed jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri
sat sun tel min max
nr str hr fr frl bzw ca usw evtl ggf inkl exkl zzgl abt bspw geb ing mio mrd sog tägl vgl
mme mlle bd éd env sra srta ud uds dña avda núm pág tfno sig sigg dott pag exmo dra dhr mevr drs bijv enz blz
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())

# There "3." is "third", and stands in the middle of dates.
_ORDINAL_LANGUAGES = "de da nb nn no fi is fo et lv cs sk sl hr bs sr hu pl lb eu tr az"
_ORDINAL_DOT = frozenset(_ORDINAL_LANGUAGES.split())

# Unicode categories that no engine should see (controls, spaces, lone surrogates) and what stands for them.
_PLAIN = {"Cc": " ", "Zl": " ", "Zp": " ", "Zs": " ", "Cs": ""}
_JOINER = "\u200d"
_PAUSE_SENTENCE = 0.25
_PAUSE_CLAUSE = 0.12
_PAUSE_NONE = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """One piece of a prompt and its sound, at the line's rate; a pause to the next piece is in the sound."""

    text: str
    pcm: Pcm


def clean(text: str) -> str:
    """The text as engines can take it: composed (NFC), on one line, without control characters."""
    plain = (_PLAIN.get(unicodedata.category(char), char) for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(plain).split())


def pronounceable(text: str) -> bool:
    """Whether there is a letter, a digit or a symbol in it; punctuation alone has no sound."""
    return any(unicodedata.category(char)[0] in "LNS" or char in "%&@#*/" for char in text)


def split_sentences(text: str, language: str = "", limit: int = LIMIT) -> tuple[str, ...]:
    """`text` cut into pieces of at most `limit` characters; () when there is nothing in it.

    Blank lines and the ends of sentences part pieces; what is still too long is cut at a clause, else between
    words, else where a script without spaces allows. Never inside a word, number or e-mail address, unless
    that alone is longer than the limit. Joined, the pieces are `clean(text)` but for spaces.

    language  BCP 47 tag; decides whether "3. Mai" is an ordinal (German) or an end ("Press 3. Or hold.")
    """
    pieces: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        for sentence in _sentences(clean(paragraph), primary(language) in _ORDINAL_DOT):
            pieces += _within(sentence, limit)
    return tuple(pieces)


def pause_after(piece: str) -> float:
    """Seconds of silence that a speaker leaves after a piece before the next."""
    last = piece.rstrip(_CLOSERS + " ")[-1:]
    if last and last in _ENDERS + _ENDERS_ANYWHERE:
        return _PAUSE_SENTENCE
    return _PAUSE_CLAUSE if last and last in _CLAUSE + _CLAUSE_ANYWHERE else _PAUSE_NONE


def _sentences(paragraph: str, ordinal_dot: bool) -> list[str]:
    found: list[str] = []
    start = 0
    for match in _END.finditer(paragraph):
        so_far, rest = paragraph[start : match.end()].strip(), paragraph[match.end() :].lstrip()
        if not rest or not pronounceable(so_far):
            continue
        if match["anywhere"] or _ends(so_far, match["latin"], rest, ordinal_dot):
            found.append(so_far)
            start = match.end()
    if last := paragraph[start:].strip():
        found.append(last)
    return found


def _ends(so_far: str, mark: str, rest: str, ordinal_dot: bool) -> bool:
    """Whether a Latin mark ends the sentence `so_far`, when `rest` follows."""
    following = rest.lstrip("\"'“‘«([¿¡")
    if following[:1].islower():
        return False
    if mark != ".":
        return True
    before = so_far.rstrip(_CLOSERS)[:-1]
    word = before.split(" ")[-1].lstrip("\"'“‘«([¿¡")
    if word.casefold() in _ABBREVIATIONS or _DOTTED.fullmatch(word):
        return False
    if word.isdigit():
        # A number alone begins an item of a list; "am 3. Mai" is a date.
        return before != word and not (ordinal_dot and len(word) <= 2)
    return not (len(word) == 1 and word.isupper())


def _within(sentence: str, limit: int) -> list[str]:
    pieces: list[str] = []
    while len(sentence) > limit:
        cut = _cut(sentence, limit)
        pieces.append(sentence[:cut].rstrip())
        sentence = sentence[cut:].lstrip()
    return [*pieces, sentence] if sentence else pieces


def _cut(sentence: str, limit: int) -> int:
    """Where to cut off the first piece: after a clause that is not too short, else ever less gladly."""
    window = sentence[: limit + 1]
    # A mark at the very edge counts when its space would be the first character of the next piece.
    clauses = [len(window[: match.end()].rstrip()) for match in _CLAUSE_END.finditer(window)]
    clauses = [at for at in clauses if limit // 3 <= at <= limit]
    if clauses:
        return clauses[-1]
    spaces = [at for at in range(1, len(window)) if window[at] == " "]
    between_words = [at for at in spaces if not _in_number(sentence[:at], sentence[at + 1 :])]
    if between_words or spaces:
        return (between_words or spaces)[-1]
    for at in range(limit, 0, -1):
        if _may_part(sentence[at - 1], sentence[at]):
            return at
    at = limit
    while at > 1 and _belongs(sentence[at - 1], sentence[at]):
        at -= 1
    return at


def _in_number(left: str, right: str) -> bool:
    """Whether a space groups digits: "+44 20 7946 0958", "(555) 123-4567", "1 000 000"."""
    return left.rstrip(")-/")[-1:].isdigit() and right.lstrip("(-/")[:1].isdigit()


def _may_part(left: str, right: str) -> bool:
    """Whether a piece may end between two characters that no space parts: only in scripts without spaces."""
    return not _belongs(left, right) and (_unspaced(left) or _unspaced(right))


def _unspaced(char: str) -> bool:
    return unicodedata.category(char) == "Lo"


def _belongs(left: str, right: str) -> bool:
    """Whether `right` is a mark on `left`, or joined to it."""
    return unicodedata.category(right)[0] == "M" or _JOINER in (left, right)
