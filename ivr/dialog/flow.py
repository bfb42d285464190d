"""Carrying out an intent: ask for what is missing, confirm what is doubtful, then do its steps in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from ivr.dialog.attempts import doubted, forgotten
from ivr.dialog.decide import decide, decide_want
from ivr.dialog.desk import DeskRoute, Slot
from ivr.dialog.guiding import follow
from ivr.dialog.language import Note
from ivr.dialog.later import before, next_wish
from ivr.dialog.promising import due_at, later
from ivr.dialog.questions import ask, check_value, choose, confirm
from ivr.dialog.reaching import alert, wants
from ivr.dialog.references import MESSAGE
from ivr.dialog.spoken import is_value
from ivr.dialog.states import (
    Checking,
    Choosing,
    Confirming,
    Guess,
    Later,
    LookingUp,
    Main,
    Readings,
    Task,
    Transferring,
    Via,
)
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
from ivr.dialog.terms import Check, Standard, WhenClosed
from ivr.dialog.text import Ref
from ivr.dialog.turn import Turn
from ivr.dialog.values import written
from ivr.events import Decided, Decision, LookUp, SlotFilled, SwitchLanguage, Transfer
from ivr.handover import FollowUpKind, Reason, Route
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


def known(turn: Turn, task: Task) -> Task:
    """The task with what need not be asked: facts of the call, and the number it comes from."""
    number = "".join(filter(str.isdigit, turn.session.caller))
    for slot in task.flow.slots:
        fact = next((fact for fact in turn.session.facts if fact.name == slot.name), None)
        usable = fact is not None and (not fact.value or is_value(slot.spec, fact.value))
        if task.value(slot.name) is None and slot.once and fact is not None and usable:
            task = replace(task, values=(*task.values, fact))
        elif task.value(slot.name) is None and slot.caller and is_value(slot.spec, number):
            task = fill(turn, task, SlotValue(slot.name, number, "", 1.0))
    return task


def take(turn: Turn, task: Task, heard: Iterable[Readings], *, check: Slot | None = None) -> Task:
    """The task with the facts that were heard: certain, to be confirmed, or left out."""
    for readings in heard:
        slot = task.flow.slot(readings[0].name)
        if slot is None:
            continue
        second = readings[1].score if len(readings) > 1 else 0.0
        best = readings[0]
        decision = decide(best.score, second, turn.desk.thresholds, slot.read_back)
        if slot is check and decision is Decision.ACCEPT:
            decision = Decision.CONFIRM
        if not slot.confirm and decision is not Decision.ACCEPT:
            decision = Decision.REPROMPT  # of a guide: its answers have no names that callers know
        elif decision is Decision.OFFER and not slot.spec.choices:
            decision = Decision.CONFIRM
        if slot.spec.safe:  # doubt is never read back: "I heard yes" would be answered with "okay" again
            plain = best.value == slot.spec.safe and decision is Decision.ACCEPT
            sure = plain and second < turn.desk.thresholds.offer
            unsafe = best.value != slot.spec.safe and best.score >= turn.desk.thresholds.offer
            decision = Decision.ACCEPT if sure or unsafe else Decision.REPROMPT
        match decision:
            case Decision.ACCEPT:
                turn.actions.append(Decided(Decision.ACCEPT, slot.name, best.score))
                task = fill(turn, task, best)
            case Decision.OFFER:
                task = replace(_without(task, slot.name), doubted=(*task.doubted, readings[:2]))
            case Decision.CONFIRM:
                task = replace(_without(task, slot.name), doubted=(*task.doubted, readings[:1]))
            case _:
                pass
    return task


def fill(turn: Turn, task: Task, value: SlotValue) -> Task:
    """The task with a certain value."""
    turn.actions.append(SlotFilled(value))
    turn.remember(value)
    others = tuple(known for known in task.values if known.name != value.name)
    task = forgotten(_without(task, value.name), value.name)
    return replace(task, values=(*others, value), asked=0)


def _without(task: Task, name: str) -> Task:
    return replace(task, doubted=tuple(readings for readings in task.doubted if readings[0].name != name))


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


# --- steps -------------------------------------------------------------------------------------------


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
                pass_on(turn, task, turn.desk.routes[step.route])
                return
            case GoStep():
                go(turn, task, step.flow)
                return
            case GuideStep():
                name, anew_ = follow(turn, task, step)
                enter(turn, Task(turn.desk.flows[name], via=task.via), begins=anew_)
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
            known = given.get(need) if task.flow.slot(need) is None else ""
            own = SlotValue(need, plain(Ref(*need.split("."))) if known is None else known, "", 1.0)
        values.append(own)
    turn.look_up(LookUp(step.lookup, tuple(values)), LookingUp(task, step, rest))


def chosen(turn: Turn, task: Task, step: CaseStep) -> tuple[Step, ...]:
    """The steps of the first case that holds."""
    values = turn.values(task, aloud=False)

    def holds(condition: Condition) -> bool:
        value = values(condition.ref)
        return any(value == text.render(values) for text in condition.values)

    return next((case.steps for case in step.cases if all(map(holds, case.conditions))), ())


def anew(task: Task, names: tuple[str, ...]) -> Task:
    """The task without facts that were wrong, to be asked for again."""
    for name in names:
        task = taken_back(task, name)
    return replace(task, anew=task.anew + 1)


def taken_back(task: Task, name: str) -> Task:
    """The task without a fact, which is to be asked for again."""
    kept = tuple(value for value in task.values if value.name != name)
    return replace(forgotten(task, name), values=kept, asked=0)


def go(turn: Turn, task: Task, name: str) -> None:
    """Go on with another intent, keeping the facts it can use."""
    if name in task.trail:  # a desk that goes in a circle; `ivr check` reports it
        turn.hand_off(Reason.TROUBLE, want=turn.sentence(Note.WANTS, intent=task.flow.label))
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


def instruct(turn: Turn, task: Task) -> bool:
    """Say what is to be done at a step of a guide; whether it is one."""
    steps = [step for step in task.flow.steps if isinstance(step, GuideStep)]
    for step in steps:
        turn.say(step.do, turn.values(task))
    return bool(steps)


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


def pass_on(turn: Turn, task: Task, route: DeskRoute) -> None:
    """Pass the call to a route: transfer, queue, or what the route says for closed hours."""
    aloud, plain = turn.values(task), turn.values(task, aloud=False)
    label = route.label.render(aloud)
    closed = not turn.open and route.when_closed is not WhenClosed.TRANSFER
    if closed:
        turn.note(Note.CLOSED, route=label)
        turn.say(route.closed, aloud)
        if route.when_closed is WhenClosed.MESSAGE and not task.flow.urgent:
            go(turn, replace(task, via=Via(label, route.queue, route.skills)), MESSAGE)
            return
    extension = written(route.extension, plain)
    want = wants(turn, task, label)
    urgency = 0 if task.flow.urgent else None
    if closed or not extension:
        reason = Reason.EMERGENCY if task.flow.urgent else Reason.DESK_RULE
        turn.hand_off(reason, queue=route.queue, want=want, skills=route.skills, priority=urgency)
        return
    turn.last_words(route.transfer, aloud)
    want = " ".join((want, *turn.also()))
    target = Route(
        name=route.name,
        label=route.label.render(plain),
        queue=route.queue or turn.desk.handoff.queue,
        extension=extension,
        skills=route.skills,
    )
    turn.transfer(Transfer(target, task.values, want), Transferring(route, label, task))


def own_words(guess: Guess) -> Slot | None:
    """A slot heard with the guess whose question confirms the intent as well: "Anna Berg, is that right?"."""
    heard = {readings[0].name for readings in guess.values}
    slots = (slot for slot in guess.intent.flow.slots if slot.name in heard and slot.confirm_given)
    return next((slot for slot in slots if slot.read_back is not Check.NEVER), None)
