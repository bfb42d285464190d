"""Numbers as they count something: "twelve", "two and a half", "1.5 million", "a couple of", "a dozen".

And the slot type `number`.
"""

from __future__ import annotations

from decimal import Decimal

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, numeral_end
from ivr.understanding.words import Words

_MOST_DECIMALS = 9
_MOST_CHARACTERS = 18
_PAIR = 2
_HALF, _QUARTER = Decimal("0.5"), Decimal("0.25")
_SURE = 0.9


def read_number(tokens: tuple[Token, ...], words: Words, asked: bool) -> tuple[Found, ...]:
    """Numbers said anywhere, best first: "twelve", "a hundred and five", "two point five", "a dozen"."""
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        readings = amounts(tokens, at, words)
        if not readings or not (asked or _counts(tokens, at, readings[0][1], words)):
            at = max(at + 1, readings[0][1] if readings else 0)
            continue
        value, end = readings[0]
        start = at
        if words.numbers.minus and _word(tokens, at - 1) == words.numbers.minus:
            value, start = -value, at - 1
        written = f"{value:f}"
        found.append(Found(written.rstrip("0").rstrip(".") if "." in written else written, start, end, _SURE))
        at = end
    share = 1.0 / max(1, len(found))
    # The last number stands first: callers put themselves right by saying the number again.
    return tuple(Found(one.value, one.start, one.end, one.score * share**0.5) for one in reversed(found))


def _counts(tokens: tuple[Token, ...], start: int, end: int, words: Words) -> bool:
    """Whether words that were not asked for are a number: "one" and "half" are often none."""
    return end - start > 1 or _word(tokens, start) not in {
        "one",
        words.numbers.half,
        *words.durations.quarter,
    }


def amounts(tokens: tuple[Token, ...], at: int, words: Words) -> tuple[tuple[Decimal, int], ...]:
    """All readings of a number, whole or not, that begins at a token, as (value, end), the longest first."""
    if at >= len(tokens):
        return ()
    found: dict[tuple[Decimal, int], None] = {}
    for value, end in _plain(tokens, at, words):
        found[value, end] = None
        for more, after in _with_fraction(tokens, value, end, words):
            found[more, after] = None
    longest = max((end for _, end in _plain(tokens, at, words)), default=at)
    for value, end in list(found):
        if end < longest:
            continue  # "two thousand five" of "two thousand five hundred", which is a number already
        scale = words.numbers.scales.get(_word(tokens, end))
        if scale:  # "two and a half thousand", "1.5 million"
            found[value * scale, end + 1] = None
        dozens = words.numbers.more.get(_word(tokens, end), 0)
        if dozens > _PAIR and value:  # "two dozen"
            found[value * dozens, end + 1] = None
    return tuple(sorted(found, key=lambda reading: -reading[1]))


def _plain(tokens: tuple[Token, ...], at: int, words: Words) -> list[tuple[Decimal, int]]:
    numeral = tokens[at].numeral.replace(",", "").lstrip("".join(words.currencies))
    if numeral:
        inside = at > 0 and tokens[at - 1].numeral and tokens[at - 1].start == tokens[at].start
        figures = numeral.isascii() and numeral.replace(".", "", 1).isdigit()
        if inside or not figures:
            return []
        return [(Decimal(numeral[:_MOST_CHARACTERS]), numeral_end(tokens, at))]
    numbers = words.numbers
    out = [(Decimal(value), end) for value, end in cardinals(tokens, at, numbers)]
    out += _parts(tokens, at, words)
    if numbers.point and words.digits.words.get(_word(tokens, at)) == 0:  # "nought point seven"
        out += [(Decimal(0), at + 1)] if _word(tokens, at + 1) == numbers.point else []
    start = at + (_word(tokens, at) in words.durations.one)
    counted = numbers.more.get(_word(tokens, start))
    if counted is not None:
        out.append((Decimal(counted), start + 1))
        if _word(tokens, start + 1) in words.dates.of:  # "a couple of"
            out.append((Decimal(counted), start + 2))
    return out


def _parts(tokens: tuple[Token, ...], at: int, words: Words) -> list[tuple[Decimal, int]]:
    """ "a half", "half a million", "three quarters", and the "half a" of "half a pound"."""
    one = words.durations.one
    start = at + (_word(tokens, at) in one)
    if words.numbers.half and _word(tokens, start) == words.numbers.half:
        after = start + 1 + (_word(tokens, start + 1) in one)
        many = {**words.numbers.more, **words.numbers.scales}.get(_word(tokens, after), 0)
        whole = [(Decimal(many) / 2, after + 1)] if many > _PAIR else []
        return [*whole, (_HALF, after)]
    count = 1 if start > at else words.numbers.units.get(_word(tokens, at), 0)
    place = start if start > at else at + (count > 0)
    if 0 < count < 4 and place > at and _word(tokens, place) in words.durations.quarter:
        return [(_QUARTER * count, place + 1)]
    return []


def _with_fraction(
    tokens: tuple[Token, ...], value: Decimal, end: int, words: Words
) -> list[tuple[Decimal, int]]:
    numbers = words.numbers
    out = []
    if numbers.half and _word(tokens, end) == numbers.joiner:  # "and a half", "and three quarters"
        out += [
            (value + part, after)
            for part, after in _parts(tokens, end + 1, words)
            if part < 1 and _word(tokens, end + 1) != numbers.half
        ]
    if numbers.point and _word(tokens, end) == numbers.point and not tokens[end].numeral:
        decimals, place = "", end + 1
        named = {**numbers.units, **words.digits.words}
        while 0 <= (digit := named.get(_word(tokens, place), -1)) < 10 and len(decimals) < _MOST_DECIMALS:
            decimals += str(digit)
            place += 1
        if decimals:
            out.append((value + Decimal(f"0.{decimals}"), place))
    return out


def _word(tokens: tuple[Token, ...], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
