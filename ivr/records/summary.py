"""What a call came to, made from its events alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ivr.events import (
    Answered,
    CallEnded,
    CallStarted,
    Decided,
    Decision,
    Event,
    HandedOff,
    KeyPressed,
    NoInput,
    Outcome,
    PromptEnded,
    PromptStarted,
    Say,
    SlotFilled,
    Understood,
)
from ivr.handover import Turn, cut_off
from ivr.meaning import Intent, SlotValue
from ivr.records.codec import Json, from_json, to_json
from ivr.records.encode import Entry

INTERRUPTED = "interrupted"
"""Detail of a call whose log has no end: the process that held it died."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One call in a few lines.

    line         where it came in, as a URI
    seconds      from answer to end
    intents      what the caller wanted, in the order the desk accepted it
    slots        the facts accepted last, one a name
    turns        times the caller spoke or pressed keys
    waits        seconds from the end of the caller's speech to the reply, one a reply
    median_wait  their median, None without replies
    no_match     utterances that were not understood
    no_input     times the caller said nothing
    handoff_id   number in the queue of persons, None without one
    recording    file name in the call's folder, "" without one
    """

    call_id: str
    desk: str
    line: str
    caller: str
    started: datetime
    seconds: float
    outcome: Outcome
    detail: str
    intents: tuple[str, ...] = ()
    slots: tuple[SlotValue, ...] = ()
    turns: int = 0
    transcript: tuple[Turn, ...] = ()
    waits: tuple[float, ...] = ()
    median_wait: float | None = None
    no_match: int = 0
    no_input: int = 0
    handoff_id: int | None = None
    recording: str = ""

    def to_json(self) -> dict[str, Json]:
        """As JSON data; the order of keys is always the same."""
        return to_json(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """What `to_json` made. Raises CodecError."""
        return from_json(cls, data)


def summarize(entries: Sequence[Entry], otherwise: CallStarted, recording: str = "") -> Summary:
    """The summary of a call's log. `otherwise` stands in for a beginning that the log has lost."""
    events = [entry.event for entry in entries]
    start = next((event for event in events if isinstance(event, CallStarted)), otherwise)
    answered = next((event for event in events if isinstance(event, Answered)), None)
    ended = next((event for event in reversed(events) if isinstance(event, CallEnded)), None)
    if ended is None:
        last = max((entry.t for entry in entries), default=0.0)
        ended = CallEnded(Outcome.FAILED, INTERRUPTED, last)
    lines = transcript(entries)
    waits = tuple(e.wait for e in events if isinstance(e, PromptStarted) and e.wait is not None)
    numbers = [event.handoff_id for event in events if isinstance(event, HandedOff)]
    return Summary(
        call_id=start.call_id,
        desk=start.desk,
        line=start.line,
        caller=answered.caller if answered else "",
        started=start.when,
        seconds=ended.seconds,
        outcome=ended.outcome,
        detail=ended.detail,
        intents=_intents(events),
        slots=_slots(events),
        turns=_turns(events),
        transcript=lines,
        waits=waits,
        median_wait=round(statistics.median(waits), 3) if waits else None,
        no_match=_no_match(events),
        no_input=sum(isinstance(event, NoInput) for event in events),
        handoff_id=numbers[-1] if numbers else None,
        recording=recording,
    )


def transcript(entries: Iterable[Entry]) -> tuple[Turn, ...]:
    """What was said, in order: prompts begun, utterances with words in them, keys as ``[keys 12#]``."""
    entries = tuple(entries)
    # a call over sound records what was played, a typed call only what was said
    played = any(isinstance(entry.event, PromptStarted) for entry in entries)
    turns: list[Turn] = []
    keys: list[str] = []
    keys_at = 0.0

    def end_of_keys() -> None:
        if keys:
            turns.append(Turn("caller", f"[keys {''.join(keys)}]", keys_at))
            keys.clear()

    for entry in entries:
        match entry.event:
            case KeyPressed(key=key):
                keys_at = keys_at if keys else entry.t
                keys.append(key)
            case Understood(heard=heard) if heard.text:
                end_of_keys()
                turns.append(Turn("caller", heard.text, heard.started, heard.confidence))
            case PromptStarted(text=text):
                end_of_keys()
                turns.append(Turn("desk", text, entry.t))
            case PromptEnded(interrupted=True, heard=seconds, said=said) if seconds:
                last = max((n for n, turn in enumerate(turns) if turn.who == "desk"), default=None)
                if last is not None:
                    turns[last] = replace(turns[last], text=cut_off(said))
            case Say(text=text) if not played:
                end_of_keys()
                turns.append(Turn("desk", text, entry.t))
    end_of_keys()
    return tuple(turns)


def _intents(events: Sequence[Event]) -> tuple[str, ...]:
    """What accepted decisions are about, unless that is a slot."""
    slots = {event.slot.name for event in events if isinstance(event, SlotFilled)}
    understood: set[str] = set()
    accepted: dict[str, None] = {}
    for event in events:
        match event:
            case Understood(matches=matches):
                understood |= {m.meaning.name for m in matches if isinstance(m.meaning, Intent)}
            case Decided(decision=Decision.ACCEPT, about=about) if about in understood or about not in slots:
                accepted[about] = None
    return tuple(accepted)


def _slots(events: Iterable[Event]) -> tuple[SlotValue, ...]:
    last: dict[str, SlotValue] = {}
    for event in events:
        if isinstance(event, SlotFilled):
            last[event.slot.name] = event.slot
    return tuple(last.values())


def _turns(events: Iterable[Event]) -> int:
    count, in_keys = 0, False
    for event in events:
        match event:
            case Understood():
                count, in_keys = count + 1, False
            case KeyPressed():
                count, in_keys = count + (not in_keys), True
            case PromptStarted() | Say():
                in_keys = False
    return count


def _no_match(events: Iterable[Event]) -> int:
    """Utterances that fit nothing, or after which the desk asked again or gave up."""
    count, doubtful = 0, False
    for event in events:
        match event:
            case Understood(matches=matches):
                count, doubtful = count + (not matches), bool(matches)
            case Decided(decision=Decision.REPROMPT | Decision.HAND_OFF) if doubtful:
                count, doubtful = count + 1, False
            case NoInput() | KeyPressed():
                doubtful = False
    return count
