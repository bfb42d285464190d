"""What a desk file may hold: the shape of ``desk.yaml``, as pydantic models and as a JSON Schema.

These models check one value at a time. `ivr.dialog.load` reads the file into them, checks what depends on two
places at once (a route that does not exist, a slot that no intent has) and compiles them into a
`ivr.dialog.desk.Desk`, which is what the rest of the program sees.
"""

from __future__ import annotations

import json
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from ivr.dialog.fields import (
    FileName,
    Keys,
    Name,
    OneOrMany,
    Priority,
    Probability,
    PromptName,
    QueueName,
    Sentence,
    Sentences,
    Span,
    Strict,
)
from ivr.dialog.schema_guides import GuideText
from ivr.dialog.schema_lookups import LookupText
from ivr.dialog.schema_slots import SlotText
from ivr.dialog.schema_steps import StayText, ThenText
from ivr.dialog.terms import Check, RecognizerChoice, Standard, VoiceChoice, WhenClosed
from ivr.hours import parse_closed, parse_open
from ivr.redaction.texts import NumberKind


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no such time zone {value!r} (write one like Europe/Paris)") from None
    return value


def _open(value: str) -> str:
    parse_open(value)
    return value


def _closed(value: str) -> str:
    parse_closed(value)
    return value


class HoursText(Strict):
    """When the desk is open. Without hours it always is."""

    timezone: Annotated[str, AfterValidator(_zone)]
    """IANA name, such as Europe/Paris."""
    open: Annotated[tuple[Annotated[str, AfterValidator(_open)], ...], Field(min_length=1), OneOrMany()]
    """"mon-fri 09:00-18:00", "sat,sun 10:00-13:00", "fri 22:00-02:00" (past midnight)."""
    closed: Annotated[tuple[Annotated[str, AfterValidator(_closed)], ...], OneOrMany()] = ()
    """"2026-12-25", "12-25" (every year), "2026-12-24 12:00-24:00", "2026-12-24/2027-01-02"."""


class ThresholdsText(Strict):
    """Calibrated scores (chance of being right) from which the desk acts, confirms, or offers two."""

    accept: Probability = 0.75
    confirm: Probability = 0.45
    offer: Probability = 0.25
    """Below this an utterance fits nothing."""
    margin: Probability = 0.1
    """Two wants closer than this are ambiguous: "did you mean billing or sales?"."""
    urgent: Probability = 0.35
    """From here on an urgent want is acted on at once, whatever else the words may mean."""

    @model_validator(mode="after")
    def _falling(self) -> ThresholdsText:
        if not self.accept >= self.confirm >= self.offer:
            raise ValueError("accept must be at least confirm, and confirm at least offer")
        return self


class LimitsText(Strict):
    """How long and how often."""

    no_input: Annotated[int, Field(ge=1, le=10)] = 3
    """Silences in a row until the call ends politely (or reaches a person)."""
    no_match: Annotated[int, Field(ge=1, le=10)] = 2
    """Misunderstandings in a row until the call reaches a person."""
    turns: Annotated[int, Field(ge=1, le=1000)] = 30
    seconds: Annotated[float, Field(ge=10, le=86_400)] = 600.0
    no_input_after: Annotated[float, Field(ge=1.0, le=60.0)] = 6.0
    """Seconds of silence after a prompt that count as no input."""
    wait: Annotated[float, Field(ge=1.0, le=600.0)] = 30.0
    """The same after the caller asked the desk to wait."""
    keys_after: Annotated[float, Field(ge=0.5, le=30.0)] = 4.0
    """Seconds without a further key that end a number typed on the keypad."""


class DeskHandoffText(Strict):
    """The queue for persons when nothing names another."""

    queue: QueueName = "reception"
    say: Sentences | None = None
    """Overrides the prompt `handoff`."""
    closed: Sentences | None = None
    """Overrides the prompt `handoff_closed`: said out of hours."""
    skills: tuple[Name, ...] = ()
    priority: Priority = 5
    call_back: Span | None = None
    """Opening time within which a person calls back who could not take the call: promised out of hours, and
    where nobody can come to the line. `closed` may say it: {due_day}, {due_time}."""


class TableText(Strict):
    """A CSV table, UTF-8; the first line names the columns."""

    file: FileName
    key: Name
    """The column whose value names a row; it is unique."""


class RouteText(Strict):
    """A department or person a call can be passed to."""

    label: Sentence
    """How it is called in a sentence: "the billing department"."""
    queue: QueueName | None = None
    extension: Sentence | None = None
    skills: tuple[Name, ...] = ()
    when_closed: WhenClosed = WhenClosed.HANDOFF
    say: Sentences | None = None
    """Said before the transfer, instead of the prompt `transfer`."""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> RouteText:
        if self.extension is None and self.queue is None:
            raise ValueError("a route needs an extension or a queue")
        return self


class FlowText(Strict):
    """Facts to ask for, then things to do."""

    label: Sentence | None = None
    """Short words for "did you mean ... or ...?"."""
    slots: dict[Name, SlotText] = Field(default_factory=dict)
    facts: Annotated[tuple[Name, ...], OneOrMany()] = ()
    """Shared facts (`facts` of the desk), and slots of its own, in the order in which they are asked for."""
    then: Annotated[tuple[ThenText, ...], Field(min_length=1), OneOrMany()]


class IntentText(FlowText):
    """Something callers want."""

    say: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """Templates: ``[optional] (one|other) {slot}``."""
    examples: FileName | None = None
    """A ``.jsonl`` file of labelled sentences."""
    keys: Keys | None = None
    confirm: Check = Check.AUTO
    urgent: bool | None = None
    """Heard in every state, acted on at once, and a person is alerted first of all (priority 0)."""
    alone: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """Urgent: templates that are heard in every state where they are all that is said: "fire!"."""
    unless: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """Urgent: figures of speech; words of danger inside them are none: "killing time"."""
    alert: QueueName | None = None
    """Urgent: the queue of that person; default: that of its handoff or route, else of the desk."""

    @model_validator(mode="after")
    def _alone_is_urgent(self) -> IntentText:
        if self.alone and not self.urgent:
            raise ValueError("`alone` is for urgent intents")
        if self.unless and not self.urgent:
            raise ValueError("`unless` is for urgent intents")
        return self


class PartnerText(Strict):
    """The desk with which a call goes on in another language."""

    desk: FileName
    """Its folder or file, relative to this desk's folder."""
    say: Annotated[tuple[Sentence, ...], OneOrMany()] = ()
    """More ways to ask for the language than the languages' own files know."""
    keys: Keys | None = None
    """Telephone keys that mean it, wherever keys answer nothing else."""


def _partner(value: object) -> object:
    return {"desk": value} if isinstance(value, str) else value


class SharedText(Strict):
    """A file that desks share: facts to be asked for, and intents."""

    facts: dict[Name, SlotText] = Field(default_factory=dict)
    intents: dict[Name, IntentText] = Field(default_factory=dict)


class DeskText(Strict):
    """A desk: what callers of one number may say, and what happens then."""

    name: Sentence
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en-US"
    recognizer: RecognizerChoice = RecognizerChoice.AUTO
    voice: VoiceChoice = VoiceChoice.AUTO
    recordings: FileName = "prompts"
    """Folder of recorded prompts, relative to the desk's folder."""
    greeting: Sentences
    closed: Sentences | None = None
    start: Name | None = None
    """The intent that is begun after the greeting; else the caller is asked what they want."""
    survey: bool = False
    """Whether callers who were answered are asked, before the call ends, how satisfied they are."""
    stay: StayText | None = None
    """The desk never ends a call: it stays with the caller until they hang up or a person comes, and says
    this while nothing else is to be said."""
    hours: HoursText | None = None
    thresholds: ThresholdsText = ThresholdsText()
    limits: LimitsText = LimitsText()
    keep_numbers: Annotated[tuple[NumberKind, ...], OneOrMany()] = ()
    """Numbers that logs and transcripts of this desk keep: `phone`, `id`. Default: they are masked."""
    mask_names: bool = False
    """Whether logs and transcripts of this desk are without the names that callers give for slots of type
    name. People who take the call see them."""
    queues: tuple[QueueName, ...] = ()
    """When given, every queue named elsewhere must be one of these."""
    handoff: DeskHandoffText = DeskHandoffText()
    data: dict[Name, TableText] = Field(default_factory=dict)
    lookups: dict[Name, LookupText] = Field(default_factory=dict)
    """What other systems are asked."""
    routes: dict[Name, RouteText] = Field(default_factory=dict)
    use: Annotated[tuple[FileName, ...], OneOrMany()] = ()
    """Files shared between desks, relative to the desk: their facts and intents, unless it has its own."""
    facts: dict[Name, SlotText] = Field(default_factory=dict)
    """Slots that several intents ask for, by name in their `facts`."""
    languages: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")],
        Annotated[PartnerText, BeforeValidator(_partner)],
    ] = Field(default_factory=dict)
    """Languages to which callers may change at any time, each with the desk that goes on in it."""
    guides: dict[Name, GuideText] = Field(default_factory=dict)
    """Procedures that callers are led through."""
    intents: Annotated[dict[Name, IntentText], Field(min_length=1)]
    prompts: dict[Standard, Sentences] = Field(default_factory=dict)
    no_barge_in: tuple[PromptName, ...] = ()
    """Prompts that callers cannot interrupt, by name: `greeting.1`, or `no_match` for all its wordings."""


def desk_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a desk file, for editors; published as ``grammars/desk.schema.json``."""
    schema = DeskText.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "ivr desk"}


if __name__ == "__main__":  # python -m ivr.dialog.schema > grammars/desk.schema.json
    print(json.dumps(desk_schema(), indent=2, ensure_ascii=False))
