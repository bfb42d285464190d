"""Readings of one utterance weighed against each other: held to the grammar, and free.

A recognizer that is held to a grammar always finds something in it. Trust is the chance that the grammar
holds what was said, from how likely the best held reading is, how it compares with the free one, and whether
the two sound alike. The held readings share it as the recognizer ranks them; the rest is the free readings'.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ivr.meaning import Hypothesis
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds, likeness
from ivr.understanding.words import Words

MOST_FREE, MOST_HELD = 5, 4

# Fitted by `python -m bench.calibrate_held` on made-up desks, made-up sentences and synthetic voices.
TRUST = MappingProxyType(
    {
        "bias": 1.83,
        "fit": 0.75,
        "likelihood": 1.28,
        "alike": 4.22,
        "alone": 1.78,
        "command": -2.01,
        "rival": 0.16,
    }
)
"""Logit of the trust: of nats a token, of 0 to 1 for likeness, of 1 where there is no free reading."""

LEAST, MOST = 0.02, 0.99
"""Trust below the first is none; none is more than the second."""
_WORST_FIT, _WORST_LIKELIHOOD = -4.0, -5.0


class Kind(enum.Enum):
    """What a held reading is: of the desk, a command of every desk, or one of `held_grammar.rivals`."""

    PHRASE = enum.auto()
    COMMAND = enum.auto()
    RIVAL = enum.auto()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reading and its weight; those of all readings add up to 1 at most. `held`: meant word for word."""

    hypothesis: Hypothesis
    weight: float
    held: bool


def columns(
    held: Hypothesis, free: Hypothesis | None, kind: Kind, words: Words, sounds: Sounds
) -> dict[str, float]:
    """What trust is made of, by name."""
    assert held.fit is not None
    likelihood = held.fit if held.likelihood is None else held.likelihood
    alike = 0.0
    if free is not None:
        first, second = (sounds.phrase(plain_words(one.text, words)) for one in (held, free))
        alike = likeness(first, second)
    return {
        "bias": 1.0,
        "fit": max(_WORST_FIT, held.fit),
        "likelihood": max(_WORST_LIKELIHOOD, likelihood),
        "alike": alike,
        "alone": float(free is None),
        "command": float(kind is Kind.COMMAND),
        "rival": float(kind is Kind.RIVAL),
    }


def trust(held: Hypothesis, free: Hypothesis | None, kind: Kind, words: Words, sounds: Sounds) -> float:
    """The chance that the grammar holds what was said; `held` is the best held reading and of this kind,
    `free` the best free one, None where nothing was read freely."""
    if held.fit is None or not math.isfinite(held.fit) or not math.isfinite(held.likelihood or 0.0):
        return 0.0
    z = sum(TRUST[name] * value for name, value in columns(held, free, kind, words, sounds).items())
    chance = min(MOST, 1.0 / (1.0 + math.exp(-z)))
    return chance if chance >= LEAST else 0.0


def weigh(
    hypotheses: Sequence[Hypothesis], words: Words, sounds: Sounds, kind: Kind = Kind.PHRASE
) -> tuple[Weighed, ...]:
    """The readings that count, in their order, with their weights; the best held reading is of this kind.

    A free reading that is also held weighs nothing of its own: it stands for what the grammar lacks.
    """
    held = held_of(hypotheses)
    free = [one for one in hypotheses if one.fit is None and one.text.strip()][:MOST_FREE]
    trusted = trust(held[0], free[0] if free else None, kind, words, sounds) if held else 0.0
    out: list[Weighed] = []
    in_grammar = {plain_words(one.text, words) for one in held} if trusted else set()
    for some, mass in ((free, 1.0 - trusted), (held, trusted)):
        weights = [_weight(one, rank) for rank, one in enumerate(some)]
        total = sum(weights)
        if mass > 0.0 and total > 0.0:
            out.extend(
                Weighed(one, mass * weight / total, one.fit is not None)
                for one, weight in zip(some, weights, strict=True)
                if weight > 0.0 and (one.fit is not None or plain_words(one.text, words) not in in_grammar)
            )
    return tuple(out)


def held_of(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """The held readings that count, best first."""
    return [one for one in hypotheses if one.fit is not None][:MOST_HELD]


def _weight(one: Hypothesis, rank: int) -> float:
    confidence = min(1.0, max(0.0, one.confidence)) if math.isfinite(one.confidence) else 0.0
    return confidence if one.fit is not None else max(confidence, 0.05) * 0.8**rank
