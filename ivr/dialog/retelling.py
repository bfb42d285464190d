"""What has happened, told once or twice: both are weighed together, and a service is chosen by both.

The question is open, so what is misread may be anything. A person has been alerted before it is asked; one
more question costs less than the wrong service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ivr.dialog.decide import guesses, together
from ivr.dialog.desk import Flow
from ivr.dialog.reaching import queue_of
from ivr.dialog.states import Asking, Checking, Choosing, Main, Talking
from ivr.dialog.task import Guess
from ivr.dialog.turn import Turn
from ivr.meaning import Intent, Match, SlotType

PLAIN = 0.8
"""Chance from which words of danger are no answer to the question which of some things is meant."""


def asked_openly(turn: Turn, state: Talking) -> bool:
    """Whether the caller was asked what has happened, with something to go on with where that stays unclear,
    and somebody knows of the call already."""
    question = state.question if isinstance(state, Main) else None
    return question is not None and question.other is not None and turn.session.alarmed


def heard_enough(turn: Turn, state: Talking) -> float | None:
    """Chance from which words of danger change something where somebody knows of the call already: half
    understood they are asked for again, or answer another question ("five" sounds like "fight", "ambulance"
    like "a man in the ..."). None where nobody knows: any chance alerts.
    """
    if not turn.session.alarmed:
        return None
    match state:
        case Asking() | Checking() | Choosing():
            chosen = state.slot.spec.type is SlotType.CHOICE
            return max(turn.desk.thresholds.confirm, PLAIN if chosen else 0.0)
        case _:
            return turn.desk.thresholds.confirm if asked_openly(turn, state) else None


def retold(turn: Turn, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The matches of an answer to an open question, best first; its wants weighed with those of the answer
    before, and remembered.

    Answers that contradict each other are both doubted. Two that are a little like the same want make it no
    likelier: what the desk does not know at all is told twice in like words.
    """
    before = turn.session.wants
    now = guesses(matches, turn.desk)
    wants = _capped(together(before, now), (*before, *now))
    turn.session = replace(turn.session, wants=wants)
    if not before:
        return matches
    said = {match.meaning.name: match for match in matches if isinstance(match.meaning, Intent)}
    both = [_match(want, said.get(want.intent.flow.name)) for want in wants]
    others = [match for match in matches if not isinstance(match.meaning, Intent)]
    return tuple(sorted([*both, *others], key=lambda match: -match.score))


def _capped(both: Iterable[Guess], told: Iterable[Guess]) -> tuple[Guess, ...]:
    """Each want as likely at most as one answer alone says it is."""
    most: dict[str, float] = {}
    for want in told:
        most[want.intent.flow.name] = max(want.score, most.get(want.intent.flow.name, 0.0))
    capped = (replace(want, score=min(want.score, most[want.intent.flow.name])) for want in both)
    return tuple(sorted(capped, key=lambda want: -want.score))


def _match(want: Guess, said: Match | None) -> Match:
    if said is not None:
        return replace(said, score=want.score)
    slots = tuple(readings[0] for readings in want.values)
    return Match(Intent(want.intent.flow.name), want.score, slots)


def likely_queue(turn: Turn, wants: Iterable[Guess], other: Flow) -> str | None:
    """Where most help is needed by all that was heard, though not for what: the queue whose urgent wants are
    together likely enough to be asked for. None where nothing points to another than that of `other`."""
    chances: dict[str, float] = {}
    for want in wants:
        queue = queue_of(turn, want.intent.flow)[0]
        if want.intent.flow.urgent and queue is not None:
            chances[queue] = chances.get(queue, 0.0) + want.score
    best = max(chances, key=lambda queue: chances[queue], default=None)
    if best is None or chances[best] < turn.desk.thresholds.confirm or best == queue_of(turn, other)[0]:
        return None
    return best
