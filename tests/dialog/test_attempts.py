"""What a task remembers of answers that did not settle a slot."""

from __future__ import annotations

from dialog_helpers import NO, YES, Caller, answer, command, intent, value

from ivr.meaning import Command, Earlier, Hypothesis


def earlier(caller: Caller) -> Earlier:
    return caller.listens.expect.earlier


def heard(text: str) -> tuple[Hypothesis, ...]:
    return (Hypothesis(text, 0.9),)


def test_the_first_time_nothing_is_known(caller: Caller) -> None:
    caller.say(intent("order_status"))
    assert earlier(caller) == Earlier()


def test_an_answer_that_fits_nothing_is_heard_again_with_the_next(caller: Caller) -> None:
    caller.say(intent("order_status")).say(text="four eight two")
    assert earlier(caller) == Earlier(answers=(heard("four eight two"),))


def test_a_value_that_is_read_back_may_be_corrected(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6), text="so")
    assert earlier(caller) == Earlier(answers=(heard("so"),), value="482913")
    corrected = command(Command.NO, 0.9)
    caller.say(corrected, answer("order_number", "482914", 0.8), text="no, four")
    assert earlier(caller) == Earlier(answers=(heard("so"),), denied=("482913",), value="482914")


def test_what_was_read_back_is_wrong_where_a_no_comes_before_another(caller: Caller) -> None:
    """However unlikely the no is by itself: without it the same wrong number comes back a turn later."""
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6), text="so")
    caller.say(answer("order_number", "482914", 0.6), command(Command.NO, 0.06), text="no, four")
    assert earlier(caller).denied == ("482913",)
    caller.say(answer("order_number", "482915", 0.6), text="five")
    assert earlier(caller).denied == ("482913",), "said again is not put right"


def test_a_number_of_many_readings_is_read_back(caller: Caller) -> None:
    some = [answer("order_number", f"48291{last}", 0.15 - last / 100) for last in range(5)]
    caller.say(intent("order_status")).say(*some, text="so")
    assert earlier(caller).value == "482910"


def test_a_value_that_was_wrong_is_remembered_as_that(caller: Caller) -> None:
    caller.say(intent("order_status")).say(answer("order_number", "482913", 0.6), text="so").say(NO)
    assert earlier(caller) == Earlier(answers=(heard("so"),), denied=("482913",))


def test_a_doubtful_value_in_passing_is_the_first_answer(caller: Caller) -> None:
    caller.say(intent("order_status", 0.9, value("order_number", "482913", 0.6)))
    assert earlier(caller) == Earlier(answers=((Hypothesis("482913", 0.6),),), value="482913")


def test_a_settled_slot_forgets_and_the_next_begins_anew(caller: Caller) -> None:
    caller.say(intent("call_back")).say(text="zero six").say(answer("callback", "0612345")).say(YES)
    assert caller.said == "Is it urgent?"
    assert earlier(caller) == Earlier()
    caller.say(text="well")
    assert earlier(caller) == Earlier()  # another yes or no is not the same one again


def test_two_people_who_were_both_wrong(caller: Caller) -> None:
    two = (value("person", "Anna Berg", 0.5), value("person", "Anna Burke", 0.45))
    caller.say(intent("reach_person", 0.9, *two))
    assert earlier(caller).value == ""
    caller.say(command(Command.NEITHER))
    assert earlier(caller).denied == ("Anna Berg", "Anna Burke")


def test_only_the_last_answers_are_kept(caller: Caller) -> None:
    caller.say(intent("order_status"))
    for number in range(4):
        caller.say(answer("order_number", f"48291{number}", 0.6), text=f"answer {number}")
    assert earlier(caller).answers == (heard("answer 1"), heard("answer 2"), heard("answer 3"))


def test_a_value_that_is_put_right_again_and_again_is_asked_for_in_other_words(caller: Caller) -> None:
    """Who says "no, ..." to every number that is read back hears of the keys, and gets a person at last."""
    caller.say(intent("order_status"))
    heard_back = []
    for number in range(5):
        caller.say(answer("order_number", f"48291{number}", 0.6), text=f"no, {number}")
        heard_back.append(caller.names[0].removeprefix("slots.order_status.order_number."))
        if number == 3:
            assert "four eight two, nine one three" in caller.said, "what was said last, nothing from before"
    assert heard_back == ["confirm.1", "confirm.2", "ask.2", "confirm.1", "not_understood.1"]
