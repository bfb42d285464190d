"""How a simulated caller answers, and where a call came to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.events import CallEnded, HandOff, Outcome, Say, Transferred
from ivr.handover import HandoffRequest, Reason
from ivr.simulation.caller import MOST_TURNS, Caller, Known, Pressed
from ivr.simulation.persona import Persona
from ivr.simulation.place import Place, Verdict, place_of, verdict
from ivr.trials.callfile import LineSound, Voice

KNOWN = Known("billing", {"order": "four eight two"}, {"pin": "1234#"})


def caller(known: Known = KNOWN) -> Caller:
    persona = Persona(
        1,
        "billing",
        ("there's an amount I can't place", "my bill is wrong"),
        {"order": "four eight two", "pin": "one two three four"},
        frozenset({"order"}),
        {"is it about": "it's about a bill"},
        "billing",
        datetime(2026, 11, 24, 10, tzinfo=UTC),
        Voice(),
        LineSound(),
        7,
    )
    return Caller(persona, known)


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("greeting", "Hello.", "there's an amount I can't place"),
        ("slots.billing.order.ask.1", "Which order?", "four eight two"),
        ("slots.billing.order.ask.2", "The number?", "four eight two"),
        ("slots.billing.pin.ask.1", "Your PIN?", Pressed("1234#")),
        ("slots.billing.order.confirm.1", "I have four eight two.", "Yes."),
        ("slots.billing.order.confirm.1", "I have four eight three.", "No, four eight two."),
        ("intents.billing.confirm_intent.1", "Billing?", "Yes."),
        ("intents.sales.confirm_intent.1", "Sales?", "No."),
        ("offer.1", "Did you mean sales, or billing?", "The second."),
        ("offer.2", "Would you like billing, or sales?", "The first."),
        ("offer.1", "Did you mean sales, or the press office?", "Neither."),
        ("offer.1", "Did you mean a new or used car, or billing?", "The second."),
        ("anything_else.1", "Anything else?", "No thank you, goodbye."),
        ("holding.1", "One moment, please.", ""),
        ("intents.unsure.ask.1", "Is it about an order or a bill?", "it's about a bill"),
    ],
)
def test_each_question_has_its_answer(name: str, text: str, answer: str | Pressed) -> None:
    assert caller().reply([Say(name, text)]) == answer


def test_who_was_not_understood_says_it_in_other_words() -> None:
    some = caller()
    said = [some.reply([Say("greeting", "Hello.")]), some.reply([Say("no_match.1", "Sorry?")])]
    assert said == ["there's an amount I can't place", "my bill is wrong"]


def test_an_answer_is_given_again_where_only_yes_or_no_counts() -> None:
    some = caller()
    some.reply([Say("intents.billing.confirm_intent.1", "Billing?")])
    assert some.reply([Say("sorry.1", "Sorry."), Say("yes_or_no.1", "Yes or no?")]) == "Yes."


def test_a_question_asked_again_in_other_words_has_the_same_answer() -> None:
    some = caller()
    first = some.reply([Say("guides.sorting.which.ask.1", "Is it about an order or a bill?")])
    again = some.reply([Say("sorry.1", "Sorry."), Say("guides.sorting.which.ask.2", "Which of the two?")])
    other = some.reply([Say("guides.sorting.when.ask.1", "Since when?")])
    assert (first, again) == ("it's about a bill", "it's about a bill")
    assert other == "there's an amount I can't place"  # another question


@pytest.mark.parametrize("asks", ["ask", "confirm"])
def test_a_choice_about_something_else_is_answered_with_what_the_caller_wants(asks: str) -> None:
    lost = caller(Known("billing", strange=frozenset({"area"})))
    said = lost.reply([Say(f"slots.reach_head.area.{asks}.1", "The head of sales?")])
    assert said == "there's an amount I can't place"


def test_the_last_question_counts() -> None:
    said = [Say("intents.hours.answer.1", "From nine to five."), Say("anything_else.1", "Anything else?")]
    assert caller().reply(said) == "No thank you, goodbye."


def test_a_caller_who_is_not_served_leaves() -> None:
    some = caller()
    replies = [some.reply([Say("no_match.1", "Sorry?")]) for _ in range(MOST_TURNS + 1)]
    assert None not in replies[:-1] and replies[-1] is None


def routed(route: str) -> Place:
    return Place(Outcome.ROUTED, route, frozenset())


def answered(*intents: str) -> Place:
    return Place(Outcome.ANSWERED, "", frozenset(intents))


PERSON = Place(Outcome.HANDED_OFF, "reception", frozenset(), gave_up=True)


@pytest.mark.parametrize(
    ("wanted", "reached", "expected"),
    [
        (routed("sales"), routed("sales"), Verdict.RIGHT),
        (routed("sales"), routed("billing"), Verdict.WRONG),
        (routed("sales"), PERSON, Verdict.PERSON),
        (routed("sales"), answered("hours"), Verdict.UNSERVED),
        (answered("hours"), answered("hours", "address"), Verdict.RIGHT),
        (answered("hours"), answered("address"), Verdict.UNSERVED),
        (answered("hours"), routed("sales"), Verdict.WRONG),
        (routed("sales"), Place(Outcome.SCREENED_OUT, "", frozenset()), Verdict.WRONG),
        (routed("sales"), Place(Outcome.ABANDONED, "", frozenset()), Verdict.UNSERVED),
    ],
)
def test_verdicts(wanted: Place, reached: Place, expected: Verdict) -> None:
    assert verdict(wanted, reached) is expected


def request(queue: str, reason: Reason) -> HandOff:
    return HandOff(
        HandoffRequest("1", "d", queue, "", "wants", reason, (), (), 1.0, "2026-11-24T10:00:00+00:00", (), 5)
    )


def test_the_place_of_a_call() -> None:
    said = Say("intents.hours.answer.1", "From nine.")
    ended = CallEnded(Outcome.ANSWERED, "the caller said goodbye", 9.0)
    assert place_of(ended, [said, ended]) == Place(
        Outcome.ANSWERED, "the caller said goodbye", frozenset({"hours"})
    )
    assert str(place_of(ended, [said, ended])) == "answered hours"
    ended = CallEnded(Outcome.ROUTED, "sales", 9.0)
    assert place_of(ended, [Transferred("sales", True), ended]).detail == "sales"


@pytest.mark.parametrize(("reason", "gave_up"), [(Reason.NOT_UNDERSTOOD, True), (Reason.DESK_RULE, False)])
def test_giving_up_is_no_handoff_of_the_desk(reason: Reason, gave_up: bool) -> None:
    ended = CallEnded(Outcome.HANDED_OFF, "", 9.0)
    place = place_of(ended, [request("reception", reason), ended])
    assert (place.detail, place.gave_up) == ("reception", gave_up)
