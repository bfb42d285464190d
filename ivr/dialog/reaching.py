"""Reaching a person: by a route or a queue, in which one, and what they are told of the caller's want."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.desk import DeskRoute, Flow
from ivr.dialog.language import Note
from ivr.dialog.states import Transferring
from ivr.dialog.steps import HandOffStep, RouteStep, all_steps
from ivr.dialog.task import Task, Via
from ivr.dialog.terms import WhenClosed
from ivr.dialog.turn import Turn
from ivr.dialog.values import written
from ivr.events import Transfer
from ivr.handover import Reason, Route, Unreached


def alert(turn: Turn, flow: Flow, *, interrupts: bool = True, queue: str | None = None) -> None:
    """A person is told of an urgent want before anything is said, in its own queue, or in `queue`."""
    own, skills = queue_of(turn, flow)
    want = turn.briefing.sentence(Note.EMERGENCY, words=turn.session.words)
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
        return turn.briefing.sentence(Note.EMERGENCY, words=turn.session.words)
    return turn.briefing.sentence(Note.WANTS, intent=label)


def hand_off(turn: Turn, task: Task, step: HandOffStep) -> None:
    """Put the call into the step's queue."""
    urgent = task.flow.urgent
    want = written(step.want, turn.values(task, aloud=False)) or wants(turn, task, task.flow.label)
    queue = step.queue or (task.via.queue if task.via is not None else None)
    turn.hand_off(
        Reason.EMERGENCY if urgent else Reason.DESK_RULE,
        queue=queue,
        want=want,
        say=step.say if turn.open or not step.closed else step.closed,
        values=turn.values(task),
        skills=step.skills or (task.via.skills if task.via is not None else ()),
        priority=0 if urgent and step.priority is None else step.priority,
        hold=step.hold,
        call_back=step.call_back,
    )


def pass_on(turn: Turn, task: Task, route: DeskRoute) -> Task | None:
    """Pass the call to a route: transfer, queue, or what the route says for closed hours.

    The task for which a message is to be taken instead; None where the call was passed on.
    """
    aloud, plain = turn.values(task), turn.values(task, aloud=False)
    label = route.label.render(aloud)
    closed = not turn.open and route.when_closed is not WhenClosed.TRANSFER
    if closed:
        turn.note(Note.CLOSED, route=label)
        turn.say(route.closed, aloud)
        if route.when_closed is WhenClosed.MESSAGE and not task.flow.urgent:
            return replace(task, via=Via(label, route.queue, route.skills))
    extension = written(route.extension, plain)
    want = wants(turn, task, label)
    urgency = 0 if task.flow.urgent else None
    if closed or not extension:
        reason = Reason.EMERGENCY if task.flow.urgent else Reason.DESK_RULE
        turn.hand_off(reason, queue=route.queue, want=want, skills=route.skills, priority=urgency)
        return None
    turn.last_words(route.transfer, aloud)
    want = " ".join((want, *turn.briefing.also()))
    target = Route(
        name=route.name,
        label=route.label.render(plain),
        queue=route.queue or turn.desk.handoff.queue,
        extension=extension,
        skills=route.skills,
    )
    turn.transfer(Transfer(target, task.values, want), Transferring(route, label, task))
    return None


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
