"""Readings of one utterance weighed against each other: held to the grammar, and free.

A recognizer that is held to a grammar always finds something in it. Trust is the chance that the grammar
holds what was said, from how likely the best held reading is, how it compares with the free one, and whether
the two sound alike. The held readings share it as the recognizer ranks them; the rest is the free readings'.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from types import MappingProxyType

from ivr.meaning import Hypothesis
from ivr.understanding.normalize import plain_words
from ivr.understanding.phonemes import Sounds, likeness
from ivr.understanding.words import Words

MOST_FREE, MOST_HELD = 5, 4


class Kind(enum.Enum):
    """What a held reading is: of the desk, a command of every desk, words of danger, or one of
    `held_grammar.rivals`."""

    PHRASE = enum.auto()
    COMMAND = enum.auto()
    ALARM = enum.auto()
    RIVAL = enum.auto()


# Fitted by `python -m bench.calibrate_held` on made-up desks, made-up sentences and synthetic voices; one
# utterance in four is taken to fit nothing, one in 200 to be words of danger.
TRUST = MappingProxyType(
    {
        "bias": 2.13,
        "fit": 1.13,
        "likelihood": 0.83,
        "alike": 4.18,
        "alone": 1.56,
        "command": -2.40,
        "alarm": -0.49,
        "rival": -0.16,
    }
)
"""Logit of the trust: of nats a token, of 0 to 1 for likeness, of 1 where there is no free reading."""

SURE, SURE_OF_OTHERS = 0.75, 20.0
"""Mean confidence of the free words that a held reading lacks from which it is contradicted, and what each
unit above takes off the logit of its trust: "a question about my payment" fits "... my chemo", read at 0.84.
Only where nothing but what the caller wants was asked for: answers are short, and known. Set by hand on 117
first sentences of simulated calls: where the held reading is right and these words are surer, the free one is
right too (36 of 36); names of people are read with less."""

COMMAND_PRICE = 3.0
"""Nats taken off a held reading that is a command, before the held readings share their trust: "bye" ends the
call, and "five" sounds like it. Set by hand: one utterance in twenty is such a command."""
_PRICES = MappingProxyType({Kind.COMMAND: math.exp(-COMMAND_PRICE)})
"""Of the others none: words of danger have theirs in the search (`token_graph.DEAR_PRICE`)."""

LEAST, MOST = 0.02, 0.99
"""Trust below the first is none; none is more than the second."""
_WORST_FIT, _WORST_LIKELIHOOD = -4.0, -5.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reading and its weight; those of all readings add up to 1 at most. `kind`: of a held reading."""

    hypothesis: Hypothesis
    weight: float
    kind: Kind | None


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
        "alarm": float(kind is Kind.ALARM),
        "rival": float(kind is Kind.RIVAL),
    }


def trust(
    held: Hypothesis, free: Hypothesis | None, kind: Kind, words: Words, sounds: Sounds, openly: bool = False
) -> float:
    """The chance that the grammar holds what was said; `held` is the best held reading and of this kind,
    `free` the best free one, None where nothing was read freely.

    openly  whether the caller was asked openly, and may say anything
    """
    if held.fit is None or not math.isfinite(held.fit) or not math.isfinite(held.likelihood or 0.0):
        return 0.0
    z = sum(TRUST[name] * value for name, value in columns(held, free, kind, words, sounds).items())
    if openly and kind is not Kind.ALARM:
        z -= SURE_OF_OTHERS * max(0.0, contradicted(held, free, words) - SURE)
    chance = min(MOST, 1.0 / (1.0 + math.exp(-z)))
    return chance if chance >= LEAST else 0.0


def contradicted(held: Hypothesis, free: Hypothesis | None, words: Words) -> float:
    """How sure the free reading is of the words that the held one lacks (mean); 0 where it lacks none."""
    if free is None:
        return 0.0
    said = plain_words(held.text, words)
    read = [(text, word.confidence) for word in free.words for text in plain_words(word.text, words)]
    parts = SequenceMatcher(None, said, [text for text, _ in read], autojunk=False).get_opcodes()
    others = [sure for kind, _, _, start, end in parts if kind != "equal" for _, sure in read[start:end]]
    return sum(others) / len(others) if others else 0.0


def weigh(
    hypotheses: Sequence[Hypothesis],
    words: Words,
    sounds: Sounds,
    kind_of: Callable[[Hypothesis], Kind] = lambda held: Kind.PHRASE,
    openly: bool = False,
) -> tuple[Weighed, ...]:
    """The readings that count with their weights: the free ones, then the held ones, both best first.

    A free reading that is also held weighs nothing of its own: it stands for what the grammar lacks.

    openly  as in `trust`
    """
    free = [one for one in hypotheses if one.fit is None and one.text.strip()][:MOST_FREE]
    held = sorted(
        ((_share(one) * _PRICES.get(kind_of(one), 1.0), one) for one in held_of(hypotheses)),
        key=lambda entry: -entry[0],
    )
    trusted = 0.0
    if held:
        first = free[0] if free else None
        trusted = trust(held[0][1], first, kind_of(held[0][1]), words, sounds, openly)
    in_grammar = {plain_words(one.text, words) for _, one in held} if trusted else set()
    open_ended = [(max(_share(one), 0.05) * 0.8**rank, one) for rank, one in enumerate(free)]
    out = _weighed(open_ended, 1.0 - trusted, lambda one: None)
    out = [one for one in out if plain_words(one.hypothesis.text, words) not in in_grammar]
    return (*out, *_weighed(held, trusted, kind_of))


def _weighed(
    some: Sequence[tuple[float, Hypothesis]], mass: float, kind_of: Callable[[Hypothesis], Kind | None]
) -> list[Weighed]:
    total = sum(weight for weight, _ in some)
    if mass <= 0.0 or total <= 0.0:
        return []
    return [Weighed(one, mass * weight / total, kind_of(one)) for weight, one in some if weight > 0.0]


def held_of(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """The held readings that count, best first."""
    return [one for one in hypotheses if one.fit is not None][:MOST_HELD]


def _share(one: Hypothesis) -> float:
    return min(1.0, max(0.0, one.confidence)) if math.isfinite(one.confidence) else 0.0
