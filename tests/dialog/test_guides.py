"""Callers who are led through something step by step."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, Caller, answer, command, intent, make_desk

from ivr.dialog.check_flows import check_flows
from ivr.dialog.desk import Desk
from ivr.errors import DeskError
from ivr.events import HandOff, LookedUp, LookupResult
from ivr.handover import Reason
from ivr.meaning import Command, SlotValue

GUIDE = """\
  lamp:
    label: a lamp that stays dark
    say: ["my lamp stays dark"]
    then: {say: I will lead you., guide: lamp_dark}
  parcel:
    label: a parcel
    say: ["my parcel"]
    then: {lookup: parcels, found: {guide: parcel_guide}, none: {end: answered}}
  lamp_lit:
    label: a lamp that gives light
    then: {answer: I am glad that it works.}
  visit:
    label: a visit
    then: {handoff: {want: A lamp that stays dark, queue: repairs}}
lookups:
  parcels: {table: {file: staff.csv, by: {name: "{caller}"}}, keep: {time: time}}
guides:
  parcel_guide:
    label: a parcel
    steps: {box: {do: "It comes at {parcels.time}."}}
    solved: lamp_lit
    unsolved: visit
  lamp_dark:
    label: a lamp that stays dark
    terms:
      socket: {say: [socket, fitting], means: The socket is what the lamp is screwed into.}
    steps:
      switch:
        label: switched on at the wall
        do: [Please switch it on at the wall., Wait a second.]
        ask: [Tell me when it is on., Say done when it is on.]
        wait: 25
        answers:
          done:
          failed: {next: socket, tell: That may be the fuse.}
          lit: {say: ["it is bright"], next: solved}
      socket:
        do: Screw it out of the socket and in again.
        answers:
          done: colour
          failed: unsolved
      colour:
        do: Look at the small light.
        ask: Is it red or green?
        answers:
          green: {say: ["[it is] green"], next: solved}
          red: {say: ["[it is] red"], next: visit}
          still_dark: {say: ["it is dark"], next: switch}
    solved: lamp_lit
    unsolved: visit
"""


@pytest.fixture
def lamps(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, DESK + GUIDE)


def at_switch(lamps: Desk) -> Caller:
    return Caller(lamps).say(intent("lamp"))


def test_the_first_step_is_told_and_the_caller_has_time(lamps: Desk) -> None:
    caller = at_switch(lamps)
    assert (
        caller.said
        == "I will lead you. Please switch it on at the wall. Wait a second. Tell me when it is on."
    )
    assert caller.listens.no_input_after == 25.0
    slot = caller.listens.expect.slot
    assert slot is not None
    ways = {choice.value: choice.say for choice in slot.choices}
    assert set(ways) == {"done", "failed", "lit", "back", "skip", "the word socket"}
    assert "what is [a|an|the|this|my] (socket|fitting)" in ways["the word socket"]


def test_on_through_all_steps_to_a_good_end(lamps: Desk) -> None:
    caller = at_switch(lamps).say(answer("switch", "done"))
    assert caller.said == "Screw it out of the socket and in again. Tell me when you have done that."
    assert caller.say(answer("socket", "done")).said == "Look at the small light. Is it red or green?"
    assert caller.say(answer("colour", "green")).said.startswith("I am glad that it works.")


def test_who_takes_over_sees_the_steps_taken(lamps: Desk) -> None:
    caller = at_switch(lamps).say(answer("switch", "failed"))
    assert caller.said.startswith("That may be the fuse. Screw it out")
    request = caller.say(answer("socket", "failed")).did(HandOff).request
    assert request.tried == ("switched on at the wall: failed", "socket: failed")
    assert {fact.name: fact.value for fact in request.slots} == {"switch": "failed", "socket": "failed"}
    assert request.want == "A lamp that stays dark"


def test_back_again_and_past_what_was_done(lamps: Desk) -> None:
    caller = at_switch(lamps).say(answer("switch", "skip"))
    assert caller.said.startswith("Screw it out")
    caller.say(answer("socket", "done")).say(answer("colour", "back"))
    assert caller.said.startswith("Screw it out")
    assert caller.say(answer("socket", "back")).said.startswith("Please switch it on")
    caller.say(answer("switch", "back"))
    assert caller.said.startswith("This is the first step. Please switch it on")
    assert caller.say(command(Command.REPEAT)).said == (
        "This is the first step. Please switch it on at the wall. Wait a second. Tell me when it is on."
    ).removeprefix("This is the first step. ")
    assert not caller.machine.session.facts, "what is no answer is no fact"


def test_what_was_looked_up_is_told(lamps: Desk) -> None:
    row = (SlotValue("time", "09:00", "", 1.0),)
    caller = Caller(lamps).say(intent("parcel")).event(LookedUp("parcels", LookupResult.FOUND, (row,)))
    assert caller.said == "It comes at nine a.m. Tell me when you have done that."


def test_a_word_is_explained_and_the_step_goes_on(lamps: Desk) -> None:
    caller = at_switch(lamps).say(answer("switch", "the word socket"))
    assert caller.said == "The socket is what the lamp is screwed into. Tell me when it is on."
    assert caller.say(answer("switch", "done")).said.startswith("Screw it out")


def test_a_circle_of_steps_is_no_fault_and_asks_each_time(lamps: Desk) -> None:
    caller = at_switch(lamps)
    for _ in range(3):
        caller.say(answer("switch", "done")).say(answer("socket", "done"))
        caller.say(answer("colour", "still dark"))
        assert caller.said.startswith("Please switch it on")
    assert not [finding for finding in check_flows(lamps) if "lamp" in finding.key]


def test_who_is_busy_hears_that_the_desk_is_there_for_a_long_time(lamps: Desk) -> None:
    caller = at_switch(lamps)
    assert caller.silence().said == "I am still here. Take your time."
    for _ in range(7):
        assert caller.silence().listens.no_input_after == 25.0
    assert caller.silence().did(HandOff).request.reason is Reason.NO_INPUT


def test_another_matter_and_a_person_are_reached_from_any_step(lamps: Desk) -> None:
    assert at_switch(lamps).say(intent("opening_hours")).said.startswith("We are open")
    request = at_switch(lamps).say(command(Command.OPERATOR)).did(HandOff).request
    assert request.want == "Wants a lamp that stays dark."


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("next: visit}", "next: visits}", "no step or intent 'visits'. Did you mean 'visit'?"),
        ("solved: lamp_lit", "solved: lamp_on", "no step or intent 'lamp_on'"),
        ("guide: lamp_dark}", "guide: lamp}", "no guide 'lamp' under `guides`"),
        ('{say: ["it is bright"], next', "{next", "nothing that callers can say means it"),
        ("          lit:", "          back:", "'back' has a meaning in every guide"),
        ("      socket:\n        do", "      solved:\n        do", "no step can be called 'solved'"),
        ("Look at the small light.", "Look at {light}.", "{light} is used, but a guide has no slot 'light'"),
    ],
    ids=["next", "solved", "guide", "say", "back", "name", "value"],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in GUIDE
    with pytest.raises(DeskError) as caught:
        make_desk(tmp_path, DESK + GUIDE.replace(old, new))
    assert any(what in problem for problem in caught.value.problems), caught.value.problems


def test_a_step_that_nothing_leads_to_is_reported(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK + GUIDE.replace("done: colour", "done: solved"))
    assert [finding.key for finding in check_flows(desk) if "lamp" in finding.key] == [
        "guides.lamp_dark.colour"
    ]


@pytest.mark.parametrize("scores", [(0.5, 0.45), (0.4, 0.38)])
def test_doubtful_answers_are_asked_for_again_not_by_their_names(
    lamps: Desk, scores: tuple[float, float]
) -> None:
    first, second = (
        answer("switch", value, score=score) for value, score in zip(("failed", "done"), scores, strict=True)
    )
    caller = at_switch(lamps).say(first, second)
    assert caller.said == "Sorry, I did not catch that. Say done when it is on."
    assert caller.say(answer("switch", "done")).said.startswith("Screw it out")
