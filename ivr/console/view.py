"""What somebody at the console sees, as plain JSON. Pure.

Times are seconds since 1970; `now` in the picture lets a browser whose clock is wrong count the right waits.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.accounts.account import Account, Role
from ivr.floor.held import HeldCaller
from ivr.handoff.floor import Floor
from ivr.handoff.followups import Counts
from ivr.handoff.operators import Doing, Operator
from ivr.handoff.queue import Handoff, State, Step
from ivr.handoff.search import Day
from ivr.handoff.waiting import Entry, estimate, position

MOST_ROWS = 100
"""Rows of the waiting line that are sent: more than anybody reads."""

Json = dict[str, object]


def picture(
    account: Account, floor: Floor, handoffs: Mapping[int, Handoff], days: Mapping[str, Day], now: float
) -> Json:
    """Everything that moves on `account`'s page."""
    me = floor.operators.get(account.name)
    waiting = [entry for entry in floor.in_order() if account.sees(entry.queue)]
    seen = {*floor.rules, *days, *(entry.queue for entry in waiting)}
    return {
        "now": now,
        "me": _me(account, me),
        "offer": _offer(me, floor, handoffs),
        "talk": _talk(me, floor),
        "everywhere": [
            {"name": name, "at_work": floor.at_work(name), "closed": name in floor.closed}
            for name in sorted(floor.rules)
        ],
        "waiting": [_row(entry, floor, handoffs) for entry in waiting[:MOST_ROWS]],
        "waiting_count": len(waiting),
        "to_write_up": _to_write_up(account, me, handoffs),
        "colleagues": [_colleague(one) for one in sorted(floor.operators.values(), key=lambda one: one.name)],
        "talks": _talks(account, floor, handoffs),
        "queues": [_queue(name, floor, days) for name in sorted(seen) if account.sees(name)],
    }


def follow_ups_of(account: Account, counts: Mapping[str, Counts]) -> Json:
    """How many follow-ups of the account's queues are open and overdue."""
    mine = [count for queue, count in counts.items() if account.sees(queue)]
    return {"open": sum(count.open for count in mine), "overdue": sum(count.overdue for count in mine)}


def words_of(held: HeldCaller | None) -> Json | None:
    """What is said in a conversation now, None when the caller holds no line of ours."""
    if held is None:
        return None
    said = [
        {"who": one.who, "text": one.text, "confidence": one.confidence, "at": one.at} for one in held.said
    ]
    seats = [{"name": seat.name, "part": seat.part.value, "muted": seat.muted} for seat in held.room.seats]
    passed = held.passed_to
    return {
        "words": said,
        "seats": seats,
        "on_hold": held.room.on_hold,
        "calling": held.calling,
        "whispering": held.whispering is not None,
        "written": "both" if held.both_written else "caller",
        "routes": [{"name": one.name, "label": one.label or one.name} for one in held.routes],
        "passed_to": None if passed is None else {"to": passed.to, "trouble": passed.trouble},
    }


def card(handoff: Handoff, steps: tuple[Step, ...], earlier: tuple[Handoff, ...]) -> Json:
    """All that is known of one case."""
    request = handoff.request
    return {
        "id": handoff.id,
        "call": request.call_id,
        "desk": request.desk,
        "queue": request.queue,
        "priority": request.priority,
        "caller": request.caller,
        "identity": request.identity,
        "mood": request.mood,
        "call_back": handoff.call_back,
        "want": request.want,
        "reason": request.reason.value,
        "entered": handoff.entered.timestamp(),
        "waited_before": request.waited,
        "state": handoff.state.value,
        "operator": handoff.operator,
        "attempts": handoff.attempts,
        "skills": list(request.skills),
        "tried": list(request.tried),
        "disposition": handoff.disposition,
        "notes": handoff.notes,
        "transcript": [
            {"who": turn.who, "text": turn.text, "at": turn.at, "confidence": turn.confidence}
            for turn in request.transcript
        ],
        "slots": [
            {"name": slot.name, "value": slot.value, "said": slot.said, "score": slot.score}
            for slot in request.slots
        ],
        "steps": [
            {"kind": step.kind.value, "at": step.at.timestamp(), "who": step.who, "note": step.note}
            for step in steps
        ],
        "earlier": [brief(other) for other in earlier if other.id != handoff.id],
    }


def brief(handoff: Handoff) -> Json:
    """One line of a list."""
    return {
        "id": handoff.id,
        "entered": handoff.entered.timestamp(),
        "queue": handoff.request.queue,
        "caller": handoff.request.caller,
        "want": handoff.request.want,
        "state": handoff.state.value,
        "operator": handoff.operator,
        "disposition": handoff.disposition,
    }


def _me(account: Account, me: Operator | None) -> Json:
    return {
        "name": account.name,
        "role": account.role.value,
        "doing": Doing.AWAY.value if me is None else me.doing.value,
        "since": None if me is None else me.since,
        "until": None if me is None else me.until,
        "handoff": None if me is None else me.handoff,
        "leaving": me is not None and me.leaving,
        "reason": "" if me is None else me.reason,
        "calls": 0 if me is None else me.calls,
    }


def _offer(me: Operator | None, floor: Floor, handoffs: Mapping[int, Handoff]) -> Json | None:
    if me is None or me.doing is not Doing.RINGING or me.handoff is None:
        return None
    if (talk := floor.talks.get(me.handoff)) is not None:
        row = _row(talk.entry, floor, handoffs)
        return row | {"until": talk.asked[me.name], "asked_by": talk.operator}
    entry = floor.entries[me.handoff]
    return _row(entry, floor, handoffs) | {"until": entry.ringing[me.name], "asked_by": ""}


def _talk(me: Operator | None, floor: Floor) -> Json | None:
    """Who is in the conversation that `me` is in, and who is asked into it."""
    talk = None if me is None or me.handoff is None else floor.talks.get(me.handoff)
    if me is None or talk is None or not talk.has(me.name):
        return None
    return {
        "operator": talk.operator,
        "guests": list(talk.guests),
        "asked": sorted(talk.asked),
        "heir": talk.heir,
        "call_back": talk.entry.number is not None,
    }


def _row(entry: Entry, floor: Floor, handoffs: Mapping[int, Handoff]) -> Json:
    place = position(entry, floor.entries.values())
    known = handoffs.get(entry.handoff)
    return {
        "id": entry.handoff,
        "queue": entry.queue,
        "priority": entry.priority,
        "arrived": entry.arrived,
        "on_line": entry.on_line,
        "returned": entry.returned,
        "attempts": entry.attempts,
        "not_before": entry.not_before,
        "ringing": sorted(entry.ringing),
        "position": place,
        "estimate": estimate(place, floor.call_length(entry.queue).value, floor.at_work(entry.queue)),
        "caller": "" if known is None else known.request.caller,
        "want": "" if known is None else known.request.want,
        "reason": "" if known is None else known.request.reason.value,
        "identity": "" if known is None else known.request.identity,
        "mood": "" if known is None else known.request.mood,
        "desk": "" if known is None else known.request.desk,
    }


def _to_write_up(account: Account, me: Operator | None, handoffs: Mapping[int, Handoff]) -> list[Json]:
    """Calls of theirs that are over and have no disposition yet, but for the one they write up now."""
    now = None if me is None else me.handoff
    return [
        brief(handoff)
        for handoff in handoffs.values()
        if handoff.state is State.WRAPPING_UP and handoff.operator == account.name and handoff.id != now
    ]


def _colleague(one: Operator) -> Json:
    return {
        "name": one.name,
        "doing": one.doing.value,
        "since": one.since,
        "handoff": one.handoff,
        "reason": one.reason,
        "calls": one.calls,
        "queues": None if one.queues is None else sorted(one.queues),
    }


def _talks(account: Account, floor: Floor, handoffs: Mapping[int, Handoff]) -> list[Json]:
    """Conversations: for supervisors, whose business they are."""
    if not account.role.may(Role.SUPERVISOR):
        return []
    return [
        {
            "id": number,
            "operator": talk.operator,
            "guests": list(talk.guests),
            "since": talk.since,
            "queue": talk.entry.queue,
            "caller": handoffs[number].request.caller if number in handoffs else "",
            "want": handoffs[number].request.want if number in handoffs else "",
        }
        for number, talk in sorted(floor.talks.items())
    ]


def _queue(name: str, floor: Floor, days: Mapping[str, Day]) -> Json:
    day = days.get(name, Day(name))
    waiting = [entry for entry in floor.entries.values() if entry.queue == name]
    rules = floor.rules_of(name)
    return {
        "name": name,
        "waiting": len(waiting),
        "oldest": min((entry.arrived for entry in waiting), default=None),
        "at_work": floor.at_work(name),
        "talking": sum(talk.entry.queue == name for talk in floor.talks.values()),
        "closed": name in floor.closed,
        "entered": day.entered,
        "answered": day.answered,
        "abandoned": day.abandoned,
        "service_level": day.service_level,
        "mean_wait": day.mean_wait,
        "longest": day.longest,
        "target": rules.target,
        "target_wait": rules.target_wait,
    }
