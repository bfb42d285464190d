"""What time and free operators bring about: offers that end, news for who waits, the next offers. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from ivr.handoff.actions import Action, TellDelay, TellPosition, Why
from ivr.handoff.company import let_asks_end
from ivr.handoff.floor import Floor
from ivr.handoff.operators import Doing, Operator, in_turn
from ivr.handoff.waiting import Entry, estimate, position

NEVER = math.inf


def let_time_pass(floor: Floor, now: float, actions: list[Action]) -> None:
    """End the offers and the writing up whose time is over; move or tell who waits too long."""
    for entry in _ordered(one for one in floor.entries.values() if one.ringing):
        for name, until in sorted(entry.ringing.items()):
            if until <= now:
                floor.stop_ringing(entry, floor.operators[name], Why.NO_ANSWER, now, actions)
    let_asks_end(floor, now, actions)
    for operator in floor.operators.values():
        if operator.doing is Doing.WRAPPING_UP and operator.until is not None and operator.until <= now:
            floor.rest(operator, now)
    for entry in _ordered(one for one in floor.entries.values() if _delay(floor, one) <= now):
        if queue := floor.overflow_of(entry.queue):
            floor.overflow(entry, queue, now, actions)
        else:
            entry.delayed = True
            actions.append(TellDelay(entry.handoff, now - entry.arrived))


def distribute(floor: Floor, now: float, actions: list[Action]) -> None:
    """Offer everybody who waits, the next first, to the operators whose turn it is."""
    resting = [one for one in floor.operators.values() if one.doing in (Doing.READY, Doing.WRAPPING_UP)]
    if not resting:
        return
    for entry in floor.in_order():
        if entry.ringing or entry.not_before > now:
            continue
        rules = floor.rules_of(entry.queue)
        free = [one for one in resting if one.free_for(entry)]
        fresh = [one for one in free if one.name not in entry.tried]
        if free and not fresh and not _others(floor, entry):
            # Everybody was asked: again from the start, but for those who declined a moment ago.
            entry.tried = {name: until for name, until in entry.tried.items() if until > now}
            fresh = [one for one in free if one.name not in entry.tried]
        for operator in in_turn(fresh, rules.strategy, floor.last_rung.get(entry.queue, 0)):
            floor.ring(operator, entry, now, actions)


def tell(floor: Floor, now: float, actions: list[Action]) -> None:
    """Tell callers on the line their position when it is time for it."""
    for entry in _ordered(one for one in floor.entries.values() if one.on_line and one.news <= now):
        place = position(entry, floor.entries.values())
        wait = estimate(place, floor.call_length(entry.queue).value, floor.at_work(entry.queue))
        actions.append(TellPosition(entry.handoff, place, wait))
        entry.news = now + floor.rules_of(entry.queue).news


def deadlines(floor: Floor, now: float) -> Iterator[float]:
    """The moments at which something happens by itself."""
    for entry in floor.entries.values():
        yield from entry.ringing.values()
        yield from (until for until in (*entry.tried.values(), entry.not_before) if until > now)
        if entry.on_line:
            yield entry.news
        if (limit := _delay(floor, entry)) < NEVER:
            yield limit
    for talk in floor.talks.values():
        yield from talk.asked.values()
    for operator in floor.operators.values():
        if operator.doing is Doing.WRAPPING_UP and operator.until is not None:
            yield operator.until


def _ordered(entries: Iterable[Entry]) -> list[Entry]:
    """The next first. Of a thousand who wait, something happens to few: only those are sorted."""
    return sorted(entries, key=lambda entry: entry.rank)


def _delay(floor: Floor, entry: Entry) -> float:
    """When a caller on the line waits too long in this queue; `NEVER`, also when it was told."""
    longest = floor.rules_of(entry.queue).longest_wait
    return NEVER if longest is None or entry.delayed or not entry.on_line else entry.since + longest


def _others(floor: Floor, entry: Entry) -> list[Operator]:
    """Operators at work who fit and were not asked, though they are busy now."""
    return [
        one
        for one in floor.operators.values()
        if one.at_work and one.fits(entry) and one.name not in entry.tried
    ]
