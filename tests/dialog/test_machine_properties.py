"""Whatever happens in a call, the machine keeps its promises."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from dialog_helpers import CLOSED, DESK, OPEN, make_desk
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialog.desk import Desk
from ivr.dialog.keys import KEYS
from ivr.dialog.machine import Machine
from ivr.dialog.states import Left, LookingUp, Main, Transferring, Waiting
from ivr.events import (
    Action,
    ActionFailed,
    Answered,
    HandOff,
    HangUp,
    Heard,
    HungUp,
    Input,
    KeyPressed,
    LimitReached,
    Listen,
    LookedUp,
    LookUp,
    LookupResult,
    NoInput,
    Say,
    Transfer,
    Understood,
)
from ivr.handover import HandoffRequest, Reason, Route
from ivr.meaning import Answer, Command, Hypothesis, Intent, Match, SlotValue

TURNS = 8
LOOKUP = """\
  parcel:
    label: your parcel
    say: ["where is my parcel"]
    slots: {order_number: {type: digits, length: 6, ask: Which order?}}
    then:
      - lookup: orders
        found:
          - {when: {orders.state: "yes"}, answer: "Yes {orders.state}."}
          - {say: "{orders.state}", go: call_back}
        none: {again: order_number}
      - handoff: {want: "{orders.state}"}
lookups:
  orders: {table: {file: staff.csv, by: {name: "{order_number}"}}, keep: [state]}
"""
INTENTS = [
    "billing", "sales", "repairs", "reach_person", "opening_hours", "order_status", "call_back", "note",
    "close_account", "spam", "unsure", "message", "nothing", "parcel",
]  # fmt: skip
SLOTS = ["person", "order_number", "callback", "day", "urgent", "text", "message", "nothing"]
VALUES = [
    "Anna Berg",
    "Anna Burke",
    "482913",
    "0612345",
    "2026-11-30",
    "yes",
    "no",
    "some words",
    "",
    "{x}",
    "\x00",
]

scores = st.floats(0, 1) | st.sampled_from([0.95, 0.6, 0.5, 0.3, float("nan"), float("inf"), -1.0])
slot_values = st.builds(SlotValue, st.sampled_from(SLOTS), st.sampled_from(VALUES), st.just("said"), scores)
meanings = (
    st.sampled_from(INTENTS).map(Intent) | st.sampled_from(list(Command)) | st.sampled_from(SLOTS).map(Answer)
)
matches = st.lists(
    st.builds(Match, meanings, scores, st.lists(slot_values, max_size=3).map(tuple)), max_size=4
).map(tuple)


def heard(text: str) -> Heard:
    return Heard((Hypothesis(text, 0.9),) if text else (), 0.0, 1.0, "test")


REQUEST = HandoffRequest("c", "d", "q", "", "w", Reason.ASKED, "", 0.0)
talk = (
    st.builds(Understood, st.sampled_from(["", "words", "{x} 'DROP"]).map(heard), matches)
    | st.just(NoInput(6.0))
    | st.sampled_from("0123456789*#A").map(KeyPressed)
    | st.text(max_size=2).map(KeyPressed)
)
failures = st.sampled_from(
    [ActionFailed(Transfer(Route("r", "r")), "x"), ActionFailed(HandOff(REQUEST), "x")]
)
rows = st.lists(slot_values.map(lambda one: SlotValue("state", one.value, "", 1.0)), max_size=1).map(tuple)
looked_up = st.builds(
    LookedUp,
    st.sampled_from(["orders", "nothing"]),
    st.sampled_from(list(LookupResult)),
    st.lists(rows, max_size=2).map(tuple),
)
rare = (
    looked_up
    | looked_up
    | failures
    | st.just(HungUp())
    | st.just(LimitReached("seconds"))
    | st.just(Answered(OPEN))
)
events = st.lists(talk | talk | talk | talk | rare, max_size=40)
starts = st.sampled_from([OPEN, CLOSED])


@functools.cache
def short() -> Desk:
    """The test desk with few turns (not a fixture: hypothesis would print all of it)."""
    with tempfile.TemporaryDirectory() as folder:
        return make_desk(
            Path(folder), DESK + LOOKUP + f"limits: {{turns: {TURNS}, no_match: 3, no_input: 4}}\n"
        )


def run(desk: Desk, happens: list[Input], start: object) -> tuple[Machine, list[tuple[Action, ...]]]:
    machine = Machine(desk, "call")
    done = [machine.handle(Answered(start), 0.0)]  # type: ignore[arg-type]
    done += [machine.handle(event, float(n)) for n, event in enumerate(happens, 1)]
    return machine, done


@settings(max_examples=200)
@given(events, starts)
def test_it_is_always_listening_transferring_or_over(happens: list[Input], start: object) -> None:
    machine = Machine(short(), "call")
    in_force: Action | None = None
    for n, event in enumerate([Answered(start), *happens]):  # type: ignore[arg-type]
        before = machine.state
        actions = machine.handle(event, float(n))
        if isinstance(before, Left):
            assert actions == () or isinstance(event, HungUp | ActionFailed)
        if not actions:
            assert machine.state == before
            continue
        in_force = actions[-1]
        assert not any(isinstance(action, Listen | LookUp | Transfer | HangUp) for action in actions[:-1])
        match machine.state:
            case Left():
                assert isinstance(in_force, HangUp)
                assert in_force.outcome is machine.outcome
            case Transferring():
                assert isinstance(in_force, Transfer)
            case LookingUp():
                assert isinstance(in_force, LookUp)
            case Waiting():
                pytest.fail("an answered call cannot wait to be answered")
            case _:
                assert isinstance(in_force, Listen)
                assert machine.outcome is None
    assert in_force is not None


@settings(max_examples=150)
@given(events, starts)
def test_it_says_only_what_the_desk_says(happens: list[Input], start: object) -> None:
    prompts = {prompt.name: prompt for prompt in short().prompts()}
    _, done = run(short(), happens, start)
    for said in (action for actions in done for action in actions if isinstance(action, Say)):
        assert said.text.strip()
        assert said.name in prompts
        if prompts[said.name].fixed:
            assert said.text == prompts[said.name].text


def is_real(event: Input) -> bool:
    """What no telephone can send is ignored, and so not counted either."""
    return not isinstance(event, KeyPressed) or event.key in KEYS


@settings(max_examples=150)
@given(st.lists(talk.filter(is_real), min_size=1, max_size=12), starts)
def test_every_call_ends_within_its_turns(happens: list[Input], start: object) -> None:
    """Keys of one number are one turn, so the bound in events is turns times the longest number."""
    machine = Machine(short(), "call")
    machine.handle(Answered(start), 0.0)  # type: ignore[arg-type]
    for n in range((TURNS + 2) * 20):
        if isinstance(machine.state, Left | Transferring | LookingUp):
            return
        machine.handle(happens[n % len(happens)], 1.0)
    pytest.fail("the call goes on")


@settings(max_examples=100)
@given(events, starts)
def test_the_same_events_give_the_same_actions(happens: list[Input], start: object) -> None:
    assert run(short(), happens, start)[1] == run(short(), happens, start)[1]


@settings(max_examples=100)
@given(events, starts)
def test_an_operator_is_always_reached(happens: list[Input], start: object) -> None:
    machine, _ = run(short(), happens, start)
    if isinstance(machine.state, Left | Transferring):
        return
    asked = Understood(heard("operator"), (Match(Command.OPERATOR, 0.9),))
    assert any(isinstance(action, HandOff) for action in machine.handle(asked, 1.0))


@settings(max_examples=100)
@given(events, starts)
def test_zero_reaches_a_person_wherever_no_number_is_asked_for(happens: list[Input], start: object) -> None:
    machine, _ = run(short(), happens, start)
    state = machine.state
    if isinstance(state, Left | Transferring) or getattr(getattr(state, "slot", None), "keys", False):
        return
    if isinstance(state, Main) and state.keys:
        return
    assert any(isinstance(action, HandOff) for action in machine.handle(KeyPressed("0"), 1.0))


@settings(max_examples=100)
@given(events, starts)
def test_hanging_up_always_ends_it(happens: list[Input], start: object) -> None:
    machine, _ = run(short(), happens, start)
    last = machine.handle(HungUp(), 99.0)
    assert isinstance(last[-1], HangUp)
    assert machine.outcome is last[-1].outcome
