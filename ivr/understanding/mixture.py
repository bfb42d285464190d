"""The chances of meanings over all readings of an utterance: a mixture, weighed by `held_trust.weigh`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from ivr.meaning import Command, Meaning
from ivr.understanding.calibration import COMMAND_HELD, doubt_of
from ivr.understanding.held_trust import Weighed

ANYWHERE = frozenset({Command.REPEAT, Command.OPERATOR, Command.GOODBYE, Command.HELP, Command.WAIT})
"""Commands that may be said in nearly every state, and are meant in few."""


class _Meant(Protocol):
    """A meaning of one reading, with its log-odds against none."""

    @property
    def meaning(self) -> Meaning: ...

    @property
    def z(self) -> float: ...


M = TypeVar("M", bound=_Meant)


def free_chances(readings: Sequence[tuple[Weighed, Sequence[M]]]) -> Iterator[tuple[float, M]]:
    """Of free readings. They share their weight by what they mean: the one that says something counts."""
    total = 0.0
    shares: list[tuple[float, M]] = []
    for one, meant in readings:
        odds = [(one.weight * math.exp(some.z - doubt_of(one.hypothesis)), some) for some in meant]
        total += one.weight + sum(share for share, _ in odds)
        shares.extend(odds)
    mass = sum(one.weight for one, _ in readings)
    return ((mass * share / total, some) for share, some in shares)


def held_chances(readings: Sequence[tuple[Weighed, Sequence[M]]]) -> Iterator[tuple[float, M]]:
    """Of held readings. Each keeps what the recognizer gave it, but commands of every desk are dear."""
    weights = []
    for one, meant in readings:
        best = max(meant, key=lambda some: some.z, default=None)
        dear = best is not None and best.z > 0.0 and best.meaning in ANYWHERE
        weights.append(one.weight * (math.exp(-COMMAND_HELD) if dear else 1.0))
    mass, total = sum(one.weight for one, _ in readings), sum(weights)
    for weight, (_, meant) in zip(weights, readings, strict=True):
        odds = [math.exp(some.z) for some in meant]
        yield from (
            (mass * weight / total * share / (1.0 + sum(odds)), some)
            for share, some in zip(odds, meant, strict=True)
        )
