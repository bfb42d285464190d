"""The caller holds the line for a person: news of their place, and the way out by a call-back.

Whatever the caller does here, they wait on until they are called back, hang up, or a person speaks with them,
which the machine is not told: it has nothing more to say then.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ivr.dialog.spoken import spoken
from ivr.dialog.states import HoldStage, OnHold
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.dialog.values import Values
from ivr.events import (
    ActionFailed,
    CallBackAsked,
    HoldDelayed,
    HoldNews,
    HoldRefused,
    HoldReturned,
    HungUp,
    Input,
    KeyPressed,
    Listen,
    Outcome,
    Understood,
)
from ivr.meaning import Answer, Command, Expect, SlotSpec, SlotType

SURE = 0.5
"""Score from which words count: what is asked here is read back, or changes nothing that is lost."""
NUMBER = SlotSpec("callback", SlotType.DIGITS, (5, 15))
_FOREVER = 86_400.0
_EXPECT = {
    HoldStage.WAITING: Expect(intents=False, commands=frozenset({Command.CALL_BACK})),
    HoldStage.NUMBER: Expect(intents=False, slot=NUMBER, commands=frozenset({Command.NO})),
    HoldStage.CHECK: Expect(intents=False, slot=NUMBER, commands=frozenset({Command.YES, Command.NO})),
}


def hold(turn: Turn) -> None:
    """The caller begins to wait."""
    number = "".join(character for character in turn.session.caller if character.isdigit())
    turn.standard(Standard.HOLD, repeatable=False)
    _listen(turn, OnHold(number=number))


def resume(turn: Turn, state: OnHold) -> None:
    """The caller waits on, and hears so in the words of another desk."""
    turn.standard(Standard.HOLD, repeatable=False)
    _listen(turn, replace(state, stage=HoldStage.WAITING, keys=""))


def on_hold(turn: Turn, state: OnHold, event: Input) -> None:
    """Anything that happens meanwhile."""
    match event:
        case HungUp() if turn.session.alarmed:
            turn.left("the caller hung up while waiting")
        case HungUp():
            turn.hang_up(Outcome.ABANDONED, "the caller hung up while waiting")
        case HoldNews(position, wait) if state.stage is HoldStage.WAITING:
            _news(turn, position, wait)
            _listen(turn, state)
        case HoldDelayed() if state.stage is HoldStage.WAITING:
            turn.standard(Standard.HOLD_DELAY, repeatable=False)
            _listen(turn, state)
        case HoldReturned():
            turn.standard(Standard.HOLD_RETURNED, repeatable=False)
            _listen(turn, replace(state, stage=HoldStage.WAITING, keys=""))
        case HoldRefused():
            turn.promise_call_back(turn.desk.handoff.call_back, turn.briefing.want())
            turn.last_words(turn.desk.standard[Standard.HANDOFF_CLOSED][:1], turn.due)
            turn.hang_up(Outcome.HANDED_OFF, "nobody can come to the line")
        case ActionFailed():
            turn.standard(Standard.SORRY, repeatable=False)
            _listen(turn, replace(state, stage=HoldStage.WAITING, keys=""))
        case KeyPressed(key):
            _pressed(turn, state, key)
        case Understood():
            _heard(turn, state, event)
        case _:
            pass


def _news(turn: Turn, position: int, wait: float | None) -> None:
    if position == 1:
        turn.standard(Standard.HOLD_NEXT, repeatable=False)
    else:
        turn.say_next(turn.desk.standard[Standard.HOLD_POSITION], _value(str(position)), repeatable=False)
    if wait is not None and wait > 60:
        minutes = str(math.ceil(wait / 60))
        turn.say_next(turn.desk.standard[Standard.HOLD_MINUTES], _value(minutes), repeatable=False)


def _pressed(turn: Turn, state: OnHold, key: str) -> None:
    match state.stage, key:
        case HoldStage.WAITING, "1":
            _ask(turn, state)
        case ((HoldStage.NUMBER | HoldStage.CHECK), "*"):
            _listen(turn, replace(state, stage=HoldStage.WAITING, keys=""))
        case HoldStage.CHECK, "#":
            _promise(turn, state)
        case ((HoldStage.NUMBER | HoldStage.CHECK), "#"):
            _number(turn, state, state.keys)
        case ((HoldStage.NUMBER | HoldStage.CHECK), _) if key.isdigit():
            _listen(turn, replace(state, stage=HoldStage.NUMBER, keys=(state.keys + key)[:15]))
        case _:
            pass


def _heard(turn: Turn, state: OnHold, event: Understood) -> None:
    best = next(iter(event.matches), None)
    if best is None or best.score < SURE:
        return
    match state.stage, best.meaning:
        case HoldStage.WAITING, Command.CALL_BACK:
            _ask(turn, state)
        case HoldStage.CHECK, Command.YES:
            _promise(turn, state)
        case HoldStage.CHECK, Command.NO:
            _ask(turn, replace(state, number=""))
        case HoldStage.NUMBER, Command.NO:
            _listen(turn, replace(state, stage=HoldStage.WAITING, keys=""))
        case ((HoldStage.NUMBER | HoldStage.CHECK), Answer()) if best.slots:
            _number(turn, state, best.slots[0].value)
        case _:
            pass


def _ask(turn: Turn, state: OnHold) -> None:
    """Which number? The one they call from is offered."""
    if state.number:
        _check(turn, state)
        return
    turn.standard(Standard.HOLD_NUMBER, repeatable=False)
    _listen(turn, replace(state, stage=HoldStage.NUMBER, keys=""))


def _number(turn: Turn, state: OnHold, digits: str) -> None:
    least, most = NUMBER.length or (5, 15)
    if not least <= len(digits) <= most:
        _ask(turn, replace(state, number=""))
        return
    _check(turn, replace(state, number=digits))


def _check(turn: Turn, state: OnHold) -> None:
    turn.say_next(turn.desk.standard[Standard.HOLD_CHECK], _aloud(turn, state.number), repeatable=False)
    _listen(turn, replace(state, stage=HoldStage.CHECK, keys=""))


def _promise(turn: Turn, state: OnHold) -> None:
    """The number is kept before it is promised."""
    turn.actions.append(CallBackAsked(state.number))
    turn.last_words(turn.desk.standard[Standard.HOLD_CALL_BACK][:1], _aloud(turn, state.number))
    turn.hang_up(Outcome.CALLED_BACK, "asked for while waiting")
    turn.session = replace(turn.session, state=replace(state, stage=HoldStage.WAITING))


def _aloud(turn: Turn, number: str) -> Values:
    return _value(spoken(NUMBER, number, turn.desk.words))


def _value(text: str) -> Values:
    return lambda _: text


def _listen(turn: Turn, state: OnHold) -> None:
    """Silence is what callers on hold do: nobody asks whether they are still there."""
    turn.session = replace(turn.session, state=state)
    turn.actions.append(Listen(_EXPECT[state.stage], _FOREVER))
