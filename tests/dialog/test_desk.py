"""What a desk tells the other parts: vocabulary, prompts, schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dialog_helpers import DESK, make_desk

from ivr.dialog.desk import Desk
from ivr.dialog.language import Note, load_language
from ivr.dialog.schema import desk_schema
from ivr.dialog.terms import DUE, STANDARD_VALUES, Standard
from ivr.errors import DeskError
from ivr.meaning import Command, SlotType


def test_vocabulary(desk: Desk) -> None:
    commands = ((Command.YES, ("yes",)),)
    vocabulary = desk.vocabulary(commands)
    assert (vocabulary.language, vocabulary.commands) == ("en-US", commands)
    intents = {intent.name: intent for intent in vocabulary.intents}
    assert list(intents) == list(desk.intents)
    assert intents["billing"].templates == ("[I have] a question about my (bill|invoice)", "billing [please]")
    person = intents["reach_person"].slots[0]
    assert person.type is SlotType.NAME
    assert [choice.value for choice in person.choices] == [
        "Anna Berg",
        "Anna Burke",
        "Carl Otto",
        "Nora Vane",
    ]
    assert intents["order_status"].slots[0].length == (6, 6)


def test_prompt_names(desk: Desk) -> None:
    prompts = {prompt.name: prompt for prompt in desk.prompts()}
    assert len(prompts) == len(desk.prompts())
    expected = {
        "greeting": ("Welcome. How can I help?", True),
        "closed": ("We are closed. You can leave a message.", True),
        "no_input.1": ("Are you still there? Please tell me what you need.", True),
        "intents.opening_hours.answer.1": ("We are open from nine to six.", True),
        "intents.order_status.answer.1": ("Order {order_number} is on its way.", False),
        "intents.unsure.say.1": ("I will help you.", True),
        "intents.unsure.ask.2": ("A bill, or a purchase?", True),
        "intents.call_back.handoff.1": ("We will call you.", True),
        "intents.billing.confirm_intent.1": ("You would like the billing department. Is that right?", True),
        "slots.reach_person.person.ask.2": ("Please tell me the first and last name.", True),
        "slots.reach_person.person.confirm.1": ("{person}, is that right?", False),
        "slots.order_status.order_number.confirm.1": ("I heard {order_number}. Is that right?", False),
        "slots.message.callback.ask.1": ("Which number can we call you back on?", True),
        "routes.billing.transfer.1": ("I am putting you through to the billing department.", True),
        "routes.person.transfer.1": ("I am putting you through to {person}.", False),
        "routes.billing.route_closed.1": (
            "I am sorry, the billing department cannot be reached at this hour.",
            True,
        ),
        "offer.1": ("Did you mean {first}, or {second}?", False),
    }
    assert {name: (prompts[name].text, prompts[name].fixed) for name in expected} == expected
    assert prompts["greeting"].place.line == 3


def test_prompts_that_are_only_patterns_are_not_listed(desk: Desk) -> None:
    """Nobody records "You would like {intent}": each intent has its own."""
    names = {prompt.name for prompt in desk.prompts()}
    assert not {"confirm_intent.1", "confirm_slot.1", "transfer.1", "route_closed.1"} & names


def test_several_greetings_are_numbered(tmp_path: Path) -> None:
    desk = make_desk(
        tmp_path, DESK.replace("greeting: Welcome. How can I help?", "greeting: [Welcome., How can I help?]")
    )
    assert [prompt.name for prompt in desk.greeting] == ["greeting.1", "greeting.2"]


def test_own_wordings(tmp_path: Path) -> None:
    text = DESK.replace("skills: [general]", "say: A colleague takes over., closed: [We call you.]")
    text = text.replace('extension: "202"', 'extension: "202", say: "Sales it is, {route}."')
    desk = make_desk(tmp_path, text + "prompts: {goodbye: Bye., no_input: [A?, B?]}\n")
    said = {prompt.name: prompt.text for prompt in desk.prompts()}
    assert said["handoff.1"] == "A colleague takes over."
    assert said["handoff_closed.1"] == "We call you."
    assert said["goodbye.1"] == "Bye."
    assert (said["no_input.1"], said["no_input.2"]) == ("A?", "B?")
    assert "no_input.3" not in said
    assert said["routes.sales.transfer.1"] == "Sales it is, sales."


def test_english_has_all_prompts_and_notes() -> None:
    text = load_language("en-GB").text
    assert set(text.prompts) == set(Standard)
    assert set(text.notes) == set(Note)
    assert text.spoken is not None
    for name, ladder in text.prompts.items():
        for sentence in ladder:
            for value in STANDARD_VALUES.get(name, frozenset()) - DUE:  # said where something was promised
                assert "{" + value + "}" in sentence, name


def test_ladders_word_it_differently_each_time() -> None:
    for name, ladder in load_language("en").text.prompts.items():
        assert len(set(ladder)) == len(ladder), name
    ladders = load_language("en").text.prompts
    assert min(len(ladders[name]) for name in (Standard.NO_INPUT, Standard.NO_MATCH, Standard.SORRY)) >= 3


def test_the_published_schema_is_current(root: Path) -> None:
    """Run: python -m ivr.dialog.schema > grammars/desk.schema.json"""
    published = json.loads((root / "grammars" / "desk.schema.json").read_text(encoding="utf-8"))
    assert published == desk_schema()


def test_the_schema_says_what_may_be_one_or_many() -> None:
    properties = desk_schema()["properties"]
    assert properties["greeting"]["anyOf"][0]["type"] == "string"
    assert properties["greeting"]["anyOf"][1]["type"] == "array"
    assert desk_schema()["additionalProperties"] is False


def test_prompts_that_cannot_be_interrupted(tmp_path: Path) -> None:
    text = DESK.replace("intents:\n", "no_barge_in: [greeting, no_match]\nintents:\n", 1)
    text += """\
  danger:
    say: ["help me now"]
    then:
      - {say: Leave the building., barge_in: no}
      - {answer: Somebody comes.}
"""
    desk = make_desk(tmp_path, text)
    wanted = {"greeting", "no_match.1", "no_match.2", "no_match.3", "intents.danger.say.1"}
    assert desk.no_barge_in == wanted


def test_a_prompt_that_is_not_there_cannot_be_protected(tmp_path: Path) -> None:
    text = DESK.replace("intents:\n", "no_barge_in: [greetings]\nintents:\n", 1)
    with pytest.raises(DeskError, match=r"no_barge_in.*no prompt 'greetings'.*greeting"):
        make_desk(tmp_path, text)
