"""Where callers would get stuck or never arrive: dead ends, circles, what nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialog.desk import Desk, Flow, Slot, step_prompts
from ivr.dialog.findings import Finding, error, warning
from ivr.dialog.references import MESSAGE, SURVEY, TEMPLATE_SLOT
from ivr.dialog.steps import (
    AgainStep,
    AnswerStep,
    AskStep,
    CaseStep,
    FollowUpStep,
    GoStep,
    GuideStep,
    HandOffStep,
    LookupStep,
    RouteStep,
    SayStep,
    all_steps,
)
from ivr.dialog.terms import DUE, Check, Standard, WhenClosed
from ivr.inquiry import Customers
from ivr.meaning import SlotType

_IN_WORDS = frozenset(
    {
        SlotType.DIGITS,
        SlotType.DATE,
        SlotType.TIME,
        SlotType.NUMBER,
        SlotType.MONEY,
        SlotType.DURATION,
        SlotType.SPELLED,
        SlotType.EMAIL,
        SlotType.POSTCODE,
        SlotType.ADDRESS,
    }
)

_LEADING_NOWHERE = SayStep | CaseStep | AgainStep | LookupStep | FollowUpStep


def check_flows(desk: Desk) -> Iterator[Finding]:
    """Findings about the intents and what they do."""
    yield from _circles(desk)
    yield from _unreachable(desk)
    for flow in own_flows(desk):
        if desk.stay is None:
            yield from _dead_end(flow)
        yield from _unnamed(desk, flow)
        yield from _never_due(desk, flow)
        for slot in flow.slots:
            yield from _slot(desk, flow, slot)
    yield from _lookups(desk)
    yield from _guides(desk)
    used = {
        step.route
        for flow in desk.flows.values()
        for step in all_steps(flow.steps)
        if isinstance(step, RouteStep)
    }
    for name, route in desk.routes.items():
        if name not in used:
            text = "no intent passes calls to this route"
            yield warning(route.place, f"routes.{name}", text, "Use it in a `then`, or remove it")


def own_flows(desk: Desk) -> tuple[Flow, ...]:
    """The flows of the desk's file, and those of the language that the desk can come to."""
    reached = set(desk.intents)
    for name in desk.intents:
        reached |= {target for target in _reached(desk, name) if target in desk.flows}
    return tuple(flow for name, flow in desk.flows.items() if name in reached)


def targets(desk: Desk, flow: Flow) -> tuple[str, ...]:
    """The flows that a flow goes on with, without the caller saying anything."""
    found: list[str] = []
    for step in all_steps(flow.steps):
        match step:
            case GoStep():
                found.append(step.flow)
            case AskStep(other=str() as other):
                found.append(other)
            case GuideStep():
                found += [answer.go for answer in step.answers.values()]
            case RouteStep() if desk.hours is not None:
                if desk.routes[step.route].when_closed is WhenClosed.MESSAGE:
                    found.append(MESSAGE)
            case _:
                pass
    return tuple(found)


def _silently(desk: Desk, start: str) -> set[str]:
    """The flows that can follow a flow without an answer of the caller, to a step of a guide or else."""
    return _reached(desk, start, guided=False)


def _reached(desk: Desk, start: str, *, guided: bool = True) -> set[str]:
    """All flows that can follow a flow."""
    seen: set[str] = set()
    queue = [start]
    while queue:
        flow = desk.flows[queue.pop()]
        if not guided and any(isinstance(step, GuideStep) for step in flow.steps):
            continue
        for target in targets(desk, flow):
            if target not in seen and (guided or not _asks(flow, desk.flows[target])):
                seen.add(target)
                queue.append(target)
    return seen


def _asks(flow: Flow, then: Flow) -> bool:
    """Whether the caller is asked something each time that a flow leads to another."""
    fresh = (slot for slot in then.slots if not (slot.optional or slot.once or slot.caller))
    return any(flow.slot(slot.name) is None for slot in fresh)


def _circles(desk: Desk) -> Iterator[Finding]:
    reported: set[str] = set()
    for name, flow in desk.flows.items():
        if name in reported or name not in (circle := _silently(desk, name)):
            continue
        members = [other for other in desk.flows if other in circle and name in _silently(desk, other)]
        reported.update(members)
        way = " -> ".join([*members, members[0]])
        text = f"goes in a circle ({way})"
        yield error(
            flow.steps[0].place,
            f"intents.{name}.then",
            text,
            "End one of them with answer, route, handoff or end",
        )


def _unreachable(desk: Desk) -> Iterator[Finding]:
    starts = [
        name
        for name, intent in desk.intents.items()
        if intent.templates or intent.examples or intent.keys or intent.alarms or name == desk.start
    ]
    starts += [SURVEY] if desk.survey and SURVEY in desk.intents else []
    reached = set(starts).union(*(_reached(desk, name) for name in starts))
    for name, intent in desk.intents.items():
        if name not in reached:
            text = "no phrase, key or step leads to this intent"
            yield error(intent.flow.place, f"intents.{name}", text, "Add `say`, `examples` or `keys`")


def _dead_end(flow: Flow) -> Iterator[Finding]:
    if all(isinstance(step, _LEADING_NOWHERE) for step in all_steps(flow.steps)):
        text = "a dead end: it says something, but neither answers, asks, passes the call on nor ends it"
        remedy = "Write `answer` instead of `say`, or add route, ask, handoff or end"
        yield error(flow.steps[0].place, f"intents.{flow.name}.then", text, remedy)


def _never_due(desk: Desk, flow: Flow) -> Iterator[Finding]:
    """A time is said that nothing has promised."""
    steps = tuple(all_steps(flow.steps))
    promised = desk.handoff.call_back is not None or any(
        (isinstance(step, FollowUpStep) and (step.due is not None or step.within is not None))
        or (isinstance(step, HandOffStep) and step.call_back is not None)
        for step in steps
    )
    for prompt in (prompt for step in steps for prompt in step_prompts(step) if not promised):
        if any(ref.name in DUE and flow.slot(ref.name) is None for ref in prompt.text.refs):
            text = "says until when something will be done, but nothing promises that"
            remedy = "Add `follow_up` with `due` or `within` before it, or `call_back` to the handoff"
            yield error(prompt.place, f"intents.{flow.name}.then", text, remedy)


def _unnamed(desk: Desk, flow: Flow) -> Iterator[Finding]:
    intent = desk.intents.get(flow.name)
    said = intent is not None and (intent.templates or intent.examples) and intent.confirm is not Check.NEVER
    if said and not flow.label_given:
        text = f'has no label, so callers hear {flow.label!r} in "did you mean ...?"'
        yield warning(flow.place, f"intents.{flow.name}", text, "Add `label` with words that fit there")


def _slot(desk: Desk, flow: Flow, slot: Slot) -> Iterator[Finding]:
    key = f"intents.{flow.name}.slots.{slot.name}"
    intent = desk.intents.get(flow.name)
    said = intent is not None and any(
        slot.name in TEMPLATE_SLOT.findall(template) for template, _ in intent.templates
    )
    if not slot.optional and not slot.ask:
        text = "is needed but never asked for"
        yield error(slot.place, key, text, "Add `ask`, or `optional: true`")
    if slot.optional and not said:
        text = "is never heard: it is optional and no phrase holds it"
        yield warning(slot.place, key, text, f"Write {{{slot.name}}} into a phrase, or remove the slot")
    seen = flow.urgent or desk.stay is not None  # who is alerted sees every fact
    if not seen and not _used(desk, flow, slot):
        text = "is asked for but used nowhere"
        yield warning(slot.place, key, text, "Use it in a text, or remove it")
    if slot.spec.type in _IN_WORDS and desk.words.text.spoken is None:
        text = f"the language {desk.language} has no words for {slot.spec.type.value} values"
        yield warning(slot.place, key, text, "They are said as they are written")


def _used(desk: Desk, flow: Flow, slot: Slot) -> bool:
    """Persons and lines get every slot; else a text must hold it."""
    for step in all_steps(flow.steps):
        if isinstance(step, RouteStep | HandOffStep | GoStep | GuideStep):
            return True
        if isinstance(step, CaseStep) and slot.name in step.uses:
            return True
        if isinstance(step, LookupStep) and slot.name in needed(desk, step):
            return True
        if isinstance(step, FollowUpStep) and any(
            ref.name == slot.name for text in step.texts for ref in text.refs
        ):
            return True
        if any(ref.name == slot.name for prompt in step_prompts(step) for ref in prompt.text.refs):
            return True
    return False


def needed(desk: Desk, step: LookupStep) -> frozenset[str]:
    """Names of the slots that a lookup is asked with."""
    return frozenset(need.split(".")[0] for need in desk.lookups[step.lookup].needs)


def _lookups(desk: Desk) -> Iterator[Finding]:
    """Lookups that nothing asks, and answers that nothing is done with."""
    steps = [
        (flow, step)
        for flow in own_flows(desk)
        for step in all_steps(flow.steps)
        if isinstance(step, LookupStep)
    ]
    for name in desk.lookups:
        if all(step.lookup != name for _, step in steps):
            text = "nothing asks this lookup"
            yield warning(
                desk.lookup_places[name], f"lookups.{name}", text, "Use it in a `then`, or remove it"
            )
    for flow, step in steps:
        if not step.none and not isinstance(desk.lookups[step.lookup].source, Customers):
            text = f"says nothing when {step.lookup!r} finds nothing"
            yield warning(
                step.place, f"intents.{flow.name}.then", text, "Write what is done then under `none`"
            )


def _of_identification(desk: Desk) -> frozenset[Standard]:
    """The prompts of identification that the desk's customer files do not need."""
    files = [one.source for one in desk.lookups.values() if isinstance(one.source, Customers)]
    every = {
        Standard.IDENTIFY_POSTCODE: any(file.postcode for file in files),
        Standard.IDENTIFY_NAME: any(file.name for file in files),
        Standard.IDENTIFY_BIRTHDAY: any(file.birthday for file in files),
        Standard.IDENTIFY_REFUSED: bool(files),
    }
    return frozenset(prompt for prompt, is_needed in every.items() if not is_needed)


def _guides(desk: Desk) -> Iterator[Finding]:
    """Steps that nothing leads to."""
    reached = {flow.name for flow in own_flows(desk)}
    for name, flow in desk.flows.items():
        if name not in reached and any(isinstance(step, GuideStep) for step in flow.steps):
            text = "no answer and no `guide` leads to this step"
            yield warning(flow.place, f"guides.{name}", text, "Name it in a `next`, or remove it")


def needed_prompts(desk: Desk) -> frozenset[Standard]:
    """The standard prompts that a caller of the desk can come to hear."""
    flows = own_flows(desk)
    slots = [slot for flow in flows for slot in flow.slots]
    steps = [step for flow in flows for step in all_steps(flow.steps)]
    optional = {Standard.TRANSFER_BUSY, Standard.TRANSFER_DECLINED, Standard.TRANSFER_UNANSWERED}
    # Said by desks with which calls go on that began in another language; the question itself is enough.
    optional |= {Standard.LANGUAGE, Standard.LANGUAGE_UNHEARD}
    # Without `holding` a caller who waits hears nothing; only languages with words for it know of greetings
    # and of callers who ask who this is.
    needed = set(Standard) - {Standard.HOLDING, Standard.HELLO, Standard.WHO} - optional
    if not any(isinstance(step, RouteStep) for step in steps):
        needed -= {Standard.TRANSFER, Standard.TRANSFER_FAILED, Standard.ROUTE_CLOSED}
    if all(route.transfer for route in desk.routes.values()):
        needed -= {Standard.TRANSFER}
    if desk.hours is None:
        needed -= {Standard.ROUTE_CLOSED, Standard.HANDOFF_CLOSED}
    if all(slot.confirm_given for slot in slots):
        needed -= {Standard.CONFIRM_SLOT}
    if not any(isinstance(step, GuideStep) for step in steps):
        needed -= {Standard.GUIDE_ASK, Standard.GUIDE_WAIT, Standard.GUIDE_FIRST}
    if all(step.failed for step in steps if isinstance(step, LookupStep)):
        needed -= {Standard.LOOKUP_FAILED}
    needed -= _of_identification(desk)
    if all(isinstance(step, AnswerStep) for step in steps):
        needed -= {Standard.ROUTE_CLOSED}
    return frozenset(needed)
