"""Reaching a person: in which queue, and what they are told of the caller's want."""

from __future__ import annotations

from ivr.dialog.desk import Flow
from ivr.dialog.language import Note
from ivr.dialog.states import Task, Transferring
from ivr.dialog.steps import HandOffStep, RouteStep, all_steps
from ivr.dialog.turn import Turn
from ivr.handover import Reason, Unreached


def alert(turn: Turn, flow: Flow, *, interrupts: bool = True, queue: str | None = None) -> None:
    """A person is told of an urgent want before anything is said, in its own queue, or in `queue`."""
    own, skills = queue_of(turn, flow)
    want = turn.sentence(Note.EMERGENCY, words=turn.session.words)
    turn.alert(want, queue=queue or own, skills=skills, interrupts=interrupts)


def queue_of(turn: Turn, flow: Flow) -> tuple[str | None, tuple[str, ...]]:
    """The queue that a flow comes to, and the skills that are needed there."""
    queue = flow.queue
    skills: tuple[str, ...] = ()
    for step in all_steps(flow.steps) if queue is None else ():
        match step:
            case HandOffStep():
                queue, skills = step.queue, step.skills
            case RouteStep():
                route = turn.desk.routes[step.route]
                queue, skills = route.queue, route.skills
    return queue, skills


def wants(turn: Turn, task: Task, label: str) -> str:
    """What the caller wants, for whoever takes the call: an emergency in the caller's own words."""
    if task.flow.urgent:
        return turn.sentence(Note.EMERGENCY, words=turn.session.words)
    return turn.sentence(Note.WANTS, intent=label)


def transfer_failed(turn: Turn, state: Transferring, why: Unreached = Unreached.FAILED) -> None:
    """The route cannot be reached: its queue takes the call."""
    turn.note(Note.TRANSFER_FAILED, route=state.label)
    unreached = state.route.unreached
    prompts = unreached.get(why) or unreached.get(Unreached.FAILED, ())
    turn.last_words(prompts, turn.values(state.task))
    route, urgent = state.route, state.task.flow.urgent
    turn.hand_off(
        Reason.EMERGENCY if urgent else Reason.TROUBLE,
        queue=route.queue,
        want=wants(turn, state.task, state.label),
        skills=route.skills,
        priority=0 if urgent else None,
    )
