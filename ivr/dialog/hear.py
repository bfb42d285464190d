"""What the desk does with an utterance: danger first, then facts told by the way, then what it means here."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog import attempts
from ivr.dialog.answers import answered, put_right
from ivr.dialog.calling_back import own_first
from ivr.dialog.commands import command
from ivr.dialog.decide import about_flow
from ivr.dialog.interrupt import interrupt, urgent
from ivr.dialog.later import remember
from ivr.dialog.missed import goodbye, missed, noise
from ivr.dialog.possible import leaves, same_here, usable
from ivr.dialog.questions import again
from ivr.dialog.replies import AGREED, agreed
from ivr.dialog.retelling import asked_openly, heard_enough, retold
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Offering, Talking, pending, task_of
from ivr.dialog.told import nothing_else, told
from ivr.dialog.turn import Turn
from ivr.dialog.unread import overheard, unread
from ivr.dialog.wants import named
from ivr.events import Heard, Understood
from ivr.meaning import Answer, Command


def understood(turn: Turn, state: Talking, event: Understood) -> None:
    """An utterance."""
    if not event.heard.text.strip() and not event.matches:
        noise(turn, state)
        return
    keyed = isinstance(state, Asking) and state.slot.spec.sensitive
    unclear, behind = unread(state, event.heard), overheard(state, event)
    if not (unclear or behind):
        turn.session = replace(turn.session, silences=0, noises=0)
    words = "" if keyed or behind else event.heard.text
    turn.session = replace(turn.session, words=words, keyed=False)
    if asked_openly(turn, state):
        event = replace(event, matches=retold(turn, event.matches))
    least = heard_enough(turn, state)
    if (guess := urgent(turn, event.matches, task_of(state), least)) is not None:
        interrupt(turn, guess)
        return
    if unclear or (behind and turn.session.noises == 0):
        noise(turn, state)
        return
    if behind:  # once more: it was the caller after all
        missed(turn, state, 0.0)
        return
    state, noted = told(turn, state, event.matches)
    here = own_first(same_here(state, event.matches))
    matches = usable(state, here, turn.desk, turn.session.denied)
    alone = nothing_else(turn, state, event.matches, event.heard.text)
    if noted and (alone or not (matches and matches[0].score >= turn.desk.thresholds.accept)):
        turn.understood()
        again(turn, state)
        return
    if (
        turn.session.misses > 0
        and leaves(state, here)
        and not (matches and matches[0].score >= here[0].score)
    ):
        goodbye(turn)
        return
    if alone or not matches:
        missed(turn, tried(state, event.heard), event.matches[0].score if event.matches else 0.0)
        return
    best = matches[0]
    remember(turn, best)
    if isinstance(state, Confirming) and best.meaning is Command.YES:
        likely = agreed(state, event.matches)
        if likely < AGREED:
            missed(turn, replace(state, guess=replace(state.guess, score=likely)), best.score)
            return
    if isinstance(best.meaning, Command):
        command(turn, state, best.meaning, matches)
        return
    match state:
        case Asking() | Checking() | Choosing() if about_flow(best, state.task.flow, state.slot.name):
            answered(turn, put_right(state, event.matches), matches, event.heard)
        case Confirming(back=task) | Offering(back=task) if (
            task is not None and (slot := pending(state)) is not None and best.meaning == Answer(slot.name)
        ):
            answered(turn, Asking(task, slot), matches, event.heard)
        case _:
            named(turn, state, matches)


def tried(state: Talking, heard: Heard) -> Talking:
    """The state with one more answer to its question for a slot."""
    match state:
        case Asking() | Checking() | Choosing():
            return replace(state, task=attempts.attempted(state.task, state.slot.name, heard.hypotheses))
        case _:
            return state
