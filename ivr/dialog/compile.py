"""From a desk file as written to a desk as used.

Nothing here raises for a fault of the file: each is a `Problem`, and `ivr.dialog.load` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ivr.dialog.compile_flow import FlowCompiler, Parts, count
from ivr.dialog.compile_slot import Fact
from ivr.dialog.desk import Desk, DeskHandoff, DeskIntent, DeskRoute, Flow
from ivr.dialog.expect import ASKED_NAME
from ivr.dialog.guides import GuideCompiler
from ivr.dialog.inquiries import check_lookups, inquiry
from ivr.dialog.language import Language
from ivr.dialog.partners import partner_file, wishes
from ivr.dialog.prompts import ROUTE, Writer, filled, must_hear, standard_prompts
from ivr.dialog.references import CALL_BACK, TEMPLATE_SLOT, check_references
from ivr.dialog.schema import (
    DeskText,
    HoursText,
    IntentText,
    RouteText,
)
from ivr.dialog.shared import Shared
from ivr.dialog.source import Problem, Source
from ivr.dialog.steps import (
    AskStep,
    Prompts,
)
from ivr.dialog.tables import ExampleFiles, Examples, read_table
from ivr.dialog.terms import Standard
from ivr.handover import Unreached
from ivr.hours import Hours, parse_closed, parse_open
from ivr.inquiry import Customers, Inquiry
from ivr.meaning import SlotType
from ivr.redaction.texts import NumberRules


def compile_desk(
    text: DeskText,
    source: Source,
    folder: Path,
    words: Language,
    problems: list[Problem],
    shared: tuple[Shared, ...] = (),
) -> Desk:
    """The desk; it may only be used when nothing was added to `problems`."""
    lookups = {name: inquiry(name, lookup, folder) for name, lookup in text.lookups.items()}
    writer = Writer(source, problems, lookups)
    check_lookups(text, writer)
    tables = {
        name: read_table(folder / table.file, writer.beside(table.file), name, table.key, problems)
        for name, table in text.data.items()
    }
    standard = standard_prompts(text, writer, words)
    routes = {name: _route(name, route, writer, standard) for name, route in text.routes.items()}
    parts = Parts(tables, standard, routes, lookups, guides=text.guides)
    language = Writer(words.source, problems)
    sources = [(one.text, Writer(one.source, problems, lookups), one.folder) for one in shared]
    for facts, w in (*((one.facts, w) for one, w, _ in sources), (text.facts, writer)):
        parts.facts.update({name: Fact(fact, w, ("facts", name)) for name, fact in facts.items()})
    written = {name: (intent, w, at) for one, w, at in sources for name, intent in one.intents.items()}
    written |= {name: (intent, writer, folder) for name, intent in text.intents.items()}
    text = text.model_copy(update={"intents": {name: intent for name, (intent, _, _) in written.items()}})
    common = words.text.intents
    flows = {
        name: FlowCompiler(name, language, parts).flow(intent)
        for name, intent in common.items()
        if name not in text.intents and (name != CALL_BACK or _calls_back(text))
    }
    flows |= {
        name: FlowCompiler(name, its_writer, parts).flow(_with_urgency(intent, common.get(name)))
        for name, (intent, its_writer, _) in written.items()
    }
    guides = GuideCompiler(writer, words.text.guide, standard, tuple(flows))
    for name, guide in text.guides.items():
        flows.update({flow.name: flow for flow in guides.flows(name, guide)})
    files = ExampleFiles(problems)
    intents = {name: _intent(flows[name], intent, w, at, files) for name, (intent, w, at) in written.items()}
    others = {wish.flow.name: wish for wish in wishes(text, writer, words, standard, folder)}
    flows |= {name: wish.flow for name, wish in others.items()}
    intents |= others
    for name, intent in common.items():
        if intent.urgent and (name not in intents or intents[name].flow.urgent):
            own = intents.get(name) or DeskIntent(flows[name], (), (), "", intent.confirm)
            intents[name] = replace(
                own,
                alarms=(*own.alarms, *intent.say),
                groups=words.groups,
                unless=(*own.unless, *intent.unless),
            )
    check_references(text, flows, intents, routes, writer)
    desk = Desk(
        name=text.name,
        language=text.language,
        folder=folder,
        file=source.file,
        recognizer=text.recognizer,
        voice=text.voice,
        recordings=folder / text.recordings,
        greeting=writer.opening("greeting", text.greeting),
        closed=writer.opening("closed", text.closed or ()),
        hours=_hours(text.hours),
        hours_place=source.place("hours"),
        thresholds=text.thresholds,
        limits=text.limits,
        handoff=DeskHandoff(
            text.handoff.queue, text.handoff.skills, text.handoff.priority, text.handoff.call_back
        ),
        tables=MappingProxyType({name: table for name, table in tables.items() if table is not None}),
        routes=MappingProxyType(routes),
        intents=MappingProxyType(intents),
        flows=MappingProxyType(flows),
        lookups=MappingProxyType(lookups),
        lookup_places={name: source.place("lookups", name) for name in lookups},
        standard=MappingProxyType(standard),
        words=words,
        languages=MappingProxyType({code: partner_file(folder, one) for code, one in text.languages.items()}),
        start=text.start,
        survey=text.survey,
        numbers=_numbers(text, flows, lookups),
    )
    if text.stay is not None:
        said = writer.ladder("stay", text.stay.say, ("stay", "say"))
        counted = count("stay.count", text.stay.count, writer, ("stay", "count"), parts.beats)
        stay = AskStep(said, (), writer.source.place("stay"), stay=text.stay.after, after=counted)
        desk = replace(desk, stay=stay)
    desk = replace(desk, beats=MappingProxyType(parts.beats))
    names = tuple(prompt.name for prompt in desk.prompts())
    return replace(desk, no_barge_in=must_hear(text.no_barge_in, names, writer) | parts.no_barge_in)


def _numbers(text: DeskText, flows: Mapping[str, Flow], lookups: Mapping[str, Inquiry]) -> NumberRules:
    """What the records hold. A slot that is masked in one intent is masked in all that have its name."""
    slots = [slot for flow in flows.values() for slot in flow.slots]
    masked = frozenset(slot.name for slot in slots if slot.masked)
    shown = frozenset(slot.name for slot in slots if slot.masked is False) - masked
    people = [slot for slot in slots if slot.spec.type is SlotType.NAME]
    names = {slot.name for slot in people if slot.masked}
    if text.mask_names:
        # Who is in a directory of the desk is not who calls.
        names |= {one.name for one in people if one.masked is None and not one.spec.choices}
        for one in lookups.values():
            found = {kept.name for kept in one.keep if kept.type is SlotType.NAME} - shown
            names |= found | {f"{one.name}.{name}" for name in found}  # as it is called in the case
        if any(isinstance(one.source, Customers) for one in lookups.values()):
            names.add(ASKED_NAME)
    return NumberRules(masked - names, shown, frozenset(text.keep_numbers), frozenset(names))


def _hours(hours: HoursText | None) -> Hours | None:
    if hours is None:
        return None
    spans, closed = map(parse_open, hours.open), map(parse_closed, hours.closed)
    return Hours(ZoneInfo(hours.timezone), tuple(spans), tuple(closed))


_UNREACHED = {
    Unreached.FAILED: Standard.TRANSFER_FAILED,
    Unreached.BUSY: Standard.TRANSFER_BUSY,
    Unreached.DECLINED: Standard.TRANSFER_DECLINED,
    Unreached.NO_ANSWER: Standard.TRANSFER_UNANSWERED,
}


def _route(name: str, route: RouteText, writer: Writer, standard: Mapping[Standard, Prompts]) -> DeskRoute:
    label = writer.parse(route.label, ("routes", name, "label"))
    own = None if route.say is None else writer.ladder("", route.say, ("routes", name, "say"))

    extension = None
    if route.extension is not None:
        extension = writer.parse(route.extension, ("routes", name, "extension"))

    def about(which: Standard, prompts: Prompts | None = None) -> Prompts:
        return filled(prompts or standard[which], f"routes.{name}.{which.value}", {ROUTE: label})

    return DeskRoute(
        name=name,
        label=label,
        queue=route.queue,
        extension=extension,
        skills=route.skills,
        when_closed=route.when_closed,
        transfer=about(Standard.TRANSFER, own),
        unreached=MappingProxyType(
            {why: about(which) for why, which in _UNREACHED.items() if standard[which]}
        ),
        closed=about(Standard.ROUTE_CLOSED),
        place=writer.source.place("routes", name),
    )


def _intent(flow: Flow, intent: IntentText, writer: Writer, folder: Path, files: ExampleFiles) -> DeskIntent:
    path = ("intents", flow.name, "say")
    examples: Examples = ()
    if intent.examples is not None:
        file = writer.beside(intent.examples)
        examples = files.of(folder / intent.examples, file, flow.name)
    templates = tuple((template, writer.source.place(*path, n)) for n, template in enumerate(intent.say))
    plain = (template for template in intent.say if not TEMPLATE_SLOT.search(template))
    alarms = tuple(plain) if flow.urgent else ()
    return DeskIntent(
        flow,
        templates,
        examples,
        intent.keys or "",
        intent.confirm,
        alarms,
        alone=intent.alone,
        unless=intent.unless,
    )


def _calls_back(text: DeskText) -> bool:
    """Whether whoever asks for it is called back: the desk says by when, and lets callers go."""
    return text.handoff.call_back is not None and text.stay is None


def _with_urgency(own: IntentText, common: IntentText | None) -> IntentText:
    """An intent that does not say whether it is urgent is as urgent as the language's of its name."""
    if own.urgent is None and common is not None and common.urgent:
        return own.model_copy(update={"urgent": True})
    return own
