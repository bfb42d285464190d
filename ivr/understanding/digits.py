"""Digit strings as people dictate them: "double five oh", "four eight twenty-nine", "no, nine not five".

Spoken digits can be read in several ways ("twenty nine" is 29 or 209): all readings are kept with a cost
each, and the length that was asked for decides. A recognizer's numerals are taken digit by digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ivr.understanding.normalize import Token
from ivr.understanding.numbers import Found, cardinals, numeral_end
from ivr.understanding.words import Words

MAX_DIGITS = 40
MAX_CORRECTIONS = 4
_BEAM = 48
_FEW = 8

# Costs are in nats: a reading that costs 1 more is e times less likely. They order the readings as people
# mean them; they were set by hand, not fitted.
_SPLIT = 0.7  # "twenty nine" as 20, 9
_MISHEARD = 1.0  # "to" as 2
_STRANGE = 1.5  # a word among the digits that is none
_REPLACE_SAME = 0.2  # "no" and as many digits as are taken back
_REPLACE_ONE = 0.4
_REPLACE_OTHER = 1.2

_Readings = dict[str, float]


def read_digits(
    tokens: tuple[Token, ...], words: Words, length: tuple[int, int] | None, asked: bool
) -> tuple[Found, ...]:
    """Digit strings that fit `length` (any of 1 to 40 digits without one), best first."""
    low, high = length or (1, MAX_DIGITS)
    found: list[Found] = []
    for start, end in _runs(tokens, words, asked):
        readings = {
            d: cost for d, cost in _corrected(tokens[start:end], words, high).items() if low <= len(d) <= high
        }
        total = sum(math.exp(-cost) for cost in readings.values())
        for digits, cost in sorted(readings.items(), key=lambda item: item[1])[:4]:
            # One length leaves little room for a wrong string; without one nothing speaks for it but itself.
            trust = 0.97 if low == high else 0.93 if length else 0.88
            score = trust * math.exp(-cost) / total * math.exp(-0.25 * cost)
            found.append(Found(digits, start, end, score))
        if asked and found:  # the whole answer fits: no part of it is wanted
            break
    return tuple(sorted(found, key=lambda one: -one.score)[:8])


def digit_readings(tokens: tuple[Token, ...], words: Words, most: int) -> dict[str, float]:
    """The likeliest strings of digits that words say, without corrections, each with its cost in nats."""
    readings = {digits: cost for digits, cost in _read(tokens, words, MAX_DIGITS).items() if digits}
    return _best(readings, most)


def digits_heard(tokens: tuple[Token, ...], words: Words) -> tuple[int, int]:
    """How many digits were said so far: the fewest and the most that the likely readings have."""
    runs = _runs(tokens, words, asked=True)
    for start, end in runs:
        readings = _corrected(tokens[start:end], words, MAX_DIGITS)
        best = min(readings.values(), default=0.0)
        lengths = [len(digits) for digits, cost in readings.items() if cost <= best + _SPLIT]
        if lengths:
            return min(lengths), max(lengths)
    return 0, 0


def _is_number(token: Token, words: Words) -> bool:
    text = token.text
    numbers = words.numbers
    return bool(token.numeral) or (
        text in numbers.units
        or text in numbers.tens
        or text in words.digits.words
        or text in words.digits.repeats
    )


def _runs(tokens: tuple[Token, ...], words: Words, asked: bool) -> list[tuple[int, int]]:
    """Where digits are said; an answer may also be one run from its first digit to its last."""
    places = [at for at, token in enumerate(tokens) if _is_number(token, words)]
    if not places:
        return []
    runs: list[tuple[int, int]] = []
    start = last = places[0]
    for place in places[1:]:
        if not all(_links(token, words) for token in tokens[last + 1 : place]):
            runs.append((start, _late(tokens, last, words)))
            start = place
        last = place
    runs.append((start, _late(tokens, last, words)))
    if asked:
        runs.insert(0, (_early(tokens, places[0], words), runs[-1][1]))
    return list(dict.fromkeys(runs))


def _early(tokens: tuple[Token, ...], at: int, words: Words) -> int:
    """A misheard digit directly before the first digit belongs to the run; so may two ("for to five")."""
    while at > 0 and tokens[at - 1].text in words.digits.misheard and len(tokens) <= MAX_DIGITS:
        at -= 1
    return at


def _late(tokens: tuple[Token, ...], at: int, words: Words) -> int:
    end = numeral_end(tokens, at) if tokens[at].numeral else at + 1
    following = {*words.digits.misheard, *words.numbers.scales}
    while end < len(tokens) and tokens[end].text in following:
        end += 1
    return end


def _silent(token: Token, words: Words) -> bool:
    """Words that separate digits without meaning anything."""
    text = token.text
    return text in words.fillers or text in {words.numbers.joiner, "dash", "hyphen", "space", "then", "slash"}


def _links(token: Token, words: Words) -> bool:
    """Words that may stand between the digits of one number."""
    text = token.text
    corrections = (*words.corrections.words, *words.corrections.not_)
    return (
        _silent(token, words)
        or text in words.digits.misheard
        or text in words.numbers.scales
        or text in corrections
    )


# --- corrections ----------------------------------------------------------------------------------------


def _corrected(
    tokens: tuple[Token, ...], words: Words, longest: int, depth: int = MAX_CORRECTIONS
) -> _Readings:
    """Readings of a run in which the caller may have put themselves right, up to `depth` times."""
    texts = [token.text for token in tokens]
    for at in range(len(texts) - 1, 0, -1) if depth else ():
        if (size := _phrase_at(texts, at, words.corrections.again)) > 0:
            return _read(tokens[at + size :], words, longest)
        if (size := _phrase_at(texts, at, words.corrections.words)) > 0:
            before, after = tokens[:at], tokens[at + size :]
            if denied := _phrase_at(texts, at + size, words.corrections.not_):
                named = _not_but(before, tokens[at + size + denied :], words, longest, depth)
                if named:
                    return named
                continue
            return _replaced(_corrected(before, words, longest, depth - 1), after, words, longest)
    return _read(tokens, words, longest)


def _not_but(
    before: tuple[Token, ...], after: tuple[Token, ...], words: Words, longest: int, depth: int
) -> _Readings:
    """ "sorry, not five two": the 5 becomes 2. The first of two parts of equal length is the wrong one."""
    if not after or len(after) % 2:
        return {}
    wrong, right = (
        _read(some, words, longest) for some in (after[: len(after) // 2], after[len(after) // 2 :])
    )
    old = _corrected(before, words, longest, depth - 1)
    swapped = _swapped(old, right, wrong)
    return {} if swapped is old else swapped


def _replaced(before: _Readings, after: tuple[Token, ...], words: Words, longest: int) -> _Readings:
    texts = [token.text for token in after]
    for at in range(len(texts)):
        if (size := _phrase_at(texts, at, words.corrections.not_)) > 0:
            return _swapped(
                before, _read(after[:at], words, longest), _read(after[at + size :], words, longest)
            )
    out: _Readings = {}
    before = _best(before, _FEW)
    for new, new_cost in _best(_read(after, words, longest), _FEW).items():
        for old, old_cost in before.items():
            for taken in range(len(old) + 1) if new else (0,):
                cost = 0.0 if not new else _REPLACE_OTHER if taken == 0 else _REPLACE_ONE
                if new and taken == len(new):
                    cost = _REPLACE_SAME
                elif 1 < taken < len(old):
                    cost = _REPLACE_OTHER
                _keep(out, old[: len(old) - taken] + new, old_cost + new_cost + cost)
    return _best(out)


def _swapped(before: _Readings, new: _Readings, old: _Readings) -> _Readings:
    """ "nine not five": the last 5 said before becomes 9."""
    out: _Readings = {}
    for digits, cost in _best(before, _FEW).items():
        for right, right_cost in _best(new, _FEW).items():
            for wrong, wrong_cost in _best(old, _FEW).items():
                head, found, tail = digits.rpartition(wrong)
                if wrong and found:
                    _keep(out, head + right + tail, cost + right_cost + wrong_cost)
    return _best(out) or before


def _phrase_at(texts: list[str], at: int, phrases: tuple[str, ...]) -> int:
    """Length in words of the longest of `phrases` that stands at a place, 0 if none does."""
    sizes = (len(words) for words in map(str.split, phrases) if texts[at : at + len(words)] == words)
    return max(sizes, default=0)


# --- readings -------------------------------------------------------------------------------------------


def _read(tokens: tuple[Token, ...], words: Words, longest: int) -> _Readings:
    """Every reading of a run of tokens as digits, with its cost; at most _BEAM at any place."""
    states: list[_Readings] = [{} for _ in range(len(tokens) + 1)]
    states[0][""] = 0.0
    for at in range(len(tokens)):
        here = _best(states[at])
        for digits, end, cost in _options(tokens, at, words) if here else ():
            for said, so_far in here.items():
                if len(said) + len(digits) <= min(longest, MAX_DIGITS):
                    _keep(states[end], said + digits, so_far + cost)
    return _best(states[-1])


def _options(tokens: tuple[Token, ...], at: int, words: Words) -> Iterator[tuple[str, int, float]]:
    """Digits that can be read at a place: (digits, end, cost)."""
    token = tokens[at]
    if token.numeral:
        digits = "".join(char for char in token.numeral if char.isdigit())
        yield digits, numeral_end(tokens, at), 0.0
        return
    text = token.text
    digit_words = words.digits.words
    if (times := words.digits.repeats.get(text)) and at + 1 < len(tokens):
        following = next(_options(tokens, at + 1, words), ("", 0, 0.0))
        if following[0]:
            repeated, end, cost = following
            yield repeated[0] * (times - 1) + repeated, end, cost
            return
    if text in digit_words:
        yield str(digit_words[text]), at + 1, 0.0
    readings = cardinals(tokens, at, words.numbers)
    likeliest = _likeliest_end([end for _, end in readings], tokens, at, words)
    for value, end in readings:
        yield str(value), end, 0.0 if end == likeliest else _SPLIT
    known = text in digit_words or bool(readings)
    if text not in digit_words and (_silent(token, words) or text in words.polite):
        yield "", at + 1, 0.0
    elif text in words.digits.misheard:
        yield str(words.digits.misheard[text]), at + 1, _MISHEARD
        yield "", at + 1, _STRANGE
    elif not known:
        yield "", at + 1, _STRANGE


def _likeliest_end(ends: list[int], tokens: tuple[Token, ...], at: int, words: Words) -> int:
    """Where the number that begins at a place ends: with all its words ("four hundred twenty nine").

    Among other digits it ends with its hundreds: "oh eight hundred, one two three". An "and" joins more.
    """
    longest = max(ends, default=at)
    scaled = [end for end in ends if tokens[end - 1].text in words.numbers.scales]
    alone = at == 0 and longest == len(tokens)
    if alone or not scaled or max(scaled) == longest:
        return longest
    return longest if tokens[max(scaled)].text == words.numbers.joiner else max(scaled)


def _keep(readings: _Readings, digits: str, cost: float) -> None:
    if cost < readings.get(digits, math.inf):
        readings[digits] = cost


def _best(readings: _Readings, many: int = _BEAM) -> _Readings:
    if len(readings) <= many:
        return readings
    return dict(sorted(readings.items(), key=lambda item: item[1])[:many])
