"""The chances of meanings over all readings of an utterance: a mixture, weighed by `held_trust.weigh`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from ivr.meaning import Command, Meaning
from ivr.understanding.calibration import COMMAND_HELD, WORD_FOR_WORD, doubt_of
from ivr.understanding.held_trust import Kind, Weighed

_ANYWHERE = frozenset({Command.REPEAT, Command.OPERATOR, Command.GOODBYE, Command.HELP, Command.WAIT})
"""Commands that may be said in nearly every state, and are meant in few."""


class _Meant(Protocol):
    """A meaning of one reading, with its log-odds against none."""

    @property
    def meaning(self) -> Meaning: ...

    @property
    def z(self) -> float: ...


M = TypeVar("M", bound=_Meant)


def kind(text: str, meant: Sequence[M], rivals: frozenset[str]) -> Kind:
    """What a held reading is, by its words and meanings."""
    best = max(meant, key=lambda some: some.z, default=None)
    if text in rivals and (best is None or best.z < WORD_FOR_WORD):
        return Kind.RIVAL
    dear = best is not None and best.z > 0.0 and best.meaning in _ANYWHERE
    return Kind.COMMAND if dear else Kind.PHRASE


def _free_chances(readings: Sequence[tuple[Weighed, Sequence[M]]]) -> Iterator[tuple[float, M]]:
    """Of free readings. They share their weight by what they mean: the one that says something counts."""
    total = 0.0
    shares: list[tuple[float, M]] = []
    for one, meant in readings:
        odds = [(one.weight * math.exp(some.z - doubt_of(one.hypothesis)), some) for some in meant]
        total += one.weight + sum(share for share, _ in odds)
        shares.extend(odds)
    mass = sum(one.weight for one, _ in readings)
    return ((mass * share / total, some) for share, some in shares)


def _held_chances(readings: Sequence[tuple[Weighed, Kind, Sequence[M]]]) -> Iterator[tuple[float, M]]:
    """Of held readings. Each keeps what the recognizer gave it, but commands are dear, and rivals mean
    nothing."""
    prices = {Kind.COMMAND: math.exp(-COMMAND_HELD)}
    weights = [one.weight * prices.get(kind, 1.0) for one, kind, _ in readings]
    mass, total = sum(one.weight for one, _, _ in readings), sum(weights)
    for weight, (_, kind, meant) in zip(weights, readings, strict=True):
        if kind is not Kind.RIVAL:
            odds = [math.exp(some.z) for some in meant]
            share = mass * weight / total / (1.0 + sum(odds))
            yield from ((share * one, some) for one, some in zip(odds, meant, strict=True))


def chances(
    weighed: Sequence[Weighed], meant: Sequence[Sequence[M]], rivals: frozenset[str]
) -> Iterator[tuple[float, M]]:
    """The chance of every meaning of every reading; together less than the weights of the readings."""
    both = list(zip(weighed, meant, strict=True))
    yield from _free_chances([entry for entry in both if not entry[0].held])
    yield from _held_chances(
        [(one, kind(one.hypothesis.text, some, rivals), some) for one, some in both if one.held]
    )
