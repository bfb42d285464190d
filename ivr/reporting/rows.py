"""One row a call: who, what they needed, what came of it, who is in charge. From records and queue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from ivr.errors import StateError
from ivr.events import Outcome
from ivr.handoff.followup import FollowUp, was_broken, was_kept
from ivr.handoff.queue import Handoff, State, Step, StepKind
from ivr.handover import FollowUpKind
from ivr.meaning import SlotValue
from ivr.records.layout import SUMMARY, calls, days
from ivr.records.log import read_summary
from ivr.records.summary import Summary

_DIGITS_SHOWN = 3
_LONG_NUMBER = re.compile(r"\+?\d(?:[ .()/-]?\d){6,}")


@dataclass(frozen=True, slots=True)
class Row:
    """A call.

    need        what the caller wants, one sentence as the queue has it; "" when no person was asked for
    matters     the intents that were accepted, in order
    result      the outcome; `detail` the route, the queue or the desk's own word
    person      the operator in charge, "" without one; `disposition` what came of it
    waits       seconds from the end of the caller's speech to each reply
    queue_wait  seconds until a person took the call, None when none did
    call_back   whether one was asked for; `kept` whether it was made
    satisfaction  1 to 5, None where it was not asked or not answered
    follow_ups    what was to be done after the call: how much, how much was done in time, how much was not
    """

    call: str
    desk: str
    started: datetime
    seconds: float
    caller: str
    need: str
    matters: tuple[str, ...]
    result: Outcome
    detail: str
    person: str
    disposition: str
    turns: int
    not_understood: int
    waits: tuple[float, ...]
    queue_wait: float | None
    call_back: bool
    kept: bool
    satisfaction: int | None = None
    follow_ups: tuple[int, int, int] = (0, 0, 0)

    def to_json(self) -> dict[str, object]:
        """As the report shows it."""
        return {
            "call": self.call,
            "desk": self.desk,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 1),
            "caller": self.caller,
            "need": self.need,
            "matters": list(self.matters),
            "result": self.result.value,
            "detail": self.detail,
            "person": self.person,
            "disposition": self.disposition,
            "turns": self.turns,
            "not_understood": self.not_understood,
            "median_wait": _median(self.waits),
            "queue_wait": None if self.queue_wait is None else round(self.queue_wait, 1),
            "call_back": self.call_back,
            "call_back_kept": self.kept,
            "follow_ups": self.follow_ups[0],
            "follow_ups_kept": self.follow_ups[1],
            "follow_ups_broken": self.follow_ups[2],
            "satisfaction": self.satisfaction,
        }


def row_of(
    summary: Summary,
    handoff: Handoff | None = None,
    steps: tuple[Step, ...] = (),
    promises: tuple[FollowUp, ...] = (),
    now: datetime | None = None,
) -> Row:
    """A call as a row; numbers that could name somebody are masked.

    now  decides which promises are broken that nobody has settled; None: none of them
    """
    first = {step.kind: step for step in reversed(steps)}
    taken = first.get(StepKind.ACCEPTED) or first.get(StepKind.TAKEN)
    wait = None if handoff is None or taken is None else (taken.at - handoff.entered).total_seconds()
    asked = StepKind.CALL_BACK in first or summary.outcome is Outcome.CALLED_BACK
    done = handoff is not None and handoff.state in (State.DONE, State.WRAPPING_UP, State.TALKING)
    call_backs = [one for one in promises if one.request.kind is FollowUpKind.CALL_BACK]
    if call_backs:
        asked, done = True, all(map(was_kept, call_backs))
    return Row(
        call=summary.call_id,
        desk=summary.desk,
        started=summary.started,
        seconds=summary.seconds,
        caller=masked_number(summary.caller),
        need=masked("" if handoff is None else handoff.request.want),
        matters=summary.intents,
        result=summary.outcome,
        detail=summary.detail,
        person="" if handoff is None else handoff.operator,
        disposition="" if handoff is None else masked(handoff.disposition),
        turns=summary.turns,
        not_understood=summary.no_match,
        waits=summary.waits,
        queue_wait=None if wait is None else max(0.0, wait),
        call_back=asked,
        kept=asked and done,
        satisfaction=_satisfaction((*(() if handoff is None else handoff.request.slots), *summary.slots)),
        follow_ups=(
            len(promises),
            sum(map(was_kept, promises)),
            sum(was_broken(one, now or one.made) for one in promises),
        ),
    )


def masked(text: str) -> str:
    """Text in which long numbers (telephone, card, identity) show their last digits only."""
    return _LONG_NUMBER.sub(lambda found: masked_number(found.group()), text)


def masked_number(number: str) -> str:
    """A number of which only the last digits can be read; what has no digits stays."""
    digits = [character for character in number if character.isdigit()]
    return number if not digits else f"…{''.join(digits[-_DIGITS_SHOWN:])}"


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of a period; `unreadable` are records that are damaged."""

    rows: tuple[Row, ...]
    unreadable: tuple[StateError, ...]


def read_rows(
    state: Path,
    first: date,
    last: date,
    desks: frozenset[str] | None,
    handoffs: Mapping[str, Handoff],
    steps: Callable[[int], tuple[Step, ...]],
    seen: Callable[[Iterable[Path]], Iterable[Path]] = lambda paths: paths,
    *,
    promises: Mapping[str, tuple[FollowUp, ...]] = MappingProxyType({}),
    now: datetime | None = None,
) -> Found:
    """The calls answered from `first` to `last`, both included, oldest first. Raises StateError.

    desks     only calls of desks with these names; None for all
    handoffs  those of the period, by the id of their call
    seen      wraps the folders, for a progress bar
    promises  what was to be done after calls, by the id of the call; `now` decides which are broken
    """
    rows: list[Row] = []
    unreadable: list[StateError] = []
    folders = [folder for day, path in days(state) if first <= day <= last for folder in calls(path)]
    for folder in seen(folders):
        if not (folder / SUMMARY).exists():
            continue  # it is being held
        try:
            summary = read_summary(folder)
        except StateError as error:
            unreadable.append(error)
            continue
        if desks is not None and summary.desk not in desks:
            continue
        handoff = handoffs.get(summary.call_id)
        made = promises.get(summary.call_id, ())
        rows.append(row_of(summary, handoff, () if handoff is None else steps(handoff.id), made, now))
    return Found(tuple(sorted(rows, key=lambda row: row.started)), tuple(unreadable))


def _median(values: tuple[float, ...]) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return round((ordered[middle] + ordered[~middle]) / 2, 3)


def _satisfaction(known: tuple[SlotValue, ...]) -> int | None:
    """What the caller answered to the survey, at last: in the call, or when they were called back."""
    said = [slot.value for slot in known if slot.name == "satisfaction"]
    return int(said[-1]) if said and said[-1] in {"1", "2", "3", "4", "5"} else None
