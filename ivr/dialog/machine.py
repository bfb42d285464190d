"""The dialog: a pure machine from what happens in a call to what is done about it.

No I/O, no clock, no chance: the same events at the same times give the same actions. It never raises and
never gets stuck: after every event the call is over, being transferred, looking something up, or a `Listen`
is in force.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog.complaint import soothe
from ivr.dialog.desk import Desk
from ivr.dialog.filling import known
from ivr.dialog.flow import advance
from ivr.dialog.hear import understood
from ivr.dialog.hold import hold, on_hold
from ivr.dialog.identifying import identifying
from ivr.dialog.interrupt import alarmed, urgent
from ivr.dialog.keys import count, paused, pressed
from ivr.dialog.looking import looking
from ivr.dialog.manner import say_so
from ivr.dialog.meanwhile import said_meanwhile
from ivr.dialog.reaching import alert, transfer_failed
from ivr.dialog.session import Session
from ivr.dialog.states import (
    Identifying,
    Left,
    LookingUp,
    Main,
    OnHold,
    State,
    Switching,
    Talking,
    Transferring,
    Waiting,
    task_of,
)
from ivr.dialog.survey import leave, out_of_time, person_done
from ivr.dialog.switching import follow_wish, switched, switching
from ivr.dialog.task import Task
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import (
    Action,
    ActionFailed,
    Answered,
    FollowUp,
    HandOff,
    HoldBegun,
    HungUp,
    Input,
    KeyPressed,
    LanguageSwitched,
    LimitReached,
    NoInput,
    Outcome,
    PersonDone,
    Understood,
)
from ivr.handover import Reason


class Machine:
    """The dialog of one call."""

    def __init__(self, desk: Desk, call_id: str, session: Session | None = None) -> None:
        self._desk = desk
        self._call_id = call_id
        self._session = session or Session()

    def in_the_words_of(self, desk: Desk) -> Machine:
        """The dialog of the same call with the desk of another language, which is told `LanguageSwitched`."""
        return Machine(desk, self._call_id, self._session)

    @property
    def session(self) -> Session:
        """Everything it remembers, frozen."""
        return self._session

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._session.state

    @property
    def outcome(self) -> Outcome | None:
        """How the call ended, None while it goes on."""
        state = self._session.state
        return state.outcome if isinstance(state, Left) else None

    @property
    def outcome_if_over(self) -> Outcome:
        """How the call would be counted if it broke off now."""
        return self.outcome or self._session.outcome_if_over

    def handle(self, event: Input, now: float) -> tuple[Action, ...]:
        """What to do about an event, in order; `now` is seconds since the call was answered.

        Ends in a `Listen`, a `LookUp`, a `Transfer` or a `HangUp`; empty when the event changes nothing.
        """
        turn = Turn(self._desk, self._call_id, self._session, now)
        if isinstance(event, Understood):
            turn.session = replace(turn.session, mood=event.mood)
        _receive(turn, event)
        if isinstance(event, Understood):
            soothe(turn)
        _keep_informed(turn, self._session.state, event)
        say_so(turn)
        if turn.repeatable:
            turn.session = replace(turn.session, last=tuple(turn.repeatable))
        self._session = turn.session
        return tuple(turn.actions)


def _keep_informed(turn: Turn, before: State, event: Input) -> None:
    """A person who was alerted knows what the caller says; the first words in an emergency alert one."""
    if not isinstance(event, Understood | KeyPressed) or isinstance(turn.session.state, Left | OnHold):
        return
    if isinstance(event, Understood) and not event.heard.text.strip():
        return
    task = task_of(before) or task_of(turn.session.state)
    if turn.session.alarmed:
        turn.inform()
    elif task is not None and task.flow.urgent:
        alert(turn, task.flow, interrupts=False)
        turn.actions.insert(0, turn.actions.pop())


def _receive(turn: Turn, event: Input) -> None:
    state = turn.session.state
    if isinstance(event, ActionFailed) and isinstance(event.what, FollowUp):
        turn.promise_failed(event.what.request)
        return
    if isinstance(event, PersonDone):
        person_done(turn, event.name)
        return
    match state:
        case Waiting():
            _waiting(turn, event)
        case _ if isinstance(event, LanguageSwitched):
            switched(turn, event)
        case Left():
            _left(turn, state, event)
        case OnHold() if isinstance(event, Understood) and urgent(turn, event.matches) is not None:
            alarmed(turn, event)
        case _ if isinstance(event, Understood) and follow_wish(turn, state, event):
            pass
        case OnHold():
            on_hold(turn, state, event)
        case Switching():
            switching(turn, state, event)
        case LookingUp():
            looking(turn, state, event)
        case Identifying():
            identifying(turn, state, event)
        case Transferring():
            _transferring(turn, state, event)
        case _:
            _talking(turn, state, event)


def _waiting(turn: Turn, event: Input) -> None:
    match event:
        case Answered():
            turn.session = replace(turn.session, when=event.when, caller=event.caller)
            desk = turn.desk
            turn.say(desk.greeting if turn.open or not desk.closed else desk.closed)
            if desk.start is None:
                turn.listen(Main())
            else:
                advance(turn, known(turn, Task(desk.flows[desk.start])))
        case HungUp():
            turn.hang_up(Outcome.ABANDONED, "the caller hung up")
        case _:
            pass


def _left(turn: Turn, state: Left, event: Input) -> None:
    match event:
        case HoldBegun() if state.handed_off:
            hold(turn)
        case ActionFailed(what=HandOff()) if state.handed_off:
            turn.last_words(turn.desk.standard[Standard.TROUBLE][:1])
            turn.hang_up(Outcome.FAILED, "the queue did not take the call")
        case Understood() if state.handed_off:
            alarmed(turn, event)
        case HungUp():  # during the last words, so that the `HangUp` behind them was not done yet
            turn.hang_up(state.outcome, "the caller hung up during the last words")
        case _:
            pass


def _transferring(turn: Turn, state: Transferring, event: Input) -> None:
    match event:
        case ActionFailed(why=why):
            transfer_failed(turn, state, why)
        case LimitReached():
            transfer_failed(turn, state)
        case HungUp():
            turn.left("the caller hung up during the transfer")
        case Understood():
            said_meanwhile(turn, state, event)
        case _:
            pass


def _talking(turn: Turn, state: Talking, event: Input) -> None:
    limits = turn.desk.limits
    match event:
        case HungUp():
            turn.left("the caller hung up")
            return
        case LimitReached():
            _limit(turn)
            return
        case Understood() | KeyPressed() | NoInput() if turn.desk.stay is None:
            if turn.session.person:  # the conversation with them does not count
                over = out_of_time(turn)
            else:
                over = turn.session.turns >= limits.turns or turn.now >= limits.seconds
            if over:
                _limit(turn)
                return
        case Understood() | KeyPressed() | NoInput():
            pass
        case _:
            return
    match event:
        case Understood():
            count(turn)
            understood(turn, state, event)
        case KeyPressed():
            pressed(turn, state, event.key)
        case NoInput():
            paused(turn, state)


def _limit(turn: Turn) -> None:
    if turn.desk.stay is not None:
        return
    if turn.session.person:
        leave(turn)
        return
    turn.last_words(turn.desk.standard[Standard.LIMIT][:1])
    turn.hand_off(Reason.DESK_RULE)
