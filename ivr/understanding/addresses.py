"""Postal addresses as people say them: "twelve Quay Street, Port Alder", "flat 2, 221b Baker Street"."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.understanding.digits import read_digits
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, numeral_end
from ivr.understanding.spelled import read_postcode
from ivr.understanding.utterance import Utterance
from ivr.understanding.words import Words

_SEPARATOR = "|"
_LONGEST_STREET, _LONGEST_PLACE = 4, 4
_WHOLE, _NO_PLACE, _NO_NUMBER = 0.85, 0.75, 0.5
_MOST_TOKENS = 60


def read_address(heard: Utterance, language: str, asked: bool) -> tuple[Found, ...]:
    """Addresses, best first: number, street, place, and a postcode where one was said, with strokes between.

    "12|Quay Street|Port Alder", "Flat 2, 221B|Baker Street|London|NW1 6XE"; a part that was not said is "".
    Outside an answer an address needs its number.
    """
    tokens, words = heard.tokens[:_MOST_TOKENS], heard.words
    found: list[Found] = []
    for kind in range(1, len(tokens)):
        if tokens[kind].text in words.addresses.streets or tokens[kind].text in words.addresses.short:
            found.extend(_at(heard, tokens, kind, language, asked))
    best: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: (-one.score, one.start - one.end)):
        best.setdefault(one.value, one)
    return tuple(best.values())[:6]


def _at(
    heard: Utterance, tokens: tuple[Token, ...], kind: int, language: str, asked: bool
) -> Iterator[Found]:
    """The addresses whose street ends at a token."""
    words = heard.words
    if kind + 1 < len(tokens) and tokens[kind + 1].text in words.addresses.streets:
        return  # "Hill Street", "Park Road"
    for name in _street_starts(tokens, kind, words):
        number, start = _house(tokens, name, words)
        named = all(text not in words.light or text == "the" for text in heard.texts[name:kind])
        if not number and not (asked and named):
            continue
        street = _written(heard, name, kind) + " " + _kind(tokens[kind].text, words)
        place, postcode, end = _place(heard, tokens, kind + 1, language)
        value = _SEPARATOR.join([number, street, place, *([postcode] if postcode else [])])
        score = (_WHOLE if place else _NO_PLACE) if number else _NO_NUMBER
        yield Found(value, start, end, score * 0.9 ** (kind - name - 1))
        if number:
            return


def _street_starts(tokens: tuple[Token, ...], kind: int, words: Words) -> Iterator[int]:
    """Where the name of a street may begin: after a number, else one to four words before its kind."""
    at = kind - 1
    if _is_ordinal(tokens, at, words):  # "fifth avenue", "42nd street"
        while at > 0 and tokens[at].numeral and tokens[at - 1].start == tokens[at].start:
            at -= 1
        before = tokens[at - 1] if at > 0 else tokens[at]
        at -= before.text in words.numbers.tens and not (before.numeral or tokens[at].numeral)
        west = at > 1 and not _is_number(tokens, at - 1, words) and _is_number(tokens, at - 2, words)
        yield at - west
        return
    usable: list[int] = []
    while at >= 0 and kind - at <= _LONGEST_STREET:
        token = tokens[at]
        lone = len(token.text) == 1 and at > 0 and _is_number(tokens, at - 1, words)  # "221 b"
        if _is_number(tokens, at, words) or lone:
            if at + 1 < kind:
                yield at + 1
            return
        if token.text in words.fillers or token.text in {"at", "on", "is", "live", *words.addresses.units}:
            break
        usable.append(at)
        at -= 1
    yield from usable[:2]


def _is_ordinal(tokens: tuple[Token, ...], at: int, words: Words) -> bool:
    return (
        tokens[at].numeral[-2:].isalpha() if tokens[at].numeral else tokens[at].text in words.numbers.ordinals
    )


def _is_number(tokens: tuple[Token, ...], at: int, words: Words) -> bool:
    token = tokens[at]
    named = token.text in words.numbers.units or token.text in words.numbers.tens
    return (
        bool(token.numeral) or named or token.text in words.digits.words or token.text in words.numbers.scales
    )


def _house(tokens: tuple[Token, ...], end: int, words: Words) -> tuple[str, int]:
    """The number of a house, with its flat, that ends before a token, and where it begins; "" for none."""
    letter, at = "", end
    if at > 1 and len(tokens[at - 1].text) == 1 and _is_number(tokens, at - 2, words):
        letter, at = tokens[at - 1].text.upper(), at - 1
    start = at
    while start > 0 and (
        _is_number(tokens, start - 1, words)
        or tokens[start - 1].text in words.digits.repeats
        or (tokens[start - 1].text == words.numbers.joiner and start > 1 and start < at)
    ):
        start -= 1
    unit, begin = "", start
    for place in range(max(0, start - 1), start + 1):  # "flat two twelve": the first number is the flat's
        if place < at and tokens[place].text in words.addresses.units:
            begin = place
    if begin == start and start > 0 and tokens[start - 1].text in words.addresses.units:
        begin = start - 1
    if begin < start or (begin == start and tokens[begin].text in words.addresses.units):
        name, first = tokens[begin].text.capitalize(), begin + 1
        flat, after = _first_number(tokens, first, at, words)
        if flat and after < at:
            unit, start = f"{name} {flat}, ", after
        elif flat:  # a flat of a house without a number
            return f"{name} {flat}{letter}", begin
    if start == at:
        return "", end
    number = _digits(tokens[start:at], words)
    return (f"{unit}{number}{letter}", begin if unit else start) if number else ("", end)


def _first_number(tokens: tuple[Token, ...], start: int, end: int, words: Words) -> tuple[str, int]:
    if start >= end:
        return "", start
    if tokens[start].numeral:
        stop = numeral_end(tokens, start)
        return "".join(char for char in tokens[start].numeral if char.isdigit()), stop
    readings = [one for one in cardinals(tokens, start, words.numbers) if one[1] <= end]
    if not readings:
        return "", start
    shortest = (
        min(readings, key=lambda one: one[1]) if len(readings) > 1 and readings[0][1] == end else readings[0]
    )
    return str(shortest[0]), shortest[1]


def _digits(tokens: tuple[Token, ...], words: Words) -> str:
    """A house number, as one number or digit by digit: "twelve", "two two one", "one twenty one"."""
    for value, end in cardinals(tokens, 0, words.numbers) if not tokens[0].numeral else ():
        if end == len(tokens):
            return str(value)
    found = read_digits(tokens, words, None, True)
    return found[0].value if found and len(found[0].value) <= 6 else ""


def _place(heard: Utterance, tokens: tuple[Token, ...], start: int, language: str) -> tuple[str, str, int]:
    """Town and postcode after the street, and where they end."""
    words = heard.words
    codes = read_postcode(tokens[start:], words, heard.sounds, language, False) if start < len(tokens) else ()
    code = next((one for one in codes if one.score >= 0.3), None)
    stop = start + code.start if code is not None else len(tokens)
    at = start
    while at < stop and tokens[at].text in {"in", "at", *words.fillers}:
        at += 1
    end = at
    while end < stop and end - at < _LONGEST_PLACE:
        text = tokens[end].text
        if tokens[end].numeral or text in words.polite or text in {"and", "i", "my", "is", "postcode", "zip"}:
            break
        end += 1
    place = _written(heard, at, end) if end > at else ""
    if code is not None:
        return place, code.value, start + code.end
    return place, "", end if place else start


def _kind(text: str, words: Words) -> str:
    return words.addresses.short.get(text, text).capitalize()


def _written(heard: Utterance, start: int, end: int) -> str:
    """Words as a name is written, ordinals in figures as they were heard."""
    out: list[str] = []
    at = start
    while at < end:
        token = heard.tokens[at]
        after = numeral_end(heard.tokens, at) if token.numeral else at + 1
        said = token.numeral or token.text
        out.append(said if said[:1].isdigit() else said[:1].upper() + said[1:])
        at = after
    return " ".join(out)
