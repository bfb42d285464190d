"""What the caller named as what they want: act, confirm, offer the two best, or ask again."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.decide import after_no, decide, decide_want, guesses, together
from ivr.dialog.desk import Flow
from ivr.dialog.filling import own_words
from ivr.dialog.flow import advance, begin
from ivr.dialog.guides import guide_of
from ivr.dialog.language import Note
from ivr.dialog.missed import missed, one_more_miss
from ivr.dialog.questions import confirm, offer
from ivr.dialog.retelling import asked_openly
from ivr.dialog.states import Confirming, Main, Offering, Talking, task_of
from ivr.dialog.steps import GoStep, all_steps
from ivr.dialog.task import Guess
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision
from ivr.meaning import Match

PLAIN = 0.95
"""Chance from which a want is acted on though two others were offered."""


def named(turn: Turn, state: Talking, matches: tuple[Match, ...]) -> None:
    """The caller named something they want."""
    best, *others = guesses(matches, turn.desk)
    if not asked_openly(turn, state):  # else they are weighed together already
        turn.session = replace(turn.session, wants=together(turn.session.wants, (best, *others)))
    back = task_of(state)
    name = best.intent.flow.name
    if guided(state, best.intent.flow):  # more about what they are led through, which is not begun again
        missed(turn, state, best.score)
        return
    if named_again(state, name) and best.score >= turn.desk.thresholds.offer:
        decision = Decision.ACCEPT
    else:
        score = others[0].score if others else 0.0
        decision = decide_want(best.score, score, turn.desk.thresholds, best.intent.confirm)
    if decision is Decision.ACCEPT and unasked(state, best):
        decision = Decision.CONFIRM
    match decision:
        case Decision.ACCEPT:
            turn.actions.append(Decided(decision, name, best.score))
            begin(turn, best)
        case Decision.CONFIRM if (slot := own_words(best)) is not None and back is None:
            turn.actions.append(Decided(decision, name, best.score))
            begin(turn, best, check=slot)
        case Decision.CONFIRM:
            ask_one(turn, Confirming(best, back, tuple(others)))
        case Decision.OFFER if others and back is None:
            ask_two(turn, Offering(best, others[0], back, tuple(others[1:])))
        case _:
            missed(turn, state, best.score)


def guided(state: Talking, flow: Flow) -> bool:
    """Whether the caller is led through the guide that a flow leads to."""
    task = task_of(state)
    guide = guide_of(task.flow.name) if task is not None else ""
    return bool(guide) and any(
        isinstance(step, GoStep) and guide_of(step.flow) == guide for step in all_steps(flow.steps)
    )


def unasked(state: Talking, best: Guess) -> bool:
    """Whether a want is to be asked about because the question was "X or Y?", and it is neither.

    Most callers answer what they are asked: a third want is a misheard "the second", unless it is plain.
    """
    asked = isinstance(state, Offering) and not named_again(state, best.intent.flow.name)
    return asked and not best.intent.flow.urgent and best.score < PLAIN


def ask_one(turn: Turn, state: Confirming) -> None:
    """Ask whether this is wanted."""
    turn.actions.append(Decided(Decision.CONFIRM, state.guess.intent.flow.name, state.guess.score))
    confirm(turn, state)


def ask_two(turn: Turn, state: Offering) -> None:
    """Ask which of two is wanted."""
    both = f"{state.first.intent.flow.name}, {state.second.intent.flow.name}"
    turn.actions.append(Decided(Decision.OFFER, both, state.first.score))
    offer(turn, state)


def named_again(state: Talking, name: str) -> bool:
    """Whether the caller answered "would you like X?" or "X or Y?" by naming it."""
    match state:
        case Confirming():
            return state.guess.intent.flow.name == name
        case Offering():
            return name in {state.first.intent.flow.name, state.second.intent.flow.name}
        case _:
            return False


def denied(turn: Turn, state: Confirming | Offering, *guessed: Guess) -> None:
    """The caller wants none of these: a misunderstanding. What else their words may have meant is asked
    next where it is likely now; else they say it in other words."""
    for guess in guessed:
        turn.note(Note.DENIED, intent=guess.intent.flow.label)
    names = {guess.intent.flow.name for guess in guessed}
    turn.session = replace(turn.session, denied=turn.session.denied | names)
    if one_more_miss(turn):
        return
    left = after_no(sum(guess.score for guess in guessed))
    others = [replace(one, score=min(1.0, one.score / left)) for one in state.others]
    second = others[1].score if len(others) > 1 else 0.0
    match decide(others[0].score if others else 0.0, second, turn.desk.thresholds):
        case Decision.ACCEPT | Decision.CONFIRM:
            ask_one(turn, Confirming(others[0], state.back, tuple(others[1:])))
        case Decision.OFFER:
            ask_two(turn, Offering(others[0], others[1], state.back, tuple(others[2:])))
        case _ if state.back is not None:
            advance(turn, state.back)
        case _:
            turn.standard(Standard.DENIED)
            turn.listen(Main())
