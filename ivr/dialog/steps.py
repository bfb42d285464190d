"""The steps of an intent's `then`, one class each; `ivr.dialog.flow` does them in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from ivr.dialog.source import Place
from ivr.dialog.text import Ref, Text
from ivr.events import Outcome
from ivr.handover import FollowUpKind


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence with the name under which it can be recorded."""

    name: str
    text: Text
    place: Place


Prompts: TypeAlias = tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class SayStep:
    """Say the prompts one after another."""

    prompts: Prompts
    place: Place


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """Say what the caller wanted to know; the call counts as answered."""

    prompts: Prompts
    place: Place


@dataclass(frozen=True, slots=True)
class AskStep:
    """Ask, in the next wording each time, and listen for any intent, the `likely` ones before others.

    other  the intent that words begin which are no intent
    stay   nothing is asked: it is said again after so many seconds of silence, for as long as the call lasts
    after  said after each wording
    """

    ladder: Prompts
    likely: tuple[str, ...]
    place: Place
    other: str | None = None
    stay: float | None = None
    after: Prompts = ()


@dataclass(frozen=True, slots=True)
class RouteStep:
    """Pass the call to the desk's route `route`."""

    route: str
    place: Place


@dataclass(frozen=True, slots=True)
class GoStep:
    """Go on with another intent, keeping the slots it has in common."""

    flow: str
    place: Place


@dataclass(frozen=True, slots=True)
class HandOffStep:
    """Put the call into a queue; None or () takes what the desk says under `handoff`."""

    queue: str | None
    want: Text | None
    say: Prompts
    closed: Prompts
    skills: tuple[str, ...]
    priority: int | None
    hold: bool
    place: Place
    call_back: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FollowUpStep:
    """Keep that something is to be done for the caller after the call.

    due     a day, a time or both, as written; `within` a length of opening time where that gives none
    """

    kind: FollowUpKind
    what: Text
    due: Text | None
    within: timedelta | None
    queue: str | None
    addressee: Text | None
    contact: Text | None
    place: Place

    @property
    def texts(self) -> tuple[Text, ...]:
        """All that hold values."""
        return tuple(text for text in (self.what, self.due, self.addressee, self.contact) if text is not None)


@dataclass(frozen=True, slots=True)
class EndStep:
    """Hang up."""

    outcome: Outcome
    place: Place


@dataclass(frozen=True, slots=True)
class SwitchStep:
    """Go on in another language (primary subtag), with the desk whose file is `desk`."""

    language: str
    desk: str
    place: Place


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the value of `ref`, as written, is one of `values`; a value that is not known is ""."""

    ref: Ref
    values: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Steps done where all conditions hold; without conditions always."""

    conditions: tuple[Condition, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class CaseStep:
    """Of several cases the first that holds."""

    cases: tuple[Case, ...]
    place: Place

    @property
    def uses(self) -> frozenset[str]:
        """Names of the values that decide."""
        conditions = [condition for case in self.cases for condition in case.conditions]
        texts = [ref.name for one in conditions for text in one.values for ref in text.refs]
        return frozenset([*(one.ref.name for one in conditions), *texts])


@dataclass(frozen=True, slots=True)
class AgainStep:
    """Forget facts and ask for them again; when that was done `most` times already, go on."""

    slots: tuple[str, ...]
    most: int
    place: Place


@dataclass(frozen=True, slots=True)
class LookupStep:
    """Ask another system; then the steps for what became of it, then what follows.

    failed  () hands the call to a person
    """

    lookup: str
    found: tuple[Step, ...]
    none: tuple[Step, ...]
    failed: tuple[Step, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class GuideAnswer:
    """What follows an answer at a step of a guide: prompts, then the flow `go`."""

    tell: Prompts
    go: str


@dataclass(frozen=True, slots=True)
class GuideStep:
    """A step of a guide was answered: go on with what the answer leads to.

    label    of the step, for the person who may take over
    do       said whenever the step is begun
    answers  by value of the slot `slot`
    back     the value that means the step before; `skip` that this one was done already, and where that leads
    terms    values that ask what a word means, with the answer
    """

    slot: str
    label: str
    do: Prompts
    answers: Mapping[str, GuideAnswer]
    back: str
    skip: str
    terms: Mapping[str, Prompts]
    place: Place


Step: TypeAlias = (
    SayStep
    | GuideStep
    | AnswerStep
    | AskStep
    | RouteStep
    | GoStep
    | HandOffStep
    | FollowUpStep
    | EndStep
    | SwitchStep
    | CaseStep
    | AgainStep
    | LookupStep
)


def ends(step: Step) -> bool:
    """Whether nothing after the step is done."""
    if isinstance(step, CaseStep):
        certain = not step.cases[-1].conditions
        return certain and all(any(map(ends, case.steps)) for case in step.cases)
    if isinstance(step, LookupStep):
        return all(any(map(ends, branch)) for branch in (step.found, step.none, step.failed or step.none))
    return isinstance(step, AskStep | RouteStep | GoStep | HandOffStep | EndStep | GuideStep | SwitchStep)


def all_steps(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and those inside them, in the order of the file."""
    for step in steps:
        yield step
        if isinstance(step, CaseStep):
            for case in step.cases:
                yield from all_steps(case.steps)
        if isinstance(step, LookupStep):
            yield from all_steps((*step.found, *step.none, *step.failed))
