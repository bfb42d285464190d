"""The steps of a `then` in a desk file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ivr.dialog.fields import (
    Compared,
    Name,
    OneOrMany,
    Priority,
    QueueName,
    Sentence,
    Sentences,
    Span,
    Strict,
    ValueName,
)
from ivr.events import Outcome
from ivr.handover import FollowUpKind


class HandOffText(Strict):
    """Put the call into a queue for a person."""

    queue: QueueName | None = None
    want: Sentence | None = None
    """One sentence for the person who takes the call."""
    say: Sentences | None = None
    closed: Sentences | None = None
    skills: tuple[Name, ...] = ()
    priority: Priority | None = None
    call_back: Span | None = None
    """Opening time within which a person calls back, promised where nobody can take the call now; default:
    the desk's. Said as {due_day} and {due_time}."""
    hold: bool = True
    """Whether the caller holds the line where operators are at work; no: a person calls back."""


class FollowUpText(Strict):
    """Something to be done for the caller after the call. People see it, and when it is overdue."""

    kind: FollowUpKind
    what: Sentence
    """One sentence for whoever does it."""
    due: Sentence | None = None
    """A day, a time, or both: "{day} {time}". What follows may say it: {due_day}, {due_time}."""
    within: Span | None = None
    """The same as a length of opening time ("30 min", "4 h"), where `due` gives none."""
    queue: QueueName | None = None
    """Whose matter it is; default: that of the route that led here, else of the desk."""
    to: Sentence | None = None
    """Whom it is for, when the caller named somebody."""
    contact: Sentence | None = None
    """The number to reach the caller on; default: the one they call from."""


LAST = ("ask", "stay", "route", "go", "guide", "handoff", "end")
"""What a step does last: nothing comes after it."""

EndOutcome = Literal[Outcome.ANSWERED, Outcome.SCREENED_OUT, Outcome.CALLED_BACK, Outcome.ABANDONED]


class CountText(Strict):
    """Words said in an even rhythm, such as that of chest compressions."""

    words: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=30), OneOrMany()]
    """One a beat, each shorter than a beat."""
    per_minute: Annotated[int, Field(ge=30, le=150)] = 110
    times: Annotated[int, Field(ge=1, le=200)] = 8
    """How often all of the words are said."""


class StayText(Strict):
    """What is said, again and again, to a caller who waits for help."""

    say: Sentences
    """The next wording each time."""
    count: CountText | None = None
    """Said after it each time."""
    after: Annotated[float, Field(ge=1.0, le=60.0)] = 8.0
    """Seconds of silence after which the next is said."""


class ThenText(Strict):
    """One or several things to do, in the order of these keys whatever their order in the file."""

    when: dict[ValueName, Compared] | None = None
    """Done only where each of these values is one of those: {size: [small, large]}; `null` is not known."""
    otherwise: bool = False
    """Done where none of the entries with `when` just before it was."""
    say: Sentences | None = None
    answer: Sentences | None = None
    """Said; "anything else?" follows when nothing else is to be done."""
    again: Annotated[tuple[Name, ...], OneOrMany()] = ()
    """Facts that were wrong: they are asked for again and `then` begins anew."""
    times: Annotated[int, Field(ge=1, le=5)] = 2
    """How often `again` does that; then the call goes on behind it."""
    follow_up: FollowUpText | None = None
    """Keeps that something is to be done after the call, before anything is promised."""
    lookup: Name | None = None
    """Asks another system; its values are {lookup.value} from then on."""
    found: Annotated[tuple[ThenText, ...], OneOrMany()] = ()
    """Done when it has an answer."""
    none: Annotated[tuple[ThenText, ...], OneOrMany()] = ()
    """Done when it answers that there is nothing."""
    failed: Annotated[tuple[ThenText, ...], OneOrMany()] = ()
    """Done when it does not answer; default: a person takes the call."""
    do: Annotated[tuple[ThenText, ...], OneOrMany()] = ()
    """More entries like this one, for `when` and `otherwise`."""
    ask: Sentences | None = None
    """A question; the caller's answer is any intent."""
    likely: tuple[Name, ...] = ()
    """Intents that `ask` names."""
    other: Name | None = None
    """The intent that any other answer to `ask` begins, after a second wording where there is one."""
    count: CountText | None = None
    """Words said in an even rhythm."""
    stay: StayText | None = None
    """Stays with the caller until they hang up or a person comes; any intent may be said."""
    route: Name | None = None
    go: Name | None = None
    """Go on with another intent; slots of the same name are kept."""
    guide: Name | None = None
    """Leads the caller through one of the desk's guides."""
    handoff: HandOffText | None = None
    end: EndOutcome | None = None
    barge_in: bool = True
    """Whether callers may interrupt what this step says; what a handoff says never stops."""

    @model_validator(mode="after")
    def _does_something(self) -> ThenText:
        if not self.model_fields_set - {"likely", "other", "barge_in", "when", "otherwise", "times"}:
            raise ValueError("nothing to do here")
        if self.when is not None and (self.otherwise or not self.when):
            raise ValueError("`when` names values, and `otherwise` stands without it")
        if (self.found or self.none or self.failed) and self.lookup is None:
            raise ValueError("`found`, `none` and `failed` belong to `lookup`")
        for key in ("likely", "other"):
            if getattr(self, key) and self.ask is None:
                raise ValueError(f"`{key}` belongs to `ask`")
        last = [key for key in LAST if getattr(self, key) is not None]
        if len(last) > 1:
            raise ValueError(f"`{last[0]}` comes last, so `{last[1]}` is never done")
        return self
