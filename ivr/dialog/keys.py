"""Telephone keys: what they mean in each state. Unless used otherwise, 0 is the operator, * repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.dialog.answers import answered
from ivr.dialog.commands import command
from ivr.dialog.flow import begin
from ivr.dialog.missed import missed, silent
from ivr.dialog.replies import reply
from ivr.dialog.states import Asking, Checking, Choosing, Confirming, Main, Offering, Talking
from ivr.dialog.task import Guess
from ivr.dialog.turn import Turn
from ivr.events import Decided, Decision
from ivr.meaning import Answer, Command, Match, SlotType, SlotValue

KEYS = frozenset("0123456789*#ABCD")
OPERATOR, CLEAR, DONE = "0", "*", "#"
_YES_NO = {"1": Command.YES, "2": Command.NO}
_TWO = {"1": Command.FIRST, "2": Command.SECOND, "3": Command.NEITHER}
_ANYWHERE = {OPERATOR: Command.OPERATOR, CLEAR: Command.REPEAT}


def pressed(turn: Turn, state: Talking, key: str) -> None:
    """One key; what no telephone has changes nothing."""
    if key not in KEYS:
        return
    ended, turn.session = turn.session.keyed, replace(turn.session, silences=0, noises=0, keyed=False)
    if ended and key == DONE:
        return  # people end a number with it, whether it is complete or not
    match state:
        case Asking(slot=slot) if slot.keys:
            typed(turn, state, key)
        case Main():
            menu(turn, state, key)
        case _:
            what = {**_ANYWHERE, **_answers(state)}.get(key)
            if what not in _answers(state).values() and everywhere(turn, key):
                menu_done(turn, Main(), key)
            else:
                meant(turn, state, what, key)


def _answers(state: Talking) -> Mapping[str, Command]:
    """What keys answer to the state's question."""
    match state:
        case Confirming() | Checking():
            return _YES_NO
        case Asking(slot=slot) if slot.spec.type is SlotType.YES_NO:
            return _YES_NO
        case Offering() | Choosing():
            return _TWO
        case _:
            return {}


def everywhere(turn: Turn, key: str) -> bool:
    """Whether a key means an urgent intent or another language: it works wherever keys answer nothing."""
    return any(intent.keys == key and intent.everywhere for intent in turn.desk.intents.values())


def meant(turn: Turn, state: Talking, what: Command | None, key: str) -> None:
    """A key that stands for a word, or for nothing here."""
    count(turn)
    turn.session = replace(turn.session, words=key)
    match what:
        case None:
            missed(turn, state, 0.0)
        case Command.YES | Command.NO | Command.FIRST | Command.SECOND | Command.NEITHER:
            reply(turn, state, what)
        case _:
            command(turn, state, what)


def count(turn: Turn) -> None:
    """A turn of the caller."""
    turn.session = replace(turn.session, turns=turn.session.turns + 1)


# --- keys that choose an intent ----------------------------------------------------------------------


def menu(turn: Turn, state: Main, key: str) -> None:
    """A key in the main state: wait for more only while a longer number of the desk begins like this."""
    keys = state.keys + key
    longer = any(
        intent.keys.startswith(keys) and intent.keys != keys for intent in turn.desk.intents.values()
    )
    if longer:
        turn.listen(replace(state, keys=keys))
    else:
        menu_done(turn, replace(state, keys=""), keys)


def menu_done(turn: Turn, state: Main, keys: str) -> None:
    """What the keys pressed in the main state mean."""
    for name, intent in turn.desk.intents.items():
        if intent.keys == keys:
            count(turn)
            turn.session = replace(turn.session, words=keys)
            turn.actions.append(Decided(Decision.ACCEPT, name, 1.0))
            begin(turn, Guess(intent, 1.0))
            return
    meant(turn, state, _ANYWHERE.get(keys), keys)


# --- keys that make a number -------------------------------------------------------------------------


def typed(turn: Turn, state: Asking, key: str) -> None:
    """A key while a number is asked for."""
    _, most = state.slot.digits
    if key.isdigit():
        keys = state.keys + key
        if len(keys) >= most:
            number_done(turn, state, keys)
            turn.session = replace(turn.session, keyed=True)
        else:
            turn.listen(replace(state, keys=keys))
    elif key == DONE and state.keys:
        number_done(turn, state, state.keys)
    elif key == CLEAR and not state.keys:
        meant(turn, state, Command.REPEAT, key)
    else:
        count(turn)
        turn.listen(replace(state, keys=""))


def number_done(turn: Turn, state: Asking, keys: str) -> None:
    """A whole number was keyed in, perhaps too short a one."""
    count(turn)
    sensitive = state.slot.spec.sensitive
    turn.session = replace(turn.session, words="" if sensitive else keys)
    state = replace(state, keys="")
    value = SlotValue(state.slot.name, keys, keys, 1.0, sensitive)
    answered(turn, state, (Match(Answer(state.slot.name), 1.0, (value,)),))


def paused(turn: Turn, state: Talking) -> None:
    """No sound and no key for a while: what was keyed in is finished; else it is silence."""
    match state:
        case Main(keys=keys) if keys:
            menu_done(turn, replace(state, keys=""), keys)
        case Asking(keys=keys) if keys:
            number_done(turn, state, keys)
        case _:
            count(turn)
            silent(turn, state)
