"""Two wishes in one breath: the first is dealt with, then the second is taken up by itself.

What ends the call with us (a route, a person) comes last. Danger comes first, and alone.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.decide import guesses
from ivr.dialog.desk import Desk, Flow
from ivr.dialog.steps import EndStep, GoStep, HandOffStep, RouteStep, SwitchStep
from ivr.dialog.task import Guess, Later
from ivr.dialog.turn import Turn
from ivr.meaning import Command, Match

_AWAY = (RouteStep, HandOffStep, EndStep, SwitchStep)


def remember(turn: Turn, best: Match) -> None:
    """Keep what is wished for beside the best meaning; what was kept before stays where nothing is."""
    if not best.later or turn.desk.stay is not None:
        return
    wishes: list[Later] = []
    for wish in best.later:
        if wish.meaning is Command.OPERATOR:
            wishes.append(Command.OPERATOR)
        named = guesses((Match(wish.meaning, wish.score, wish.slots),), turn.desk)
        wishes.extend(guess for guess in named if not guess.intent.flow.urgent)
    turn.session = replace(turn.session, later=tuple(wishes))


def before(turn: Turn, wish: Later) -> Guess | None:
    """The wish kept for later that is dealt with before this one: an answer comes before what leads away.

    None where this one comes first. The wish itself is kept for later then, and no longer where it does.
    """
    others = tuple(other for other in turn.session.later if not _same(other, wish))
    first = None
    if _ends(turn.desk, wish):
        first = next((one for one in others if isinstance(one, Guess) and not _ends(turn.desk, one)), None)
    if first is None:
        turn.session = replace(turn.session, later=others)
        return None
    left = tuple(other for other in others if other is not first)
    turn.session = replace(turn.session, later=(*left, wish))
    return first


def next_wish(turn: Turn) -> Later | None:
    """The wish that comes now, and is kept no longer; None where there is none."""
    if not turn.session.later:
        return None
    answers = (wish for wish in turn.session.later if not _ends(turn.desk, wish))
    wish = next(answers, turn.session.later[0])
    turn.session = replace(
        turn.session, later=tuple(other for other in turn.session.later if other is not wish)
    )
    return wish


def _same(one: Later, other: Later) -> bool:
    if isinstance(one, Guess) and isinstance(other, Guess):
        return one.intent.flow.name == other.intent.flow.name
    return one is other


def _ends(desk: Desk, wish: Later) -> bool:
    """Whether the call is no longer with us after it."""
    return not isinstance(wish, Guess) or _leads_away(desk, wish.intent.flow, ())


def _leads_away(desk: Desk, flow: Flow, trail: tuple[str, ...]) -> bool:
    """Whether the steps lead away whatever was asked and answered."""
    for step in flow.steps:
        if isinstance(step, _AWAY):
            return True
        if isinstance(step, GoStep) and step.flow not in trail:
            return _leads_away(desk, desk.flows[step.flow], (*trail, step.flow))
    return False
