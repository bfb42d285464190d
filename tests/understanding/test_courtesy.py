from __future__ import annotations

import pytest

from ivr.meaning import Command, Expect, Hypothesis, Intent, Match, SlotSpec, SlotType
from ivr.understanding.courtesy import with_courtesy
from ivr.understanding.words import load_words

ENGLISH = load_words("en-US")
ANYTHING = Expect()
HOURS = Match(Intent("hours"), 0.35)


def best(text: str, *matches: Match, expect: Expect = ANYTHING) -> object:
    found = with_courtesy(matches, (Hypothesis(text, 0.9),), expect, ENGLISH)
    assert sum(match.score for match in found) < 1.0
    return found[0].meaning if found else None


@pytest.mark.parametrize(
    "text",
    ["Hello?", "Um, hi there.", "hello, hello", "Is anybody there?", "Good morning.", "Can you hear me?"],
)
def test_a_greeting_is_one_though_something_sounds_like_it(text: str) -> None:
    assert best(text, HOURS) is Command.HELLO
    assert best(text) is Command.HELLO


@pytest.mark.parametrize(
    "text", ["hello, billing please", "um, uh", "good", "", "is anybody there from billing"]
)
def test_whoever_says_more_is_not_greeting(text: str) -> None:
    assert best(text, HOURS) == HOURS.meaning
    assert best(text) is None


def test_a_desk_may_have_its_own_answer() -> None:
    assert best("good morning", Match(Intent("weather"), 0.9)) == Intent("weather")


def test_where_no_greeting_is_expected() -> None:
    assert best("hello", HOURS, expect=Expect(commands=frozenset())) == HOURS.meaning


def test_a_held_reading_is_not_what_was_said() -> None:
    held = Hypothesis("opening hours", 0.5, fit=-0.5)
    found = with_courtesy((HOURS,), (held, Hypothesis("Hello.", 0.9)), Expect(), ENGLISH)
    assert found[0].meaning is Command.HELLO


POLITE = Expect(commands=frozenset({Command.THANKS, Command.HELLO, Command.YES, Command.GOODBYE}))


@pytest.mark.parametrize(
    "text",
    [
        "Thank you.", "Thanks.", "Okay, thank you.", "Great, thanks a lot.",
        "Thank you very much for your help",
        "Um, perfect, thank you so much.", "Lovely, cheers.", "Oh thank you, that was very helpful.",
    ],
)  # fmt: skip
def test_thanks_are_no_want(text: str) -> None:
    assert best(text, HOURS, expect=POLITE) is Command.THANKS


@pytest.mark.parametrize("text", ["Great.", "Okay.", "Yes, thank you.", "thanks for nothing"])
def test_what_is_more_or_less_than_thanks(text: str) -> None:
    assert best(text, HOURS, expect=POLITE) == HOURS.meaning


def test_what_thanks_also_mean_comes_first() -> None:
    yes = Match(Command.YES, 0.96)
    found = with_courtesy((yes,), (Hypothesis("Okay, thank you.", 0.9),), POLITE, ENGLISH)
    assert [match.meaning for match in found] == [Command.YES, Command.THANKS]


def test_thanks_that_were_perhaps_noise_are_not_sure() -> None:
    (found,) = with_courtesy((), (Hypothesis("Thank you.", 0.3),), POLITE, ENGLISH)
    assert found.score < 0.5


MUSING = Expect(commands=frozenset({Command.MUSING}))


@pytest.mark.parametrize("text", ["Hmm.", "Okay.", "Um, right, okay.", "Yes."])
def test_sounds_of_thinking_are_no_want(text: str) -> None:
    assert best(text, HOURS, expect=MUSING) is Command.MUSING


@pytest.mark.parametrize("text", ["Okay.", "Yeah, okay."])
def test_an_okay_takes_no_leave(text: str) -> None:
    assert best(text, Match(Command.GOODBYE, 0.6), expect=MUSING) is Command.MUSING


def test_where_they_are_an_answer_they_are_one() -> None:
    assert best("Okay.", Match(Command.YES, 0.95), expect=MUSING) is Command.YES


def test_a_text_that_is_dictated_may_be_anything() -> None:
    dictated = Expect(slot=SlotSpec("message", SlotType.TEXT), commands=frozenset({Command.MUSING}))
    assert best("Okay.", HOURS, expect=dictated) == HOURS.meaning


@pytest.mark.parametrize(
    "text",
    [
        "All right, bye.",
        "Cheers, bye!",
        "Great, thanks, have a good one.",
        "No, that will be all, thank you very much, goodbye.",
    ],
)
def test_leave_may_be_taken_in_many_words(text: str) -> None:
    assert best(text, Match(Command.NO, 0.5), expect=POLITE) is Command.GOODBYE


def test_who_is_content_where_a_yes_is_asked_for_says_yes() -> None:
    yes = Match(Command.YES, 0.96)
    found = with_courtesy((yes,), (Hypothesis("Perfect.", 0.9),), MUSING, ENGLISH)
    assert [match.meaning for match in found] == [Command.YES, Command.MUSING]
    assert with_courtesy((yes,), (Hypothesis("Yes.", 0.9),), MUSING, ENGLISH) == (yes,)


@pytest.mark.parametrize("text", ["Bye.", "Oh."])
def test_one_word_may_be_another_that_sounds_like_it(text: str) -> None:
    five = Match(Intent("digit"), 0.6)
    everything = Expect(commands=POLITE.commands | MUSING.commands)
    assert best(text, five, expect=everything) == five.meaning
