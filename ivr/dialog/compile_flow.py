"""What is done for one intent: its facts, and the steps of its `then`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ivr.dialog.compile_slot import Fact, compile_slot
from ivr.dialog.desk import DeskRoute, Flow, Slot, step_prompts
from ivr.dialog.faults import did_you_mean
from ivr.dialog.guides import beginning
from ivr.dialog.inquiries import BUILT_IN
from ivr.dialog.prompts import Known, Writer, filled
from ivr.dialog.references import RESERVED
from ivr.dialog.schema import IntentText
from ivr.dialog.schema_guides import GuideText
from ivr.dialog.schema_slots import SlotText
from ivr.dialog.schema_steps import CountText, FollowUpText, HandOffText, ThenText
from ivr.dialog.source import Key
from ivr.dialog.spoken import is_value
from ivr.dialog.steps import (
    AgainStep,
    AnswerStep,
    AskStep,
    Case,
    CaseStep,
    Condition,
    EndStep,
    FollowUpStep,
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
from ivr.dialog.tables import Table
from ivr.dialog.terms import Standard
from ivr.dialog.text import Ref, Text
from ivr.inquiry import Inquiry


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


def count(
    name: str, text: CountText | None, writer: Writer, path: tuple[Key, ...], beats: dict[str, int]
) -> Prompts:
    """The prompt of a count, () without one; its beats go to `beats`."""
    if text is None:
        return ()
    prompts = writer.ladder(name, (", ".join(text.words * text.times) + ".",), path)
    beats.update({prompt.name: text.per_minute for prompt in prompts})
    return prompts


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

    def slot(self, name: str, text: SlotText, path: tuple[Key, ...] = ()) -> Slot:
        """A slot with its prompts; `path` is where a shared one stands."""
        path = path or (*self.path, "slots", name)
        if name in RESERVED or name in self.parts.lookups:
            self.writer.problem(path, f"{name!r} already has a meaning in texts", "Choose another name")
        generic = self.parts.standard[Standard.CONFIRM_SLOT]
        return compile_slot(self.name, name, text, self.parts.tables, generic, self.writer, path)

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
        if then.follow_up is not None:
            yield self.follow_up(then.follow_up, (*at, "follow_up"))
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
            call_back=handoff.call_back,
        )

    def follow_up(self, found: FollowUpText, at: tuple[Key, ...]) -> FollowUpStep:
        """Something to be done after the call."""

        def text(key: str, words: str | None) -> Text | None:
            if words is None:
                return None
            parsed = self.writer.parse(words, (*self.path, *at, key))
            self.check(parsed, *at, key)
            return parsed

        return FollowUpStep(
            kind=found.kind,
            what=text("what", found.what) or Text(()),
            due=text("due", found.due),
            within=found.within,
            queue=found.queue,
            addressee=text("to", found.to),
            contact=text("contact", found.contact),
            place=self.writer.source.place(*self.path, *at),
        )


def _doing(then: ThenText) -> str:
    return "`" + "`, `".join(sorted(then.model_fields_set)) + "`"
