"""Leading a caller through a guide: on, back, past what was done, and what a word means."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.guides import BACK, SKIP
from ivr.dialog.language import Note
from ivr.dialog.steps import GuideStep
from ivr.dialog.task import Task
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn

MOST_WAITS = 8
"""Silences at one step, after which the caller seems to have left the telephone."""


def follow(turn: Turn, task: Task, step: GuideStep) -> tuple[str, bool]:
    """What the caller answered at a step: the flow that follows, and whether it is begun or asked again."""
    value = task.value(step.slot)
    assert value is not None  # its slot is asked for before its steps are done
    here = task.flow.name
    if value.value in step.terms:
        _unremember(turn, step.slot)
        turn.say(step.terms[value.value], turn.values(task))
        return here, False
    if value.value == BACK:
        _unremember(turn, step.slot)
        before = turn.session.guided[:-1]
        if not before:
            turn.standard(Standard.GUIDE_FIRST, repeatable=False)
            return here, True
        turn.session = replace(turn.session, guided=before[:-1])
        return before[-1], True
    turn.note(Note.GUIDED, step=step.label, answer=value.value)
    if value.value == SKIP:
        return step.skip, True
    answer = step.answers[value.value]
    turn.say(answer.tell, turn.values(task))
    return answer.go, True


def instruct(turn: Turn, task: Task) -> bool:
    """Say what is to be done at a step of a guide; whether it is one."""
    steps = [step for step in task.flow.steps if isinstance(step, GuideStep)]
    for step in steps:
        turn.say(step.do, turn.values(task))
    return bool(steps)


def _unremember(turn: Turn, slot: str) -> None:
    """What is no answer is no fact."""
    facts = tuple(fact for fact in turn.session.facts if fact.name != slot)
    turn.session = replace(turn.session, facts=facts)
