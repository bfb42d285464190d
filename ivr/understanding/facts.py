"""Facts that tell one customer from another, heard in several attempts: what speaks for each value.

For every value v of a fact (a postcode, a name, a day) an attempt has a likelihood, that of hearing what was
heard when v was said. Whether a record is the caller's is then a question of two sums: the likelihood of the
record's value, against that of all values a stranger may have, each with its prior:

    support(v) = sum over attempts of log L(v) - log sum over u of prior(u) * product over attempts of L(u)

In a share of all attempts something else is said or nothing can be made out (`_STRAY`); so no single attempt
rules a record out, and an attempt that fits nothing says nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Logs = NDArray[np.float64]

MOST_READINGS = 10
"""Of an n-best list so many entries are read."""

_STRAY = 0.1
"""Share of attempts in which the fact was not said, or beyond recognition; set by hand."""

_OTHER_VALUE = 0.1
"""Share of those in which another value was said clearly."""


_LARGEST = 600.0
"""Exponents are cut here, far above any difference of two likelihoods."""


class Heard(NamedTuple):
    """One reading of an answer: sounds, letters or digits, and its cost in nats."""

    text: str
    cost: float
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one answer of the caller says.

    heard       readings of the answer
    likelihood  log-likelihood of each value of the file, shape (values,); 0 is a perfect fit
    literal     values that the answer itself spells out, whether the file has them or not
    noise       log-likelihood of the answer when it is none
    """

    heard: tuple[Heard, ...]
    likelihood: Logs
    literal: tuple[str, ...]
    noise: float


class Facts(Protocol):
    """All values of one kind of fact that a customer file has.

    values     different values in canonical form
    log_prior  of each value for a caller who is not in the file, shape (values,)
    """

    values: tuple[str, ...]
    log_prior: Logs

    def hear(self, nbest: Sequence[str]) -> Attempt | None:
        """What an answer says; None when there is nothing in it."""

    def likelihood(self, attempt: Attempt, values: Sequence[str]) -> Logs:
        """Log-likelihood of values that the file lacks."""

    def log_prior_of(self, values: Sequence[str]) -> Logs:
        """Log-prior of values that the file lacks."""


def ranked(nbest: Sequence[str]) -> Iterator[tuple[str, float]]:
    """The different readings of an n-best list, with the nats that their rank costs."""
    for rank, text in enumerate(dict.fromkeys(text[:400] for text in nbest[: 2 * MOST_READINGS])):
        if rank == MOST_READINGS:
            return
        yield text, math.log1p(rank) / 2.0


class FactEvidence:
    """What all attempts at one fact say together; every method returns new evidence."""

    def __init__(self, facts: Facts, attempts: tuple[Attempt, ...] = (), tries: int = 0) -> None:
        self.facts = facts
        self.attempts = attempts
        self.tries = tries

    def heard(self, nbest: Sequence[str]) -> FactEvidence:
        """With one more answer."""
        attempt = self.facts.hear(nbest)
        attempts = self.attempts if attempt is None else (*self.attempts, attempt)
        return FactEvidence(self.facts, attempts, self.tries + 1)

    @functools.cached_property
    def support(self) -> Logs:
        """For each value of the file the log-odds it gains against a stranger's, shape (values,)."""
        facts = self.facts
        if not self.attempts:
            return np.zeros(len(facts.values))
        known = frozenset(facts.values)
        literal = tuple(
            dict.fromkeys(
                value for attempt in self.attempts for value in attempt.literal if value not in known
            )
        )
        prior = np.concatenate([facts.log_prior, facts.log_prior_of(literal)])
        joint = np.zeros(len(prior))
        # Values that are not listed fit what was heard by chance alone; theirs is the rest of the prior.
        unlisted = math.log(max(1e-9, 1.0 - float(np.exp(prior).sum())))
        for attempt in self.attempts:
            clear = np.concatenate([attempt.likelihood, facts.likelihood(attempt, literal)])
            by_chance = log_sum(prior + clear)
            stray = float(np.logaddexp(math.log(_OTHER_VALUE) + by_chance, attempt.noise))
            unlisted += math.log(_STRAY) + stray
            joint += stray + np.log(_STRAY + (1.0 - _STRAY) * np.exp(np.minimum(clear - stray, _LARGEST)))
        support: Logs = joint[: len(facts.values)] - np.logaddexp(log_sum(prior + joint), unlisted)
        return support


def log_sum(logs: Logs) -> float:
    """log of the sum of exp, -inf for nothing; `numpy.logaddexp.reduce` takes ten times as long."""
    most = float(logs.max(initial=-math.inf))
    return most if math.isinf(most) else most + math.log(float(np.exp(logs - most).sum()))
