"""Where callers are is taken down whenever they say it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialog_helpers import Caller, answer, intent, make_desk, value

from ivr.dialog.states import Asking, Main
from ivr.events import Alert

TEXT = """\
name: Line
language: en-US
greeting: Hello.
start: report
handoff: {queue: help, priority: 0}
stay: {after: 7, say: I am with you.}
facts:
  place: {type: place, once: yes, ask: [Where are you?, Which street?]}
intents:
  report:
    label: a report
    urgent: yes
    alert: help
    facts: [place]
    then:
      ask: ["{place}. What has happened?", "What has happened?"]
      other: report_on
  report_on:
    label: more
    say: ["something else"]
    urgent: yes
    slots: {hurt: {type: text, ask: Is anybody hurt?}, seen: {type: text, ask: What do you see?}}
    then: {say: Noted.}
  fire:
    label: a fire
    urgent: yes
    alert: help
    confirm: never
    say: ["a fire"]
    facts: [place]
    then: {say: "{place}. Get out."}
"""


@pytest.fixture
def line(tmp_path: Path) -> Caller:
    return Caller(make_desk(tmp_path, TEXT))


def known(caller: Caller) -> str:
    return next((fact.value for fact in caller.machine.session.facts if fact.name == "place"), "")


def test_a_place_told_late_is_noted_and_sent(line: Caller) -> None:
    line.say(text="oh no").say(text="hurry")
    assert known(line) == ""
    assert isinstance(line.machine.state, Main)
    line.say(answer("place", "12 Quay Street", 0.95), intent("fire", 0.3), text="12 Quay Street")
    assert known(line) == "12 Quay Street"
    assert "12 Quay Street. I have noted that." in line.said
    assert "What has happened?" in line.said
    assert {fact.value for fact in line.did(Alert).request.slots} == {"12 Quay Street"}


def test_an_address_replaces_what_was_said_of_the_place(line: Caller) -> None:
    line.say(answer("place", "in the park", 0.9))
    line.say(answer("place", "by the fountain", 0.8), text="by the fountain")
    assert known(line) == "in the park, by the fountain"
    line.say(answer("place", "by the fountain", 0.8), text="by the fountain")
    line.say(answer("place", "at the gate", 0.8), text="a man at the gate fell")
    assert known(line) == "in the park, by the fountain"
    line.say(answer("place", "9 Station Road", 0.95), text="9 Station Road")
    assert known(line) == "9 Station Road"


def test_a_place_that_sounds_like_a_want_is_none(line: Caller) -> None:
    line.say(text="oh no").say(text="hurry")
    line.say(intent("fire", 0.96), answer("place", "12 Quay Street", 0.8), text="12 Quay Street.")
    assert known(line) == "12 Quay Street"
    assert "Get out." not in line.said
    line.say(intent("fire", 0.96), answer("place", "12 Quay Street", 0.8), text="12 Quay Street")
    assert "Get out." not in line.said


def test_the_same_place_again_changes_nothing(line: Caller) -> None:
    line.say(answer("place", "12 Quay Street.", 0.95))
    line.say(answer("place", "12 Quay Street", 0.95), intent("fire", 0.9), text="fire, 12 Quay Street")
    assert line.said == "12 Quay Street. Get out. I am with you."


def test_what_happened_and_where_in_one_sentence_are_both_taken(line: Caller) -> None:
    told = intent("fire", 1.0, value("place", "12 Quay Street"))
    line.say(
        replace(told, urgent=True), answer("place", "12 Quay Street", 0.95), text="a fire at 12 Quay Street"
    )
    assert "12 Quay Street. Get out." in line.said
    assert not isinstance(line.machine.state, Asking)


def test_words_that_answer_another_question_are_no_new_place(line: Caller) -> None:
    line.say(answer("place", "9 Station Road", 0.95), text="9 Station Road")
    line.say(text="oh").say(text="uh")
    line.say(
        answer("place", "one can't walk", 0.95),
        answer("hurt", "two of them, one can't walk", 0.95),
        text="two of them, one can't walk",
    )
    assert known(line) == "9 Station Road"
    line.say(answer("place", "12 Quay Street", 0.95), text="12 Quay Street.")
    assert known(line) == "12 Quay Street"
