"""Looking back: earlier handoffs by words, queue, caller; and how a day has been so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from ivr.handoff.queue import Handoff, Step, StepKind
from ivr.handoff.rules import QueueRules
from ivr.handoff.schema import handoffs, steps
from ivr.handoff.store import HandoffStore

MOST = 200


def search(
    store: HandoffStore,
    words: str = "",
    *,
    queues: frozenset[str] | None = None,
    caller: str = "",
    most: int = MOST,
) -> tuple[Handoff, ...]:
    """Handoffs whose wish, caller, desk, notes, disposition or number hold `words`, the latest first.

    queues  only these; None for all
    caller  only this number
    Raises StateError.
    """
    query = select(handoffs).order_by(handoffs.c.id.desc()).limit(most)
    if queues is not None:
        query = query.where(handoffs.c.queue.in_(queues))
    if caller:
        query = query.where(handoffs.c.caller == caller)
    columns = ("want", "caller", "desk", "notes", "disposition", "call_id", "queue", "operator")
    for word in words.split()[:10]:
        query = query.where(or_(*(handoffs.c[name].contains(word, autoescape=True) for name in columns)))
    return store.find(query)


def entered_between(store: HandoffStore, since: datetime, until: datetime) -> tuple[Handoff, ...]:
    """Every handoff that entered from `since` until before `until`, oldest first. Raises StateError."""
    query = select(handoffs).where(handoffs.c.entered >= since, handoffs.c.entered < until)
    return store.find(query.order_by(handoffs.c.id))


@dataclass(frozen=True, slots=True)
class NumberedStep:
    """A step with its number, which counts over all handoffs, and its handoff as it is now."""

    number: int
    step: Step
    handoff: Handoff


def last_step(store: HandoffStore) -> int:
    """The number of the latest step, 0 for none. Raises StateError."""
    ((number,),) = store.steps_of(select(func.max(steps.c.id)))
    return int(number or 0)


def steps_after(store: HandoffStore, number: int, most: int = MOST) -> tuple[NumberedStep, ...]:
    """The steps that came after `number`, oldest first. Raises StateError."""
    query = select(steps.c.id, steps.c.handoff_id, steps.c.kind, steps.c.at, steps.c.who, steps.c.note)
    found = store.steps_of(query.where(steps.c.id > number).order_by(steps.c.id).limit(most))
    wanted = {row[1] for row in found}
    known = {one.id: one for one in store.find(select(handoffs).where(handoffs.c.id.in_(wanted)))}
    return tuple(NumberedStep(row[0], Step(*row[2:]), known[row[1]]) for row in found)


@dataclass(frozen=True, slots=True)
class Day:
    """How a queue has been since midnight.

    entered    handoffs
    answered   of them, how many an operator has taken
    abandoned  how many left before
    in_time    answered within the target
    waits      seconds of those answered, in all; `longest` of them
    """

    queue: str
    entered: int = 0
    answered: int = 0
    abandoned: int = 0
    in_time: int = 0
    waits: float = 0.0
    longest: float = 0.0

    @property
    def service_level(self) -> float | None:
        """Share of the answered and abandoned who were answered in time; None before the first."""
        ended = self.answered + self.abandoned
        return None if ended == 0 else self.in_time / ended

    @property
    def mean_wait(self) -> float | None:
        """Seconds; None before the first."""
        return None if self.answered == 0 else self.waits / self.answered


def day_so_far(store: HandoffStore, since: datetime, rules: Iterable[QueueRules]) -> dict[str, Day]:
    """Every queue that had a handoff since `since`. Raises StateError."""
    query = (
        select(handoffs.c.id, handoffs.c.queue, handoffs.c.entered, steps.c.kind, steps.c.at)
        .join(steps, steps.c.handoff_id == handoffs.c.id)
        .where(handoffs.c.entered >= since)
        .where(steps.c.kind.in_([StepKind.ENTERED, StepKind.ACCEPTED, StepKind.TAKEN, StepKind.ABANDONED]))
        .order_by(steps.c.id)
    )
    targets = {rule.name: rule.target_wait for rule in rules}
    first: dict[int, dict[StepKind, float]] = defaultdict(dict)
    queue_of: dict[int, str] = {}
    for number, queue, entered, kind, at in store.steps_of(query):
        queue_of[number] = queue
        first[number].setdefault(kind, max(0.0, (at - entered).total_seconds()))
    days: dict[str, Day] = {}
    for number, kinds in first.items():
        queue = queue_of[number]
        target = targets.get(queue, QueueRules(queue).target_wait)
        days[queue] = _counted(days.get(queue, Day(queue)), kinds, target)
    return days


def _counted(day: Day, kinds: dict[StepKind, float], target: float) -> Day:
    wait = kinds.get(StepKind.ACCEPTED, kinds.get(StepKind.TAKEN))
    answered = wait is not None
    seconds = wait or 0.0
    return Day(
        day.queue,
        day.entered + 1,
        day.answered + answered,
        day.abandoned + (StepKind.ABANDONED in kinds),
        day.in_time + (answered and seconds <= target),
        day.waits + seconds,
        max(day.longest, seconds),
    )
