"""Entries of `then` that depend on values, and facts that are asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, Caller, answer, intent, make_desk, value

from ivr.dialog.check_flows import check_flows
from ivr.dialog.desk import Desk
from ivr.errors import DeskError
from ivr.events import HandOff, HangUp, Transfer

RETURNS = """\
  returns:
    label: to send something back
    say: ["send it back", "send back a {thing}", "send back my {person}"]
    slots:
      thing: {type: choice, choices: [lamp, kettle, food], ask: What would you like to send back?}
      person: {type: name, from: staff, optional: true}
      opened: {type: yes_no, ask: Have you opened it?}
    then:
      - when: {thing: food}
        answer: Food cannot be sent back.
      - when: {thing: [lamp, kettle], opened: no}
        do:
          - answer: You may send it back.
          - say: The label is in the box.
      - otherwise: yes
        handoff: {want: "Return of an opened {thing}", queue: returns}
"""
ASK_AGAIN = """\
  parcel:
    label: your parcel
    say: ["where is my parcel"]
    slots:
      order: {type: digits, length: 6, ask: [What is the number?, "Please say it digit by digit."]}
    then:
      - when: {order: "111111"}
        say: It is on its way.
        end: answered
      - say: I cannot find {order}.
        again: order
      - handoff: {want: "Cannot find {order}"}
"""


def desk_with(folder: Path, intents: str) -> Desk:
    return make_desk(folder, DESK + intents)


@pytest.mark.parametrize(
    ("thing", "opened", "said"),
    [
        ("food", "no", "Food cannot be sent back. Is there anything else I can do for you?"),
        (
            "kettle",
            "no",
            "You may send it back. The label is in the box. Is there anything else I can do for you?",
        ),
    ],
)
def test_the_first_case_that_holds_is_done(tmp_path: Path, thing: str, opened: str, said: str) -> None:
    caller = Caller(desk_with(tmp_path, RETURNS))
    caller.say(intent("returns", 0.95, value("thing", thing), value("opened", opened)))
    assert caller.said == said


def test_otherwise_is_done_when_none_holds(tmp_path: Path) -> None:
    caller = Caller(desk_with(tmp_path, RETURNS))
    caller.say(intent("returns", 0.95, value("thing", "lamp"), value("opened", "yes")))
    request = caller.did(HandOff).request
    assert (request.want, request.queue) == ("Return of an opened lamp", "returns")


def test_a_value_may_be_compared_with_another_and_with_nothing(tmp_path: Path) -> None:
    text = RETURNS.replace("      - when: {thing: food}\n", "      - when: {person: null, thing: food}\n")
    text = text.replace("{thing: [lamp, kettle], opened: no}", '{person.extension: ["{thing}", "303"]}')
    desk = desk_with(tmp_path, text)
    food = (value("thing", "food"), value("opened", "no"))
    assert Caller(desk).say(intent("returns", 0.95, *food)).said.startswith("Food")
    caller = Caller(desk).say(intent("returns", 0.95, *food, value("person", "Carl Otto")))
    assert caller.said.startswith("You may send")
    caller = Caller(desk).say(intent("returns", 0.95, *food, value("person", "Anna Berg")))
    assert caller.did(HandOff)


def test_a_wrong_fact_is_asked_for_again_and_then_left_to_a_person(tmp_path: Path) -> None:
    caller = Caller(desk_with(tmp_path, ASK_AGAIN)).say(intent("parcel"))
    for _ in range(2):
        caller.say(answer("order", "222222"))
        assert caller.said == "I cannot find two two two, two two two. What is the number?"
    caller.say(answer("order", "222222"))
    assert caller.did(HandOff).request.want == "Cannot find 222222"


def test_the_right_fact_the_second_time(tmp_path: Path) -> None:
    caller = Caller(desk_with(tmp_path, ASK_AGAIN)).say(intent("parcel"))
    caller.say(answer("order", "222222")).say(answer("order", "111111"))
    assert caller.said == "It is on its way."
    assert caller.did(HangUp)


def test_prompts_inside_cases_have_names_and_routes_are_found(tmp_path: Path) -> None:
    text = RETURNS.replace('handoff: {want: "Return of an opened {thing}", queue: returns}', "route: repairs")
    desk = desk_with(tmp_path, text)
    names = {prompt.name for prompt in desk.prompts()}
    assert {"intents.returns.answer.1", "intents.returns.answer.2", "intents.returns.say.1"} <= names
    assert not [finding for finding in check_flows(desk) if "returns" in finding.key]
    caller = Caller(desk).say(intent("returns", 0.95, value("thing", "lamp"), value("opened", "yes")))
    assert not [action for action in caller.actions if isinstance(action, Transfer)]  # it has only a queue
    assert caller.did(HandOff).request.queue == "repairs"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("thing: food", "thing: foot", "{thing} is never 'foot', it is of type choice"),
        ("thing: food", "thin: food", "{thin} is used, but 'returns' has no slot 'thin'"),
        ("thing: food", "thing.size: food", "{thing.size} needs a data table"),
        ("when: {thing: food}", "otherwise: yes", "no `when` is before it"),
        ("{thing: food}", "{}", "`when` names values, and `otherwise` stands without it"),
        ("        answer: Food cannot be sent back.\n", "", "nothing to do here"),
        ("answer: Food cannot be sent back.", "again: size", "'returns' does not ask for 'size'"),
        ("answer: Food cannot be sent back.", "go: nowhere", "no intent 'nowhere'"),
        (
            "queue: returns}",
            "queue: returns}\n      - say: Never.",
            "`say` is never done, the step before it comes last",
        ),
    ],
    ids=["value", "slot", "column", "otherwise", "empty", "nothing", "again", "go", "after"],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    text = RETURNS.replace("          - say: The label is in the box.\n", "          - end: answered\n")
    text = (
        text.replace("answer: Food cannot be sent back.", "end: answered")
        if "never" in new.lower()
        else RETURNS
    )
    with pytest.raises(DeskError) as caught:
        desk_with(tmp_path, text.replace(old, new))
    assert any(what in problem for problem in caught.value.problems), caught.value.problems
