"""What has happened is asked twice, and a service is chosen by both answers, or asked for by its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dialog_helpers import Caller, answer, intent, make_desk

from ivr.dialog.states import Asking, Main, task_of
from ivr.events import Alert
from ivr.meaning import Match

TEXT = """\
name: Line
language: en-US
greeting: Hello.
start: report
handoff: {queue: medical, priority: 0}
stay: {after: 7, say: I am with you.}
thresholds: {accept: 0.6, confirm: 0.55, offer: 0.55, margin: 0.02}
facts:
  place: {type: place, once: yes, ask: [Where are you?, Which street?]}
intents:
  report:
    label: a report
    urgent: yes
    alert: medical
    facts: [place]
    then:
      ask: ["What has happened?", "In a few words, what has happened?"]
      other: report_on
  report_on:
    label: more
    urgent: yes
    alert: medical
    say: []
    facts: [place]
    slots:
      service:
        type: choice
        choices: {fire: [firemen], police: [policemen]}
        ask: [Police or fire?, Which?]
    then:
      - when: {service: fire}
        go: fire
      - otherwise: yes
        say: Noted.
  fire:
    label: a fire
    urgent: yes
    alert: fire
    confirm: never
    say: ["a fire"]
    then: {say: Get out.}
  stuck:
    label: somebody who is stuck
    urgent: yes
    alert: fire
    confirm: never
    say: ["stuck in there"]
    then: {say: Stay low.}
  fight:
    label: a fight
    urgent: yes
    alert: police
    confirm: never
    say: ["a fight"]
    then: {say: Keep away.}
"""


@pytest.fixture
def line(tmp_path: Path) -> Caller:
    """A caller who has been asked what has happened."""
    caller = Caller(make_desk(tmp_path, TEXT))
    caller.say(answer("place", "12 Quay Street", 0.95), text="12 Quay Street")
    assert isinstance(caller.machine.state, Main)
    return caller


def danger(name: str, score: float) -> Match:
    return replace(intent(name, score), urgent=True)


def alerted(caller: Caller) -> str:
    return caller.did(Alert).request.queue


def flow(caller: Caller) -> str:
    task = task_of(caller.machine.state)
    return task.flow.name if task is not None else ""


def test_half_understood_words_of_danger_are_asked_for_once_more(line: Caller) -> None:
    line.say(danger("fight", 0.4), text="set a binge alike")
    assert "In a few words, what has happened?" in line.said
    assert alerted(line) == "medical"


def test_plain_words_of_danger_are_acted_on_at_once(line: Caller) -> None:
    line.say(danger("fight", 0.6), text="there is a fight")
    assert "Keep away." in line.said
    assert alerted(line) == "police"


def test_what_is_plain_in_one_of_both_answers_is_acted_on(line: Caller) -> None:
    line.say(intent("fight", 0.2), text="the roof is in names")
    line.say(intent("fire", 0.9), text="there are flames on the roof")
    assert "Get out." in line.said
    assert alerted(line) == "fire"


def test_what_is_twice_a_little_like_danger_is_not_made_sure_by_that(line: Caller) -> None:
    line.say(intent("fight", 0.46), text="he rings at all the doors")
    line.say(intent("fight", 0.44), text="a confused man rings")
    assert "Police or fire?" in line.said
    assert alerted(line) == "medical"


def test_a_second_answer_that_contradicts_the_first_chooses_no_service(line: Caller) -> None:
    line.say(intent("stuck", 0.5), text="no way out of there")
    line.say(danger("fight", 0.8), intent("stuck", 0.15), text="just hit stop moving")
    assert "Police or fire?" in line.said


def test_what_points_to_one_service_alerts_it_though_the_matter_is_unclear(line: Caller) -> None:
    line.say(text="came down and called it a very hungry thing")
    line.say(intent("fire", 0.38), intent("stuck", 0.36), text="some lanes are right outside")
    assert "Police or fire?" in line.said
    assert alerted(line) == "fire"


def test_the_service_that_is_named_is_alerted(line: Caller) -> None:
    line.say(text="oh").say(text="uh")
    assert "Police or fire?" in line.said
    assert alerted(line) == "medical"
    line.say(answer("service", "fire", 0.9), text="firemen")
    assert "Get out." in line.said
    assert alerted(line) == "fire"


def test_no_answer_to_what_is_needed_goes_on_without(line: Caller) -> None:
    line.say(text="oh").say(text="uh").say(text="what")
    assert isinstance(line.machine.state, Asking)
    line.say(text="hurry")
    assert "Noted." in line.said
    assert flow(line) == ""


def test_half_understood_words_of_danger_answer_the_question_that_was_asked(line: Caller) -> None:
    line.say(text="oh").say(text="uh")
    line.say(answer("service", "fire", 0.9), danger("fight", 0.75), text="fire fight")
    assert alerted(line) == "fire"


def test_plain_words_of_danger_come_before_the_question_that_was_asked(line: Caller) -> None:
    line.say(text="oh").say(text="uh")
    line.say(answer("service", "fire", 0.9), danger("fight", 0.85), text="they fight")
    assert alerted(line) == "police"
