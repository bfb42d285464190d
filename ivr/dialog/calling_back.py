"""A caller who wants to be called back, at any point of a desk that promises call-backs.

The number they call from is offered, and what the call is about already is not asked again.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.decide import certain
from ivr.dialog.desk import DeskIntent
from ivr.dialog.flow import advance, begin
from ivr.dialog.references import CALL_BACK, MESSAGE
from ivr.dialog.spoken import is_value
from ivr.dialog.states import Listening, task_of
from ivr.dialog.task import Guess, Task
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision
from ivr.meaning import Command, Intent, Match, SlotType, SlotValue

_OWN = 0.3
"""Of the chance of the command: a want of the desk as likely as this is what was meant by the same words."""
_OFFERED = 0.9
"""Chance that the number that a caller calls from is the one to call."""


def own_first(matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The matches, best first: a desk that has a want of its own for "call me back" means that.

    A desk's own `message` or `call_back` is one where its phrases fit at all.
    """
    asked = next((match for match in matches if match.meaning is Command.CALL_BACK), None)
    wants = [match for match in matches if isinstance(match.meaning, Intent)]
    if asked is None or not wants:
        return matches
    taking = [match for match in wants if match.meaning in (Intent(MESSAGE), Intent(CALL_BACK))]
    own = (taking or wants)[0]
    if not taking and own.score < _OWN * asked.score:
        return matches
    both = replace(own, score=min(1.0, own.score + asked.score))
    others = [match for match in matches if match not in (asked, own)]
    return tuple(sorted([both, *others], key=lambda match: -match.score))


def call_back(turn: Turn, state: Listening) -> None:
    """Take down the number, and what it is about where nothing of that is known."""
    under_way = task_of(state)
    if (own := _own(turn, under_way)) is not None:
        turn.actions.append(Decided(Decision.ACCEPT, own.flow.name, 1.0))
        begin(turn, Guess(own, 1.0))
        return
    turn.actions.append(Decided(Decision.ACCEPT, CALL_BACK, 1.0))
    turn.understood()
    task = Task(turn.desk.flows[CALL_BACK])
    number = "".join(filter(str.isdigit, turn.session.caller))
    about = under_way.flow.label if under_way is not None else ""
    for slot in task.flow.slots:
        if slot.spec.type is SlotType.TEXT and about:
            task = replace(task, values=(*task.values, certain(SlotValue(slot.spec.name, about, "", 1.0))))
        elif slot.spec.type is SlotType.DIGITS and is_value(slot.spec, number):
            offered = SlotValue(slot.spec.name, number, "", _OFFERED)
            task = replace(task, doubted=(*task.doubted, (offered,)))
    advance(turn, task)


def _own(turn: Turn, under_way: Task | None) -> DeskIntent | None:
    """The desk's own way to take a call-back: also its message, where that takes a number and nothing else is
    under way that the call-back would be about."""
    message = turn.desk.intents.get(MESSAGE) if under_way is None else None
    if message is not None and not any(slot.spec.type is SlotType.DIGITS for slot in message.flow.slots):
        message = None
    return turn.desk.intents.get(CALL_BACK) or message
