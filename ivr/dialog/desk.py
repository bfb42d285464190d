"""A desk as it is used: every name resolved, every text parsed, every prompt named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from ivr.dialog.language import Language
from ivr.dialog.schema import LimitsText, ThresholdsText
from ivr.dialog.source import Place
from ivr.dialog.steps import (
    AnswerStep,
    AskStep,
    GuideStep,
    HandOffStep,
    Prompt,
    Prompts,
    SayStep,
    Step,
    all_steps,
)
from ivr.dialog.tables import Examples, Table
from ivr.dialog.terms import PATTERNS, Check, RecognizerChoice, Standard, VoiceChoice, WhenClosed
from ivr.dialog.text import Text
from ivr.handover import Unreached
from ivr.hours import Hours
from ivr.inquiry import Inquiry
from ivr.meaning import Command, IntentSpec, SlotSpec, SlotType, Vocabulary
from ivr.redaction.texts import NumberRules

PROMPT_SUFFIX = ".wav"


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt for those who render, record or list prompts.

    fixed   the words are always the same, so it can be rendered before the call and replaced by a recording;
            otherwise `text` shows where values come: "Order {order_number} is ready."
    """

    name: str
    text: str
    fixed: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact of a flow. `ask` and `confirm` are ladders; `confirm_given`: the desk has its own wording.

    masked  whether its value is masked in records, None where patterns decide
    once    what the call knows already by its name is not asked again
    caller  the number the caller calls from, where it is known
    """

    spec: SlotSpec
    ask: Prompts
    confirm: Prompts
    confirm_given: bool
    read_back: Check
    keys: bool
    optional: bool
    table: Table | None
    place: Place
    wait: float | None = None
    """Seconds of silence after which the caller hears that the desk is still there; it costs nothing."""
    once: bool = False
    caller: bool = False
    masked: bool | None = None

    @property
    def name(self) -> str:
        """The slot's name."""
        return self.spec.name

    @property
    def digits(self) -> tuple[int, int]:
        """Least and most keys that make a value."""
        return self.spec.length or (1, 20)


@dataclass(frozen=True, slots=True)
class Flow:
    """Facts to ask for, then steps to do. `label` is what the caller is told it is called.

    urgent  it interrupts everything, and a person is alerted before anything is said
    queue   where that person is, None for the queue of its handoff or route
    """

    name: str
    label: str
    label_given: bool
    slots: tuple[Slot, ...]
    steps: tuple[Step, ...]
    confirm: Prompts
    place: Place
    urgent: bool = False
    queue: str | None = None

    def slot(self, name: str) -> Slot | None:
        """The slot of that name."""
        return next((slot for slot in self.slots if slot.name == name), None)


@dataclass(frozen=True, slots=True)
class DeskIntent:
    """How callers ask for a flow: templates and sentences, with the line of each, and keys.

    alarms  of an urgent one: templates that are listened for anywhere in what is said, in every state; words
            in braces are of `groups`
    whole   templates that ask for another language: heard in every state where they are all that is said
    alone   of an urgent one: templates that are listened for in the same way
    unless  of an urgent one: templates in which its alarms do not count, wherever they are said
    """

    flow: Flow
    templates: tuple[tuple[str, Place], ...]
    examples: Examples
    keys: str
    confirm: Check
    alarms: tuple[str, ...] = ()
    groups: tuple[SlotSpec, ...] = ()
    whole: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether its keys mean it wherever they answer nothing: danger, and other languages."""
        return self.flow.urgent or bool(self.whole)


@dataclass(frozen=True, slots=True)
class DeskRoute:
    """Where calls can be passed; label and extension may hold values of the intent that routes there."""

    name: str
    label: Text
    queue: str | None
    extension: Text | None
    skills: tuple[str, ...]
    when_closed: WhenClosed
    transfer: Prompts
    unreached: Mapping[Unreached, Prompts]
    closed: Prompts
    place: Place


@dataclass(frozen=True, slots=True)
class DeskHandoff:
    """The queue for persons where nothing names another.

    call_back  opening time within which a person calls back whose call nobody can take now
    """

    queue: str
    skills: tuple[str, ...]
    priority: int
    call_back: timedelta | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """The configuration of one number.

    folder      the desk's folder; `file` is how messages call its ``desk.yaml``
    recordings  folder of recorded prompts ``<prompt name>.wav``; it need not exist
    flows       everything that can be done: the intents' flows and those of the language (`message`)
    standard    ladders of the language, with the desk's own wordings
    languages   by primary subtag: the desk files with which calls can go on in other languages
    numbers     what its records hold of numbers
    no_barge_in names of prompts that the caller cannot interrupt
    """

    name: str
    language: str
    folder: Path
    file: str
    recognizer: RecognizerChoice
    voice: VoiceChoice
    recordings: Path
    greeting: Prompts
    closed: Prompts
    hours: Hours | None
    hours_place: Place
    thresholds: ThresholdsText
    limits: LimitsText
    handoff: DeskHandoff
    tables: Mapping[str, Table]
    routes: Mapping[str, DeskRoute]
    intents: Mapping[str, DeskIntent]
    flows: Mapping[str, Flow]
    lookups: Mapping[str, Inquiry]
    lookup_places: Mapping[str, Place]
    standard: Mapping[Standard, Prompts]
    words: Language
    languages: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    no_barge_in: frozenset[str] = frozenset()
    start: str | None = None
    survey: bool = False
    stay: AskStep | None = None
    beats: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    numbers: NumberRules = field(default_factory=NumberRules)

    def __repr__(self) -> str:
        return f"Desk({self.name!r}, {self.file!r})"

    def is_open(self, when: datetime) -> bool:
        """Whether the desk is open at `when` (with a time zone)."""
        return self.hours is None or self.hours.is_open(when)

    @property
    def calls_back(self) -> bool:
        """Whether whoever asks for it, at any point, is called back."""
        return self.handoff.call_back is not None and self.stay is None

    @property
    def told(self) -> tuple[SlotSpec, ...]:
        """The facts that callers tell of their own accord, whatever was asked: where they are."""
        slots = (slot for flow in self.flows.values() for slot in flow.slots)
        places = {slot.name: slot.spec for slot in slots if slot.once and slot.spec.type is SlotType.PLACE}
        return tuple(places.values())

    def vocabulary(self, commands: tuple[tuple[Command, tuple[str, ...]], ...] = ()) -> Vocabulary:
        """All that may be said, for the matcher; `commands` are the language's templates for each command."""
        intents = tuple(
            IntentSpec(
                name,
                tuple(template for template, _ in intent.templates),
                tuple(text for text, _ in intent.examples),
                tuple(slot.spec for slot in intent.flow.slots),
                intent.alarms,
                intent.groups,
                (*intent.whole, *intent.alone),
                intent.unless,
            )
            for name, intent in self.intents.items()
        )
        return Vocabulary(self.language, intents, commands)

    def prompts(self) -> tuple[PromptText, ...]:
        """Every prompt the desk can say, each name once."""
        seen: dict[str, PromptText] = {}
        for prompt in self._all_prompts():
            text = PromptText(prompt.name, str(prompt.text), prompt.text.fixed, prompt.place)
            seen.setdefault(prompt.name, text)
        return tuple(seen.values())

    def fixed_prompts(self) -> tuple[tuple[str, str], ...]:
        """Name and text of those without values: they can be made before a call comes."""
        return tuple((prompt.name, prompt.text) for prompt in self.prompts() if prompt.fixed)

    def _all_prompts(self) -> Iterator[Prompt]:
        yield from self.greeting
        yield from self.closed
        if self.stay is not None:
            yield from step_prompts(self.stay)
        for name, ladder in self.standard.items():
            if name not in PATTERNS:
                yield from ladder
        for flow in self.flows.values():
            if flow.name in self.intents:
                yield from flow.confirm
            for slot in flow.slots:
                yield from slot.ask
                yield from slot.confirm
            for step in all_steps(flow.steps):
                yield from step_prompts(step)
        for route in self.routes.values():
            yield from route.transfer
            for prompts in route.unreached.values():
                yield from prompts
            yield from route.closed


def step_prompts(step: Step) -> Prompts:
    """What a step may say."""
    match step:
        case SayStep() | AnswerStep():
            return step.prompts
        case GuideStep():
            told = [prompt for answer in step.answers.values() for prompt in answer.tell]
            meant = [prompt for prompts in step.terms.values() for prompt in prompts]
            return (*step.do, *told, *meant)
        case AskStep():
            return step.ladder + step.after
        case HandOffStep():
            return step.say + step.closed
        case _:
            return ()
