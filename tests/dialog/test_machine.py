"""The dialog: greeting, intents, decisions, ladders, endings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from dialog_helpers import CLOSED, DESK, NO, OPEN, YES, Caller, answer, command, intent, make_desk, value

from ivr.dialog.desk import Desk
from ivr.dialog.expect import ALWAYS, YES_NO
from ivr.dialog.machine import Machine
from ivr.events import Decided, Decision, HandOff, HangUp, HungUp, Listen, NoInput, Outcome, Say, Transfer
from ivr.handover import Reason
from ivr.meaning import Command, Expect

# --- greeting ----------------------------------------------------------------------------------------


def test_the_greeting_may_be_interrupted_and_any_intent_said(caller: Caller) -> None:
    assert caller.actions == (
        Say("greeting", "Welcome. How can I help?", barge_in=True),
        Listen(Expect(commands=ALWAYS), 6.0),
    )


def test_a_greeting_that_must_be_heard_is_said_so(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK.replace("intents:\n", "no_barge_in: [greeting]\nintents:\n", 1))
    assert Caller(desk).did(Say) == Say("greeting", "Welcome. How can I help?", barge_in=False)


def test_out_of_hours_and_on_holidays_the_closed_prompt_greets(desk: Desk) -> None:
    assert Caller(desk, CLOSED).names == ["closed"]
    assert Caller(desk, OPEN.replace(month=12, day=25)).names == ["closed"]


def test_without_a_closed_prompt_the_greeting_is_said(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK.replace("closed: We are closed. You can leave a message.\n", ""))
    assert Caller(desk, CLOSED).names == ["greeting"]


# --- decisions ---------------------------------------------------------------------------------------


def test_a_sure_intent_is_done_at_once(caller: Caller) -> None:
    caller.say(intent("billing", 0.9))
    assert caller.actions[0] == Decided(Decision.ACCEPT, "billing", 0.9)
    said = caller.did(Say)
    assert (said.name, said.barge_in) == ("routes.billing.transfer.1", False)
    route = caller.did(Transfer).route
    assert (route.name, route.label, route.extension) == ("billing", "the billing department", "201")
    assert (route.queue, route.skills) == ("billing", ("bills",))
    assert isinstance(caller.actions[-1], Transfer)


def test_a_likely_intent_is_confirmed(caller: Caller) -> None:
    caller.say(intent("billing", 0.6))
    assert caller.did(Decided).decision is Decision.CONFIRM
    assert caller.said == "You would like the billing department. Is that right?"
    assert caller.listens.expect == Expect(likely=("billing",), commands=ALWAYS | YES_NO)
    caller.say(YES)
    assert caller.did(Transfer).route.name == "billing"


def test_a_yes_that_is_half_clear_is_asked_for_once_more(caller: Caller) -> None:
    """A "no" on a noisy line is now and then taken for a "right", and the call would be gone."""
    caller.say(intent("billing", 0.6)).say(command(Command.YES, 0.6))
    assert caller.names == ["yes_or_no.1"]
    caller.say(command(Command.YES, 0.6))  # two unclear ones are one
    assert caller.did(Transfer).route.name == "billing"


def test_the_more_likely_the_guess_the_less_clear_the_yes_may_be(caller: Caller) -> None:
    caller.say(intent("billing", 0.74)).say(command(Command.YES, 0.5))
    assert caller.did(Transfer).route.name == "billing"


def test_a_yes_beside_a_likely_no_is_none(caller: Caller) -> None:
    unclear = (command(Command.YES, 0.57), command(Command.NO, 0.23))
    caller.say(intent("billing", 0.7)).say(*unclear).say(*unclear)
    assert not any(isinstance(action, Transfer) for action in caller.actions)


def test_an_unclear_farewell_does_not_end_a_call_in_which_something_is_asked(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(command(Command.GOODBYE, 0.85))
    assert caller.names == ["yes_or_no.1"]
    caller.say(command(Command.GOODBYE, 0.95))
    assert caller.names == ["goodbye.1"]


def test_a_farewell_after_an_answer_needs_no_more_than_the_answer_did(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(command(Command.GOODBYE, 0.85))
    assert caller.names == ["goodbye.1"]


def test_a_farewell_heard_badly_twice_is_one(caller: Caller) -> None:
    """Nobody is called for a caller who has what they wanted and mumbles a goodbye."""
    caller.say(intent("opening_hours")).say(command(Command.THANKS, 0.2), command(Command.GOODBYE, 0.1))
    assert caller.names == ["sorry.1", "anything_else.2"]
    caller.say(command(Command.NO, 0.2), intent("billing", 0.1))
    assert caller.names == ["goodbye.1"]


def test_another_wish_heard_badly_twice_is_none(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say().say(intent("billing", 0.2), command(Command.NO, 0.15))
    assert "goodbye.1" not in caller.names


def test_naming_it_again_confirms(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(intent("billing", 0.5))
    assert caller.did(Transfer).route.name == "billing"


def test_no_and_what_is_wanted_instead(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(intent("sales", 0.9))
    assert caller.did(Transfer).route.name == "sales"


def test_a_denied_intent_is_not_guessed_again(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(NO)
    assert caller.names == ["denied.1"]
    caller.say(intent("billing", 0.7), intent("sales", 0.2))
    assert caller.said == "You would like sales. Is that right?"


def test_what_else_denied_words_may_have_meant_is_asked_next(caller: Caller) -> None:
    caller.say(intent("billing", 0.65), intent("sales", 0.2)).say(NO)
    assert caller.said == "You would like sales. Is that right?"
    assert caller.did(Decided).decision is Decision.CONFIRM
    caller.say(YES)
    assert caller.did(Transfer).route.name == "sales"


def test_after_something_else_a_denied_intent_may_be_guessed_again(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(NO).say(intent("opening_hours")).say(intent("billing", 0.6))
    assert caller.said == "Did I get this right: the billing department?"


def test_a_denied_intent_may_be_said_clearly(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(NO).say(intent("billing", 0.99))
    assert caller.did(Transfer).route.name == "billing"


def test_a_denied_intent_is_not_acted_on_unless_it_is_said_clearly(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(NO).say(intent("billing", 0.95))
    assert caller.said == "Did I get this right: the billing department?"


def test_a_wrong_guess_counts_as_a_misunderstanding(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(NO).say()
    assert caller.did(HandOff).request.reason is Reason.NOT_UNDERSTOOD


def test_two_close_intents_are_offered(caller: Caller) -> None:
    caller.say(intent("billing", 0.5), intent("sales", 0.45))
    assert caller.did(Decided).decision is Decision.OFFER
    assert caller.said == "Did you mean the billing department, or sales?"
    expect = caller.listens.expect
    assert expect.likely == ("billing", "sales")
    assert {Command.FIRST, Command.SECOND, Command.NEITHER} < expect.commands


def test_a_third_want_after_an_offer_is_asked_about_unless_it_is_plain(caller: Caller) -> None:
    caller.say(intent("billing", 0.5), intent("sales", 0.45))
    caller.say(intent("repairs", 0.85))
    assert caller.said == "You would like repairs. Is that right?"
    caller.say(NO).say(intent("billing", 0.5), intent("sales", 0.45))
    assert caller.did(Decided).decision is Decision.OFFER
    caller.say(intent("opening_hours", 0.97))
    assert "nine to six" in caller.said


@pytest.mark.parametrize(
    ("reply", "route"),
    [
        (command(Command.FIRST), "billing"),
        (command(Command.SECOND), "sales"),
        (intent("sales", 0.3), "sales"),
    ],
)
def test_choosing_of_two(caller: Caller, reply: object, route: str) -> None:
    caller.say(intent("billing", 0.5), intent("sales", 0.45)).say(reply)  # type: ignore[arg-type]
    assert caller.did(Transfer).route.name == route


def test_neither_of_two(caller: Caller) -> None:
    caller.say(intent("billing", 0.5), intent("sales", 0.45)).say(command(Command.NEITHER))
    assert caller.names == ["denied.1"]
    caller.say(intent("billing", 0.5), intent("sales", 0.45))
    assert caller.did(HandOff).request.tried == (
        "offered the billing department or sales",
        "caller did not want the billing department",
        "caller did not want sales",
        "not understood: some words",
    )


def test_yes_to_two_is_asked_again(caller: Caller) -> None:
    caller.say(intent("billing", 0.5), intent("sales", 0.45)).say(YES)
    assert caller.names == ["one_or_two.1"]


def test_confirm_always_and_never(caller: Caller, desk: Desk) -> None:
    caller.say(intent("close_account", 0.99))
    assert caller.said == "You would like to close your account. Is that right?"
    assert Caller(desk).say(intent("spam", 0.5)).did(HangUp).outcome is Outcome.SCREENED_OUT


def test_what_is_not_expected_or_not_of_the_desk_is_not_understood(caller: Caller) -> None:
    caller.say(intent("unknown", 0.99), answer("order_number", "123456"), YES, command(Command.FIRST))
    assert caller.names == ["no_match.1"]


# --- not understood, not heard -----------------------------------------------------------------------


def test_two_misunderstandings_in_a_row_reach_a_person(caller: Caller) -> None:
    caller.say(text="blue giraffe")
    assert caller.did(Decided) == Decided(Decision.REPROMPT, "blue giraffe", 0.0)
    assert caller.names == ["no_match.1"]
    caller.say(text="red giraffe")
    request = caller.did(HandOff).request
    assert request.reason is Reason.NOT_UNDERSTOOD
    assert request.want == "What the caller wants is not known; last words: red giraffe"
    assert request.tried == ("not understood: blue giraffe", "not understood: red giraffe")
    assert caller.names == ["not_understood.1", "handoff.1"]


def test_before_a_person_the_likeliest_of_all_that_was_heard_are_asked_for(caller: Caller) -> None:
    caller.say(intent("billing", 0.24), intent("sales", 0.15))
    caller.say(intent("spam", 0.24), intent("sales", 0.15))
    assert caller.did(Decided).decision is Decision.OFFER
    assert caller.said.startswith("Did you mean sales, or")
    assert caller.say(command(Command.FIRST)).did(Transfer).route.name == "sales"


def test_they_are_asked_for_once(caller: Caller) -> None:
    caller.say(intent("billing", 0.4)).say(text="red giraffe")
    assert caller.did(Decided) == Decided(Decision.CONFIRM, "billing", 0.4)
    caller.say(NO)
    assert caller.did(HandOff).request.reason is Reason.NOT_UNDERSTOOD


def test_after_a_no_what_else_was_heard_is_asked_for(caller: Caller) -> None:
    caller.say(text="red giraffe").say(intent("billing", 0.6), intent("sales", 0.11)).say(NO)
    assert caller.did(Decided).about == "sales" and caller.did(Decided).decision is Decision.CONFIRM


def test_what_is_hardly_likely_is_not_asked_for(caller: Caller) -> None:
    caller.say(intent("billing", 0.22)).say(intent("sales", 0.21))
    assert caller.did(HandOff).request.reason is Reason.NOT_UNDERSTOOD


def test_understanding_in_between_starts_the_count_again(caller: Caller) -> None:
    caller.say().say(intent("opening_hours")).say()
    assert caller.names == ["sorry.1", "anything_else.2"], "asked again what was asked, and no person called"


def test_the_limit_is_the_desks(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK + "limits: {no_match: 4}\n")
    caller = Caller(desk)
    wordings = {caller.say().said for _ in range(3)}
    assert len(wordings) == 3
    assert caller.say().did(HandOff)


def test_silence_ends_politely(caller: Caller) -> None:
    wordings = [caller.silence().said for _ in range(2)]
    assert len(set(wordings)) == 2
    caller.silence()
    assert caller.names == ["still_silent.1"]
    assert caller.did(HangUp) == HangUp(Outcome.ABANDONED, "caller not heard")


def test_silence_after_words_that_were_not_understood_brings_a_person(caller: Caller) -> None:
    caller.say(text="I've just been told I'm diverted")
    for _ in range(3):
        caller.silence()
    assert caller.did(HandOff).request.reason is Reason.NO_INPUT


def test_silence_in_the_middle_of_something_reaches_a_person(caller: Caller) -> None:
    caller.say(intent("order_status"))
    caller.silence()
    assert caller.names == ["sorry.1", "slots.order_status.order_number.ask.2"]
    caller.silence().silence()
    request = caller.did(HandOff).request
    assert (request.reason, request.want) == (Reason.NO_INPUT, "Wants the state of your order.")


def test_speech_in_between_starts_the_silences_again(caller: Caller) -> None:
    caller.silence().silence().say(intent("opening_hours", 0.6)).silence().silence()
    assert isinstance(caller.actions[-1], Listen)


def test_a_cough_is_passed_over_but_noise_is_like_silence(caller: Caller) -> None:
    caller.noise()
    assert caller.said == ""
    assert isinstance(caller.actions[-1], Listen)
    assert caller.noise().names == ["no_input.1"]
    caller.noise().noise()
    assert caller.did(HangUp).outcome is Outcome.ABANDONED


# --- commands ----------------------------------------------------------------------------------------


def test_repeat_says_the_question_not_the_excuse(caller: Caller) -> None:
    caller.say(intent("billing", 0.6)).say(command(Command.REPEAT))
    assert caller.names == ["intents.billing.confirm_intent.1"]
    caller.say().say(command(Command.REPEAT))
    assert caller.names == ["intents.billing.confirm_intent.1"]
    assert caller.listens.expect.likely == ("billing",)


def test_repeat_after_an_answer(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(command(Command.REPEAT))
    assert caller.names == ["intents.opening_hours.answer.1", "anything_else.1"]


def test_the_operator_is_a_person_from_anywhere(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "123456", 0.6))
    caller.say(command(Command.OPERATOR, 0.5))
    assert caller.did(HandOff).request.reason is Reason.ASKED
    assert [type(action) for action in caller.actions] == [HandOff, Say, HangUp]
    assert caller.did(HangUp).outcome is Outcome.HANDED_OFF


def test_wait_gives_time(caller: Caller) -> None:
    caller.say(intent("order_status")).say(command(Command.WAIT))
    assert caller.names == ["wait.1"]
    assert caller.listens.no_input_after == 30.0
    assert caller.listens.expect.slot is not None


def test_hello_is_answered_and_a_question_asked_again(caller: Caller) -> None:
    caller.say(command(Command.HELLO))
    assert caller.names == ["hello.1"]
    caller.say(command(Command.HELLO))
    assert caller.names == ["hello.2"]
    caller.say(intent("order_status")).say(command(Command.HELLO))
    assert caller.names == ["slots.order_status.order_number.ask.2"]


def test_whoever_only_greets_is_let_go_in_the_end(caller: Caller) -> None:
    for _ in range(200):
        caller.say(command(Command.HELLO))
        if any(isinstance(action, HangUp) for action in caller.actions):
            return
    raise AssertionError("greeted for ever")


def test_help_says_how_and_asks_again(caller: Caller) -> None:
    caller.say(intent("order_status")).say(command(Command.HELP))
    assert caller.names == ["help.1", "slots.order_status.order_number.ask.2"]


def test_goodbye_ends_the_call_only_when_it_is_sure(caller: Caller) -> None:
    caller.say(command(Command.GOODBYE, 0.6))
    assert caller.names == ["no_match.1"]
    caller.say(command(Command.GOODBYE, 0.9))
    assert caller.names == ["goodbye.1"]
    assert caller.did(HangUp).outcome is Outcome.ABANDONED


# --- answers -----------------------------------------------------------------------------------------


def test_anything_else(caller: Caller) -> None:
    caller.say(intent("opening_hours"))
    assert caller.names == ["intents.opening_hours.answer.1", "anything_else.1"]
    assert caller.listens.expect.commands > YES_NO
    caller.say(NO)
    assert caller.names == ["goodbye.1"]
    assert caller.did(HangUp).outcome is Outcome.ANSWERED


def test_something_else(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(YES)
    assert caller.names == ["go_on.1"]
    caller.say(intent("opening_hours"))
    assert caller.names == ["intents.opening_hours.answer.1", "anything_else.2"]
    caller.say(intent("sales"))
    assert caller.did(Transfer).route.name == "sales"


def test_no_and_goodbye_mean_the_same_after_an_answer(caller: Caller) -> None:
    caller.say(intent("opening_hours"))
    caller.say(command(Command.GOODBYE, 0.5), command(Command.NO, 0.4))
    assert caller.machine.outcome is Outcome.ANSWERED


THANKS = command(Command.THANKS)


def test_thanks_after_an_answer_are_the_end(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(THANKS)
    assert caller.names == ["goodbye.1"]
    assert caller.machine.outcome is Outcome.ANSWERED


def test_the_okay_of_okay_thank_you_is_no_yes_to_anything_else(caller: Caller) -> None:
    caller.say(intent("opening_hours"))
    caller.say(command(Command.YES, 0.5), command(Command.THANKS, 0.45))
    assert caller.machine.outcome is Outcome.ANSWERED


def test_a_yes_that_is_hardly_a_farewell_is_a_yes_to_anything_else(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(command(Command.YES, 0.95), command(Command.GOODBYE, 0.02))
    assert caller.names == ["go_on.1"]


def test_what_is_a_farewell_as_much_as_a_yes_is_one(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(command(Command.YES, 0.5), command(Command.GOODBYE, 0.5))
    assert caller.names == ["goodbye.1"]


def test_great_and_okay_are_no_yes_to_anything_else(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(command(Command.YES, 0.85), command(Command.MUSING, 0.1))
    assert caller.names == [] and isinstance(caller.actions[-1], Listen)
    assert caller.silence().names == ["goodbye.1"]


def test_thanks_that_are_not_sure_end_nothing(caller: Caller) -> None:
    caller.say(intent("opening_hours")).say(command(Command.THANKS, 0.5))
    assert caller.names == ["anything_else.2"]


def test_thanks_elsewhere_are_no_answer_and_nothing_to_apologize_for(caller: Caller) -> None:
    assert caller.say(THANKS).names == ["go_on.1"]
    caller.say(intent("order_status")).say(THANKS)
    assert caller.names == ["slots.order_status.order_number.ask.2"]


def test_sounds_of_thinking_are_waited_on(caller: Caller) -> None:
    caller.say(intent("order_status")).say(command(Command.MUSING))
    assert caller.names == [] and isinstance(caller.actions[-1], Listen)


def test_who_asks_is_told_that_this_is_no_person(caller: Caller) -> None:
    caller.say(intent("order_status")).say(command(Command.WHO))
    assert caller.names == ["who.1", "slots.order_status.order_number.ask.2"]
    assert "automatic" in caller.said


def test_noise_that_is_read_as_thanks_does_not_go_on_for_ever(caller: Caller) -> None:
    for _ in range(8):
        if caller.machine.outcome is not None:
            break
        caller.say(THANKS)
    assert caller.machine.outcome is Outcome.HANDED_OFF


def test_another_want_said_while_the_call_is_passed_on_is_followed(caller: Caller) -> None:
    caller.say(intent("billing")).say(intent("sales", 0.95))
    assert caller.did(Transfer).route.name == "sales"


def test_more_about_the_same_or_something_unsure_changes_no_transfer(caller: Caller) -> None:
    caller.say(intent("billing"))
    for heard in (intent("billing", 0.95), intent("sales", 0.5), YES):
        caller.say(heard)
        assert not caller.actions


def test_silence_after_an_answer_is_goodbye(caller: Caller) -> None:
    caller.say(intent("opening_hours")).silence()
    assert caller.did(HangUp).outcome is Outcome.ANSWERED


def test_hanging_up(desk: Desk) -> None:
    assert Caller(desk).hang_up().actions == (HangUp(Outcome.ABANDONED, "the caller hung up"),)
    answered = Caller(desk).say(intent("opening_hours")).hang_up()
    assert answered.did(HangUp).outcome is Outcome.ANSWERED
    assert answered.machine.outcome is Outcome.ANSWERED


def test_an_ask_step_listens_for_any_intent_the_likely_ones_first(caller: Caller) -> None:
    caller.say(intent("unsure"))
    assert caller.names == ["intents.unsure.say.1", "intents.unsure.ask.1"]
    assert caller.listens.expect == Expect(likely=("billing", "sales"), commands=ALWAYS | {Command.WRONG})
    caller.say()
    assert caller.names == ["sorry.1", "intents.unsure.ask.2"]
    assert caller.say(intent("sales")).did(Transfer).route.name == "sales"


# --- routes and hours --------------------------------------------------------------------------------


def test_a_route_without_an_extension_is_a_queue(caller: Caller) -> None:
    caller.say(intent("repairs"))
    request = caller.did(HandOff).request
    assert (request.queue, request.reason, request.want) == ("repairs", Reason.DESK_RULE, "Wants repairs.")
    assert (request.skills, request.priority) == (("general",), 5)


def test_closed_routes(desk: Desk) -> None:
    assert Caller(desk, CLOSED).say(intent("guard")).did(Transfer).route.extension == "9"
    sales = Caller(desk, CLOSED).say(intent("sales"))
    assert sales.names == ["routes.sales.route_closed.1", "handoff_closed.1"]
    assert sales.did(HandOff).request.queue == "sales"
    assert "sales was closed" in sales.did(HandOff).request.tried


def test_a_closed_route_takes_a_message(desk: Desk) -> None:
    caller = Caller(desk, CLOSED).say(intent("billing"))
    assert caller.names == ["routes.billing.route_closed.1", "slots.message.message.ask.1"]
    assert caller.listens.expect.intents is False, "anything said now is the message"
    caller.say(answer("message", "My invoice is wrong."))
    assert caller.names == ["slots.message.callback.ask.1"]
    caller.keys("0612345678#").say(YES)
    request = caller.did(HandOff).request
    assert request.want == "Message for the billing department: My invoice is wrong. Call back 0612345678."
    assert (request.queue, request.skills) == ("billing", ("bills",)), "the route's own people"
    assert {slot.name: slot.value for slot in request.slots} == {
        "message": "My invoice is wrong.",
        "callback": "0612345678",
    }


def test_hours_are_those_of_the_moment(desk: Desk) -> None:
    caller = Caller(desk, OPEN.replace(hour=17, minute=59, second=58))
    assert caller.names == ["greeting"]
    assert caller.say(intent("sales")).did(HandOff), "two minutes later it is closed"


def test_a_transfer_that_fails_goes_to_the_queue(caller: Caller) -> None:
    caller.say(intent("billing"))
    caller.fails(caller.did(Transfer))
    assert caller.names == ["routes.billing.transfer_failed.1", "handoff.1"]
    request = caller.did(HandOff).request
    assert (request.queue, request.reason) == ("billing", Reason.TROUBLE)
    assert request.tried == ("the billing department could not be reached",)


def test_a_person_without_an_extension_is_handed_off(caller: Caller) -> None:
    caller.say(intent("reach_person", 0.9, value("person", "Nora Vane")))
    assert caller.did(HandOff).request.want == "Wants Nora Vane."


def test_hanging_up_during_a_transfer_is_abandoning(caller: Caller) -> None:
    assert caller.say(intent("billing")).silence().actions == ()
    assert caller.hang_up().did(HangUp).outcome is Outcome.ABANDONED


def test_a_transfer_that_hangs_is_ended_by_the_limit(caller: Caller) -> None:
    assert caller.say(intent("billing")).limit().did(HandOff)


# --- handoffs ----------------------------------------------------------------------------------------


def test_the_request_is_made_before_it_is_promised(caller: Caller) -> None:
    caller.say(command(Command.OPERATOR))
    request = caller.did(HandOff).request
    assert [type(action) for action in caller.actions] == [HandOff, Say, HangUp]
    assert (request.call_id, request.desk, request.queue, request.caller) == (
        "call-1",
        "Test shop",
        "reception",
        "0612345678",
    )
    assert request.entered == (OPEN + timedelta(seconds=3)).isoformat(timespec="seconds")
    assert request.waited == 3.0


def test_out_of_hours_nobody_is_promised(desk: Desk) -> None:
    assert Caller(desk, CLOSED).say(command(Command.OPERATOR)).names == ["handoff_closed.1"]


def test_a_queue_that_fails(caller: Caller) -> None:
    caller.say(command(Command.OPERATOR))
    caller.fails(caller.did(HandOff))
    assert caller.names == ["trouble.1"]
    assert caller.did(HangUp).outcome is Outcome.FAILED
    assert caller.fails(HandOff(caller.all[0])).actions == ()  # type: ignore[arg-type]


def test_hanging_up_during_the_last_words_keeps_the_outcome(caller: Caller) -> None:
    caller.say(command(Command.OPERATOR)).hang_up()
    assert caller.did(HangUp).outcome is Outcome.HANDED_OFF


def test_the_machine_ignores_what_comes_after_the_end(caller: Caller) -> None:
    caller.say(command(Command.OPERATOR))
    for late in (
        caller.silence,
        caller.noise,
        caller.limit,
        lambda: caller.say(intent("sales")),
        lambda: caller.keys("1"),
    ):
        assert late().actions == ()
    assert caller.machine.outcome is Outcome.HANDED_OFF


# --- limits ------------------------------------------------------------------------------------------


def test_limits_lead_to_a_person(caller: Caller) -> None:
    caller.limit()
    assert caller.names == ["limit.1", "handoff.1"]
    assert caller.did(HandOff).request.reason is Reason.DESK_RULE


def test_the_machine_counts_turns_and_seconds_itself(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, DESK + "limits: {turns: 3}\n")
    caller = Caller(desk)
    for _ in range(3):
        caller.say(command(Command.REPEAT))
    assert caller.say(intent("sales")).names == ["limit.1", "handoff.1"]
    late = Caller(desk)
    late.now = 600.0
    assert late.say(intent("sales")).names == ["limit.1", "handoff.1"]


def test_nothing_happens_before_the_call_is_answered(desk: Desk) -> None:
    machine = Machine(desk, "x")
    assert machine.handle(NoInput(1.0), 0.0) == ()
    assert machine.outcome is None
    assert machine.handle(HungUp(), 0.0) == (HangUp(Outcome.ABANDONED, "the caller hung up"),)
