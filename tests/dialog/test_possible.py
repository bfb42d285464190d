"""What an utterance can mean where it was said."""

from __future__ import annotations

import math

from dialog_helpers import answer, command, intent

from ivr.dialog.desk import Desk
from ivr.dialog.possible import UNSERVED, of_the_answer, same_here, usable
from ivr.dialog.states import Main
from ivr.meaning import Command, Match

AFTER = Main(after_answer=True)


def meanings(matches: tuple[Match, ...]) -> list[tuple[object, float]]:
    return [(match.meaning, round(match.score, 3)) for match in matches]


def test_all_that_takes_leave_after_an_answer_counts_as_one_no() -> None:
    said = (command(Command.THANKS, 0.4), command(Command.YES, 0.3), command(Command.GOODBYE, 0.2))
    assert meanings(same_here(AFTER, said)) == [(Command.NO, 0.9)]
    assert same_here(Main(), said) == said, "only after an answer"


def test_a_yes_with_a_faint_farewell_is_a_yes() -> None:
    said = (command(Command.YES, 0.6), command(Command.GOODBYE, 0.2))
    assert meanings(same_here(AFTER, said)) == [(Command.YES, 0.6), (Command.GOODBYE, 0.2)]


def test_a_yes_that_may_be_a_sound_of_thinking_is_one_after_an_answer() -> None:
    said = (command(Command.YES, 0.6), command(Command.MUSING, 0.3))
    assert [match.meaning for match in same_here(AFTER, said)] == [Command.MUSING, Command.MUSING]


def test_no_and_wrong_are_weighed_together() -> None:
    no = command(Command.NO, 0.5)
    assert meanings(of_the_answer((no, command(Command.WRONG, 0.2)))) == [(Command.WRONG, 0.7)]
    assert meanings(of_the_answer((no, command(Command.WRONG, 0.19)))) == [(Command.NO, 0.69)]
    assert of_the_answer((no,)) == (no,)


def test_only_what_fits_the_state_is_left(desk: Desk) -> None:
    sales = intent("sales", 0.3)
    others = (answer("order_number", "123456"), command(Command.YES), intent("sales", math.nan), intent("x"))
    assert usable(Main(), (sales, *others), desk) == (sales,)


def test_what_cannot_be_mended_has_to_be_sure(desk: Desk) -> None:
    accept = desk.thresholds.accept
    assert usable(Main(after_answer=True), (command(Command.GOODBYE, accept),), desk)
    assert not usable(Main(), (command(Command.GOODBYE, accept),), desk)  # something is asked still
    assert usable(Main(), (command(Command.GOODBYE, UNSERVED),), desk)
    assert not usable(Main(), (command(Command.GOODBYE, accept - 0.01),), desk)
    assert usable(Main(), (command(Command.HELP, accept - 0.01),), desk), (
        "what only costs a question need not"
    )


def test_what_was_denied_has_to_be_likely_to_be_meant_again(desk: Desk) -> None:
    faint = (intent("sales", desk.thresholds.confirm - 0.01),)
    assert usable(Main(), faint, desk) and not usable(Main(), faint, desk, {"sales"})
