"""A desk that lets nobody but the customer on: the machine asks, the customer file decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dialog_helpers import DESK, Caller, command, intent, make_desk

from ivr.dialog.check import check_desk
from ivr.dialog.desk import Desk
from ivr.dialog.states import Identifying
from ivr.errors import DeskError
from ivr.events import Alert, HandOff, HangUp, HungUp, LookedUp, LookUp, LookupResult
from ivr.handover import Reason
from ivr.inquiry import Customers
from ivr.meaning import Command, Expect, Match, SlotType, SlotValue

LOOKUPS = """\
lookups:
  customer:
    identify: {file: customers.csv, key: id, postcode: zip, name: full_name, dob: born, attempts: 2}
    keep: {first: text, balance: money}
"""
INTENTS = """\
  account:
    label: your account
    say: ["my account"]
    then:
      - lookup: customer
      - answer: "Hello {customer.first}."
  refund:
    label: a refund
    say: ["my refund"]
    then:
      - lookup: customer
        found: {say: Found.}
        none: {answer: Only customers get refunds.}
      - answer: "It is on its way, {customer.first}."
"""


def text(more: str = INTENTS) -> str:
    return DESK.replace("intents:\n", LOOKUPS + "intents:\n", 1) + more


@pytest.fixture
def bank(tmp_path: Path) -> Desk:
    return make_desk(tmp_path, text(), customers__csv="id,zip,full_name,born,first,balance\n")


def ask(item: str) -> LookedUp:
    return LookedUp("customer", LookupResult.ASK, ((SlotValue("ask", item, "", 1.0),),))


FOUND = LookedUp("customer", LookupResult.FOUND, ((SlotValue("first", "Ann", "", 1.0),),))
REFUSED = LookedUp("customer", LookupResult.NONE)


def asked(bank: Desk, item: str = "postcode") -> Caller:
    caller = Caller(bank).say(intent("account"))
    assert caller.did(LookUp) == LookUp("customer")
    return caller.event(ask(item))


def test_the_lookup_as_it_was_written(bank: Desk) -> None:
    source = bank.lookups["customer"].source
    assert isinstance(source, Customers)
    assert source == Customers(bank.folder / "customers.csv", "id", "zip", "full_name", "born", 2)
    assert not list(check_desk(bank, lambda one, other: 0.0, lambda text: [text]))


@pytest.mark.parametrize(
    ("item", "kind", "question"),
    [
        ("postcode", SlotType.POSTCODE, "What is your postcode?"),
        ("name", SlotType.TEXT, "What is your full name?"),
        ("dob", SlotType.DATE, "What is your date of birth?"),
    ],
)
def test_each_fact_has_its_question_and_is_listened_for(
    bank: Desk, item: str, kind: SlotType, question: str
) -> None:
    caller = asked(bank, item)
    assert caller.said == question
    expected = caller.listens.expect
    assert isinstance(expected, Expect) and expected.slot is not None
    assert expected.slot.type is kind and not expected.intents and Command.OPERATOR in expected.commands


def test_every_answer_goes_along_with_those_before_it(bank: Desk) -> None:
    caller = asked(bank)
    caller.say(text="a one").event(ask("name"))
    caller.say(text="ann lee").event(ask("postcode"))
    assert caller.said.startswith("Sorry, I did not catch that. What is your postcode")
    caller.say(text="a two")
    said = [(one.name, one.said, one.value) for one in caller.did(LookUp).values]
    assert said == [("postcode", "0", "a one"), ("name", "0", "ann lee"), ("postcode", "1", "a two")]
    assert all(one.sensitive for one in caller.did(LookUp).values), "records hold no answers"


def test_a_customer_goes_on_and_is_not_asked_again(bank: Desk) -> None:
    caller = asked(bank).say(text="a one").event(FOUND)
    assert caller.said.startswith("Hello Ann.")
    caller.say(intent("refund")).event(ask("postcode"))
    assert caller.said.startswith("Found. It is on its way, Ann.")
    assert {fact.name: fact.value for fact in caller.machine.session.facts} == {"customer.first": "Ann"}


def test_a_person_is_told_who_it_is(bank: Desk) -> None:
    caller = asked(bank).say(text="a one").event(FOUND).say(command(Command.OPERATOR))
    assert caller.did(HandOff).request.identity == "Ann"
    nobody = asked(bank).say(text="a one").event(REFUSED)
    assert nobody.did(HandOff).request.identity == ""


def test_whoever_is_refused_gets_a_person_and_nothing_that_follows(bank: Desk) -> None:
    caller = asked(bank).say(text="a one").event(REFUSED)
    assert caller.said.startswith("I am sorry, I could not find you in our files.")
    assert "Hello" not in caller.said
    request = caller.did(HandOff).request
    assert request.reason is Reason.DESK_RULE and "not found in the customer file" in request.tried[0]


def test_a_desk_may_do_something_else_with_them_but_never_what_follows(bank: Desk) -> None:
    caller = Caller(bank).say(intent("refund")).event(REFUSED)
    assert caller.said.startswith("Only customers get refunds.") and "on its way" not in caller.said
    caller.say(intent("refund")).event(ask("postcode"))
    assert caller.said.startswith("Only customers get refunds."), "no more attempts in this call"
    caller.say(intent("account")).event(FOUND)
    assert caller.did(HandOff).request.reason is Reason.DESK_RULE


def test_a_file_that_fails_is_trouble(bank: Desk) -> None:
    caller = asked(bank).say(text="a one").event(LookedUp("customer", LookupResult.FAILED))
    assert caller.did(HandOff).request.reason is Reason.TROUBLE


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (lambda caller: caller.keys("0"), Reason.ASKED),
        (lambda caller: caller.say(command(Command.OPERATOR)), Reason.ASKED),
        (lambda caller: caller.limit(), Reason.DESK_RULE),
        (lambda caller: caller.silence().silence().silence(), Reason.NO_INPUT),
        (lambda caller: caller.noise().noise().silence(), Reason.NO_INPUT),
    ],
    ids=["key", "words", "limit", "silence", "noise"],
)
def test_a_person_can_always_be_reached(bank: Desk, does: Callable[[Caller], Caller], reason: Reason) -> None:
    assert does(asked(bank)).did(HandOff).request.reason is reason


@pytest.mark.parametrize("what", [Command.REPEAT, Command.HELP, Command.HELLO])
def test_the_question_is_repeated_and_no_attempt_is_lost(bank: Desk, what: Command) -> None:
    caller = asked(bank).say(command(what))
    assert caller.said == "What is your postcode?"
    assert isinstance(caller.machine.state, Identifying) and not caller.machine.state.answers
    assert caller.keys("*").said == "What is your postcode?"
    assert caller.keys("5").actions == ()


def test_waiting_taking_leave_and_hanging_up(bank: Desk) -> None:
    caller = asked(bank).say(command(Command.WAIT))
    assert caller.listens.no_input_after == bank.limits.wait
    assert asked(bank).say(command(Command.GOODBYE)).did(HangUp)
    assert asked(bank).event(HungUp()).did(HangUp)
    unsure: Match = command(Command.GOODBYE, 0.4)
    assert asked(bank).say(unsure, text="guy's place").did(LookUp).values[0].value == "guy's place"


def test_danger_comes_first(bank: Desk) -> None:
    alarm = Match(intent("emergency").meaning, 0.9, urgent=True)
    caller = asked(bank).say(alarm, text="he is not breathing")
    assert caller.did(Alert).request.reason is Reason.EMERGENCY
    assert not any(isinstance(action, LookUp) for action in caller.actions)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("postcode: zip, name: full_name, dob: born", "dob: born", "nobody is known by one fact"),
        ("attempts: 2}", "attempts: 2}\n    cache: 5", "`identify` has no"),
        ("attempts: 2}", "attempts: 0}", "attempts"),
        ("{customer.first}.", "{customer.last}.", "does not keep"),
    ],
    ids=["one fact", "cache", "attempts", "column"],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(DeskError) as caught:
        make_desk(tmp_path, text().replace(old, new), customers__csv="id\n")
    assert says in str(caught.value)
