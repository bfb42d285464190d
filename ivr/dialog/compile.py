"""From a desk file as written to a desk as used.

Nothing here raises for a fault of the file: each is a `Problem`, and `ivr.dialog.load` decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ivr.dialog.desk import Desk, DeskHandoff, DeskIntent, DeskRoute, Flow, Slot, step_prompts
from ivr.dialog.faults import did_you_mean
from ivr.dialog.guides import GuideCompiler, beginning
from ivr.dialog.inquiries import BUILT_IN, check_lookups, inquiry
from ivr.dialog.language import Language
from ivr.dialog.prompts import ROUTE, Known, Writer, filled, must_hear, standard_prompts
from ivr.dialog.references import RESERVED, TEMPLATE_SLOT, check_references
from ivr.dialog.schema import (
    CountText,
    DeskText,
    HandOffText,
    HoursText,
    IntentText,
    RouteText,
    SlotText,
    ThenText,
)
from ivr.dialog.schema_guides import GuideText
from ivr.dialog.shared import Shared
from ivr.dialog.source import Key, Problem, Source
from ivr.dialog.spoken import is_value
from ivr.dialog.steps import (
    AgainStep,
    AnswerStep,
    AskStep,
    Case,
    CaseStep,
    Condition,
    EndStep,
    GoStep,
    HandOffStep,
    LookupStep,
    Prompts,
    RouteStep,
    SayStep,
    Step,
    all_steps,
    ends,
)
from ivr.dialog.tables import Examples, Table, read_examples, read_table
from ivr.dialog.terms import Check, Standard
from ivr.dialog.text import Ref, Text
from ivr.hours import Hours, parse_closed, parse_open
from ivr.inquiry import Inquiry
from ivr.meaning import Choice, SlotSpec, SlotType, Unreached

_KEYPAD = frozenset({SlotType.DIGITS, SlotType.NUMBER})


@dataclass(frozen=True, slots=True)
class Fact:
    """A shared slot as it is written, and where."""

    text: SlotText
    writer: Writer
    path: tuple[Key, ...]


@dataclass(slots=True)
class Parts:
    """What the flows of a desk are made of."""

    tables: Mapping[str, Table | None]
    standard: Mapping[Standard, Prompts]
    routes: Mapping[str, DeskRoute]
    lookups: Mapping[str, Inquiry]
    no_barge_in: set[str] = field(default_factory=set)
    """Names of the prompts of steps that say so."""
    facts: dict[str, Fact] = field(default_factory=dict)
    """Slots that several intents ask for."""
    guides: Mapping[str, GuideText] = field(default_factory=dict)
    beats: dict[str, int] = field(default_factory=dict)
    """The beats a minute of prompts that are counted, by name."""


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
        if name not in text.intents
    }
    flows |= {
        name: FlowCompiler(name, its_writer, parts).flow(_with_urgency(intent, common.get(name)))
        for name, (intent, its_writer, _) in written.items()
    }
    guides = GuideCompiler(writer, words.text.guide, standard, tuple(flows))
    for name, guide in text.guides.items():
        flows.update({flow.name: flow for flow in guides.flows(name, guide)})
    intents = {name: _intent(flows[name], intent, w, at) for name, (intent, w, at) in written.items()}
    for name, intent in common.items():
        if intent.urgent and (name not in intents or intents[name].flow.urgent):
            own = intents.get(name) or DeskIntent(flows[name], (), (), "", intent.confirm)
            intents[name] = replace(own, alarms=(*own.alarms, *intent.say), groups=words.groups)
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
        handoff=DeskHandoff(text.handoff.queue, text.handoff.skills, text.handoff.priority),
        tables=MappingProxyType({name: table for name, table in tables.items() if table is not None}),
        routes=MappingProxyType(routes),
        intents=MappingProxyType(intents),
        flows=MappingProxyType(flows),
        lookups=MappingProxyType(lookups),
        lookup_places={name: source.place("lookups", name) for name in lookups},
        standard=MappingProxyType(standard),
        words=words,
        start=text.start,
    )
    if text.stay is not None:
        said = writer.ladder("stay", text.stay.say, ("stay", "say"))
        counted = count("stay.count", text.stay.count, writer, ("stay", "count"), parts.beats)
        stay = AskStep(said, (), writer.source.place("stay"), stay=text.stay.after, after=counted)
        desk = replace(desk, stay=stay)
    desk = replace(desk, beats=MappingProxyType(parts.beats))
    names = tuple(prompt.name for prompt in desk.prompts())
    return replace(desk, no_barge_in=must_hear(text.no_barge_in, names, writer) | parts.no_barge_in)


def count(
    name: str, text: CountText | None, writer: Writer, path: tuple[Key, ...], beats: dict[str, int]
) -> Prompts:
    """The prompt of a count, () without one; its beats go to `beats`."""
    if text is None:
        return ()
    prompts = writer.ladder(name, (", ".join(text.words * text.times) + ".",), path)
    beats.update({prompt.name: text.per_minute for prompt in prompts})
    return prompts


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


def _intent(flow: Flow, intent: IntentText, writer: Writer, folder: Path) -> DeskIntent:
    path = ("intents", flow.name, "say")
    examples: Examples = ()
    if intent.examples is not None:
        file = writer.beside(intent.examples)
        examples = read_examples(folder / intent.examples, file, flow.name, writer.problems)
    templates = tuple((template, writer.source.place(*path, n)) for n, template in enumerate(intent.say))
    plain = (template for template in intent.say if not TEMPLATE_SLOT.search(template))
    alarms = tuple(plain) if flow.urgent else ()
    return DeskIntent(flow, templates, examples, intent.keys or "", intent.confirm, alarms)


def _with_urgency(own: IntentText, common: IntentText | None) -> IntentText:
    """An intent that does not say whether it is urgent is as urgent as the language's of its name."""
    if own.urgent is None and common is not None and common.urgent:
        return own.model_copy(update={"urgent": True})
    return own


@dataclass(slots=True)
class FlowCompiler:
    """Compiles what is done for one intent."""

    name: str
    writer: Writer
    parts: Parts
    known: Known = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    slots: tuple[Slot, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    """How many prompts of each kind (say, answer, ...) the steps have so far."""

    @property
    def path(self) -> tuple[Key, ...]:
        """Where the flow stands in its file."""
        return ("intents", self.name)

    def flow(self, flow: IntentText) -> Flow:
        """The flow."""
        slots = self.slots = tuple(self.all_slots(flow))
        self.known = {slot.name: slot.table for slot in slots}
        self.sensitive = frozenset(slot.name for slot in slots if slot.spec.sensitive)
        for slot in slots:
            for key, prompts in (("ask", slot.ask), ("confirm", slot.confirm)):
                for n, prompt in enumerate(prompts):
                    self.check(prompt.text, "slots", slot.name, key, n)
        steps = self.entries(flow.then, ("then",))
        label, given = flow.label, True
        if label is None:
            target = next((step.route for step in all_steps(steps) if isinstance(step, RouteStep)), None)
            route = self.parts.routes.get(target) if target is not None else None
            given = route is not None and route.label.fixed
            label = str(route.label) if route is not None and given else self.name.replace("_", " ")
        base = f"intents.{self.name}.{Standard.CONFIRM_INTENT.value}"
        confirm = filled(self.parts.standard[Standard.CONFIRM_INTENT], base, {"intent": Text((label,))})
        place = self.writer.source.place(*self.path)
        return Flow(self.name, label, given, slots, steps, confirm, place, bool(flow.urgent), flow.alert)

    def check(self, text: Text, *at: Key) -> None:
        """Note values that the flow does not have, or that nobody may hear or read."""
        for ref in text.refs:
            lookup = self.parts.lookups.get(ref.name)
            kept = lookup.kept(ref.column) if lookup is not None else None
            if ref.name in self.sensitive or (kept is not None and kept.sensitive):
                remedy = "Leave it out; only `when`, lookups and a route's extension may hold it"
                self.writer.problem((*self.path, *at), f"{ref} is sensitive", remedy)
        self.writer.check(text, self.known, (*self.path, *at), repr(self.name))

    def all_slots(self, flow: IntentText) -> Iterator[Slot]:
        """Its slots: those under `facts` in their order, then its others."""
        for n, name in enumerate(flow.facts):
            if name in flow.slots:
                yield self.slot(name, flow.slots[name])
            elif (fact := self.parts.facts.get(name)) is not None:
                outside = replace(self, writer=fact.writer)
                yield outside.slot(name, fact.text, fact.path)
            else:
                known = (*flow.slots, *self.parts.facts)
                what = f"no fact {name!r} under `facts`"
                self.writer.problem((*self.path, "facts", n), what, did_you_mean(name, known))
        for name, slot in flow.slots.items():
            if name not in flow.facts:
                yield self.slot(name, slot)

    def slot(self, name: str, slot: SlotText, path: tuple[Key, ...] = ()) -> Slot:
        """A slot with its prompts; `path` is where a shared one stands."""
        path = path or (*self.path, "slots", name)
        table = self.parts.tables.get(slot.source) if slot.source else None
        if slot.source and slot.source not in self.parts.tables:
            remedy = did_you_mean(slot.source, self.parts.tables)
            self.writer.problem((*path, "from"), f"no table {slot.source!r} under `data`", remedy)
        if name in RESERVED or name in self.parts.lookups:
            self.writer.problem(path, f"{name!r} already has a meaning in texts", "Choose another name")
        base = f"slots.{self.name}.{name}"
        generic = self.parts.standard[Standard.CONFIRM_SLOT]
        confirm = filled(generic, f"{base}.confirm", {"value": Text((Ref(name),))})
        if slot.confirm is not None:
            confirm = self.writer.ladder(f"{base}.confirm", (slot.confirm,), (*path, "confirm"))
        if slot.sensitive:
            confirm = ()
        choices = tuple(Choice(value, ways) for value, ways in slot.choices.items())
        return Slot(
            spec=SlotSpec(
                name, slot.type, slot.length, table.choices() if table else choices, slot.sensitive
            ),
            ask=self.writer.ladder(f"{base}.ask", slot.ask or (), (*path, "ask")),
            confirm=confirm,
            confirm_given=slot.confirm is not None,
            read_back=Check.NEVER if slot.sensitive else slot.read_back,
            keys=slot.type in _KEYPAD if slot.keys is None else slot.keys,
            optional=slot.optional,
            table=table,
            place=self.writer.source.place(*path),
            once=slot.once,
            caller=slot.caller,
        )

    def prompts(self, kind: str, texts: tuple[str, ...] | None, *at: Key) -> Prompts:
        """``intents.<intent>.<kind>.<n>``, n counted through all steps."""
        start = self.counts.get(kind, 0) + 1
        made = self.writer.ladder(f"intents.{self.name}.{kind}", texts or (), (*self.path, *at), start)
        self.counts[kind] = start - 1 + len(made)
        for n, prompt in enumerate(made):
            self.check(prompt.text, *at, n)
        return made

    def entries(self, thens: tuple[ThenText, ...], at: tuple[Key, ...]) -> tuple[Step, ...]:
        """The steps of a list of entries; those with `when` and `otherwise` in a row are one step."""
        steps: list[Step] = []
        cases: list[Case] = []
        for n, then in enumerate(thens):
            path = (*at, n)
            if (steps and ends(steps[-1])) or (cases and not cases[-1].conditions and then.otherwise):
                what = f"{_doing(then)} is never done, the step before it comes last"
                self.writer.problem((*self.path, *path), what, "Remove one of them")
            made = tuple(self.steps(then, path))
            if not then.barge_in:
                said = (prompt.name for step in all_steps(made) for prompt in step_prompts(step))
                self.parts.no_barge_in.update(said)
            place = self.writer.source.place(*self.path, *path)
            if then.when is None and not then.otherwise:
                cases = []
                steps.extend(made)
                continue
            if cases and cases[-1].conditions:
                steps.pop()
            elif then.otherwise:
                self.writer.problem((*self.path, *path), "no `when` is before it", "Remove `otherwise`")
            else:
                cases = []
            cases.append(Case(self.conditions(then.when or {}, (*path, "when")), made))
            steps.append(CaseStep(tuple(cases), place))
        return tuple(steps)

    def conditions(self, when: Mapping[str, tuple[str, ...]], at: tuple[Key, ...]) -> tuple[Condition, ...]:
        """What must hold."""
        found: list[Condition] = []
        for name, values in when.items():
            path = (*at, name)
            ref = Ref(*name.split("."))
            texts = tuple(self.writer.parse(value, (*self.path, *path)) for value in values)
            for text in (Text((ref,)), *texts):
                self.writer.check(text, self.known, (*self.path, *path), repr(self.name))
            for text in texts:
                self.possible(ref, text, path)
            found.append(Condition(ref, texts))
        return tuple(found)

    def possible(self, ref: Ref, text: Text, at: tuple[Key, ...]) -> None:
        """Note a value that the slot of a condition can never have."""
        slot = next((slot for slot in self.slots if slot.name == ref.name), None)
        if slot is None or ref.column or not text.fixed or not str(text):
            return
        if not is_value(slot.spec, str(text)):
            known = [choice.value for choice in slot.spec.choices]
            what = f"{ref} is never {str(text)!r}, it is of type {slot.spec.type.value}"
            self.writer.problem((*self.path, *at), what, did_you_mean(str(text), known))

    def steps(self, then: ThenText, at: tuple[Key, ...]) -> Iterator[Step]:
        """The steps of one entry of `then`."""
        place = self.writer.source.place(*self.path, *at)
        if then.say is not None:
            yield SayStep(self.prompts("say", then.say, *at, "say"), place)
        if then.count is not None:
            yield SayStep(self.count(then.count, (*at, "count")), place)
        if then.answer is not None:
            yield AnswerStep(self.prompts("answer", then.answer, *at, "answer"), place)
        if then.again:
            for n, name in enumerate(then.again):
                if name not in (known := [slot.name for slot in self.slots if not slot.optional]):
                    what = f"{self.name!r} does not ask for {name!r}"
                    self.writer.problem((*self.path, *at, "again", n), what, did_you_mean(name, known))
            yield AgainStep(then.again, then.times, place)
        if then.lookup is not None:
            self.needs(then.lookup, at)
            found, none, failed = (
                self.entries(getattr(then, key), (*at, key)) for key in ("found", "none", "failed")
            )
            yield LookupStep(then.lookup, found, none, failed, place)
        if then.do:
            yield from self.entries(then.do, (*at, "do"))
        if then.ask is not None:
            yield AskStep(self.prompts("ask", then.ask, *at, "ask"), then.likely, place, then.other)
        if then.stay is not None:
            said = self.prompts("stay", then.stay.say, *at, "stay", "say")
            counted = self.count(then.stay.count, (*at, "stay", "count"))
            yield AskStep(said, (), place, stay=then.stay.after, after=counted)
        if then.route is not None:
            yield RouteStep(then.route, place)
        if then.go is not None:
            yield GoStep(then.go, place)
        if then.guide is not None and then.guide in self.parts.guides:
            yield GoStep(beginning(then.guide, self.parts.guides[then.guide]), place)
        if then.handoff is not None:
            yield self.handoff(then.handoff, (*at, "handoff"))
        if then.end is not None:
            yield EndStep(then.end, place)

    def count(self, text: CountText | None, at: tuple[Key, ...]) -> Prompts:
        """The prompt of a count, () without one."""
        if text is None:
            return ()
        number = self.counts["count"] = self.counts.get("count", 0) + 1
        base = f"intents.{self.name}.count{number}"
        return count(base, text, self.writer, (*self.path, *at), self.parts.beats)

    def needs(self, name: str, at: tuple[Key, ...]) -> None:
        """Note values that a lookup is asked with and that the flow does not have."""
        if (lookup := self.parts.lookups.get(name)) is None:
            return  # `check_references` says so
        for need in lookup.needs:
            if need not in BUILT_IN or need in self.known:
                owner = f"{self.name!r}, which asks lookup {name!r},"
                self.writer.check(Text((Ref(*need.split(".")),)), self.known, (*self.path, *at), owner)

    def handoff(self, handoff: HandOffText, at: tuple[Key, ...]) -> HandOffStep:
        """A request for a person."""
        want = None
        if handoff.want is not None:
            want = self.writer.parse(handoff.want, (*self.path, *at, "want"))
            self.check(want, *at, "want")
        return HandOffStep(
            queue=handoff.queue,
            want=want,
            say=self.prompts("handoff", handoff.say, *at, "say"),
            closed=self.prompts("handoff_closed", handoff.closed, *at, "closed"),
            skills=handoff.skills,
            priority=handoff.priority,
            hold=handoff.hold,
            place=self.writer.source.place(*self.path, *at),
        )


def _doing(then: ThenText) -> str:
    return "`" + "`, `".join(sorted(then.model_fields_set)) + "`"
