"""Words of danger, wherever they are said; and words that are none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ivr.dialog.load import load_desk
from ivr.meaning import Completeness, Expect, Hypothesis, Intent, SlotSpec, SlotType
from ivr.understanding.matcher import Matcher

NOW = datetime(2026, 11, 24, 10)
LEAST = 0.35
STATES = (
    Expect(),
    Expect(intents=False, slot=SlotSpec("message", SlotType.TEXT)),
    Expect(slot=SlotSpec("number", SlotType.DIGITS, (4, 10))),
    Expect(intents=False, commands=frozenset()),
)
DESK = """
name: Small desk
language: en-US
greeting: Hello.
intents:
  billing: {label: a bill, say: ["[I have] a question about my bill"], then: {answer: Later.}}
"""


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    return Matcher(load_desk(folder, folder).vocabulary())


def alarm(matcher: Matcher, text: str, expect: Expect = STATES[0]) -> float:
    found = matcher.match((Hypothesis(text, 0.9),), expect, NOW)
    return max((match.score for match in found if match.urgent), default=0.0)


def sentences(root: Path, kind: str) -> list[str]:
    data = YAML(typ="safe").load((root / "bench" / "data" / "emergencies.yaml").read_text(encoding="utf-8"))
    return list(data[kind])


def test_sixty_ways_to_say_it_whatever_was_asked(matcher: Matcher, root: Path) -> None:
    danger = sentences(root, "danger")
    assert len(danger) == 60
    assert not [(text, state) for text in danger for state in STATES if alarm(matcher, text, state) < LEAST]


def test_words_about_the_same_things_alarm_nobody(matcher: Matcher, root: Path) -> None:
    assert not [text for text in sentences(root, "harmless") if alarm(matcher, text) >= LEAST]


def test_it_is_found_inside_a_story_with_a_misheard_word(matcher: Matcher) -> None:
    story = "yes hello I am at work and um my colleague she is like really not breathing and I do not know"
    assert alarm(matcher, story) >= LEAST
    assert alarm(matcher, "there is a man with a nife here") >= LEAST
    assert alarm(matcher, "it is not reading") < LEAST


@pytest.mark.parametrize(
    "text", ["are you kidding me", "are you fucking kidding me", "you people are robbing me", "no joking"]
)
def test_outcries_of_the_upset_are_no_misheard_danger(matcher: Matcher, text: str) -> None:
    assert alarm(matcher, text) < LEAST


FIGURES = (
    "my wife will kill me if that parcel is late",
    "my boss is so going to kill me",
    "she'll kill me if I forget to order it",
    "my husband's going to kill me when he sees this bill",
    "we are all dying to know what you charge",
    "this queue is killing us",
    "you're killing me",
    "is that one in the fire sale",
    "could you shoot me an email please",
    "I very nearly had a heart attack",
    "it's not a matter of life and death",
    "I'm trapped in your phone menu",
    "where is the emergency exit",
    "I need the police report for my insurance",
    "this is murder",
)
IN_EARNEST = (
    "he's going to kill me",
    "my husband will kill me if I leave him",
    "my wife will kill me, she has a knife",
    "somebody is trying to kill me",
    "she's dying",
    "my chest is killing me",
    "he's killing us",
    "there's a fire in the sales room",
    "I think I'm having a heart attack",
    "the wait is killing us and my friend is not breathing",
    "we're trapped in the lift",
    "I need the police",
)


@pytest.mark.parametrize("state", STATES)
def test_figures_of_speech_are_no_danger(matcher: Matcher, state: Expect) -> None:
    assert not [text for text in FIGURES if alarm(matcher, text, state) >= LEAST]


@pytest.mark.parametrize("state", STATES)
def test_who_is_in_danger_is_heard_beside_figures_of_speech(matcher: Matcher, state: Expect) -> None:
    assert not [text for text in IN_EARNEST if alarm(matcher, text, state) < LEAST]


@pytest.mark.parametrize(
    "text", ["my wife's choking", "my husband's dying", "the lady's unconscious", "my mum's just collapsed"]
)
def test_an_apostrophe_may_be_a_verb(matcher: Matcher, text: str) -> None:
    assert alarm(matcher, text) >= LEAST


def test_a_desk_may_add_figures_of_speech(tmp_path: Path) -> None:
    own = """
  mill:
    urgent: yes
    say: ["the mill is burning"]
    unless: ["as if the mill is burning"]
    then: {handoff: {queue: guard}}
"""
    (tmp_path / "desk.yaml").write_text(DESK + own, encoding="utf-8")
    mill = Matcher(load_desk(tmp_path, tmp_path).vocabulary())
    assert alarm(mill, "quick the mill is burning") >= LEAST
    assert alarm(mill, "you run as if the mill is burning") < LEAST
    best = mill.match((Hypothesis("as if the mill is burning", 0.9),), Expect(), NOW)
    assert all(match.score >= 0.9 for match in best if match.meaning == Intent("mill"))


def test_what_is_said_about_it_already_is_no_new_alarm(matcher: Matcher) -> None:
    assert alarm(matcher, "he is not breathing", Expect(about="emergency")) == 0.0


def test_nobody_waits_for_more_words(matcher: Matcher) -> None:
    assert matcher.completeness("my husband is not breathing", Expect()) is Completeness.COMPLETE


def test_other_wants_are_as_likely_as_before(matcher: Matcher) -> None:
    best, *others = matcher.match((Hypothesis("a question about my bill", 0.9),), Expect(), NOW)
    assert best.meaning == Intent("billing") and best.score > 0.9
    assert not [match for match in others if match.urgent]
