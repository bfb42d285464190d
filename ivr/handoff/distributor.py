"""Automatic call distribution: brings waiting callers and operators together by the queues' rules. Pure.

`Distributor.handle(message, now)` gives what must be done. `now` is in seconds of any clock; one that
goes back stands still here. `wake` says when to send a `Tick` if nothing else happens before.

Busy operators who have not been asked yet are waited for before those who let it ring are rung again, as the
queues of Asterisk and FreeSWITCH do with their penalties; a caller in an emergency goes to whoever is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from ivr.handoff import company
from ivr.handoff import messages as told
from ivr.handoff.actions import Abandoned, Action, GivenUp, Reached, Refuse, Rescheduled, TooLate, Why
from ivr.handoff.allot import deadlines, distribute, let_time_pass, tell
from ivr.handoff.floor import Floor, Talk
from ivr.handoff.operators import Doing, Operator
from ivr.handoff.rules import URGENT, QueueRules
from ivr.handoff.waiting import Entry


class Distributor:
    """All queues and operators. Names of queues without rules get the usual ones."""

    def __init__(self, rules: Iterable[QueueRules] = ()) -> None:
        self.floor = Floor(rules)
        self._now = float("-inf")

    @property
    def wake(self) -> float | None:
        """When to send a Tick at the latest; None when nothing happens by itself."""
        return min(deadlines(self.floor, self._now), default=None)

    def handle(self, message: told.Message, now: float) -> tuple[Action, ...]:
        """What must be done, in this order. What makes no sense any more changes nothing."""
        self._now = now = max(now, self._now)
        actions: list[Action] = []
        self._apply(message, now, actions)
        let_time_pass(self.floor, now, actions)
        distribute(self.floor, now, actions)
        tell(self.floor, now, actions)
        return tuple(actions)

    def _apply(self, message: told.Message, now: float, actions: list[Action]) -> None:
        floor = self.floor
        match message:
            case told.Entered():
                self._enter(message, now, actions)
            case told.CallerLeft(handoff):
                self._caller_left(handoff, now, actions)
            case told.CallBackWanted(handoff, number):
                if (entry := floor.entries.get(handoff)) is not None:
                    entry.number, entry.not_before = number, now
            case told.Moved(handoff, queue, priority):
                if (entry := floor.entries.get(handoff)) is not None:
                    floor.move(entry, queue, now, actions)
                    entry.priority = priority
            case told.Settled(handoff):
                self._settled(handoff, now, actions)
            case told.Opened(queue):
                floor.closed.discard(queue)
            case told.Closed(queue):
                floor.closed.add(queue)
            case told.Ended() | told.PassedOn() | told.Asked() | told.Left() | told.TakenOver():
                if (talk := floor.talks.get(message.handoff)) is not None:
                    self._of_talk(message, talk, now, actions)
            case told.Reached(handoff):
                if (talk := floor.talks.get(handoff)) is not None:
                    talk.since = now
                    actions.append(Reached(talk.operator, handoff))
            case told.NotReached(operator, handoff):
                self._not_reached(operator, handoff, now, actions)
            case told.Accepted(operator, handoff) | told.Taken(operator, handoff):
                self._take(message, operator, handoff, now, actions)
            case told.Tick():
                pass
            case _:
                self._of_operator(message, now, actions)

    def _of_talk(
        self,
        message: told.Ended | told.PassedOn | told.Asked | told.Left | told.TakenOver,
        talk: Talk,
        now: float,
        actions: list[Action],
    ) -> None:
        floor, name = self.floor, message.operator
        mine = talk.operator == name
        match message:
            case told.Ended(note=note) if mine:
                floor.end_talk(talk, now, actions, note=note)
            case told.PassedOn(queue=queue) if mine:
                floor.pass_on(talk, queue, now, actions)
            case told.Asked(colleague=colleague, hand_over=instead) if mine:
                company.ask(floor, talk, colleague, now, actions, hand_over=instead)
            case told.Left() if talk.has(name):
                company.leave(floor, talk, floor.operators[name], now, actions)
            case told.TakenOver() if not mine and (one := floor.operators.get(name)) is not None:
                if one.doing is Doing.TALKING and name not in talk.guests:
                    actions.append(TooLate(name, message.handoff, Why.NOT_FREE))
                    return
                if one.doing is Doing.RINGING and name not in talk.asked:
                    floor.stop(one, Why.MOVED, now, actions)
                company.take_over(floor, talk, one, now, actions)
            case _:
                pass

    def _of_operator(
        self,
        message: told.SignedOn | told.Ready | told.Away | told.Gone | told.Declined | told.WrappedUp,
        now: float,
        actions: list[Action],
    ) -> None:
        floor = self.floor
        one = floor.operators.get(message.operator)
        match message:
            case told.SignedOn(name, queues, skills) if one is None:
                floor.signed_on += 1
                floor.operators[name] = Operator(name, floor.signed_on, queues, skills, now, idle=now)
            case _ if one is None:
                return
            case told.SignedOn(_, queues, skills):
                one.queues, one.skills = queues, skills
                rung_for = floor.entries.get(one.handoff or 0)
                if one.doing is Doing.RINGING and rung_for is not None and not one.fits(rung_for):
                    floor.stop_ringing(rung_for, one, Why.MOVED, now, actions)
            case told.Ready():
                one.leaving, one.reason, one.missed = False, "", 0
                if one.doing in (Doing.AWAY, Doing.WRAPPING_UP):
                    floor.rest(one, now)
            case told.Away(reason=reason):
                self._away(one, reason, now, actions)
            case told.Gone(name):
                self._gone(one, now, actions)
                del floor.operators[name]
            case told.Declined(name, handoff):
                if one.doing is Doing.RINGING and one.handoff == handoff:
                    floor.stop(one, Why.DECLINED, now, actions)
            case told.WrappedUp():
                if one.doing is Doing.WRAPPING_UP:
                    floor.rest(one, now)

    def _enter(self, message: told.Entered, now: float, actions: list[Action]) -> None:
        floor, handoff, queue = self.floor, message.handoff, message.queue
        if handoff in floor.entries or handoff in floor.talks:
            if message.number is None and (known := floor.entries.get(handoff)) is not None:
                known.number, known.news = None, now + floor.rules_of(known.queue).first_news
            return
        refusable = message.priority != URGENT and message.number is None
        entry = Entry(handoff, queue, message.priority, message.arrived, now, message.skills, message.number)
        entry.news = now + floor.rules_of(queue).first_news
        entry.returned, entry.attempts, entry.not_before = (
            message.returned,
            message.attempts,
            message.not_before,
        )
        if refusable and not floor.room(queue):
            other = floor.overflow_of(queue)
            if not other:
                why = Why.CLOSED if queue in floor.closed else Why.FULL
                actions.append(Refuse(handoff, why))
                return
            floor.overflow(entry, other, now, actions)
        floor.entries[handoff] = entry

    def _caller_left(self, handoff: int, now: float, actions: list[Action]) -> None:
        floor = self.floor
        if (talk := floor.talks.get(handoff)) is not None:
            floor.end_talk(talk, now, actions)
        elif (entry := floor.entries.get(handoff)) is not None and entry.on_line:
            floor.stop_all_ringing(entry, Why.CALLER_LEFT, now, actions)
            del floor.entries[handoff]
            actions.append(Abandoned(handoff, max(0.0, now - entry.arrived)))

    def _settled(self, handoff: int, now: float, actions: list[Action]) -> None:
        floor = self.floor
        if (talk := floor.talks.pop(handoff, None)) is not None:
            floor.disperse(talk, now, actions)
            floor.rest(floor.operators[talk.operator], now)
        elif (entry := floor.entries.pop(handoff, None)) is not None:
            floor.stop_all_ringing(entry, Why.TAKEN, now, actions)

    def _not_reached(self, operator: str, handoff: int, now: float, actions: list[Action]) -> None:
        floor = self.floor
        talk = floor.talks.get(handoff)
        if talk is None or talk.operator != operator or talk.entry.on_line:
            return
        entry = talk.entry
        floor.disperse(talk, now, actions)
        del floor.talks[handoff]
        floor.rest(floor.operators[operator], now)  # nothing is to be written up
        entry.attempts += 1
        rules = floor.rules_of(entry.queue).call_back
        if entry.attempts >= rules.attempts:
            actions.append(GivenUp(handoff, entry.attempts))
            return
        entry.not_before = now + rules.pause
        entry.tried.clear()
        floor.entries[handoff] = entry
        actions.append(Rescheduled(handoff, entry.attempts, entry.not_before))

    def _take(
        self, message: told.Message, operator: str, handoff: int, now: float, actions: list[Action]
    ) -> None:
        floor = self.floor
        one, entry = floor.operators.get(operator), floor.entries.get(handoff)
        talk = floor.talks.get(handoff)
        if one is not None and talk is not None and operator in talk.asked:
            company.join(floor, talk, one, now, actions)
            return
        if one is None or entry is None or one.doing is Doing.TALKING or not one.fits(entry):
            actions.append(TooLate(operator, handoff, Why.TAKEN if handoff in floor.talks else Why.TOO_LATE))
            return
        if isinstance(message, told.Accepted) and operator not in entry.ringing:
            actions.append(TooLate(operator, handoff, Why.TOO_LATE))
            return
        if one.handoff not in (None, handoff) and one.doing is Doing.RINGING:
            floor.stop(one, Why.MOVED, now, actions)
        floor.begin_talk(one, entry, now, actions)

    def _away(self, one: Operator, reason: str, now: float, actions: list[Action]) -> None:
        one.reason = reason
        if one.doing in (Doing.TALKING, Doing.WRAPPING_UP):
            one.leaving = True
            return
        if one.doing is Doing.RINGING:
            self.floor.stop(one, Why.OPERATOR_GONE, now, actions)
        one.turn_to(Doing.AWAY, now)

    def _gone(self, one: Operator, now: float, actions: list[Action]) -> None:
        if one.handoff is None:
            return
        if one.doing is Doing.RINGING:
            entry = self.floor.entries.get(one.handoff)
            self.floor.stop(one, Why.OPERATOR_GONE, now, actions)
            if entry is not None:
                del entry.tried[one.name]
        elif one.doing is Doing.TALKING:
            talk = self.floor.talks[one.handoff]
            if talk.operator != one.name or talk.guests:
                company.leave(self.floor, talk, one, now, actions)
            else:
                self.floor.give_back(talk, now, actions)
