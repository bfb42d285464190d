"""Who is calling: a customer found by postcode, name and date of birth as a recognizer heard them.

Every answer adds to the log-odds of each customer against a stranger (`facts.FactEvidence.support`). A
caller is identified when one customer is all but certain and every fact was asked for and speaks for them;
until then the fact that says least is asked for again, and after three attempts at each the caller is
refused.
The task and its measure are those of EVI (Spithourakis et al. 2022, "EVI: Multilingual Spoken Dialogue Tasks
and Dataset for Knowledge-Based Enrolment, Verification, and Identification").
"""

from __future__ import annotations

import enum
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ivr.errors import UnknownError
from ivr.understanding.customers import CustomerFile, Item
from ivr.understanding.facts import FactEvidence, Logs, log_sum


class Verdict(enum.Enum):
    """What is known of a caller after an answer."""

    IDENTIFIED = "identified"
    ASK = "ask"
    """Not sure yet: ask for `Identification.ask`."""
    REFUSED = "refused"
    """Every fact was asked for as often as allowed."""


@dataclass(frozen=True, slots=True)
class Policy:
    """When a caller is identified.

    attempts     at each fact
    probability  of the best customer, at least
    supports     log-odds of each fact against a stranger's, at least. A stranger's fact reaches s with a
                 chance of exp(-s) at most (Markov's inequality): at 5.3 one of 200 passes with it
    facts        so many of the customer's facts must be known
    known        share of callers who are in the file
    """

    attempts: int = 3
    probability: float = 0.99
    supports: float = 5.3
    facts: int = 2
    known: float = 0.8


@dataclass(frozen=True, slots=True)
class Support:
    """What one fact says for the likeliest customer, in nats against a stranger, after `tries` answers."""

    item: Item
    nats: float
    tries: int


@dataclass(frozen=True, slots=True)
class Identification:
    """What is known of a caller after an answer.

    customer     key of the likeliest customer; only when `verdict` is IDENTIFIED may it be acted on
    probability  that the caller is this customer, 0 to 1
    ask          the fact to ask for next, None when there is nothing more to ask
    support      each fact's part in it
    """

    verdict: Verdict
    customer: str
    probability: float
    ask: Item | None
    support: tuple[Support, ...]


class Identifier:
    """Identifies one caller. Pure but for the answers it keeps; `CustomerFile` is shared by all calls."""

    def __init__(
        self,
        customers: CustomerFile,
        policy: Policy = Policy(),
        *,
        claim: str = "",
        without: Collection[str] = (),
    ) -> None:
        """Begin a call.

        claim    key of the one customer the caller can be (known by their number, say): verification
        without  keys of customers who are not looked at
        Raises UnknownError for a key that the file lacks.
        """
        self._customers = customers
        self._policy = policy
        self._evidence = {item: FactEvidence(facts) for item, facts in customers.facts.items()}
        many = len(customers.keys)
        allowed = np.full(many, not claim)
        for key in (*((claim,) if claim else ()), *without):
            if key not in customers.place_of:
                raise UnknownError(f"no customer {key!r}", remedy="Use a key of the customer file")
            allowed[customers.place_of[key]] = key == claim
        each = policy.known / max(1, int(allowed.sum()))
        self._prior = np.where(allowed, math.log(each), -np.inf)
        self._stranger = math.log1p(-policy.known)

    def hear(self, item: Item, nbest: Sequence[str]) -> Identification:
        """Take an answer to the question for `item`: the recognizer's n-best list, perhaps empty."""
        if item in self._evidence:
            self._evidence[item] = self._evidence[item].heard(nbest)
        return self.identification()

    def identification(self) -> Identification:
        """What is known so far."""
        support = {item: self._support(item) for item in self._evidence}
        odds = self._prior + sum(support.values())
        best = int(np.argmax(odds))
        total = np.logaddexp(log_sum(odds), self._stranger)
        probability = float(np.exp(odds[best] - total))
        parts = tuple(
            Support(item, float(support[item][best]), evidence.tries)
            for item, evidence in self._evidence.items()
        )
        policy = self._policy
        ask = self._next(parts)
        known = [part for part in parts if self._customers.value_of[part.item][best] >= 0]
        if (
            probability >= policy.probability
            and len(known) >= policy.facts
            and all(part.nats >= policy.supports for part in known)
        ):
            verdict = Verdict.IDENTIFIED
        else:
            verdict = Verdict.REFUSED if ask is None else Verdict.ASK
        return Identification(verdict, self._customers.keys[best], probability, ask, parts)

    def _support(self, item: Item) -> Logs:
        places = self._customers.value_of[item]
        return np.where(places < 0, 0.0, self._evidence[item].support[places])

    def _next(self, parts: tuple[Support, ...]) -> Item | None:
        """A fact that was not asked for yet, else the one that says least."""
        open_ = [part for part in parts if part.tries < self._policy.attempts]
        if not open_:
            return None
        return min(open_, key=lambda part: (part.tries > 0, part.nats if part.tries else 0.0)).item
