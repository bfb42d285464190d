"""What a task remembers of answers that were not enough, so that the next one is heard together with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ivr.dialog.task import Attempt, Readings, Task
from ivr.meaning import Earlier, Hypothesis, SlotType, SlotValue

MOST_ATTEMPTS = 3
"""Answers that are remembered for a slot, the last ones."""

_SAID_ONCE = frozenset({SlotType.TEXT, SlotType.PLACE, SlotType.YES_NO})
"""Kinds of which a second answer is not the first one again."""


def attempted(task: Task, slot: str, heard: tuple[Hypothesis, ...]) -> Task:
    """The task after one more answer to the question for a slot."""
    spec = task.flow.slot(slot)
    if spec is None or spec.spec.type in _SAID_ONCE or not any(one.text.strip() for one in heard):
        return task
    own = [one for one in task.attempts if one.slot == slot]
    others = tuple(one for one in task.attempts if one.slot != slot)
    return replace(task, attempts=(*others, *own, Attempt(slot, heard))[-MOST_ATTEMPTS - len(others) :])


def often(task: Task, slot: str) -> bool:
    """Whether as many answers as are remembered did not settle a slot."""
    return sum(one.slot == slot for one in task.attempts) >= MOST_ATTEMPTS


def doubted(task: Task, values: Iterable[Readings]) -> Task:
    """The task after values that were heard in passing and are not certain: their words are answers."""
    for readings in values:
        said = {value.said: value.score for value in reversed(readings)}
        heard = tuple(Hypothesis(text, score) for text, score in reversed(said.items()))
        task = attempted(task, readings[0].name, heard)
    return task


def denied(task: Task, *values: SlotValue) -> Task:
    """The task after the caller said that these values are wrong."""
    new = tuple(value for value in values if value not in task.denied)
    return replace(task, denied=(*task.denied, *new))


def forgotten(task: Task, slot: str) -> Task:
    """The task once a slot is settled."""
    return replace(
        task,
        attempts=tuple(one for one in task.attempts if one.slot != slot),
        denied=tuple(value for value in task.denied if value.name != slot),
    )


def earlier(task: Task, slot: str, value: str = "") -> Earlier:
    """What is known of a slot; `value` is read back now."""
    return Earlier(
        answers=tuple(one.heard for one in task.attempts if one.slot == slot),
        denied=tuple(one.value for one in task.denied if one.name == slot),
        value=value,
    )
