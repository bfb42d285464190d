"""What the desk does with what the caller said, did not say, or said without being understood."""

from __future__ import annotations

import math
from dataclasses import replace

from ivr.dialog import attempts
from ivr.dialog.calling_back import call_back, own_first
from ivr.dialog.decide import about_flow, certain, guesses, readings, undenied
from ivr.dialog.disputes import disputed, of_the_answer
from ivr.dialog.expect import expect
from ivr.dialog.flow import advance, begin, fill, instruct, take
from ivr.dialog.interrupt import interrupt, urgent
from ivr.dialog.later import before, remember
from ivr.dialog.manner import adapt
from ivr.dialog.missed import goodbye, missed, noise, one_more_miss
from ivr.dialog.questions import again, ask, greet
from ivr.dialog.recalled import recall, recalls
from ivr.dialog.retelling import asked_openly, half_heard_is_none, retold
from ivr.dialog.states import (
    Asking,
    Checking,
    Choosing,
    Confirming,
    Guess,
    Main,
    Offering,
    Talking,
    Task,
    Transferring,
    pending,
    task_of,
)
from ivr.dialog.staying import keep, stays
from ivr.dialog.terms import Standard
from ivr.dialog.told import nothing_else, told
from ivr.dialog.turn import Turn
from ivr.dialog.unread import unread
from ivr.dialog.wants import denied, named
from ivr.events import Decided, Decision, Heard, Understood
from ivr.handover import Reason
from ivr.meaning import Answer, Command, Intent, Match, SlotType, SlotValue

_LEAVING = frozenset({Command.NO, Command.GOODBYE, Command.THANKS})
"""What says after an answer that it was all."""
INSTEAD = 0.25
"""Chance from which a "no" tells what is wanted instead."""
MOST_IDLE = 3
"""Thanks and sounds of thinking that are passed over in a call."""


def understood(turn: Turn, state: Talking, event: Understood) -> None:
    """An utterance."""
    if not event.heard.text.strip() and not event.matches:
        noise(turn, state)
        return
    keyed = isinstance(state, Asking) and state.slot.spec.sensitive
    unclear = unread(state, event.heard)
    noises = turn.session.noises if unclear else 0
    turn.session = replace(
        turn.session, words="" if keyed else event.heard.text, silences=0, noises=noises, keyed=False
    )
    if asked_openly(turn, state):
        event = replace(event, matches=retold(turn, event.matches))
    least = turn.desk.thresholds.confirm if half_heard_is_none(turn, state) else None
    if (guess := urgent(turn, event.matches, task_of(state), least)) is not None:
        interrupt(turn, guess)
        return
    if unclear:
        noise(turn, state)
        return
    state, noted = told(turn, state, event.matches)
    matches = usable(turn, state, own_first(same_here(state, event.matches)))
    alone = nothing_else(turn, state, event.matches, event.heard.text)
    if noted and (alone or not (matches and matches[0].score >= turn.desk.thresholds.accept)):
        turn.understood()
        again(turn, state)
        return
    if alone or not matches:
        missed(turn, tried(state, event.heard), event.matches[0].score if event.matches else 0.0)
        return
    best = matches[0]
    remember(turn, best)
    if isinstance(best.meaning, Command):
        command(turn, state, best.meaning, matches)
        return
    match state:
        case Asking() | Checking() | Choosing() if about_flow(best, state.task.flow, state.slot.name):
            answered(turn, state, matches, event.heard)
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


def same_here(state: Talking, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """After "anything else?", "no", "goodbye" and "okay, thank you" mean the same: their chances add up.

    "Great" and "okay" are no yes to it then, nor is "that's it". "No, that's wrong" is no "no" to it.
    """
    if not (isinstance(state, Main) and state.after_answer):
        return matches
    matches = of_the_answer(matches)
    leaving = [match for match in matches if match.meaning in _LEAVING]
    yes = [match for match in matches if match.meaning is Command.YES]
    # A farewell that is far less likely than the yes is no reason to end the call.
    farewell = max((match.score for match in leaving if match.meaning is Command.GOODBYE), default=0.0)
    if any(match.meaning is Command.THANKS for match in leaving) or (yes and farewell >= yes[0].score / 2):
        leaving += yes
    elif any(match.meaning is Command.MUSING for match in matches):
        matches = tuple(
            replace(match, meaning=Command.MUSING) if match.meaning is Command.YES else match
            for match in matches
        )
    if len(leaving) < 2:
        return matches
    both = replace(leaving[0], score=min(1.0, sum(match.score for match in leaving)), meaning=Command.NO)
    others = [match for match in matches if match not in leaving]
    return tuple(sorted([both, *others], key=lambda match: -match.score))


def usable(turn: Turn, state: Talking, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The matches that can mean something here, best first; what the caller said no to is hardly likely."""
    wanted = expect(state, turn.desk)
    thresholds = turn.desk.thresholds

    def fits(match: Match) -> bool:
        if not math.isfinite(match.score):
            return False
        match match.meaning:
            case Command.GOODBYE | Command.CALL_BACK:  # nothing can be mended after it
                return match.meaning in wanted.commands and match.score >= thresholds.accept
            case Command():
                return match.meaning in wanted.commands and match.score >= thresholds.confirm
            case Answer() if wanted.slot is not None and wanted.slot.sensitive:
                return False  # spoken, it would be in the recording, and everybody around has heard it
            case Answer(name):
                return wanted.slot is not None and wanted.slot.name == name
            case Intent(name):
                if name in turn.session.denied and match.score < thresholds.confirm:
                    return False
                return wanted.intents and name in turn.desk.intents

    return tuple(match for match in undenied(matches, turn.session.denied) if fits(match))


# --- commands ----------------------------------------------------------------------------------------


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


# --- meanwhile -------------------------------------------------------------------------------------


def said_meanwhile(turn: Turn, state: Transferring, event: Understood) -> None:
    """Words while the call is being passed on: another want that is sure is followed ("... his name is Kim"),
    and a no stops it.

    What only goes on about the same matter, or is not sure, changes nothing.
    """
    if not turn.session.alarmed and (guess := urgent(turn, event.matches)) is not None:
        turn.session = replace(turn.session, words=event.heard.text)
        interrupt(turn, guess)
    elif (best := sure(turn, event, state.task)) is not None:
        turn.session = replace(turn.session, words=event.heard.text)
        turn.actions.append(Decided(Decision.ACCEPT, best.intent.flow.name, best.score))
        begin(turn, best)
    elif recalls(turn, state, event):
        recall(turn, state, event)


def sure(turn: Turn, event: Understood, task: Task) -> Guess | None:
    """Another want than the task's, when it is sure."""
    if not event.matches or not isinstance(event.matches[0].meaning, Intent):
        return None
    ranked = guesses(usable(turn, Main(), event.matches), turn.desk)
    if not ranked or ranked[0].score < turn.desk.thresholds.accept:
        return None
    return ranked[0] if ranked[0].intent.flow.name != task.flow.name else None


# --- slots -------------------------------------------------------------------------------------------


def answered(
    turn: Turn, state: Asking | Checking | Choosing, matches: tuple[Match, ...], words: Heard | None = None
) -> None:
    """The caller answered a question for a slot, perhaps with more than was asked.

    words  what was heard, to be remembered when it does not settle the slot; None when it tells nothing more
    """
    task, slot = state.task, state.slot
    if words is not None:
        task = attempts.attempted(task, slot.name, words.hypotheses)
    heard = readings((m for m in matches if m.slots and about_or_command(m, task, slot.name)), task.flow)
    offered = {value.value for value in _offered(state)}
    said = next((values for values in heard if values[0].name == slot.name), None)
    if said is not None and said[0].value in offered and said[0].score >= turn.desk.thresholds.offer:
        others = tuple(values for values in heard if values is not said)
        settled(turn, take(turn, task, others), said[0])
        return
    check = slot if isinstance(state, Checking | Choosing) else None  # a correction is read back
    after = take(turn, task, heard, check=check)
    after = attempts.doubted(after, (values for values in after.doubted if values[0].name != slot.name))
    doubted = any(values[0].name == slot.name for values in after.doubted)
    if after.value(slot.name) is None and not doubted:
        missed(turn, replace(state, task=after), 0.0)
        return
    if not doubted:
        turn.understood()
    advance(turn, after)


def about_or_command(match: Match, task: Task, slot: str) -> bool:
    """Matches whose values count for the task; a "no" may carry the correction."""
    return isinstance(match.meaning, Command) or about_flow(match, task.flow, slot)


def _offered(state: Asking | Checking | Choosing) -> tuple[SlotValue, ...]:
    match state:
        case Checking():
            return (state.value,)
        case Choosing():
            return (state.first, state.second)
        case Asking():
            return ()


def settled(turn: Turn, task: Task, value: SlotValue) -> None:
    """The caller has said that a value is right."""
    turn.understood()
    advance(turn, fill(turn, task, certain(value)))


def wrong(turn: Turn, state: Checking | Choosing) -> None:
    """A value was heard wrongly: a misunderstanding, ask again."""
    if not one_more_miss(turn):
        ask(turn, state.task, state.slot)
