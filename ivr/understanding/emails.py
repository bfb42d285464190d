"""E-mail addresses as people say them: "john dot smith at gmail dot com", "j s 84 at outlook dot co dot uk".

Words are taken as they were recognized, letters and signs as they were named. A recognizer may also have
written part of the address itself ("john.smith at gmail.com").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, numeral_end
from ivr.understanding.utterance import Utterance
from ivr.understanding.words import Words

EMAIL = re.compile(
    r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*\.[a-z]{2,}\Z"
)
"""Canonical addresses: lower case, what mail providers give out rather than all that RFC 5321 allows."""

_LONGEST = 254
_MOST_TOKENS = 24
_SAID, _GUESSED = 0.9, 0.65
_SIGNS = ".-_+"
_SPELLED = 3


class _Piece(NamedTuple):
    """Part of an address; `tied` when it belongs to what precedes it: a sign, or no space before it."""

    text: str
    start: int
    end: int
    tied: bool


def read_email(heard: Utterance, asked: bool) -> tuple[Found, ...]:
    """Addresses in lower case, best first."""
    words = heard.words
    pieces = list(_pieces(heard.tokens, heard.text, words))
    found: list[Found] = []
    for at, piece in enumerate(pieces):
        if piece.text == "@" and 0 < at < len(pieces) - 1:
            found.extend(_around(pieces, at, words, asked))
    best: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: -one.score):
        best.setdefault(one.value, one)
    return tuple(best.values())[:6]


def _pieces(tokens: tuple[Token, ...], text: str, words: Words) -> Iterator[_Piece]:
    """Words, letters, digits and signs, one after another."""
    signs = {tuple(way.split()): sign for sign, ways in words.emails.signs.items() for way in ways}
    asides = sorted((tuple(phrase.split()) for phrase in words.emails.aside), key=len, reverse=True)
    texts = tuple(token.text for token in tokens)
    at = 0
    while at < len(tokens):
        aside = next((phrase for phrase in asides if texts[at : at + len(phrase)] == phrase), ())
        if aside:  # "all one word"
            at += len(aside)
            continue
        token = tokens[at]
        if token.text in words.letters.capital and len("".join(texts[at + 1 : at + 2])) == 1:
            at += 1  # "capital j": addresses are lower case
            continue
        gap = text[tokens[at - 1].end : token.start] if at else " "
        written = gap.strip()
        if gap and written == gap and all(char in _SIGNS for char in gap) and gap:
            yield from (_Piece(char, at, at, True) for char in gap)
        tied = at > 0 and bool(gap) is False
        pair = tuple(one.text for one in tokens[at : at + 2])
        if len(pair) == 2 and pair in signs:
            yield _Piece(signs[pair], at, at + 2, True)
            at += 2
        elif token.text in words.emails.at and not token.numeral:
            yield _Piece("@", at, at + 1, True)
            at += 1
        elif (token.text,) in signs and not token.numeral:
            yield _Piece(signs[token.text,], at, at + 1, True)
            at += 1
        else:
            said, end = _word(tokens, at, words)
            yield _Piece(said, at, end, tied or (at > 0 and bool(written) and written == gap))
            at = end


def _word(tokens: tuple[Token, ...], at: int, words: Words) -> tuple[str, int]:
    """A word, the digits of a number, or a doubled letter."""
    token = tokens[at]
    if len(token.text) == 1 and token.text.isalpha() and (end := _as_in(tokens, at, words)):
        return token.text, end
    if token.numeral:
        return "".join(char for char in token.numeral if char.isascii() and char.isdigit()), numeral_end(
            tokens, at
        )
    numbers = cardinals(tokens, at, words.numbers) if token.text != "a" else ()
    if numbers:
        value, end = numbers[0]
        while (
            end < len(tokens) and not tokens[end].numeral and (more := cardinals(tokens, end, words.numbers))
        ):
            return _run(tokens, words, value, end, more[0])
        return str(value), end
    if spelled := _alphabet(tokens, at, words):
        return spelled
    if words.digits.words.get(token.text) == 0 and len(token.text) > 1 and _beside_digit(tokens, at, words):
        return "0", at + 1
    times = words.digits.repeats.get(token.text)
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if times and following and (len(following.text) == 1 or _is_digit(following, words)):
        said, end = _word(tokens, at + 1, words)
        return said[:1] * (times - 1) + said, end
    return token.text, at + 1


def _is_digit(token: Token, words: Words) -> bool:
    known = token.text in words.numbers.units or token.text in words.digits.words
    return bool(token.numeral) or known


def _beside_digit(tokens: tuple[Token, ...], at: int, words: Words) -> bool:
    """Whether "oh" is a digit: another stands beside it, or it was doubled."""
    beside = [*tokens[max(0, at - 1) : at], *tokens[at + 1 : at + 2]]
    return any(_is_digit(token, words) or token.text in words.digits.repeats for token in beside)


def _alphabet(tokens: tuple[Token, ...], at: int, words: Words) -> tuple[str, int] | None:
    """Letters said with three words of the alphabet or more: "tango oscar mike"; "mike" alone is a name."""
    end = at
    while end < len(tokens) and tokens[end].text in words.letters.alphabet:
        end += 1
    if end - at < _SPELLED:
        return None
    return "".join(words.letters.alphabet[token.text] for token in tokens[at:end]), end


def _as_in(tokens: tuple[Token, ...], at: int, words: Words) -> int:
    """Where "b as in bravo" ends, 0 when a letter is not explained so."""
    texts = [token.text for token in tokens[at : at + 5]]
    for phrase in words.letters.as_in:
        size = phrase.count(" ") + 1
        said = texts[1 + size] if len(texts) > 1 + size else ""
        if texts[1 : 1 + size] == phrase.split() and len(said) > 2 and said[0] == texts[0]:
            return at + 2 + size
    return 0


def _run(
    tokens: tuple[Token, ...], words: Words, value: int, end: int, more: tuple[int, int]
) -> tuple[str, int]:
    """Numbers one after another: "nineteen eighty four"."""
    digits = str(value)
    while more:
        digits += str(more[0])
        end = more[1]
        following = (
            cardinals(tokens, end, words.numbers) if end < len(tokens) and not tokens[end].numeral else ()
        )
        if not following or len(digits) > _MOST_TOKENS:
            break
        more = following[0]
    return digits, end


def _around(pieces: list[_Piece], at: int, words: Words, asked: bool) -> Iterator[Found]:
    """The addresses around an "at"."""
    domain, end, sure = _domain(pieces, at + 1, words)
    if not domain:
        return
    starts = list(_starts(pieces, at, words, asked))
    for rank, start in enumerate(starts):
        local = "".join(piece.text for piece in pieces[start:at])
        score = (_SAID if sure else _GUESSED) * (1.0 if rank == 0 else 0.3)
        joints = [_joint(pieces[n - 1], pieces[n]) for n in range(start + 1, at)]
        several = any(joints)
        glued = _valid(f"{local}@{domain}")
        if glued:
            yield Found(glued, pieces[start].start, pieces[end - 1].end, score * (0.75 if several else 1.0))
        if several:  # "john smith at" may have swallowed the dot
            apart = "".join(
                "." * joint + piece.text
                for joint, piece in zip((False, *joints), pieces[start:at], strict=True)
            )
            if dotted := _valid(f"{apart}@{domain}"):
                yield Found(dotted, pieces[start].start, pieces[end - 1].end, score * 0.2)


def _joint(before: _Piece, piece: _Piece) -> bool:
    """Whether two words stand beside each other with nothing said between them."""
    words = before.text.isalpha() and piece.text.isalpha() and len(before.text) > 1 and len(piece.text) > 1
    return words and not piece.tied


def _domain(pieces: list[_Piece], start: int, words: Words) -> tuple[str, int, bool]:
    """The domain that begins at a piece, where it ends, and whether its dots were said."""
    endings = set(words.emails.endings)
    said, end, dots = "", start, 0
    best: tuple[str, int, bool] = ("", start, False)
    for place in range(start, min(len(pieces), start + _MOST_TOKENS)):
        piece = pieces[place]
        if piece.text == "@" or piece.text in "_+":
            break
        before = pieces[place - 1].text if place > start else ""
        if piece.text in _SIGNS:
            said += piece.text
            dots += piece.text == "."
            continue
        if dots and before not in _SIGNS and not piece.tied and len(piece.text) > 1:
            break  # the domain is over: "dot com please"
        said += piece.text
        end = place + 1
        if (dots and said.rpartition(".")[2] in endings) or (dots and before == "."):
            best = (said, end, True)
    if not best[0]:  # "gmail com"
        texts = [piece.text for piece in pieces[start : start + 6]]
        for size in range(2, len(texts) + 1):
            if texts[size - 1] in endings and all(text not in _SIGNS for text in texts[:size]):
                return "".join(texts[: size - 1]) + "." + texts[size - 1], start + size, False
    return best


def _starts(pieces: list[_Piece], at: int, words: Words, asked: bool) -> Iterator[int]:
    """Where the part before the "at" may begin, the likeliest first."""
    first = max([0, at - _MOST_TOKENS, *(n + 1 for n in range(at) if pieces[n].text == "@")])
    if first == at:
        return
    lead_in = words.light | words.polite | words.fillers | {"email", "mail", "address", "e"}
    everyday = [pieces[n].text in lead_in and len(pieces[n].text) > 1 for n in range(at)]
    introduced = [
        n + 1
        for n in range(first, at - 1)
        if pieces[n].text in {"is", "it", "email", "mail", "address"} and pieces[n + 1].text not in _SIGNS
    ]
    start = introduced[-1] if introduced else first
    while start < at - 1 and everyday[start] and pieces[start + 1].text not in _SIGNS:
        start += 1
    if asked or introduced:
        yield start
    # The last word with all that is tied to it.
    tight = at - 1
    while tight > first and _goes_on(pieces[tight - 1], pieces[tight]):
        tight -= 1
    if tight != start or not (asked or introduced):
        yield tight


def _goes_on(before: _Piece, piece: _Piece) -> bool:
    """Whether a piece belongs to the one before it: signs, single letters, and figures after a word."""
    if piece.tied or piece.text in _SIGNS or before.text in _SIGNS or piece.text.isdigit():
        return True
    return len(piece.text) == 1 == len(before.text) or (len(before.text) == 1 and not piece.text.isalpha())


def _valid(text: str) -> str:
    return text if len(text) <= _LONGEST and EMAIL.match(text) else ""
