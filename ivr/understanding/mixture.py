"""The chances of meanings over all readings of an utterance: a mixture, weighed by `held_trust.weigh`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Protocol, TypeVar

from ivr.meaning import Command, Expect, Intent, Meaning
from ivr.understanding.calibration import WORD_FOR_WORD, doubt_of, garbled
from ivr.understanding.held_trust import Kind, Weighed

_ANYWHERE = Expect().commands - {Command.HELLO} | {Command.WHO}
"""Commands that may be said in nearly every state, and are meant in few."""


# Fitted by `python -m bench.calibrate_held` on what callers say in other words than the grammar's, and what
# others say; but "command" is set by hand: nobody in that data asks for a command in other words.
BEYOND = MappingProxyType({"bias": -3.26, "z": 0.79, "command": -1.50, "words": 0.44})
"""Log-odds of what a free reading means where the grammar does not hold it: of its log-odds without that, for
a command, and for each of its first `MOST_WORDS` words. One word that means something is in the grammar."""
MOST_WORDS = 8


class _Meant(Protocol):
    """A meaning of one reading, with its log-odds against none."""

    @property
    def meaning(self) -> Meaning: ...

    @property
    def z(self) -> float: ...


M = TypeVar("M", bound=_Meant)


def seldom_meant(more: bool) -> frozenset[Command]:
    """Commands that are seldom meant in a state; where `more` is asked for, a farewell is an answer."""
    return _ANYWHERE - {Command.GOODBYE} if more else _ANYWHERE


def kind(
    text: str,
    meant: Sequence[M],
    rivals: frozenset[str],
    alarming: bool = False,
    seldom: frozenset[Command] = _ANYWHERE,
) -> Kind:
    """What a held reading is, by its words, its meanings, and whether words of danger are in it.

    seldom  commands that are not to be expected (`seldom_meant`)
    """
    if alarming:
        return Kind.ALARM
    best = max(meant, key=lambda some: some.z, default=None)
    if text in rivals and (best is None or best.z < WORD_FOR_WORD):
        return Kind.RIVAL
    dear = best is not None and best.z > 0.0 and best.meaning in seldom
    return Kind.COMMAND if dear else Kind.PHRASE


def beyond(z: float, meaning: Meaning, text: str, seldom: frozenset[Command] = _ANYWHERE) -> float:
    """Log-odds of a meaning of a free reading that the grammar of the state does not hold."""
    if not isinstance(meaning, Intent) and meaning not in seldom:
        return z
    words = min(MOST_WORDS, len(text.split()))
    command = not isinstance(meaning, Intent)
    return min(z, BEYOND["bias"] + BEYOND["z"] * z + BEYOND["command"] * command + BEYOND["words"] * words)


def _free_chances(
    readings: Sequence[tuple[Weighed, Sequence[M]]], exhaustive: bool, seldom: frozenset[Command]
) -> Iterator[tuple[float, M]]:
    """Of free readings. They share their weight by what they mean: the one that says something counts."""
    total = 0.0
    shares: list[tuple[float, M]] = []
    for one, meant in readings:
        text = one.hypothesis.text
        doubt, unclear = doubt_of(one.hypothesis), garbled(one.hypothesis)
        for some in meant:
            z = some.z - doubt - unclear * isinstance(some.meaning, Intent)
            share = one.weight * math.exp(beyond(z, some.meaning, text, seldom) if exhaustive else z)
            shares.append((share, some))
            total += share
        total += one.weight
    mass = sum(one.weight for one, _ in readings)
    return ((mass * share / total, some) for share, some in shares)


def _held_chances(readings: Sequence[tuple[Weighed, Sequence[M]]]) -> Iterator[tuple[float, M]]:
    """Of held readings. Each has its own weight; rivals mean nothing."""
    for one, meant in readings:
        if one.kind is not Kind.RIVAL:
            odds = [math.exp(some.z) for some in meant]
            share = one.weight / (1.0 + sum(odds))
            yield from ((share * some, what) for some, what in zip(odds, meant, strict=True))


def chances(
    weighed: Sequence[Weighed],
    meant: Sequence[Sequence[M]],
    *,
    exhaustive: bool,
    seldom: frozenset[Command] = _ANYWHERE,
) -> Iterator[tuple[float, M]]:
    """The chance of every meaning of every reading; together less than the weights of the readings.

    exhaustive  whether the recognizer was held to all that the desk writes down: what it reads freely and
                does not hold is then less likely to mean anything
    seldom      commands that are not to be expected (`seldom_meant`)
    """
    both = list(zip(weighed, meant, strict=True))
    yield from _free_chances([entry for entry in both if entry[0].kind is None], exhaustive, seldom)
    yield from _held_chances([entry for entry in both if entry[0].kind is not None])
