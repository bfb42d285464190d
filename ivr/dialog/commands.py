"""What callers may say whatever was asked: a person, goodbye, once more, help, wait a moment."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.calling_back import call_back
from ivr.dialog.disputes import disputed
from ivr.dialog.flow import begin
from ivr.dialog.guiding import instruct
from ivr.dialog.later import before
from ivr.dialog.manner import adapt
from ivr.dialog.missed import goodbye, missed
from ivr.dialog.questions import again, greet
from ivr.dialog.replies import reply
from ivr.dialog.states import Asking, Main, Talking
from ivr.dialog.staying import keep, stays
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision
from ivr.handover import Reason
from ivr.meaning import Command, Match

MOST_IDLE = 3
"""Thanks, sounds of thinking and questions about the question that are passed over in a call."""


def command(turn: Turn, state: Talking, what: Command, matches: tuple[Match, ...] = ()) -> None:
    """What may be said at any point. `matches` are those of the utterance, best first."""
    match what:
        case Command.OPERATOR | Command.GOODBYE if stays(turn):
            keep(turn, state)
        case Command.OPERATOR if (first := before(turn, what)) is not None:
            turn.actions.append(Decided(Decision.ACCEPT, first.intent.flow.name, first.score))
            begin(turn, first)
        case Command.OPERATOR:
            turn.hand_off(Reason.ASKED)
        case Command.GOODBYE:
            goodbye(turn)
        case Command.REPEAT | Command.SLOWER | Command.LOUDER:
            adapt(turn, what)
            turn.understood()
            turn.actions.extend(turn.session.last)
            turn.listen(state)
        case Command.HELP:
            turn.understood()
            turn.standard(Standard.HELP, repeatable=False)
            again(turn, state)
        case Command.EXPLAIN:
            explain(turn, state, matches)
        case Command.HELLO:
            greet(turn, state)
        case Command.THANKS | Command.MUSING:
            no_answer(turn, state, what, matches)
        case Command.WHO:
            name = turn.desk.name
            turn.say_next(turn.desk.standard[Standard.WHO], lambda ref: name if ref.name == "desk" else "")
            again(turn, state)
        case Command.WAIT:
            turn.understood()
            turn.standard(Standard.WAIT, repeatable=False)
            turn.listen(state, waiting=True)
        case Command.CALL_BACK:
            call_back(turn, state)
        case Command.WRONG:
            disputed(turn, state, matches[0].score if matches else 0.0)
        case Command.YES | Command.NO | Command.FIRST | Command.SECOND | Command.NEITHER:
            reply(turn, state, what, matches)


def explain(turn: Turn, state: Talking, matches: tuple[Match, ...]) -> None:
    """A question about the question: its next wording says more; a guide says again what is to be done.

    Some times a call, as in `no_answer`.
    """
    if turn.session.idle >= MOST_IDLE:
        missed(turn, state, matches[0].score if matches else 0.0)
        return
    turn.session = replace(turn.session, idle=turn.session.idle + 1, silences=0, noises=0)
    if isinstance(state, Main) and state.question is None:
        turn.standard(Standard.HELP, repeatable=False)
    if isinstance(state, Asking):
        instruct(turn, state.task)
    again(turn, state)


def no_answer(turn: Turn, state: Talking, what: Command, matches: tuple[Match, ...]) -> None:
    """Thanks, or sounds of thinking: after an answer thanks are the end; elsewhere nothing to apologize for.

    Only some times a call: recognizers write "thank you" and "hmm" for noise, too, which must not go on for
    ever.
    """
    if what is Command.THANKS and isinstance(state, Main) and state.after_answer and sure_of(turn, matches):
        goodbye(turn)
        return
    if stays(turn) or turn.session.idle >= MOST_IDLE:
        missed(turn, state, matches[0].score if matches else 0.0)
        return
    turn.session = replace(turn.session, idle=turn.session.idle + 1)
    if what is Command.MUSING:
        turn.listen(state)
        return
    if state == Main():
        turn.standard(Standard.GO_ON)
    again(turn, state)


def sure_of(turn: Turn, matches: tuple[Match, ...]) -> bool:
    """Whether the best meaning is sure enough to act on what cannot be mended."""
    return bool(matches) and matches[0].score >= turn.desk.thresholds.accept
