"""Carrying out an intent: ask for what is missing, confirm what is doubtful, then do its steps in order."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from ivr.dialog.attempts import doubted
from ivr.dialog.decide import decide_want
from ivr.dialog.desk import Slot
from ivr.dialog.filling import anew, known, take
from ivr.dialog.guiding import follow, instruct
from ivr.dialog.language import Note
from ivr.dialog.later import before, next_wish
from ivr.dialog.promising import due_at, later
from ivr.dialog.questions import ask, check_value, choose, confirm
from ivr.dialog.reaching import alert, hand_off, pass_on
from ivr.dialog.references import MESSAGE
from ivr.dialog.spoken import is_value
from ivr.dialog.states import Checking, Choosing, Confirming, LookingUp, Main
from ivr.dialog.steps import (
    AgainStep,
    AnswerStep,
    AskStep,
    CaseStep,
    Condition,
    EndStep,
    FollowUpStep,
    GoStep,
    GuideStep,
    HandOffStep,
    LookupStep,
    RouteStep,
    SayStep,
    Step,
    SwitchStep,
)
from ivr.dialog.task import Guess, Later, Task
from ivr.dialog.terms import Standard
from ivr.dialog.text import Ref
from ivr.dialog.turn import Turn
from ivr.dialog.values import written
from ivr.events import Decided, Decision, LookUp, SwitchLanguage
from ivr.handover import FollowUpKind, Reason
from ivr.inquiry import CALL, CALLER, TODAY
from ivr.meaning import SlotValue


def begin(turn: Turn, guess: Guess, *, check: Slot | None = None, queue: str | None = None) -> None:
    """Carry out an intent with the facts heard in the same words; `check` is to be confirmed in any case.

    A wish named beside it that can be answered comes before one that leads away (see `later`).

    queue  where a person is told of an urgent one; None: where it comes to
    """
    turn.understood()
    if guess.intent.flow.urgent:
        turn.session = replace(turn.session, later=())
        alert(turn, guess.intent.flow, queue=queue)
    elif (first := before(turn, guess)) is not None:
        guess, check = first, None
        turn.actions.append(Decided(Decision.ACCEPT, guess.intent.flow.name, guess.score))
    turn.session = replace(turn.session, denied=frozenset(), wants=(), guessed=False)
    task = take(turn, known(turn, Task(guess.intent.flow)), guess.values, check=check)
    advance(turn, doubted(task, task.doubted))


def advance(turn: Turn, task: Task) -> None:
    """The next thing to do: confirm, ask, or the steps."""
    if task.doubted:
        readings, *rest = task.doubted
        task = replace(task, doubted=tuple(rest))
        slot = task.flow.slot(readings[0].name)
        assert slot is not None  # `take` keeps only readings of the flow's slots
        if len(readings) > 1:
            choose(turn, Choosing(task, slot, readings[0], readings[1]))
        else:
            check_value(turn, Checking(task, slot, readings[0]))
        return
    for slot in task.flow.slots:
        if not slot.optional and task.value(slot.name) is None:
            ask(turn, task, slot)
            return
    run(turn, task)


def run(turn: Turn, task: Task, steps: tuple[Step, ...] | None = None) -> None:
    """Do the steps (of the task's flow) in order; when none of them leads elsewhere, "anything else?"."""
    values = turn.values(task)
    todo = deque(task.flow.steps if steps is None else steps)
    while todo:
        step = todo.popleft()
        match step:
            case CaseStep():
                todo.extendleft(reversed(chosen(turn, task, step)))
            case LookupStep():
                look_up(turn, task, step, tuple(todo))
                return
            case AgainStep() if task.anew < step.most:
                advance(turn, anew(task, step.slots))
                return
            case FollowUpStep():
                promise(turn, task, step)
                values = turn.values(task)
            case SayStep():
                turn.say(step.prompts, values)
            case AnswerStep():
                turn.say(step.prompts, values)
                turn.session = replace(turn.session, answered=(*turn.session.answered, task.flow.label))
                turn.note(Note.ANSWERED, intent=task.flow.label)
            case AskStep(stay=seconds) if seconds is not None:
                turn.stay(step)
                return
            case AskStep():
                turn.say_next(step.ladder, values)
                turn.listen(Main(question=step))
                return
            case RouteStep():
                if (message := pass_on(turn, task, turn.desk.routes[step.route])) is not None:
                    go(turn, message, MESSAGE)
                return
            case GoStep():
                go(turn, task, step.flow)
                return
            case GuideStep():
                name, begins = follow(turn, task, step)
                enter(turn, Task(turn.desk.flows[name], via=task.via), begins=begins)
                return
            case HandOffStep():
                hand_off(turn, task, step)
                return
            case SwitchStep():
                turn.switch(SwitchLanguage(step.language, step.desk))
                return
            case EndStep() if turn.desk.stay is None:
                turn.hang_up(step.outcome, task.flow.name)
                return
            case EndStep():
                break
    if turn.desk.stay is not None:
        turn.stay(turn.desk.stay)
        return
    if (wish := next_wish(turn)) is not None:
        take_up(turn, wish)
        return
    turn.standard(Standard.ANYTHING_ELSE)
    turn.listen(Main(after_answer=True))


def take_up(turn: Turn, wish: Later) -> None:
    """What was wished for beside what is done now, asked about only where the desk always asks."""
    if not isinstance(wish, Guess):
        turn.hand_off(Reason.ASKED)
        return
    flow = wish.intent.flow
    decision = decide_want(wish.score, 0.0, turn.desk.thresholds, wish.intent.confirm)
    if decision is not Decision.ACCEPT:
        turn.actions.append(Decided(Decision.CONFIRM, flow.name, wish.score))
        confirm(turn, Confirming(wish))
        return
    turn.actions.append(Decided(decision, flow.name, wish.score))
    turn.say_next(turn.desk.standard[Standard.LATER], lambda ref: flow.label if ref.name == "intent" else "")
    begin(turn, wish)


def look_up(turn: Turn, task: Task, step: LookupStep, rest: tuple[Step, ...]) -> None:
    """Ask another system with the values that the lookup needs."""
    plain = turn.values(task, aloud=False)
    given = {CALLER: turn.session.caller, CALL: turn.call_id, TODAY: turn.today.isoformat()}
    values: list[SlotValue] = []
    for need in turn.desk.lookups[step.lookup].needs:
        own = task.value(need)
        if own is None:
            fixed = given.get(need) if task.flow.slot(need) is None else ""
            own = SlotValue(need, plain(Ref(*need.split("."))) if fixed is None else fixed, "", 1.0)
        values.append(own)
    turn.look_up(LookUp(step.lookup, tuple(values)), LookingUp(task, step, rest))


def chosen(turn: Turn, task: Task, step: CaseStep) -> tuple[Step, ...]:
    """The steps of the first case that holds."""
    values = turn.values(task, aloud=False)

    def holds(condition: Condition) -> bool:
        value = values(condition.ref)
        return any(value == text.render(values) for text in condition.values)

    return next((case.steps for case in step.cases if all(map(holds, case.conditions))), ())


def go(turn: Turn, task: Task, name: str) -> None:
    """Go on with another intent, keeping the facts it can use."""
    if name in task.trail:  # a desk that goes in a circle; `ivr check` reports it
        turn.hand_off(Reason.TROUBLE, want=turn.briefing.sentence(Note.WANTS, intent=task.flow.label))
        return
    flow = turn.desk.flows[name]
    kept = tuple(
        value
        for value in task.values
        if (slot := flow.slot(value.name)) is not None
        and is_value(slot.spec, value.value)
        and (slot.spec.sensitive or not value.sensitive)
    )
    if any(isinstance(step, GuideStep) for step in flow.steps):
        turn.session = replace(turn.session, guided=())
    alarm = turn.session.alarm
    if flow.urgent and flow.queue is not None and alarm is not None and alarm.queue != flow.queue:
        alert(turn, flow)  # another service than the one that knows of it
    enter(turn, Task(flow, kept, via=task.via, trail=(*task.trail, name)))


def enter(turn: Turn, task: Task, *, begins: bool = True) -> None:
    """Begin a flow that another leads to; a step of a guide says what is to be done."""
    if begins and instruct(turn, task):
        turn.session = replace(turn.session, guided=(*turn.session.guided, task.flow.name))
    advance(turn, known(turn, task))


def promise(turn: Turn, task: Task, step: FollowUpStep) -> None:
    """Something is to be done for the caller after the call."""
    plain = turn.values(task, aloud=False)
    due = due_at(written(step.due, plain), turn.time, turn.desk.hours)
    within = step.within
    if within is None and step.kind is FollowUpKind.CALL_BACK:
        within = turn.desk.handoff.call_back
    if due is None and within is not None:
        due = later(within, turn.time, turn.desk.hours)
    turn.promise(
        step.kind,
        step.what.render(plain),
        queue=step.queue or (task.via.queue if task.via is not None else None),
        due=due,
        addressee=written(step.addressee, plain),
        contact=written(step.contact, plain),
    )
