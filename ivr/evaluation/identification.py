"""Callers played at a customer file, and impostors made of them: who is identified, and who is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.evaluation.callers import Answers, Caller
from ivr.understanding.customers import CustomerFile, Item
from ivr.understanding.facts import Attempt, Facts, Logs
from ivr.understanding.identify import Identification, Identifier, Policy, Verdict


class Remembered(Facts):
    """Facts that hear the same answer once, so that many impostors with the same answers take no hours."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._heard: dict[tuple[str, ...], Attempt | None] = {}
        self.values = facts.values
        self.log_prior = facts.log_prior

    def hear(self, nbest: Sequence[str]) -> Attempt | None:
        """What an answer says, from memory when it was heard before."""
        key = tuple(nbest)
        if key not in self._heard:
            self._heard[key] = self._facts.hear(nbest)
        return self._heard[key]

    def likelihood(self, attempt: Attempt, values: Sequence[str]) -> Logs:
        """Log-likelihood of values that the file lacks."""
        return self._facts.likelihood(attempt, values)

    def log_prior_of(self, values: Sequence[str]) -> Logs:
        """Log-prior of values that the file lacks."""
        return self._facts.log_prior_of(values)


def play(identifier: Identifier, answers: Answers) -> tuple[Identification, int]:
    """The end of a call, and how many questions it took. Where an answer lacks, the caller says nothing."""
    now = identifier.identification()
    taken = dict.fromkeys(Item, 0)
    while now.verdict is Verdict.ASK and now.ask is not None:
        item = now.ask
        said = answers.get(item, ())
        nbest = said[taken[item]] if taken[item] < len(said) else ()
        taken[item] += 1
        now = identifier.hear(item, nbest)
    return now, sum(taken.values())


def impostors(
    callers: Sequence[Caller], neighbours: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Answers, str, tuple[str, ...]]]:
    """(kind, answers, claimed key, keys taken out of the file) of every impostor made of known callers.

    Each caller with their own record taken out; each with one fact from the next caller, so that they know
    two; each as up to two of their `neighbours`, other customers of the same postcode.
    """
    for number, caller in enumerate(callers):
        yield "own record taken out", caller.answers, "", (caller.truth,)
        other = callers[(number + 1) % len(callers)]
        for item in Item if other is not caller else ():
            yield f"{item.value} of somebody else", {**caller.answers, item: other.answers[item]}, "", ()
        for claim in neighbours.get(caller.truth, ())[:2]:
            yield "claims to be a neighbour", caller.answers, claim, ()


def neighbours_of(file: CustomerFile, keys: Iterable[str]) -> dict[str, list[str]]:
    """For each key the other customers of the same postcode."""
    places = file.value_of.get(Item.POSTCODE)
    by_place: dict[int, list[str]] = {}
    for key, place in zip(file.keys, () if places is None else places.tolist(), strict=places is not None):
        if place >= 0:
            by_place.setdefault(place, []).append(key)
    here = {key: some for some in by_place.values() for key in some}
    return {key: [other for other in here.get(key, []) if other != key] for key in keys}


# --- counting -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class End:
    """How one call ended.

    customer  the key as which the caller was identified, "" for a refusal
    answers   how many questions were asked
    """

    caller: Caller
    end: Identification
    customer: str
    answers: int

    @property
    def right(self) -> bool:
        """Whether a customer was identified as they are, or a stranger refused."""
        return self.customer == self.caller.truth


@dataclass(frozen=True, slots=True)
class Tried:
    """Impostors of one kind, and how many of them were accepted."""

    kind: str
    n: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Rates:
    """What `ivr identify` prints.

    within  for 1, 2, ... attempts at each fact, the share of known callers identified as themselves
    """

    ends: tuple[End, ...]
    within: tuple[float | None, ...]
    impostors: tuple[Tried, ...]

    @property
    def known(self) -> tuple[End, ...]:
        """Calls of customers."""
        return tuple(end for end in self.ends if end.caller.truth)

    @property
    def identified(self) -> int:
        """Customers identified as themselves."""
        return sum(end.right for end in self.known)

    @property
    def refused(self) -> int:
        """Customers and strangers who were not identified."""
        return sum(not end.customer for end in self.ends)

    @property
    def false_accepts(self) -> int:
        """Callers and impostors who were identified as somebody they are not."""
        return sum(bool(end.customer) and not end.right for end in self.ends) + sum(
            tried.accepted for tried in self.impostors
        )

    @property
    def false_trials(self) -> int:
        """Calls in which that could have happened."""
        return len(self.ends) + sum(tried.n for tried in self.impostors)

    @property
    def false_accept_rate(self) -> float:
        """Share of them in which it did."""
        return self.false_accepts / max(1, self.false_trials)

    @property
    def answers(self) -> float | None:
        """Questions asked until a customer was identified, mean."""
        taken = [end.answers for end in self.known if end.right]
        return sum(taken) / len(taken) if taken else None


def measure_callers(
    callers: Sequence[Caller],
    file: CustomerFile,
    policies: Sequence[Policy],
    *,
    strangers: bool,
    done: Callable[[], None] = lambda: None,
) -> Rates:
    """Play every caller at the file under each policy, the last of which counts.

    callers    their `truth` is a key of the file or ""
    strangers  whether impostors are made of the known callers and played as well, see `impostors`
    done       called once a caller
    """
    within: list[float | None] = []
    ends: tuple[End, ...] = ()
    for policy in policies:
        ends = tuple(_end(caller, file, policy) for caller in _counted(callers, done))
        known = [end for end in ends if end.caller.truth]
        within.append(sum(end.right for end in known) / len(known) if known else None)
    tried: dict[str, list[bool]] = {}
    some = [caller for caller in callers if caller.truth] if strangers else []
    neighbours = neighbours_of(file, [caller.truth for caller in some])
    for kind, answers, claim, without in impostors(some, neighbours):
        tried.setdefault(kind, []).append(bool(accepted(file, answers, policies[-1], claim, without)))
    return Rates(ends, tuple(within), tuple(Tried(kind, len(one), sum(one)) for kind, one in tried.items()))


def accepted(
    file: CustomerFile, answers: Answers, policy: Policy, claim: str = "", without: Collection[str] = ()
) -> str:
    """The customer as whom a caller is identified, "" for a refusal."""
    end, _ = play(Identifier(file, policy, claim=claim, without=without), answers)
    return end.customer if end.verdict is Verdict.IDENTIFIED else ""


def _end(caller: Caller, file: CustomerFile, policy: Policy) -> End:
    end, taken = play(Identifier(file, policy), caller.answers)
    return End(caller, end, end.customer if end.verdict is Verdict.IDENTIFIED else "", taken)


def _counted(callers: Sequence[Caller], done: Callable[[], None]) -> Iterator[Caller]:
    for caller in callers:
        yield caller
        done()
