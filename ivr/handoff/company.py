"""Several operators in one conversation: asked in, joined, handed over, left. Pure; time is an argument."""

from __future__ import annotations

from ivr.handoff.actions import Action, Ask, GuestLeft, HandedOver, Join, TooLate, Why
from ivr.handoff.floor import Floor, Talk
from ivr.handoff.operators import Doing, Operator


def ask(
    floor: Floor, talk: Talk, colleague: str, now: float, actions: list[Action], *, hand_over: bool
) -> None:
    """Ring a colleague who is free. They need not serve the queue: a colleague knows whom to ask."""
    one = floor.operators.get(colleague)
    if one is None or one.doing is not Doing.READY:
        actions.append(TooLate(talk.operator, talk.entry.handoff, Why.NOT_FREE))
        return
    until = now + floor.rules_of(talk.entry.queue).ring
    one.turn_to(Doing.RINGING, now, talk.entry.handoff)
    talk.asked[colleague] = until
    if hand_over:
        talk.heir = colleague
    actions.append(Ask(colleague, talk.entry.handoff, talk.operator, until))


def join(floor: Floor, talk: Talk, one: Operator, now: float, actions: list[Action]) -> None:
    """The colleague comes; if the conversation is meant for them, its operator leaves."""
    del talk.asked[one.name]
    one.turn_to(Doing.TALKING, now, talk.entry.handoff)
    one.missed = 0
    talk.guests.append(one.name)
    actions.append(Join(one.name, talk.entry.handoff))
    if talk.heir == one.name:
        hand_over(floor, talk, one.name, now, actions)


def hand_over(floor: Floor, talk: Talk, to: str, now: float, actions: list[Action]) -> None:
    """The guest `to` goes on with the conversation, and its operator is free."""
    before, talk.operator, talk.heir = talk.operator, to, ""
    talk.guests.remove(to)
    floor.operators[to].calls += 1
    actions.append(HandedOver(to, talk.entry.handoff, before))
    floor.rest(floor.operators[before], now)


def take_over(floor: Floor, talk: Talk, one: Operator, now: float, actions: list[Action]) -> None:
    """A supervisor comes without being asked, and instead of the operator."""
    if one.name in talk.asked:
        del talk.asked[one.name]
    if one.name not in talk.guests:
        one.turn_to(Doing.TALKING, now, talk.entry.handoff)
        talk.guests.append(one.name)
        actions.append(Join(one.name, talk.entry.handoff))
    hand_over(floor, talk, one.name, now, actions)


def leave(floor: Floor, talk: Talk, one: Operator, now: float, actions: list[Action]) -> None:
    """A guest goes, or the operator while a guest is there, who then goes on with it."""
    if one.name in talk.guests:
        talk.guests.remove(one.name)
        actions.append(GuestLeft(one.name, talk.entry.handoff))
        floor.rest(one, now)
    elif one.name == talk.operator and talk.guests:
        hand_over(floor, talk, talk.guests[0], now, actions)


def let_asks_end(floor: Floor, now: float, actions: list[Action]) -> None:
    """End the asking whose time is over."""
    for talk in floor.talks.values():
        for name, until in sorted(talk.asked.items()):
            if until <= now:
                floor.stop_asking(talk, floor.operators[name], Why.NO_ANSWER, now, actions)
