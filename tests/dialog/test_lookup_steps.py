"""A desk that asks other systems: what it asks, and what it does with the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, NO, Caller, answer, command, intent, make_desk, value

from ivr.dialog.desk import Desk
from ivr.dialog.states import LookingUp
from ivr.errors import DeskError
from ivr.events import (
    HandOff,
    HangUp,
    HungUp,
    KeyPressed,
    LimitReached,
    Listen,
    LookedUp,
    LookUp,
    LookupResult,
    NoInput,
    Transfer,
)
from ivr.handover import Reason
from ivr.inquiry import Http, Kept, Variable
from ivr.meaning import Command, SlotType, SlotValue

LOOKUPS = """\
lookups:
  orders:
    http:
      base: {env: SHOP, default: "https://shop.example"}
      url: /orders/{number}?from={caller}
      headers: {Authorization: {env: TOKEN}}
    keep:
      state: choice
      due: {type: date, from: delivery.day}
      pin: {type: digits, sensitive: true}
    timeout: 2
    cache: 60
  pay:
    http: {url: "https://shop.example/pay", method: POST, json: {order: "{number}", pin: "{orders.pin}"}}
    keep: [receipt]
"""
INTENTS = """\
  parcel:
    label: your parcel
    say: ["where is my parcel"]
    slots:
      number_: {type: digits, length: 6, ask: What is the number?}
    then:
      - say: Let me look.
        lookup: orders
        found:
          - when: {orders.state: shipped}
            answer: "Order {number_} comes on {orders.due}."
          - when: {orders.pin: "{number_}"}
            answer: That is the pin.
          - otherwise: yes
            say: "It is {orders.state}."
            lookup: pay
            found: {answer: "Paid, {pay.receipt}."}
            none: {end: answered}
        none:
          - say: I cannot find it.
            again: number_
          - handoff: {want: "No order {number_}"}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    text = DESK.replace("intents:\n", LOOKUPS + "intents:\n", 1) + INTENTS
    return make_desk(tmp_path, text.replace("{number}", "{number_}"))


def found(lookup: str, **values: str) -> LookedUp:
    row = tuple(SlotValue(name, text, "", 1.0) for name, text in values.items())
    return LookedUp(lookup, LookupResult.FOUND, (row,))


def asked(shop: Desk) -> Caller:
    return Caller(shop).say(intent("parcel", 0.95, value("number_", "482913")))


def test_what_is_asked(shop: Desk) -> None:
    caller = asked(shop)
    assert caller.said == "Let me look."
    asked_with = {one.name: one.value for one in caller.did(LookUp).values}
    assert asked_with == {"number_": "482913", "caller": "0612345678"}
    assert isinstance(caller.machine.state, LookingUp) and isinstance(caller.actions[-1], LookUp)


def test_the_lookup_as_it_was_written(shop: Desk) -> None:
    orders = shop.lookups["orders"]
    assert isinstance(orders.source, Http)
    assert orders.source.base == Variable("SHOP", "https://shop.example")
    assert orders.source.headers == (("Authorization", Variable("TOKEN")),)
    assert orders.keep[1:] == (
        Kept("due", SlotType.DATE, ("delivery", "day")),
        Kept("pin", SlotType.DIGITS, ("pin",), True),
    )
    assert (orders.timeout, orders.retries, orders.cache) == (2.0, 1, 60.0)
    assert shop.lookups["pay"].retries == 0, "what changes something is not done twice"


def test_values_of_the_answer_decide_and_are_said(shop: Desk) -> None:
    caller = asked(shop).event(found("orders", state="shipped", due="2026-11-26"))
    assert caller.said.startswith(
        "Order four eight two, nine one three comes on Thursday, November twenty-sixth."
    )
    assert isinstance(caller.actions[-1], Listen)


def test_a_value_of_the_answer_may_be_compared_with_what_the_caller_said(shop: Desk) -> None:
    assert asked(shop).event(found("orders", state="open", pin="482913")).said.startswith("That is the pin.")


def test_one_lookup_may_ask_with_what_another_answered_and_persons_see_both(shop: Desk) -> None:
    caller = asked(shop).event(found("orders", state="open", pin="9"))
    assert caller.said == "It is open."
    assert {one.name: one.value for one in caller.did(LookUp).values} == {
        "number_": "482913",
        "orders.pin": "9",
    }
    caller.event(found("pay", receipt="A7"))
    assert caller.said.startswith("Paid, A7.")
    request = caller.say(command(Command.OPERATOR)).did(HandOff).request
    assert {fact.name: fact.value for fact in request.slots} == {
        "number_": "482913", "orders.state": "open", "orders.pin": "9", "pay.receipt": "A7",
    }  # fmt: skip


def test_nothing_is_found(shop: Desk) -> None:
    caller = asked(shop).event(LookedUp("orders", LookupResult.NONE))
    assert caller.said == "I cannot find it. What is the number?"
    caller.say(answer("number_", "111111")).event(LookedUp("orders", LookupResult.NONE))
    caller.say(answer("number_", "111111")).event(LookedUp("orders", LookupResult.NONE))
    assert caller.did(HandOff).request.want == "No order 111111"


def test_what_fails_goes_to_a_person_unless_the_desk_knows_better(shop: Desk, tmp_path: Path) -> None:
    caller = asked(shop).event(LookedUp("orders", LookupResult.FAILED, detail="status 500"))
    assert caller.said.startswith("I am sorry, I cannot look that up just now.")
    assert caller.did(HandOff).request.reason is Reason.TROUBLE
    text = DESK.replace("intents:\n", LOOKUPS + "intents:\n", 1) + INTENTS
    text = text.replace("{number}", "{number_}") + "        failed: {answer: Try again tomorrow.}\n"
    caller = asked(make_desk(tmp_path, text)).event(LookedUp("orders", LookupResult.FAILED))
    assert caller.said.startswith("Try again tomorrow.")


def test_an_old_answer_is_forgotten_when_there_is_no_new_one(shop: Desk) -> None:
    caller = asked(shop).event(found("orders", state="shipped", due="2026-11-26"))
    caller.say(intent("parcel", 0.95, value("number_", "111111"))).event(
        LookedUp("orders", LookupResult.NONE)
    )
    assert dict(caller.machine.session.looked_up) == {"orders": ()}


def test_meanwhile_a_person_or_another_matter_can_be_reached(shop: Desk) -> None:
    assert asked(shop).say(command(Command.OPERATOR)).did(HandOff).request.reason is Reason.ASKED
    assert asked(shop).event(KeyPressed("0")).did(HandOff)
    assert asked(shop).say(intent("billing", 0.9)).did(Transfer).route.name == "billing"
    assert asked(shop).say(command(Command.GOODBYE)).did(HangUp)
    assert asked(shop).event(HungUp()).did(HangUp)
    assert asked(shop).event(LimitReached("seconds")).did(HandOff)


def test_what_changes_nothing_meanwhile(shop: Desk) -> None:
    caller = asked(shop)
    for match in (intent("parcel"), intent("billing", 0.5), NO, command(Command.OPERATOR, 0.5)):
        assert caller.say(match).actions == ()
    assert caller.noise().actions == ()
    assert caller.event(NoInput(6.0)).actions == ()
    assert caller.event(found("pay", receipt="x")).actions == (), "an answer to something else"
    assert caller.event(found("orders", state="shipped", due="2026-11-26")).said.startswith("Order")
    assert caller.event(found("orders", state="shipped")).actions == (), "a second answer"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("lookup: pay", "lookup: pays", "no lookup 'pays' under `lookups`. Did you mean 'pay'?"),
        ("{orders.due}.", "{orders.day}.", "{orders.day} names a value that lookup 'orders' does not keep"),
        ("{orders.due}.", "{orders.pin}.", "{orders.pin} is sensitive"),
        (
            "/orders/{number_}",
            "/orders/{id}",
            "{id} is used, but 'parcel', which asks lookup 'orders', has no slot",
        ),
        ("  pay:\n", "  staff:\n", "'staff' already has a meaning in texts"),
        ("      number_: {type", "      orders: {type", "'orders' already has a meaning in texts"),
        ("https://shop.example/pay", "/pay", "an address begins with http:// or https://"),
        ("method: POST, json", "json", "a GET has no body"),
        (
            "keep: [receipt]",
            "keep: [receipt]\n    sql: {query: select 1, file: x}",
            "give one of http, sql, table",
        ),
        ("keep: [receipt]", "keep: [Receipt]", "'Receipt' cannot be used here"),
        ("keep: [receipt]", "keep: {receipt: words}", "must be one of"),
        ("    cache: 60\n", "    cache: 60\n    speed: 1\n", "unknown key"),
        ("        lookup: orders\n", "", "`found`, `none` and `failed` belong to `lookup`"),
    ],
    ids=[
        "lookup",
        "value",
        "sensitive",
        "slot",
        "table",
        "same",
        "address",
        "body",
        "two",
        "name",
        "type",
        "key",
        "branch",
    ],  # fmt: skip
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    text = DESK.replace("intents:\n", LOOKUPS + "intents:\n", 1) + INTENTS
    text = text.replace("{number}", "{number_}")
    assert old in text
    with pytest.raises(DeskError) as caught:
        make_desk(tmp_path, text.replace(old, new))
    assert any(what in problem for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("{query: 'delete from x', file: x.db}", "a query is one SELECT"),
        ("{query: 'select 1; drop table x', file: x.db}", "a query is one SELECT"),
        ("{query: 'select {number_}', file: x.db}", "values are bound parameters"),
        ("{query: 'select :a', file: x.db, with: {b: x}}", "do not name the same parameters (a)"),
        ("{query: 'select 1', file: x.db, url: 'sqlite://'}", "give `url` or `file`"),
    ],
    ids=["delete", "two", "inside", "parameters", "where"],
)
def test_queries_that_are_refused(tmp_path: Path, sql: str, what: str) -> None:
    text = DESK.replace("intents:\n", f"lookups: {{pay: {{sql: {sql}}}}}\nintents:\n", 1)
    with pytest.raises(DeskError) as caught:
        make_desk(tmp_path, text)
    assert any(what in problem for problem in caught.value.problems), caught.value.problems
