"""Numbers of languages that count by tens, hundreds and ten thousands said one by one: Korean, Chinese.

"이백십오" and "二百一十五" are 2 x 100 + 1 x 10 + 5; a one before a scale may be left out, a zero may stand
for the places that are skipped. Korean also has its own words to ninety-nine ("스물셋"), which end in a short
form before a counter ("스물세 명").
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.understanding.token import Token
from ivr.understanding.word_lists import NumberWords

_MYRIAD = 10_000


def positional(tokens: tuple[Token, ...], at: int, words: NumberWords) -> Iterator[tuple[int, int]]:
    """Every reading of a whole number that begins at a token, as (value, end), the shortest first."""
    total = section = digit = 0
    least = _MYRIAD  # the smallest scale of this section so far
    lowest = 10**16  # the smallest of the great scales so far
    place = at
    open_for_digit = True
    while place < len(tokens):
        text = tokens[place].text
        scale = words.scales.get(text, 0)
        value = words.tens.get(text) or _unit(tokens, place, words)
        if scale >= _MYRIAD and scale < lowest:
            total += (section + digit or 1) * scale
            lowest, section, digit, least, open_for_digit = scale, 0, 0, _MYRIAD, True
        elif 0 < scale < least:
            section += (digit or 1) * scale
            least, digit, open_for_digit = scale, 0, True
        elif value == 0 and place > at and open_for_digit and least > 10:
            place += 1  # "二百零五"
            continue
        elif value is not None and open_for_digit and (value < 10 or place == at):
            digit += value
            open_for_digit = text in words.tens
            if value == 0:
                yield 0, place + 1
                return
        else:
            return
        place += 1
        yield total + section + digit, place


def _unit(tokens: tuple[Token, ...], at: int, words: NumberWords) -> int | None:
    text = tokens[at].text
    if text in words.counting:
        counted = at + 1 < len(tokens) and tokens[at + 1].text in words.counters
        return words.counting[text] if counted else None
    return words.units.get(text)


def written(value: int, words: NumberWords) -> str:
    """A number from 0 to 99,999,999 in such words."""
    digits = {number: word for word, number in reversed(words.units.items()) if number < 10}
    scales = {number: word for word, number in words.scales.items()}
    if value >= _MYRIAD:
        head, rest = divmod(value, _MYRIAD)
        between = digits[0] if words.zero_between and 0 < rest < _MYRIAD // 10 else ""
        return written(head, words) + scales[_MYRIAD] + between + (written(rest, words) if rest else "")
    out, skipped = "", False
    for scale in (1000, 100, 10, 1):
        digit, value = divmod(value, scale)
        if digit:
            out += (digits[0] if skipped and out and words.zero_between else "") + digits[digit]
            out += scales.get(scale, "") if scale > 1 else ""
        skipped = not digit
    return out or digits[0]
