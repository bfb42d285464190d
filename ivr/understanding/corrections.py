"""What a correction makes of a value that was read back: "no, nine not five", "one four at the end", "June".

A caller who hears a wrong value often says no more than the part that is wrong. With "not" they say what it
replaces; without it, the part stands where it sounds most like what was read back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

from ivr.meaning import SlotSpec, SlotType
from ivr.understanding.digits import digit_readings
from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, numeral_end
from ivr.understanding.phonemes import Sounds
from ivr.understanding.postcodes import canonical, is_uk_postcode
from ivr.understanding.spelling import CODE, Alphabet, alphabet
from ivr.understanding.utterance import Utterance
from ivr.understanding.words import Words

PLACED = frozenset({SlotType.DIGITS, SlotType.POSTCODE, SlotType.SPELLED})
"""Kinds whose values are letters and digits at their places."""

_NAMED_SURE = 0.9
_PART_SURE = 0.65
_NATS = 4.0
_FEW = 4
_MOST_TOKENS = 20
_MOST_FOUND = 6

_Readings = dict[str, float]


def corrected(
    value: str, spec: SlotSpec, heard: Utterance, words: Words, sounds: Sounds
) -> tuple[Found, ...]:
    """Values that an utterance makes of `value`, best first; () when it names no part of it.

    value  canonical, of the slot `spec`
    """
    tokens = heard.tokens
    if not value or not 0 < len(tokens) <= _MOST_TOKENS:
        return ()
    if spec.type is SlotType.DATE:
        return _date(value, tokens, words)
    if spec.type not in PLACED:
        return ()
    letters = alphabet(words, sounds)
    symbols = "".join(char for char in value.lower() if char in CODE)
    only_digits = spec.type is SlotType.DIGITS or value.replace("-", "").isdigit()
    low = spec.length[0] if spec.length is not None else max(2, len(symbols) - 1)

    def read(some: tuple[Token, ...]) -> _Readings:
        some = _bare(some, words)
        if not some:
            return {}
        if only_digits:
            return digit_readings(some, words, _FEW)
        return {one.symbols.lower(): one.cost for one in letters.spelled(some, _FEW)}

    found: _Readings = {}
    named = _around_not(tokens, words)
    if named is not None:
        right, wrong = map(read, named)
        for new, new_cost in right.items():
            for old, old_cost in wrong.items():
                for made in _replaced(symbols, old, new):
                    _keep(found, made, new_cost + old_cost)
    else:
        parts = read(tokens)
        longest = len(min(parts, key=lambda part: parts[part], default=""))
        if longest >= low if only_digits else longest >= len(symbols) - 1:
            return ()  # an answer of its own
        for part, cost in parts.items():
            for made, apart in _laid_over(symbols, part, letters):
                _keep(found, made, cost + apart)
    return _as_found(found, value, spec, len(tokens), _NAMED_SURE if named is not None else _PART_SURE)


def _as_found(found: _Readings, value: str, spec: SlotSpec, end: int, sure: float) -> tuple[Found, ...]:
    written = {form: cost for made, cost in found.items() if (form := _canonical(made, value, spec))}
    total = sum(math.exp(-_NATS * cost) for cost in written.values())
    some = (Found(form, 0, end, sure * math.exp(-_NATS * cost) / total) for form, cost in written.items())
    return tuple(sorted(some, key=lambda one: -one.score)[:_MOST_FOUND]) if total > 0.0 else ()


def _canonical(symbols: str, value: str, spec: SlotSpec) -> str:
    """Symbols in the canonical form of the slot; "" for what is none, or the value itself."""
    match spec.type:
        case SlotType.DIGITS:
            low, high = spec.length or (1, len(value))
            made = symbols if symbols.isdigit() and low <= len(symbols) <= high else ""
        case SlotType.POSTCODE if value.replace("-", "").isdigit():
            made = f"{symbols[:5]}-{symbols[5:]}".strip("-") if symbols.isdigit() else ""
            made = made if len(made) == len(value) else ""
        case SlotType.POSTCODE:
            made = canonical(symbols) if is_uk_postcode(canonical(symbols)) else ""
        case _:
            made = symbols.upper()
    return "" if made == value else made


def _around_not(
    tokens: tuple[Token, ...], words: Words
) -> tuple[tuple[Token, ...], tuple[Token, ...]] | None:
    """What is right and what is wrong: "nine not five", "not five but nine"; None without a "not"."""
    texts = [token.text for token in tokens]
    for at in range(len(texts)):
        for phrase in words.corrections.not_:
            size = phrase.count(" ") + 1
            if texts[at : at + size] != phrase.split():
                continue
            before, after = tokens[:at], tokens[at + size :]
            if _bare(before, words):
                return before, after
            for split in range(1, len(after)):  # "not five but nine", "not five, it is nine"
                if after[split].text in words.light:  # "but", "it is"
                    return after[split:], after[:split]
            return after[1:], after[:1]
    return None


def _bare(tokens: tuple[Token, ...], words: Words) -> tuple[Token, ...]:
    """Tokens without the everyday words at their ends: "no, it's nine, please"."""
    single = {word for phrase in words.corrections.words for word in phrase.split()}
    aside = words.light | words.polite | words.fillers | single

    def everyday(token: Token) -> bool:
        spoken = token.text in words.digits.words or token.text in words.numbers.units
        return len(token.text) > 1 and token.text in aside and not spoken and not token.numeral

    start, end = 0, len(tokens)
    while start < end and everyday(tokens[start]):
        start += 1
    while end > start and everyday(tokens[end - 1]):
        end -= 1
    return tokens[start:end]


def _replaced(symbols: str, old: str, new: str) -> Iterator[str]:
    """`symbols` with one of the places of `old` made `new`."""
    if not old or not new:
        return
    at = symbols.find(old)
    while at >= 0:
        yield symbols[:at] + new + symbols[at + len(old) :]
        at = symbols.find(old, at + 1)


def _laid_over(symbols: str, part: str, letters: Alphabet) -> Iterator[tuple[str, float]]:
    """`symbols` with `part` at each place, and how unlike what stood there it sounds, 0 to 1 a symbol."""
    for at in range(len(symbols) - len(part) + 1 if part else 0):
        stood = symbols[at : at + len(part)]
        if stood == part:
            continue
        apart = [float(letters.costs[CODE[one], CODE[other]]) for one, other in zip(part, stood, strict=True)]
        yield symbols[:at] + part + symbols[at + len(part) :], sum(apart)


def _keep(readings: _Readings, made: str, cost: float) -> None:
    readings[made] = min(cost, readings.get(made, math.inf))


# --- dates --------------------------------------------------------------------------------------------------


def _date(value: str, tokens: tuple[Token, ...], words: Words) -> tuple[Found, ...]:
    """Another day of the month, or another month: "no, the fourth", "June, not July"."""
    try:
        was = date.fromisoformat(value)
    except ValueError:
        return ()
    named = _around_not(tokens, words)
    said = _bare(named[0] if named is not None else tokens, words)
    month, day, others = _day_and_month(said, words)
    if others or (month == 0) == (day == 0):
        return ()  # a date of its own, or none
    try:
        new = was.replace(month=month) if month else was.replace(day=day)
    except ValueError:
        return ()
    return () if new == was else (Found(new.isoformat(), 0, len(tokens), _NAMED_SURE),)


def _day_and_month(tokens: tuple[Token, ...], words: Words) -> tuple[int, int, bool]:
    """The day and the month that words name, 0 where they do not, and whether they say anything else."""
    months = {word: number for number, some in enumerate(words.dates.months, start=1) for word in some}
    month = day = at = 0
    others = False
    while at < len(tokens):
        token = tokens[at]
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        ordinals = words.numbers.ordinals
        if token.numeral:
            figures = "".join(char for char in token.numeral if char.isascii() and char.isdigit())
            day = int(figures) if len(figures) <= 2 and figures else 0
            others = others or not day
            at = numeral_end(tokens, at)
            continue
        if token.text in months:
            month = months[token.text]
        elif token.text in words.numbers.tens and 0 < ordinals.get(following, 0) < 10:
            day = words.numbers.tens[token.text] + ordinals[following]
            at += 1
        elif token.text in ordinals:
            day = ordinals[token.text]
        elif token.text not in words.light | words.fillers:
            others = True
        at += 1
    return month, day, others
