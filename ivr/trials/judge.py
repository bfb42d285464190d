"""What came of a call against what its call file expects. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivr.events import (
    Alert,
    CallEnded,
    Event,
    FollowUp,
    HandOff,
    LookedUp,
    LookupResult,
    Outcome,
    PromptStarted,
    Say,
    SlotFilled,
    Transfer,
    Understood,
)
from ivr.meaning import SlotValue
from ivr.trials.callfile import Expected


def judge(expected: Expected, events: Sequence[Event]) -> tuple[str, ...]:
    """What is wrong with the call, a sentence each; () when it reached its outcome as expected."""
    wrong: list[str] = []
    ended = next((event for event in events if isinstance(event, CallEnded)), None)
    if ended is None:
        return ("the call has no end",)
    if ended.outcome is not expected.outcome:
        wrong.append(f"outcome is {ended.outcome} ({ended.detail}), expected {expected.outcome}")
    elif expected.detail is not None and detail_of(ended, events) != expected.detail:
        wrong.append(f"{ended.outcome} {detail_of(ended, events)!r}, expected {expected.detail!r}")
    handoffs = [event.request for event in events if isinstance(event, HandOff | Alert)]
    if expected.reason is not None and expected.reason not in {request.reason for request in handoffs}:
        wrong.append(f"handed off because {[str(r.reason) for r in handoffs]}, expected {expected.reason}")
    wrong += _unheard(expected.heard, events)
    wrong += _slots(expected.slots, events)
    wrong += _looked_up(expected, events)
    wrong += _promised(expected, events)
    turns = turns_of(events)
    if expected.max_turns is not None and turns > expected.max_turns:
        wrong.append(f"took {turns} turns, at most {expected.max_turns} are expected")
    return tuple(wrong)


def plain(text: str) -> str:
    """Text for comparing what was heard: lower case, words only."""
    return " ".join(re.findall(r"[\w']+", text.lower()))


def turns_of(events: Sequence[Event]) -> int:
    """Utterances that the desk replied to: what a caller adds to its last words takes no turn."""
    last = max((n for n, event in enumerate(events) if isinstance(event, PromptStarted | Say)), default=0)
    return sum(isinstance(event, Understood) for event in events[:last])


def detail_of(ended: CallEnded, events: Sequence[Event]) -> str:
    """The route of a transfer, the queue of a handoff, else the desk's own word."""
    kinds = HandOff | Alert if ended.outcome is Outcome.HANDED_OFF else HandOff
    queue = next((event.request.queue for event in reversed(events) if isinstance(event, kinds)), None)
    return queue if queue is not None else ended.detail


def _unheard(needed: Sequence[str], events: Sequence[Event]) -> list[str]:
    """Each text must be part of a prompt, in this order."""
    said = [plain(event.text) for event in events if isinstance(event, PromptStarted | Say)]
    at = 0
    for text in needed:
        found = next((n for n in range(at, len(said)) if plain(text) in said[n]), None)
        if found is None:
            return [f"the caller never heard {text!r}"]
        at = found + 1
    return []


def _looked_up(expected: Expected, events: Sequence[Event]) -> list[str]:
    """The last answer of each lookup."""
    answers = {event.lookup: event for event in events if isinstance(event, LookedUp)}
    wrong: list[str] = []
    for name, needed in expected.looked_up.items():
        answer = answers.get(name)
        if answer is None:
            wrong.append(f"{name} was not looked up")
        elif isinstance(needed, str):
            if answer.result is not LookupResult(needed):
                wrong.append(f"lookup {name} is {answer.result}, expected {needed}")
        else:
            row = {value.name: value.value for value in answer.rows[0]} if answer.rows else {}
            wrong += [
                f"lookup {name} has {key} {row.get(key)!r}, expected {value!r}"
                for key, value in needed.items()
                if row.get(key) != value
            ]
    return wrong


def _promised(expected: Expected, events: Sequence[Event]) -> list[str]:
    """The last follow-up of each kind."""
    made = {event.request.kind: event.request for event in events if isinstance(event, FollowUp)}
    wrong: list[str] = []
    for kind, needed in expected.promised.items():
        request = made.get(kind)
        if request is None:
            wrong.append(f"no {kind.value} was promised")
            continue
        found = {key: getattr(request, key) for key in needed}
        wrong += [
            f"the {kind.value} has {key} {found[key]!r}, expected {value!r}"
            for key, value in needed.items()
            if found[key] != value
        ]
    return wrong


def _slots(needed: dict[str, str], events: Sequence[Event]) -> list[str]:
    known: dict[str, str] = {}
    for event in events:
        values: tuple[SlotValue, ...] = ()
        match event:
            case SlotFilled(slot=slot):
                values = (slot,)
            case HandOff(request=request) | Alert(request=request):
                values = request.slots
            case Transfer(slots=slots):
                values = slots
            case _:
                pass
        known.update({value.name: value.value for value in values})
    return [
        f"slot {name} is {known.get(name)!r}, expected {value!r}"
        for name, value in needed.items()
        if known.get(name) != value
    ]
