"""Facts: asked one by one, heard at once, confirmed, corrected, keyed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, NO, YES, Caller, answer, command, intent, make_desk, value

from ivr.dialog.desk import Desk
from ivr.events import Decided, Decision, HandOff, KeyPressed, Listen, SlotFilled, Transfer
from ivr.handover import Reason
from ivr.meaning import Command


def test_a_missing_fact_is_asked_for(caller: Caller) -> None:
    caller.say(intent("order_status"))
    assert caller.said == "What is your order number?"
    expect = caller.listens.expect
    assert expect.slot is not None
    assert (expect.slot.name, expect.slot.length, expect.likely) == (
        "order_number",
        (6, 6),
        ("order_status",),
    )
    caller.say(answer("order_number", "482913"))
    assert caller.said.startswith("Order four eight two, nine one three is on its way.")
    assert caller.did(SlotFilled).slot.value == "482913"


def test_a_fact_said_at_once_is_not_asked_for(caller: Caller) -> None:
    caller.say(intent("order_status", 0.9, value("order_number", "482913")))
    assert "four eight two" in caller.said


def test_facts_are_asked_one_by_one(caller: Caller) -> None:
    caller.say(intent("call_back", 0.9, value("day", "2026-11-24")))
    assert caller.said == "On which number?"
    caller.say(answer("callback", "0612345"))
    assert caller.said == "I have zero six one, two three four five. Right?"
    caller.say(YES)
    assert caller.said == "Is it urgent?"
    caller.say(NO)
    request = caller.did(HandOff).request
    assert request.want == "Call back 0612345 on 2026-11-24, urgent: no"
    assert (request.queue, request.priority, request.skills) == ("messages", 3, ("phone",))
    assert caller.names == ["intents.call_back.handoff.1"]
    assert {slot.name: slot.value for slot in request.slots} == {
        "day": "2026-11-24",
        "callback": "0612345",
        "urgent": "no",
    }


def test_several_facts_in_one_answer(caller: Caller) -> None:
    caller.say(intent("call_back"))
    caller.say(
        intent(
            "call_back", 0.9, value("day", "2026-11-24"), value("urgent", "yes"), value("callback", "0612345")
        )
    )
    caller.say(YES)
    assert caller.did(HandOff).request.want == "Call back 0612345 on 2026-11-24, urgent: yes"


def test_a_doubtful_value_is_confirmed(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6))
    assert caller.did(Decided) == Decided(Decision.CONFIRM, "order_number", 0.6)
    assert caller.said == "I heard four eight two, nine one three. Is that right?"
    assert caller.listens.expect.slot is not None
    caller.say(YES)
    assert caller.did(SlotFilled).slot.score == 1.0


def test_no_asks_again_and_twice_no_reaches_a_person(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6)).say(NO)
    assert caller.said == "Please key in the six digits."
    caller.say(answer("order_number", "482913", 0.6)).say(NO)
    assert caller.did(HandOff).request.reason is Reason.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "correction",
    [
        answer("order_number", "482513", 0.9),
        command(Command.NO, 0.9, value("order_number", "482513", 0.9)),
        intent("order_status", 0.8, value("order_number", "482513", 0.9)),
    ],
)
def test_a_correction_is_read_back(caller: Caller, correction: object) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6))
    caller.say(correction)  # type: ignore[arg-type]
    assert "four eight two, five one three" in caller.said
    caller.say(YES)
    assert "Order four eight two, five one three is on its way." in caller.said


def test_no_is_no_correction_to_the_value_that_it_denies(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6))
    caller.say(command(Command.NO, 0.6), answer("order_number", "482913", 0.3))
    assert caller.said == "Please key in the six digits."


def test_saying_the_same_value_again_confirms_it(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6))
    caller.say(answer("order_number", "482913", 0.5))
    assert "is on its way" in caller.said


def test_a_hopeless_value_is_asked_again_in_other_words(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.1))
    assert caller.names == ["sorry.1", "slots.order_status.order_number.ask.2"]
    caller.say(answer("order_number", "48", 0.99))
    assert caller.did(HandOff)


def test_the_person_s_own_confirmation_confirms_the_intent_too(caller: Caller) -> None:
    caller.say(intent("reach_person", 0.6, value("person", "Carl Otto")))
    assert caller.said == "Carl Otto, is that right?"
    caller.say(YES)
    route = caller.did(Transfer).route
    assert (route.label, route.extension) == ("Carl Otto", "303")


def test_two_close_names_are_offered(caller: Caller) -> None:
    caller.say(intent("reach_person"))
    caller.say(answer("person", "Anna Berg", 0.5), answer("person", "Anna Burke", 0.45))
    assert caller.said == "Did you mean Anna Berg, or Anna Burke?"
    caller.say(command(Command.SECOND))
    assert caller.did(Transfer).route.extension == "302"


def test_one_of_two_names_may_be_said(caller: Caller) -> None:
    caller.say(intent("reach_person"))
    caller.say(answer("person", "Anna Berg", 0.5), answer("person", "Anna Burke", 0.45))
    assert caller.say(answer("person", "Anna Berg", 0.6)).did(Transfer).route.extension == "301"


def test_neither_of_two_names(caller: Caller) -> None:
    caller.say(intent("reach_person"))
    caller.say(answer("person", "Anna Berg", 0.5), answer("person", "Anna Burke", 0.45))
    caller.say(command(Command.NEITHER))
    assert caller.said == "Please tell me the first and last name."
    assert caller.say(answer("person", "Carl Otto")).did(Transfer).route.extension == "303"


def test_the_caller_may_want_something_else_instead(caller: Caller) -> None:
    caller.say(intent("order_status")).say(intent("sales", 0.9))
    assert caller.did(Transfer).route.name == "sales"


def test_a_doubtful_change_of_mind_is_confirmed_and_no_goes_back(caller: Caller) -> None:
    caller.say(intent("order_status")).say(intent("sales", 0.6))
    assert "sales" in caller.said
    caller.say(NO)
    assert caller.names == ["slots.order_status.order_number.ask.2"]


def test_words_of_a_message_are_never_an_intent(caller: Caller) -> None:
    caller.say(intent("note"))
    assert caller.listens.expect.intents is False
    caller.say(intent("sales", 0.99), answer("text", "sales please call me"))
    assert caller.did(HandOff).request.want == "sales please call me"


def test_yes_and_no_answer_a_yes_no_question_in_every_form(desk: Desk) -> None:
    for reply, word in (
        (YES, "yes"),
        (answer("urgent", "yes"), "yes"),
        (NO, "no"),
        (answer("urgent", "no"), "no"),
    ):
        caller = Caller(desk).say(intent("call_back")).keys("0612345#").keys("1").say(reply)
        assert caller.did(HandOff).request.want.endswith(f"urgent: {word}")


def test_go_keeps_facts_of_the_same_name(tmp_path: Path) -> None:
    text = DESK.replace(
        "confirm: always\n", "confirm: never\n    slots: {day: {type: date, ask: Which day?}}\n"
    )
    caller = Caller(make_desk(tmp_path, text)).say(intent("close_account")).say(answer("day", "2026-11-30"))
    assert caller.said == "I am sorry to hear that. On which number?"
    caller.keys("0612345#").keys("11")
    assert "on 2026-11-30" in caller.did(HandOff).request.want


def test_a_desk_that_goes_in_a_circle_reaches_a_person(tmp_path: Path) -> None:
    text = DESK.replace("{go: call_back}", "{go: unsure}")
    text = text[: text.index("    then:\n      say: I will help")] + "    then: {go: close_account}\n"
    caller = Caller(make_desk(tmp_path, text)).say(intent("unsure"))
    assert caller.did(HandOff).request.reason is Reason.TROUBLE


# --- keys --------------------------------------------------------------------------------------------


def test_a_key_is_an_intent(caller: Caller) -> None:
    caller.keys("1")
    assert caller.did(Transfer).route.name == "billing"
    assert caller.did(Decided) == Decided(Decision.ACCEPT, "billing", 1.0)


def test_longer_keys_are_waited_for(desk: Desk) -> None:
    caller = Caller(desk).keys("2")
    assert caller.listens.no_input_after == 4.0
    assert caller.said == ""
    assert caller.silence().did(Transfer).route.name == "sales"
    assert Caller(desk).keys("201").did(HandOff).request.queue == "repairs"


def test_zero_is_the_operator_star_repeats_and_others_are_not_understood(desk: Desk) -> None:
    assert Caller(desk).keys("0").did(HandOff).request.reason is Reason.ASKED
    assert Caller(desk).keys("*").names == ["greeting"]
    caller = Caller(desk).keys("7")
    assert caller.names == ["no_match.1"]
    assert caller.keys("2").keys("5").did(HandOff).request.reason is Reason.NOT_UNDERSTOOD


def test_a_desk_may_use_zero_itself(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK.replace('keys: "1"', 'keys: "0"'))
    assert Caller(desk).keys("0").did(Transfer).route.name == "billing"


def test_digits_are_complete_at_their_length(caller: Caller) -> None:
    caller.say(intent("order_status")).keys("48291")
    assert caller.said == ""
    assert caller.listens.no_input_after == 4.0
    caller.keys("3")
    assert "four eight two, nine one three" in caller.said
    assert caller.did(SlotFilled).slot.score == 1.0


def test_hash_ends_star_clears_and_zero_is_a_digit(caller: Caller) -> None:
    caller.say(intent("call_back")).keys("99*0612345#")
    assert "zero six one, two three four five" in caller.said
    assert caller.keys("1").said == "Is it urgent?"
    assert caller.keys("2").did(HandOff).request.want.endswith("urgent: no")


def test_a_pause_ends_digits_of_open_length(caller: Caller) -> None:
    caller.say(intent("call_back")).keys("0612345").silence()
    assert "zero six one" in caller.said


def test_too_few_digits_are_asked_again(caller: Caller) -> None:
    caller.say(intent("order_status")).keys("48#")
    assert caller.names == ["sorry.1", "slots.order_status.order_number.ask.2"]
    assert caller.keys("482913").names[0] == "intents.order_status.answer.1"


def test_speech_after_keys_counts(caller: Caller) -> None:
    caller.say(intent("order_status")).keys("48").say(answer("order_number", "482913"))
    assert "four eight two" in caller.said


def test_keys_confirm_and_choose(desk: Desk) -> None:
    confirm = Caller(desk).say(intent("billing", 0.6))
    assert confirm.keys("1").did(Transfer).route.name == "billing"
    assert Caller(desk).say(intent("billing", 0.6)).keys("2").names == ["denied.1"]
    both = (intent("billing", 0.5), intent("sales", 0.45))
    assert Caller(desk).say(*both).keys("1").did(Transfer).route.name == "billing"
    assert Caller(desk).say(*both).keys("2").did(Transfer).route.name == "sales"
    assert Caller(desk).say(*both).keys("3").names == ["denied.1"]
    assert Caller(desk).say(*both).keys("0").did(HandOff).request.reason is Reason.ASKED
    assert Caller(desk).say(*both).keys("9").names == ["one_or_two.1"]


def test_keys_while_a_name_is_asked_for(caller: Caller) -> None:
    caller.say(intent("reach_person")).keys("5")
    assert caller.names == ["sorry.1", "slots.reach_person.person.ask.2"]
    assert caller.keys("0").did(HandOff)


def test_nonsense_keys_do_no_harm(caller: Caller) -> None:
    caller.say(intent("order_status")).keys("A")
    assert isinstance(caller.actions[-1], Listen)
    assert caller.listens.expect.slot is not None
    for key in ("", "٣", "12", "x"):
        assert caller.event(KeyPressed(key)).actions == ()
    assert "is on its way" in caller.keys("482913").said


def test_a_hash_key_behind_a_number_that_is_complete_says_nothing_more(caller: Caller) -> None:
    caller.say(intent("order_status")).keys("482913")
    assert caller.said.startswith("Order four eight two")
    assert caller.keys("#").actions == ()
    assert caller.machine.session.misses == 0
    caller.keys("#")
    assert caller.machine.session.misses == 1, "a second one is a key that means nothing here"
