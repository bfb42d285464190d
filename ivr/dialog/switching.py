"""Another language: the wish for it in any state, and going on with another desk where the call stood.

A desk of another language has its own words for the same things, under the same names: intents, slots, steps.
So what is known is kept where the other desk knows the name and the value, and what was asked is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ivr.dialog.desk import Desk, DeskIntent, Slot
from ivr.dialog.filling import known
from ivr.dialog.flow import advance, begin
from ivr.dialog.hold import resume
from ivr.dialog.interrupt import interrupt, urgent
from ivr.dialog.language import Note
from ivr.dialog.questions import again, confirm
from ivr.dialog.session import Session
from ivr.dialog.spoken import is_value
from ivr.dialog.states import Confirming, Left, Main, OnHold, State, Switching, task_of
from ivr.dialog.steps import AskStep, all_steps
from ivr.dialog.task import Guess, Readings, Task
from ivr.dialog.terms import Standard
from ivr.dialog.turn import Turn
from ivr.events import (
    ActionFailed,
    Decided,
    Decision,
    HungUp,
    Input,
    LanguageSwitched,
    LimitReached,
    SwitchLanguage,
    Understood,
)
from ivr.handover import Reason
from ivr.meaning import Intent, Match, SlotValue


def wish(turn: Turn, matches: tuple[Match, ...]) -> Guess | None:
    """The other language that was asked for with no other word; it is heard whatever was asked."""
    for match in matches:
        if match.urgent and isinstance(match.meaning, Intent) and match.score >= turn.desk.thresholds.confirm:
            intent = turn.desk.intents.get(match.meaning.name)
            if intent is not None and intent.whole:
                return Guess(intent, match.score)
    return None


def follow_wish(turn: Turn, state: State, event: Understood) -> bool:
    """Begin to change the language, if that is all that was said; only danger comes before it."""
    if isinstance(state, Left | Switching) or urgent(turn, event.matches, task_of(state)) is not None:
        return False
    if (guess := wish(turn, event.matches)) is None:
        return False
    turn.session = replace(turn.session, words=event.heard.text, turns=turn.session.turns + 1)
    turn.actions.append(Decided(Decision.ACCEPT, guess.intent.flow.name, guess.score))
    begin(turn, guess)
    return True


def switching(turn: Turn, state: Switching, event: Input) -> None:
    """What happens while the other desk is opened."""
    match event:
        case ActionFailed(what=SwitchLanguage()):
            turn.session = replace(turn.session, state=state.back)
            turn.hand_off(Reason.TROUBLE, want=_wants(turn, state.language))
        case HungUp():
            turn.left("the caller hung up")
        case LimitReached() if turn.desk.stay is None:
            turn.last_words(turn.desk.standard[Standard.LIMIT][:1])
            turn.hand_off(Reason.DESK_RULE)
        case Understood() if (alarm := urgent(turn, event.matches, task_of(state))) is not None:
            turn.session = replace(turn.session, words=event.heard.text)
            interrupt(turn, alarm)
        case _:
            pass


def _wants(turn: Turn, language: str) -> str:
    """For a person: which language the caller speaks."""
    label = turn.desk.words.text.tongues.get(language)
    return turn.briefing.sentence(Note.WANTS, intent=label.label if label is not None else language)


def switched(turn: Turn, event: LanguageSwitched) -> None:
    """The call goes on here, in this desk's language: with what is known, where it stood."""
    state = turn.session.state
    if isinstance(state, Left):
        return
    back = state.back if isinstance(state, Switching) else state
    turn.session = carried(turn.session, turn.desk)
    turn.note(Note.LANGUAGE, language=event.language)
    if event.heard:
        turn.standard(Standard.LANGUAGE, repeatable=False)
    elif not isinstance(back, OnHold):
        turn.last_words(turn.desk.standard[Standard.LANGUAGE_UNHEARD][:1])
        want = turn.briefing.sentence(Note.LANGUAGE, language=event.language)
        if turn.desk.stay is None:
            turn.session = replace(turn.session, state=Main())
            turn.hand_off(Reason.DESK_RULE, want=want)
            return
        if not turn.session.alarmed:
            turn.alert(want, interrupts=False)
    _go_on(turn, back)


def carried(session: Session, desk: Desk) -> Session:
    """What a conversation remembers, as far as the desk knows it too."""
    return replace(
        session,
        state=Main(),
        misses=0,
        silences=0,
        noises=0,
        looked_up=MappingProxyType(
            {name: rows for name, rows in session.looked_up.items() if name in desk.lookups}
        ),
        guided=tuple(name for name in session.guided if name in desk.flows),
        denied=frozenset(),
    )


def _go_on(turn: Turn, back: State) -> None:
    """Ask what was asked, in this language."""
    task = _task(turn.desk, task_of(back))
    match back:
        case OnHold():
            resume(turn, back)
        case Confirming(guess=guess) if (intent := _known(turn.desk, guess.intent)) is not None:
            confirm(turn, Confirming(Guess(intent, guess.score, _fitting(intent, guess.values)), task))
        case _ if task is not None:
            advance(turn, known(turn, task))
        case Main(question=question) if question is not None and (same := _step(turn.desk, question)):
            again(turn, Main(question=same))
        case Main(after_answer=True):
            again(turn, Main(after_answer=True))
        case _ if turn.desk.start is not None:
            advance(turn, known(turn, Task(turn.desk.flows[turn.desk.start])))
        case _:
            turn.say(turn.desk.greeting if turn.open or not turn.desk.closed else turn.desk.closed)
            turn.listen(Main())


def _known(desk: Desk, intent: DeskIntent) -> DeskIntent | None:
    """The desk's intent of the same name; a wish for a language is over when it is fulfilled."""
    return None if intent.whole else desk.intents.get(intent.flow.name)


def _task(desk: Desk, task: Task | None) -> Task | None:
    """The task with the desk's own words, and the values that it knows; None where it has no such task."""
    if task is None or (flow := desk.flows.get(task.flow.name)) is None:
        return None
    kept = tuple(value for value in task.values if _fits(flow.slot(value.name), value))
    return replace(task, flow=flow, values=kept, doubted=(), asked=0, trail=(), attempts=(), denied=())


def _fitting(intent: DeskIntent, values: tuple[Readings, ...]) -> tuple[Readings, ...]:
    return tuple(some for some in values if all(_fits(intent.flow.slot(one.name), one) for one in some))


def _fits(slot: Slot | None, value: SlotValue) -> bool:
    """Whether a value is one here too: a number is, the name of somebody who works elsewhere is not."""
    return slot is not None and (not value.value or is_value(slot.spec, value.value))


def _step(desk: Desk, question: AskStep) -> AskStep | None:
    """The desk's step that asks or says the same, by the name of its prompts."""
    steps = (step for flow in desk.flows.values() for step in all_steps(flow.steps))
    asking: Mapping[str, AskStep] = {
        step.ladder[0].name: step
        for step in (*steps, *((desk.stay,) if desk.stay is not None else ()))
        if isinstance(step, AskStep) and step.ladder
    }
    return asking.get(question.ladder[0].name) if question.ladder else None
