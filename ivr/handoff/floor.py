"""The floor: who waits, who works, who talks to whom, and the moves between them. Pure; time is an argument.

Every move appends what must be done to `actions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.handoff.actions import (
    Action,
    AskEnded,
    CallBack,
    Connect,
    Offer,
    Overflow,
    PassedOn,
    SetAway,
    TalkEnded,
    TellReturned,
    Why,
    Withdraw,
    WrapUp,
)
from ivr.handoff.operators import Doing, Operator
from ivr.handoff.rules import QueueRules
from ivr.handoff.waiting import Average, Entry


@dataclass(slots=True)
class Talk:
    """A conversation, or a call-back that is being dialled.

    guests  colleagues who are in it too, in the order in which they came
    asked   colleagues who are rung for it, with the time that ends
    heir    the one of them who is to have it instead, "" for nobody
    """

    entry: Entry
    operator: str
    since: float
    guests: list[str] = field(default_factory=list)
    asked: dict[str, float] = field(default_factory=dict)
    heir: str = ""

    def has(self, name: str) -> bool:
        """Whether `name` is in it."""
        return name == self.operator or name in self.guests


class Floor:
    """The state of all queues."""

    def __init__(self, rules: Iterable[QueueRules] = ()) -> None:
        self.rules = {one.name: one for one in rules}
        self.entries: dict[int, Entry] = {}
        self.operators: dict[str, Operator] = {}
        self.talks: dict[int, Talk] = {}
        self.closed: set[str] = set()
        self.last_rung: dict[str, int] = {}
        self.signed_on = 0
        self._calls: dict[str, Average] = {}

    def rules_of(self, queue: str) -> QueueRules:
        """The rules of `queue`; the usual ones for a queue that nobody described."""
        if queue not in self.rules:
            self.rules[queue] = QueueRules(queue)
        return self.rules[queue]

    def call_length(self, queue: str) -> Average:
        """How long a call of `queue` takes, in seconds."""
        return self._calls.setdefault(queue, Average(self.rules_of(queue).usual_call))

    def in_order(self) -> list[Entry]:
        """Everybody who waits, the next first."""
        return sorted(self.entries.values(), key=lambda entry: entry.rank)

    def on_line(self, queue: str) -> int:
        """How many callers of `queue` hold the line."""
        return sum(entry.queue == queue and entry.on_line for entry in self.entries.values())

    def room(self, queue: str) -> bool:
        """Whether `queue` takes one more caller."""
        most = self.rules_of(queue).most
        return queue not in self.closed and (most is None or self.on_line(queue) < most)

    def overflow_of(self, queue: str) -> str:
        """The next queue on the way of overflows that has room, "" when there is none."""
        seen = {queue}
        while (queue := self.rules_of(queue).overflow) and queue not in seen:
            if self.room(queue):
                return queue
            seen.add(queue)
        return ""

    def taker(self, queue: str, *, urgent: bool) -> str:
        """The queue in which one more caller of `queue` would wait now; "" for none."""
        return queue if urgent or self.room(queue) else self.overflow_of(queue)

    def at_work(self, queue: str) -> int:
        """How many operators take callers of `queue`."""
        return sum(one.at_work and one.serves(queue) for one in self.operators.values())

    # --- moves -------------------------------------------------------------------------------------------

    def ring(self, operator: Operator, entry: Entry, now: float, actions: list[Action]) -> None:
        """Offer `entry` to an operator who is free for it."""
        until = now + self.rules_of(entry.queue).ring
        operator.turn_to(Doing.RINGING, now, entry.handoff)
        entry.ringing[operator.name] = until
        self.last_rung[entry.queue] = operator.number
        actions.append(Offer(operator.name, entry.handoff, until))

    def stop_ringing(
        self, entry: Entry, operator: Operator, why: Why, now: float, actions: list[Action]
    ) -> None:
        """The offer to `operator` is over; they are ready again, or away if they let too many ring."""
        del entry.ringing[operator.name]
        if why in (Why.NO_ANSWER, Why.DECLINED, Why.OPERATOR_GONE):
            # Who declines is not asked again at once, even where nobody else is there.
            pause = self.rules_of(entry.queue).ring if why is Why.DECLINED else 0.0
            entry.tried[operator.name] = now + pause
        operator.turn_to(Doing.READY, now)
        actions.append(Withdraw(operator.name, entry.handoff, why))
        if why is Why.NO_ANSWER:
            operator.missed += 1
            if operator.missed >= self.rules_of(entry.queue).misses:
                operator.missed = 0
                operator.turn_to(Doing.AWAY, now)
                operator.reason = Why.NO_ANSWER
                actions.append(SetAway(operator.name))

    def stop_all_ringing(self, entry: Entry, why: Why, now: float, actions: list[Action]) -> None:
        """All offers of `entry` are over."""
        for name in sorted(entry.ringing):
            self.stop_ringing(entry, self.operators[name], why, now, actions)

    def stop_asking(self, talk: Talk, one: Operator, why: Why, now: float, actions: list[Action]) -> None:
        """A colleague is not asked into a conversation any more; they are ready again."""
        del talk.asked[one.name]
        if talk.heir == one.name:
            talk.heir = ""
        one.turn_to(Doing.READY, now)
        actions.append(AskEnded(one.name, talk.entry.handoff, talk.operator, why))

    def stop(self, one: Operator, why: Why, now: float, actions: list[Action]) -> None:
        """Whatever rings the operator ends."""
        assert one.handoff is not None
        if (entry := self.entries.get(one.handoff)) is not None:
            self.stop_ringing(entry, one, why, now, actions)
        else:
            self.stop_asking(self.talks[one.handoff], one, why, now, actions)

    def disperse(self, talk: Talk, now: float, actions: list[Action]) -> None:
        """Everybody but its operator is out of a conversation that ends."""
        for name in sorted(talk.asked):
            self.stop_asking(talk, self.operators[name], Why.CALLER_LEFT, now, actions)
        for name in talk.guests:
            self.rest(self.operators[name], now)
        talk.guests.clear()

    def begin_talk(self, operator: Operator, entry: Entry, now: float, actions: list[Action]) -> None:
        """Bring the two together; everybody else who is rung for the caller is released."""
        entry.ringing.pop(operator.name, None)
        self.stop_all_ringing(entry, Why.TAKEN, now, actions)
        del self.entries[entry.handoff]
        operator.turn_to(Doing.TALKING, now, entry.handoff)
        operator.calls += 1
        operator.missed = 0
        self.talks[entry.handoff] = Talk(entry, operator.name, now)
        if entry.number is None:
            actions.append(Connect(operator.name, entry.handoff))
        else:
            actions.append(CallBack(operator.name, entry.handoff, entry.number, entry.attempts + 1))

    def end_talk(self, talk: Talk, now: float, actions: list[Action], *, note: str = "") -> None:
        """The conversation is over and its operator writes it up."""
        entry, operator = talk.entry, self.operators[talk.operator]
        self.disperse(talk, now, actions)
        del self.talks[entry.handoff]
        self.call_length(entry.queue).add(now - talk.since)
        actions.append(TalkEnded(operator.name, entry.handoff, now - talk.since, note))
        seconds = self.rules_of(entry.queue).wrap_up
        if seconds <= 0:
            self.rest(operator, now)
            return
        operator.turn_to(Doing.WRAPPING_UP, now, entry.handoff)
        operator.until = now + seconds
        actions.append(WrapUp(operator.name, entry.handoff, operator.until))

    def rest(self, operator: Operator, now: float) -> None:
        """Their work is done: ready, or away if they wanted to leave."""
        operator.turn_to(Doing.AWAY if operator.leaving else Doing.READY, now)
        operator.leaving = False
        operator.idle = now

    def pass_on(self, talk: Talk, queue: str, now: float, actions: list[Action]) -> None:
        """The caller waits again, in `queue`, as early as they arrived; the operator is free."""
        entry, operator = talk.entry, self.operators[talk.operator]
        self.disperse(talk, now, actions)
        del self.talks[entry.handoff]
        self.call_length(entry.queue).add(now - talk.since)
        self.move(entry, queue, now, actions)
        # Not to whom they come from, as long as there is anybody else.
        entry.tried[operator.name] = now + self.rules_of(queue).ring
        self.entries[entry.handoff] = entry
        actions.append(PassedOn(operator.name, entry.handoff, queue))
        self.rest(operator, now)

    def give_back(self, talk: Talk, now: float, actions: list[Action]) -> None:
        """The operator was lost: their caller is first in line again."""
        entry = talk.entry
        self.disperse(talk, now, actions)
        del self.talks[entry.handoff]
        entry.returned, entry.since = True, now
        entry.tried.clear()
        entry.news = now + self.rules_of(entry.queue).first_news
        self.entries[entry.handoff] = entry
        actions.append(TellReturned(entry.handoff))

    def move(self, entry: Entry, queue: str, now: float, actions: list[Action]) -> None:
        """Into another queue; the time of arrival, and so the place, is kept."""
        self.stop_all_ringing(entry, Why.MOVED, now, actions)
        entry.tried.clear()
        entry.queue, entry.since, entry.delayed = queue, now, False
        entry.news = now + self.rules_of(queue).first_news

    def overflow(self, entry: Entry, queue: str, now: float, actions: list[Action]) -> None:
        """Into the queue that takes over."""
        before = entry.queue
        self.move(entry, queue, now, actions)
        actions.append(Overflow(entry.handoff, before, queue))
