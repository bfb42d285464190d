"""One value from several answers to the same question.

Each answer has candidates c with chances p(c). A value v speaks for an answer by way of those that sound like
it, sum over c of p(c) * exp(-nats * cost(c, v)) with the costs of sounds that are confused over a telephone,
or was missed by it, as often as all candidates of the answer are wrong. Of N values, all as likely before,

    P(v) ~ 1/N * product over answers of (N * sum over c + missed)        P(none) ~ product of missed
The values are those that were heard and, for strings of letters and digits, what their places say together:
two answers that are each wrong in another place agree on a third value.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from ivr.meaning import SlotType, SlotValue
from ivr.understanding.align import prefix_costs, table
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import GAP, Sounds, distance, encode
from ivr.understanding.spelling import ADDED, LEFT_OUT, Alphabet, alphabet, encode_symbols
from ivr.understanding.words import Words

_NATS = 6.0
_MISSED = 0.02
"""Chance, at least, that an answer's values are all wrong."""

_VALUES = 20.0
"""N: fewer than there are, because a value that was misheard once is misheard in the same way again."""

_DENIED = 0.02
_CONTINUED = 4.0
"""Odds of a value begun in one answer and ended in the next: two parts seldom make a whole by chance."""

_MOST = 8
_MOST_JOINED = 16
_LONGEST = 64
_PLACED = frozenset({SlotType.DIGITS, SlotType.POSTCODE, SlotType.SPELLED})


def combine(
    kind: SlotType,
    answers: Sequence[Sequence[SlotValue]],
    words: Words,
    sounds: Sounds,
    denied: Collection[str] = (),
    *,
    form: Callable[[str], str] = str,
) -> tuple[SlotValue, ...]:
    """The values that explain all answers best, best first, with new scores; () when nothing was heard.

    kind     of the slot
    answers  for each time the slot was asked for, what was read from the answer, best first
    denied   values that were read back and the caller said were wrong
    form     a value in the form the slot wants, "" for others: half of a number is evidence only
    """
    heard = [tuple(values[:_MOST]) for values in answers if values]
    if not heard:
        return ()
    source = {value.value: value for values in reversed(heard) for value in reversed(values)}
    candidates = dict.fromkeys(source)
    if kind in _PLACED:
        candidates.update(dict.fromkeys(_joined([value.value for values in heard for value in values[:3]])))
    continued = dict(_continued(heard, form)) if kind in _PLACED else {}
    candidates.update(dict.fromkeys(continued))
    cost = _cost_of(kind, words, sounds)
    missed = [max(_MISSED, 1.0 - sum(one.score for one in values)) for values in heard]
    weights: dict[str, float] = {}
    for value in candidates:
        if form(value) != value:
            continue
        weight = _DENIED if value in denied else 1.0
        for values, miss in zip(heard, missed, strict=True):
            explained = sum(one.score * math.exp(-_NATS * cost(one.value, value)) for one in values)
            weight *= _VALUES * min(1.0, explained) + miss
        weight /= _VALUES
        weights[value] = max(weight, (_DENIED if value in denied else 1.0) * continued.get(value, 0.0))
    total = sum(weights.values()) + math.prod(missed)
    last = heard[-1][0]
    ranked = sorted(weights.items(), key=lambda item: -item[1])[:_MOST]
    return tuple(
        replace(source.get(value, last), value=value, score=min(0.99, weight / total))
        for value, weight in ranked
    )


def _continued(
    heard: Sequence[tuple[SlotValue, ...]], form: Callable[[str], str]
) -> Iterator[tuple[str, float]]:
    """Values begun in one answer and ended in the next, neither of which is one by itself, with chances."""
    for one, other in itertools.pairwise(heard):
        for first, last in itertools.product(one[:3], other[:3]):
            whole = form(first.value + last.value)
            if whole and not form(first.value) and not form(last.value):
                yield whole, _CONTINUED * first.score * last.score


def _joined(values: Iterable[str]) -> Iterable[str]:
    """Values of equal length joined place by place: at each place what one of the two has."""
    some = [value for value in dict.fromkeys(values) if len(value) <= _LONGEST]
    for one, other in itertools.combinations(some, 2):
        places = [at for at in range(len(one)) if one[at] != other[at]] if len(one) == len(other) else []
        if not 2 <= len(places) <= 4:
            continue
        for chosen in itertools.islice(itertools.product((one, other), repeat=len(places)), _MOST_JOINED):
            out = list(one)
            for at, source in zip(places, chosen, strict=True):
                out[at] = source[at]
            yield "".join(out)


def _cost_of(kind: SlotType, words: Words, sounds: Sounds) -> Callable[[str, str], float]:
    """What it costs to hear one value for another, 1 for each symbol or sound that is quite different."""
    letters = alphabet(words, sounds)
    match kind:
        case SlotType.DIGITS | SlotType.POSTCODE | SlotType.SPELLED | SlotType.NUMBER:
            return lambda heard, said: _symbols_apart(heard, said, letters)
        case SlotType.DATE:
            return lambda heard, said: _symbols_apart(_day_first(heard), _day_first(said), letters)
        case SlotType.NAME | SlotType.CHOICE:
            return lambda heard, said: _sounds_apart(heard, said, words, sounds)
        case _:
            return lambda heard, said: 0.0 if heard == said else 2.0


def _symbols_apart(heard: str, said: str, letters: Alphabet) -> float:
    if heard == said:
        return 0.0
    one, other = encode_symbols(heard.lower()[:_LONGEST]), encode_symbols(said.lower()[:_LONGEST])
    return float(prefix_costs(one, table([other]), letters.costs, ADDED, LEFT_OUT)[-1, 0])


def _day_first(day: str) -> str:
    """2002-01-03 as 03012002."""
    return "".join(reversed(day.split("-")))


def _sounds_apart(heard: str, said: str, words: Words, sounds: Sounds) -> float:
    if heard == said:
        return 0.0
    one, other = (sounds.phrase(plain_words(text[:200], words)) for text in (heard, said))
    return distance(encode(one), encode(other)) / (2.0 * GAP)
