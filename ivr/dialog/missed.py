"""Nothing was said, or nothing that fits: ask again in other words, then a person or a polite end."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.complaint import patience
from ivr.dialog.decide import FAINT, still_likely
from ivr.dialog.flow import begin
from ivr.dialog.guiding import MOST_WAITS
from ivr.dialog.language import Note
from ivr.dialog.questions import again, confirm, offer
from ivr.dialog.retelling import likely_queue
from ivr.dialog.safety import in_doubt
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking, task_of
from ivr.dialog.staying import go_on, stays
from ivr.dialog.survey import leave, survey, surveying
from ivr.dialog.task import Guess
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision
from ivr.handover import Reason
from ivr.meaning import Mood, SlotType


def one_more_miss(turn: Turn) -> bool:
    """Count a misunderstanding; True when it was one too many and the call went to a person, or the caller
    was asked a last time."""
    turn.session = replace(turn.session, misses=turn.session.misses + 1)
    if turn.session.misses < patience(turn) or stays(turn):  # a desk that stays has called a person already
        return False
    if last_guess(turn):
        return True
    turn.actions.append(Decided(Decision.HAND_OFF, turn.session.words, 0.0))
    turn.last_words(turn.desk.standard[Standard.NOT_UNDERSTOOD][:1])
    turn.hand_off(Reason.NOT_UNDERSTOOD)
    return True


def last_guess(turn: Turn) -> bool:
    """Ask for what the caller most likely wants, where nothing was understood; False where nobody can tell.

    A person costs the caller more than one question too many, and of two unclear sentences the same want is
    often second in both.
    """
    state = turn.session.state
    if turn.session.guessed or turn.session.mood is not Mood.CALM or task_of(state) is not None:
        return False
    wants = still_likely(turn.session.wants, turn.session.denied)
    offer_from = turn.desk.thresholds.offer
    if not wants or not wants[0].score >= offer_from:
        return False
    turn.session = replace(turn.session, guessed=True)
    first, *others = wants
    if others and others[0].score >= FAINT * offer_from:
        names = f"{first.intent.flow.name}, {others[0].intent.flow.name}"
        turn.actions.append(Decided(Decision.OFFER, names, first.score))
        offer(turn, Offering(first, others[0]))
    else:
        turn.actions.append(Decided(Decision.CONFIRM, first.intent.flow.name, first.score))
        confirm(turn, Confirming(first))
    return True


def missed(turn: Turn, state: Talking, score: float) -> None:
    """Nothing that fits: ask again in other words, or a person after too many in a row."""
    if turn.session.words:
        turn.note(Note.NOT_UNDERSTOOD, words=turn.session.words)
    if in_doubt(turn, state):
        return
    turn.session = replace(turn.session, state=state)
    if isinstance(state, Main) and state.question is not None and state.question.other is not None:
        if turn.session.misses == 0 and len(state.question.ladder) > 1:  # once more, in its other words
            turn.session = replace(turn.session, misses=1)
            turn.actions.append(Decided(Decision.REPROMPT, turn.session.words, score))
            again(turn, state)
            return
        other = turn.desk.intents[state.question.other]
        begin(turn, Guess(other, score), queue=likely_queue(turn, turn.session.wants, other.flow))
        return
    said_nothing = isinstance(state, Asking) and state.slot.spec.type is SlotType.TEXT
    if surveying(state) and (turn.session.misses > 0 or said_nothing):
        leave(turn)
        return
    if stays(turn):
        turn.session = replace(turn.session, misses=turn.session.misses + 1)
        go_on(turn, state, turn.session.misses)
        return
    if one_more_miss(turn):
        return
    turn.actions.append(Decided(Decision.REPROMPT, turn.session.words, score))
    match state:
        case Main(question=None, after_answer=False):
            turn.standard(Standard.NO_MATCH, repeatable=False)
            turn.listen(replace(state, keys=""))
        case Confirming() | Checking():
            turn.standard(Standard.YES_OR_NO, repeatable=False)
            turn.listen(state)
        case Offering() | Choosing():
            turn.standard(Standard.ONE_OR_TWO, repeatable=False)
            turn.listen(state)
        case _:
            turn.standard(Standard.SORRY, repeatable=False)
            again(turn, state)


def noise(turn: Turn, state: Talking) -> None:
    """Sound without words: a cough is passed over once, what goes on is like silence."""
    turn.session = replace(turn.session, noises=turn.session.noises + 1)
    if turn.session.noises == 1:
        turn.listen(state)
    else:
        silent(turn, state)


def silent(turn: Turn, state: Talking) -> None:
    """The caller said nothing: ask again; after too many in a row end politely or hand over."""
    if isinstance(state, Main) and state.after_answer:
        goodbye(turn)
        return
    if surveying(state):
        leave(turn)
        return
    if in_doubt(turn, state):
        return
    turn.session = replace(turn.session, silences=turn.session.silences + 1)
    if stays(turn):
        go_on(turn, state, turn.session.silences)
        return
    if isinstance(state, Asking) and state.slot.wait is not None and turn.session.silences <= MOST_WAITS:
        turn.standard(Standard.GUIDE_WAIT, repeatable=False)
        turn.listen(state)
        return
    if turn.session.silences < turn.desk.limits.no_input:
        if isinstance(state, Main) and state.question is None:
            turn.standard(Standard.NO_INPUT, repeatable=False)
            turn.listen(state)
        else:
            turn.standard(Standard.SORRY, repeatable=False)
            again(turn, state)
        return
    turn.note(Note.SILENT)
    if isinstance(state, Main) and turn.session.misses == 0:  # else they want something, and were heard once
        turn.last_words(turn.desk.standard[Standard.STILL_SILENT][:1])
        turn.hang_up(turn.session.outcome_if_over, Reason.NO_INPUT.value)
    else:
        turn.hand_off(Reason.NO_INPUT)


def goodbye(turn: Turn) -> None:
    """The caller has what they wanted, or has had enough."""
    if turn.desk.stay is not None:
        turn.standard(Standard.STAY, repeatable=False)
        turn.stay(turn.desk.stay)
        return
    if survey(turn):
        return
    turn.last_words(turn.desk.standard[Standard.GOODBYE][:1])
    turn.hang_up(turn.session.outcome_if_over, "the caller said goodbye")
