"""What readings leave open: the doubtful is read again, the plain not to the end while others wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.conversation import Conversation
from ivr.dialog.desk import Desk
from ivr.dialog.load import load_desk
from ivr.dialog.machine import Machine
from ivr.events import Answered, Event, Heard, Understood
from ivr.journal import Journal
from ivr.meaning import Clarity, Expect, Hypothesis, Intent, Match
from ivr.understanding.matcher import Matcher
from ivr.understanding.words import commands

WHEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
DESK = """
name: Doubts
language: en-US
greeting: Hello.
intents:
  bill:
    label: a bill
    say: ["pay my bill"]
    slots: {pin: {type: digits, length: 4, sensitive: true, ask: ["Key in your PIN."]}}
    then: {answer: "Paid."}
  visit:
    label: a visit
    say: ["(I need|please send) a technician"]
    then: {answer: "Somebody comes."}
  fire:
    label: a fire
    urgent: true
    say: ["house is on fire"]
    then: {handoff: {want: "a fire"}}
"""


class Counting(Matcher):
    """The matcher, which counts what it was asked."""

    matched = 0

    def match(self, hypotheses: tuple[Hypothesis, ...], expect: Expect, now: datetime) -> tuple[Match, ...]:
        self.matched += 1
        return super().match(hypotheses, expect, now)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    return load_desk(folder, folder)


@pytest.fixture(scope="module")
def matcher(desk: Desk) -> Counting:
    return Counting(desk.vocabulary(commands(desk.language)))


@pytest.fixture
def talk(desk: Desk, matcher: Counting, events: list[Event]) -> Conversation:
    journal = Journal(lambda _, event: events.append(event))
    talk = Conversation(Machine(desk, "call-1"), matcher, journal)
    talk.answered(Answered(WHEN))
    return talk


def read(text: str) -> tuple[Hypothesis, ...]:
    return (Hypothesis(text, 0.8),)


@pytest.mark.parametrize(
    ("text", "clarity"),
    [
        ("please send a technician", Clarity.PLAIN),
        ("play in my belt", Clarity.DOUBTFUL),
        ("", Clarity.DOUBTFUL),
        ("uh-huh", Clarity.CLEAR),
        ("I came home from the shop and my neighbour told me that our house is on vire", Clarity.CLEAR),
    ],
)
def test_doubtful_is_what_no_desk_would_act_on(talk: Conversation, text: str, clarity: Clarity) -> None:
    assert talk.clarity(read(text), 1.0) is clarity


def test_what_a_person_is_told_is_not_doubted(talk: Conversation) -> None:
    talk.overheard(Heard(read("well, you see"), 1.0, 2.0, "test"), 2.0)
    assert talk.clarity(read("play in my belt"), 3.0) is Clarity.CLEAR
    talk.heard(Heard(read("hello again"), 4.0, 5.0, "test"), 5.0)
    assert talk.clarity(read("play in my belt"), 6.0) is Clarity.DOUBTFUL


def test_what_is_keyed_in_and_said_is_not_doubted(talk: Conversation) -> None:
    talk.heard(Heard(read("pay my bill"), 1.0, 2.0, "test"), 2.0)
    assert talk.expect.slot is not None
    assert talk.expect.slot.sensitive
    assert talk.clarity(read("play in my belt"), 3.0) is Clarity.CLEAR


def test_what_was_matched_is_not_matched_again(
    talk: Conversation, matcher: Counting, events: list[Event]
) -> None:
    same, other = read("please send a technician"), read("please send a technician now")
    talk.clarity(same, 1.0)
    once = matcher.matched
    talk.heard(Heard(same, 0.0, 1.0, "test"), 1.1)
    assert matcher.matched == once
    heard = next(event for event in reversed(events) if isinstance(event, Understood))
    assert heard.matches[0].meaning == Intent("visit")
    talk.clarity(same, 2.0)
    before = matcher.matched
    talk.heard(Heard(other, 1.0, 2.0, "test"), 2.1)
    assert matcher.matched > before


def test_threads_come_to_what_one_comes_to(root: Path) -> None:
    """Calls are understood beside each other, with the matcher of their desk; both begin with cold caches."""
    desk = load_desk(root / "grammars" / "company", root)
    texts = [
        f"{before} {said}".strip()
        for said in ("sales please", "is Grace Kim there", "my invoice is wrong", "no", "a fire", "a b c")
        for before in ("", "um", "hello", "good morning", "so")
    ]
    alone, beside = (Matcher(desk.vocabulary(commands(desk.language))) for _ in range(2))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: beside.match(read(text), Expect(), WHEN), texts))
    assert found == [alone.match(read(text), Expect(), WHEN) for text in texts]
