"""Noise that a recognizer wrote words for answers no question for a choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialog_helpers import DESK, Caller, answer, intent, make_desk

from ivr.dialog.states import Asking
from ivr.events import Heard, Understood
from ivr.meaning import Hypothesis

SIZES = """\
  coffee:
    label: a coffee
    say: ["a coffee"]
    slots:
      size: {type: choice, choices: {small: [small], large: [large]}, ask: [Which size?, Small or large?]}
    then: {answer: "A {size} coffee."}
"""


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    """A caller who is asked for one of two sizes."""
    return Caller(make_desk(tmp_path, DESK + SIZES)).say(intent("coffee"))


def hear(caller: Caller, *hypotheses: Hypothesis) -> Caller:
    heard = Heard(hypotheses, caller.now - 1, caller.now, "test")
    return caller.event(Understood(heard, (answer("size", "large", 0.87),)))


def test_words_that_nobody_believes_are_a_noise(caller: Caller) -> None:
    hear(caller, Hypothesis("Thank you very much, and thank you", 0.36), Hypothesis("zero", 0.5, fit=-1.8))
    assert isinstance(caller.machine.state, Asking)
    assert caller.said == ""
    hear(caller, Hypothesis("So you're able to be right here", 0.36))
    assert "Small or large?" in caller.said


def test_a_reading_that_fits_the_grammar_is_believed(caller: Caller) -> None:
    hear(caller, Hypothesis("Lodge", 0.36), Hypothesis("large", 0.9, fit=-0.2))
    assert "A large coffee." in caller.said


def test_words_that_were_read_with_confidence_are_believed(caller: Caller) -> None:
    hear(caller, Hypothesis("the large one", 0.6))
    assert "A large coffee." in caller.said
