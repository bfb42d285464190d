"""Yes, no, the first, the second, neither: what they answer to the question that is open."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog import attempts
from ivr.dialog.answers import answered, settled, wrong
from ivr.dialog.decide import guesses, readings
from ivr.dialog.flow import begin
from ivr.dialog.missed import goodbye, missed
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking
from ivr.dialog.task import Guess
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.dialog.wants import denied
from ivr.meaning import Answer, Command, Match, SlotType, SlotValue

INSTEAD = 0.25
"""Chance from which a "no" tells what is wanted instead."""

AGREED = 0.85
"""Chance from which a guess that a yes was said to is right (`agreed`). In 600 answers with noise at 6 to 20
dB one yes in 25 is less than 0.6 likely, and four in 14 of what is taken for a yes and is none."""


def reply(turn: Turn, state: Talking, what: Command, matches: tuple[Match, ...] = ()) -> None:
    """Yes, no, the first, the second, neither."""
    match state, what:
        case Main(after_answer=True), Command.YES:
            turn.understood()
            turn.standard(Standard.GO_ON)
            turn.listen(Main())
        case Main(after_answer=True), Command.NO:
            goodbye(turn)
        case Confirming(), Command.YES:
            begin(turn, state.guess)
        case Confirming(), Command.NO:
            instead = guesses(matches, turn.desk)
            denied(turn, replace(state, others=said_instead(state, instead)), state.guess)
        case Offering(), Command.FIRST:
            begin(turn, state.first)
        case Offering(), Command.SECOND:
            begin(turn, state.second)
        case Offering(), Command.NEITHER | Command.NO:
            denied(turn, state, state.first, state.second)
        case Choosing(), Command.FIRST | Command.SECOND:
            right = state.first if what is Command.FIRST else state.second
            settled(turn, state.task, right)
        case Choosing(), Command.NEITHER | Command.NO:
            wrong(turn, replace(state, task=attempts.denied(state.task, state.first, state.second)))
        case Checking(), Command.YES:
            settled(turn, state.task, state.value)
        case Checking(), Command.NO:
            state = replace(state, task=attempts.denied(state.task, state.value))
            if readings(correction := corrections(state, matches), state.task.flow):
                answered(turn, state, correction)
            else:
                wrong(turn, state)
        case Asking(slot=slot), Command.YES | Command.NO if slot.spec.type is SlotType.YES_NO:
            score = matches[0].score if matches else 1.0
            value = SlotValue(slot.name, "yes" if what is Command.YES else "no", turn.session.words, score)
            answered(turn, state, (Match(Answer(slot.name), score, (value,)),))
        case _:
            missed(turn, state, matches[0].score if matches else 0.0)


def agreed(state: Confirming, matches: tuple[Match, ...]) -> float:
    """How likely the guess is after a yes: what was said where it was heard, what was guessed where not.

    "No" on a noisy line is now and then a "right"; but two unclear yeses are one.

    matches  all of the utterance, also what is too unlikely to act on
    """
    if state.guess.intent.flow.urgent or not matches:
        return 1.0
    yes = sum(match.score for match in matches if match.meaning is Command.YES)
    other = sum(match.score for match in matches) - yes
    return yes + max(0.0, 1.0 - yes - other) * state.guess.score


def said_instead(state: Confirming, guessed: tuple[Guess, ...]) -> tuple[Guess, ...]:
    """What the caller may want who said no: "no, I'd like the hours", else by the words before."""
    name = state.guess.intent.flow.name
    total = sum(guess.score for guess in guessed if guess.intent.flow.name != name)
    new = [guess for guess in guessed if guess.intent.flow.name != name]
    return tuple(new) if total >= INSTEAD else state.others


def corrections(state: Checking, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """What a "no" says instead: the matches with another value than the one it denies."""

    def other(value: SlotValue) -> bool:
        return value.name != state.slot.name or value.value != state.value.value

    rest = (replace(match, slots=tuple(filter(other, match.slots))) for match in matches)
    return tuple(match for match in rest if state.slot.name in {value.name for value in match.slots})
