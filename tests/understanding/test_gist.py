"""What is meant of what is said."""

from __future__ import annotations

from datetime import datetime

import pytest

from ivr.meaning import (
    Answer,
    Command,
    Expect,
    Hypothesis,
    Intent,
    IntentSpec,
    SlotSpec,
    SlotType,
    Vocabulary,
)
from ivr.understanding.gist import gist
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands, load_words

NOW = datetime(2026, 11, 24, 10)
WORDS = load_words("en-US")
ORDER = SlotSpec("order", SlotType.DIGITS, (6, 6))
MATTER = SlotSpec("matter", SlotType.TEXT)
INTENTS = (
    IntentSpec("billing", ("billing", "my (bill|invoice) is wrong", "[a question about] my (bill|invoice)")),
    IntentSpec("address", ("[what is] your address", "the [post] address", "where are you")),
    IntentSpec("fax", ("your fax [number]", "do you have a fax")),
    IntentSpec("wrong_number", ("[sorry] wrong number", "is this not my (sister|friend)")),
    IntentSpec("hours", ("when are you open", "your opening hours")),
)
MATCHER = Matcher(Vocabulary("en-US", INTENTS, commands("en-US")))
CONFIRM = frozenset({Command.YES, Command.NO, Command.REPEAT})


def kept(text: str, expect: Expect | None = None) -> str:
    return gist(Hypothesis(text, 1.0), expect or Expect(), WORDS).text


def test_the_wish_that_takes_the_place_of_another_is_meant() -> None:
    best = MATCHER.match(
        (Hypothesis("My invoice is wrong. No, wait, when are you open?", 1.0),), Expect(), NOW
    )
    assert best[0].meaning == Intent("hours") and best[0].score > 0.75 and not best[0].later


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("I already told you, my invoice is wrong", "my invoice is wrong"),
        ("I said billing", "billing"),
        ("yes I said yes", "yes yes"),
        ("are you deaf? I said billing", "billing"),
        ("no not fax, I meant the post address", "no the post address"),
        ("sorry I mean the address", "the address"),
        ("I already told you", "I already told you"),
        ("that is not what I said", "that is not what I said"),
        ("no, that is not what I meant", "no, that is not what I meant"),
        ("no not what I asked about", "no not what I asked about"),
        ("the bill is wrong, I mean really wrong", "the bill is wrong, I mean really wrong"),
        ("my invoice, no wait, the address", "the address"),
        ("put me through to billing, actually no, to the fax", "to the fax"),
        ("no wait", "no wait"),
        ("your address, no wait", "your address, no wait"),
        ("no wait, the address", "no wait, the address"),
    ],
)
def test_what_only_leads_to_it_is_left_out(said: str, meant: str) -> None:
    assert kept(said) == meant


def test_a_message_is_kept_whole() -> None:
    assert kept("I said no", Expect(slot=MATTER)) == "I said no"


SAFE = SlotSpec("danger", SlotType.YES_NO, safe="no")


@pytest.mark.parametrize("text", ["look, no", "I said no", "no that's wrong", "no I said", "no dear, wait"])
def test_where_safety_is_asked_for_nothing_may_stand_beside_a_no(text: str) -> None:
    asked = Expect(intents=False, slot=SAFE, commands=frozenset({Command.YES, Command.NO, Command.REPEAT}))
    matches = MATCHER.match((Hypothesis(text, 1.0),), asked, NOW)
    assert not any(match.meaning is Command.NO for match in matches)
    assert not any(value.value == "no" for match in matches for value in match.slots)


@pytest.mark.parametrize("text", ["no it is good", "no, it's fine", "no I would"])
def test_a_doubtful_no_about_safety_is_no_yes_either(text: str) -> None:
    asked = Expect(intents=False, slot=SAFE, commands=frozenset({Command.YES, Command.NO, Command.REPEAT}))
    matches = MATCHER.match((Hypothesis(text, 1.0),), asked, NOW)
    assert not any(match.slots for match in matches)


def best(text: str, expect: Expect) -> tuple[object, float]:
    match = MATCHER.match((Hypothesis(text, 1.0),), expect, NOW)[0]
    return match.meaning, match.score


def test_what_was_meant_is_found_behind_what_was_not() -> None:
    meaning, score = best("no not fax, I meant the post address", Expect())
    assert meaning == Intent("address") and score >= 0.75


@pytest.mark.parametrize("text", ["yes dear", "yes my love, go on", "yes I said yes", "yes her please"])
def test_a_yes_before_other_words_is_one(text: str) -> None:
    meaning, score = best(text, Expect(commands=CONFIRM, likely=("billing",)))
    assert meaning is Command.YES and score >= 0.45


def test_a_no_before_other_words_is_one() -> None:
    meaning, score = best("no that's not my number", Expect(commands=CONFIRM, slot=ORDER))
    assert meaning is Command.NO and score >= 0.45


def test_another_want_behind_a_no_is_still_heard() -> None:
    meaning, score = best("no, when are you open", Expect(commands=CONFIRM))
    assert meaning == Intent("hours") and score >= 0.75


def test_what_is_wrong_may_be_told_behind_it() -> None:
    commands_ = frozenset({Command.YES, Command.NO, Command.WRONG})
    meaning, score = best("that's wrong, in the shop they said twenty", Expect(commands=commands_, more=True))
    assert meaning is Command.WRONG and score >= 0.45


@pytest.mark.parametrize("text", ["it's four four one two", "four four one two"])
def test_half_of_a_number_is_no_other_want(text: str) -> None:
    called = "I (have called|called) (three|four|five) times [already]"
    complaint = IntentSpec("complaint", (called, "for the (fourth|second) time", "I want to complain"))
    plans = IntentSpec("plans", ("your plans", "which plans do you have"))
    matcher = Matcher(Vocabulary("en-US", (complaint, plans), commands("en-US")))
    account = SlotSpec("account", SlotType.DIGITS, (8, 8))
    asked = matcher.match((Hypothesis(text, 1.0),), Expect(slot=account), NOW)
    assert not any(isinstance(match.meaning, Intent) and match.score >= 0.25 for match in asked)


@pytest.mark.parametrize("text", ["yes", "no", "okay yeah", "hello?", "yes please", "thank you"])
def test_a_yes_is_no_message(text: str) -> None:
    matches = MATCHER.match((Hypothesis(text, 1.0),), Expect(slot=MATTER, intents=False), NOW)
    assert not any(match.meaning == Answer("matter") for match in matches)


@pytest.mark.parametrize("text", ["which number?", "why do you need that", "what do you mean by that"])
def test_a_question_about_the_question_is_one(text: str) -> None:
    meaning, score = best(text, Expect(slot=ORDER, commands=frozenset({Command.EXPLAIN, Command.HELP})))
    assert meaning is Command.EXPLAIN and score >= 0.75


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Yes, I mean no.", "no"),
        ("No, I mean yes", "yes"),
        ("no, sorry, yes please", "yes"),
        ("yes, um, no, wait", "no"),
        ("yeah... actually no", "no"),
        ("no, no, I said yes", "yes"),
        ("no, I meant yes, that is right", "yes, that is right"),
        ("yes, no", ""),  # nobody knows
        ("no yes no", ""),
        ("yes, I mean yes", "yes, I mean yes"),
        ("yes and no one is here", "yes and no one is here"),
    ],
)
@pytest.mark.parametrize(
    "asked", [Expect(commands=CONFIRM), Expect(commands=CONFIRM, slot=SlotSpec("ok", SlotType.YES_NO))]
)
def test_the_last_of_yes_and_no_counts(asked: Expect, said: str, meant: str) -> None:
    assert kept(said, asked).strip(" ,.").lower() == meant.lower()


def test_doubt_about_safety_stays_doubt() -> None:
    asked = Expect(intents=False, slot=SAFE, commands=CONFIRM)
    assert kept("no, I mean yes", asked) == "no, I mean yes"
    asked_for = Expect(slot=SlotSpec("number", SlotType.DIGITS))
    assert kept("no, wait, yes", asked_for) == "no, wait, yes"
    read_back = Expect(slot=SlotSpec("number", SlotType.DIGITS), commands=CONFIRM)
    assert kept("no, wait, yes", read_back) == "yes"
