"""One step of a conversation: what is said, done and remembered in answer to one event."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from ivr.dialog.briefing import Briefing
from ivr.dialog.desk import Desk
from ivr.dialog.expect import listen
from ivr.dialog.language import Note
from ivr.dialog.promising import later
from ivr.dialog.session import Alarm, Session
from ivr.dialog.states import Left, Listening, LookingUp, Main, Switching, Transferring
from ivr.dialog.steps import AskStep, Prompts
from ivr.dialog.task import Task
from ivr.dialog.terms import Standard
from ivr.dialog.text import Ref
from ivr.dialog.values import Values, Wording, no_values
from ivr.events import (
    Action,
    Alert,
    CallBackAsked,
    FollowUp,
    HandOff,
    HangUp,
    LookUp,
    Outcome,
    Say,
    SwitchLanguage,
    Transfer,
)
from ivr.handover import FollowUpKind, FollowUpRequest, HandoffRequest, Reason
from ivr.meaning import SlotValue


class Turn:
    """Collects the actions for one event, and the session that follows from it."""

    def __init__(self, desk: Desk, call_id: str, session: Session, now: float) -> None:
        self.desk = desk
        self.call_id = call_id
        self.session = session
        self.now = now
        self.actions: list[Action] = []
        self.repeatable: list[Say] = []

    # --- memory --------------------------------------------------------------------------------------

    @property
    def time(self) -> datetime:
        """The time of day, with its zone."""
        assert self.session.when is not None  # every state but Waiting comes after Answered
        return self.session.when + timedelta(seconds=self.now)

    @property
    def open(self) -> bool:
        """Whether the desk is open now."""
        return self.desk.is_open(self.time)

    @property
    def today(self) -> date:
        """The day where the desk is."""
        hours = self.desk.hours
        return (self.time if hours is None else self.time.astimezone(hours.timezone)).date()

    @property
    def briefing(self) -> Briefing:
        """What a person is told who takes the call now."""
        return Briefing(self.desk, self.session)

    def understood(self) -> None:
        """The caller was understood: nothing was missed in a row any more."""
        self.session = replace(self.session, misses=0, silences=0, noises=0)

    def remember(self, value: SlotValue) -> None:
        """Keep a certain value for whoever takes the call."""
        others = tuple(fact for fact in self.session.facts if fact.name != value.name)
        self.session = replace(self.session, facts=(*others, value))

    def note(self, note: Note, **values: str) -> None:
        """Add to what was tried."""
        sentence = self.briefing.sentence(note, **values)
        if sentence and sentence not in self.session.tried:
            self.session = replace(self.session, tried=(*self.session.tried, sentence))

    # --- values in texts -----------------------------------------------------------------------------

    def values(self, task: Task, *more: SlotValue, aloud: bool = True) -> Values:
        """How the values of a task's texts are said (or written, for people and systems)."""

        def value(ref: Ref) -> str:  # what is promised meanwhile counts
            return Wording(self.desk, self.session, self.today).of(task, *more, aloud=aloud)(ref)

        return value

    def due(self, ref: Ref) -> str:
        """Until when the last promise is to be kept, as it is said; "" where nothing was promised."""
        return Wording(self.desk, self.session, self.today).due(ref)

    # --- speaking ------------------------------------------------------------------------------------

    def say(
        self, prompts: Prompts, values: Values = no_values, *, barge_in: bool = True, repeatable: bool = True
    ) -> None:
        """Say the prompts one after another."""
        for prompt in prompts:
            text = prompt.text.render(values)
            if text:
                interruptible = barge_in and prompt.name not in self.desk.no_barge_in
                said = Say(prompt.name, text, interruptible, prompt.name in self.desk.beats)
                self.actions.append(said)
                if repeatable:
                    self.repeatable.append(said)

    def say_next(self, ladder: Prompts, values: Values = no_values, *, repeatable: bool = True) -> None:
        """Say the next wording of a ladder; after the last comes the first."""
        if not ladder:
            return
        name = ladder[0].name
        count = self.session.used.get(name, 0)
        self.session = replace(self.session, used=MappingProxyType({**self.session.used, name: count + 1}))
        self.say((ladder[count % len(ladder)],), values, repeatable=repeatable)

    def standard(self, name: Standard, *, repeatable: bool = True) -> None:
        """Say the next wording of a standard prompt without values."""
        self.say_next(self.desk.standard[name], repeatable=repeatable)

    def last_words(self, prompts: Prompts, values: Values = no_values) -> None:
        """Say what nothing the caller does can change any more."""
        self.say(prompts, values, barge_in=False)

    def listen(self, state: Listening, *, waiting: bool = False) -> None:
        """Go to a state and listen as it needs."""
        self.session = replace(self.session, state=state)
        self.actions.append(listen(state, self.desk, waiting))

    def stay(self, step: AskStep) -> None:
        """Stay with the caller: say the next wording, and listen."""
        self.say_next(step.ladder)
        self.say(step.after)
        self.listen(Main(question=step))

    # --- promises ------------------------------------------------------------------------------------

    def promise(
        self,
        kind: FollowUpKind,
        what: str,
        *,
        queue: str | None = None,
        due: datetime | None = None,
        addressee: str = "",
        contact: str = "",
    ) -> None:
        """Keep that something is to be done for the caller after the call, before it is promised."""
        request = FollowUpRequest(
            call_id=self.call_id,
            desk=self.desk.name,
            queue=queue or self.desk.handoff.queue,
            kind=kind,
            what=what or self.briefing.want(),
            made=self.time.isoformat(timespec="seconds"),
            due="" if due is None else due.isoformat(timespec="seconds"),
            caller=self.session.caller,
            contact=contact or "".join(filter(str.isdigit, self.session.caller)),
            addressee=addressee,
            slots=self.session.facts,
        )
        self.actions.append(FollowUp(request))
        self.session = replace(self.session, promises=(*self.session.promises, request))

    def promise_call_back(self, within: timedelta | None, want: str, queue: str | None = None) -> None:
        """Nobody can take the call now: a person calls back, if the desk promises that, and once."""
        if within is not None and not self.session.promises:
            due = later(within, self.time, self.desk.hours)
            self.promise(FollowUpKind.CALL_BACK, want, queue=queue, due=due)

    def promise_failed(self, request: FollowUpRequest) -> None:
        """What cannot be kept is not promised: a person takes the call."""
        kept = tuple(one for one in self.session.promises if one != request)
        self.session = replace(self.session, promises=kept)
        self.hand_off(Reason.TROUBLE, queue=request.queue, want=request.what)

    # --- endings -------------------------------------------------------------------------------------

    def hang_up(self, outcome: Outcome, detail: str) -> None:
        """End the call. Whoever has spoken with a person was handed off, whatever came after it."""
        if self.session.person and outcome is not Outcome.HANDED_OFF:
            outcome, detail = Outcome.HANDED_OFF, self.session.person
        self.actions.append(HangUp(outcome, detail))
        self.session = replace(self.session, state=Left(outcome))

    def transfer(self, action: Transfer, state: Transferring) -> None:
        """Let the line pass the call on."""
        self.actions.append(action)
        self.session = replace(self.session, state=state)

    def switch(self, action: SwitchLanguage) -> None:
        """Wait until the call can go on in another language."""
        self.actions.append(action)
        self.session = replace(self.session, state=Switching(action.language, self.session.state))

    def look_up(self, action: LookUp, state: LookingUp) -> None:
        """Ask another system and wait for its answer."""
        self.actions.append(action)
        self.session = replace(self.session, state=state)

    def hand_off(
        self,
        reason: Reason,
        *,
        queue: str | None = None,
        want: str = "",
        say: Prompts = (),
        values: Values = no_values,
        skills: tuple[str, ...] = (),
        priority: int | None = None,
        hold: bool = True,
        call_back: timedelta | None = None,
    ) -> None:
        """Put the call into a queue, tell the caller, and hang up, or `hold` the line where that is possible.

        The request comes before the words, so that it is durable before it is promised.
        """
        if not say:
            say = self.desk.standard[Standard.HANDOFF if self.open else Standard.HANDOFF_CLOSED]
        if self.desk.stay is not None:  # somebody is called, and the desk goes on with the caller until then
            self.alert(want or self.briefing.want(), queue=queue, skills=skills, interrupts=False)
            self.say(say, values)
            self.stay(self.desk.stay)
            return
        request = self._request(reason, queue, want, skills, priority)
        self.session = replace(self.session, later=())
        if request.priority != 0 and not (hold and self.open):
            within = self.desk.handoff.call_back if hold else None
            self.promise_call_back(call_back or within, request.want, queue)
        self.actions.append(HandOff(request, hold and (self.open or request.priority == 0)))
        self.last_words(say, self.due if values is no_values else values)
        self.hang_up(Outcome.HANDED_OFF, reason.value)
        self.session = replace(self.session, state=Left(Outcome.HANDED_OFF, handed_off=True))

    def alert(
        self, want: str, *, queue: str | None = None, skills: tuple[str, ...] = (), interrupts: bool = True
    ) -> None:
        """Let a person know now, first of all, while the desk goes on."""
        self.session = replace(self.session, alarm=Alarm(want, queue, skills))
        request = self._request(Reason.EMERGENCY, queue, want, skills, 0)
        self.actions.append(Alert(request, interrupts, self.desk.stay is not None))

    def inform(self) -> None:
        """Bring what the person who was alerted knows up to date, before anything else is done."""
        alarm = self.session.alarm
        if alarm is None:
            return
        known = next((n for n, one in enumerate(self.actions) if isinstance(one, Alert | HandOff)), None)
        if known is None:
            request = self._request(Reason.EMERGENCY, alarm.queue, alarm.want, alarm.skills, 0)
            self.actions.insert(0, Alert(request, stays=self.desk.stay is not None))
        elif isinstance(told := self.actions[known], Alert):  # what was told with the danger belongs to it
            request = replace(told.request, slots=self.session.facts)
            self.actions[known] = replace(told, request=request)

    def left(self, why: str) -> None:
        """The caller hung up. Who has alerted a person is called back: nobody knows why they left."""
        if not self.session.alarmed:
            self.hang_up(self.session.outcome_if_over, why)
            return
        self.actions.append(CallBackAsked(self.briefing.number()))
        self.hang_up(Outcome.HANDED_OFF, why)

    def _request(
        self, reason: Reason, queue: str | None, want: str, skills: tuple[str, ...], priority: int | None
    ) -> HandoffRequest:
        """What a person is told now, for a queue."""
        return self.briefing.request(
            self.call_id,
            reason,
            entered=self.time,
            waited=self.now,
            queue=queue,
            want=want,
            skills=skills,
            priority=priority,
        )
