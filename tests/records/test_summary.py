from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.events import (
    Answered,
    CallEnded,
    CallStarted,
    Decided,
    Decision,
    Event,
    Heard,
    KeyPressed,
    Outcome,
    Say,
    SlotFilled,
    Understood,
)
from ivr.handover import Turn
from ivr.meaning import Command, Hypothesis, Intent, Match, SlotValue
from ivr.records.codec import CodecError
from ivr.records.encode import Entry
from ivr.records.summary import Summary, summarize, transcript

LOST = CallStarted("lost", "", "", "", "", "", datetime(2026, 1, 1, tzinfo=UTC))


def test_a_whole_call(whole_call: tuple[Entry, ...], when: datetime) -> None:
    assert summarize(whole_call, LOST, "recording.wav") == Summary(
        call_id="call-1",
        desk="company",
        line="wav:a.wav",
        caller="+49301234",
        started=when,
        seconds=18.2,
        outcome=Outcome.HANDED_OFF,
        detail="billing",
        intents=("billing",),
        slots=(SlotValue("bill", "1", "1 #", 1.0),),
        turns=5,
        transcript=(
            Turn("desk", "How can I help you?", 0.02),
            Turn("caller", "flub", 2.0, 0.4),
            Turn("desk", "Pardon?", 3.4),
            Turn("desk", "Are you there?", 9.1),
            Turn("caller", "bell", 10.0, 0.9),
            Turn("desk", "Once more?", 11.2),
            Turn("caller", "my bill", 12.0, 0.9),
            Turn("desk", "Which number?", 13.9),
            Turn("caller", "four eight", 14.0, 0.9),
            Turn("caller", "[keys 1#]", 16.0),
            Turn("desk", "One moment.", 16.5),
        ),
        waits=(0.4, 0.2, 0.9, 0.3),
        median_wait=0.35,
        no_match=2,
        no_input=1,
        handoff_id=7,
        recording="recording.wav",
    )


def test_a_call_cut_off(whole_call: tuple[Entry, ...]) -> None:
    cut = summarize(whole_call[:12], LOST)
    assert (cut.outcome, cut.detail, cut.seconds) == (Outcome.FAILED, "interrupted", 9.0)
    assert (cut.call_id, cut.handoff_id, cut.recording) == ("call-1", None, "")


def test_a_log_that_lost_everything() -> None:
    assert summarize((), LOST) == Summary("lost", "", "", "", LOST.when, 0.0, Outcome.FAILED, "interrupted")


def entries(*events: Event) -> tuple[Entry, ...]:
    return tuple(Entry(float(index), event) for index, event in enumerate(events))


def said(text: str, *matches: Match) -> Understood:
    return Understood(Heard((Hypothesis(text, 1.0),) if text else (), 1.0, 2.0, "typed"), matches)


def test_a_typed_call_has_what_was_said_instead_of_played() -> None:
    typed = entries(Say("greeting", "Hello."), said("hi"), Say("bye", "Goodbye."))
    assert [turn.text for turn in transcript(typed)] == ["Hello.", "hi", "Goodbye."]


def test_keys_between_prompts_are_one_turn_each_time() -> None:
    typed = entries(
        KeyPressed("1"), KeyPressed("2"), Say("a", "A"), KeyPressed("*"), said("x"), KeyPressed("#")
    )
    assert [turn.text for turn in transcript(typed)] == ["[keys 12]", "A", "[keys *]", "x", "[keys #]"]
    assert summarize(typed, LOST).turns == 4


def test_an_utterance_without_words_is_a_turn_but_no_line_of_the_transcript() -> None:
    nothing = summarize(entries(said("")), LOST)
    assert (nothing.turns, nothing.transcript, nothing.no_match) == (1, (), 1)


def test_intents_are_what_was_accepted_once_each_in_order() -> None:
    b, a = Match(Intent("b"), 0.9), Match(Intent("a"), 0.5)
    log = entries(
        said("b", b, a),
        Decided(Decision.CONFIRM, "a", 0.5),
        said("yes", Match(Command.YES, 0.9)),
        Decided(Decision.ACCEPT, "b", 0.9),
        said("a", a),
        Decided(Decision.ACCEPT, "a", 0.9),
        Decided(Decision.ACCEPT, "b", 0.9),
    )
    summary = summarize(log, LOST)
    assert summary.intents == ("b", "a")
    assert summary.no_match == 0


def test_an_intent_chosen_by_key_and_a_slot_of_the_same_name() -> None:
    date = SlotFilled(SlotValue("date", "2026-05-03", "today", 0.9))
    log = entries(
        KeyPressed("1"),
        Decided(Decision.ACCEPT, "sales", 1.0),
        said("today"),
        Decided(Decision.ACCEPT, "date", 0.9),
        date,
    )
    assert summarize(log, LOST).intents == ("sales",)
    log += entries(said("a date", Match(Intent("date"), 0.9)), Decided(Decision.ACCEPT, "date", 0.9))
    assert summarize(log, LOST).intents == ("sales", "date")


def test_an_utterance_after_which_the_desk_gave_up_was_not_understood() -> None:
    log = entries(
        said("a", Match(Intent("a"), 0.2)),
        Decided(Decision.HAND_OFF, "a", 0.0),
        Decided(Decision.REPROMPT, "a", 0.0),
        KeyPressed("9"),
        Decided(Decision.REPROMPT, "9", 0.0),
    )
    assert summarize(log, LOST).no_match == 1


def test_the_last_end_counts() -> None:
    log = entries(
        Answered(LOST.when), CallEnded(Outcome.FAILED, "", 1.0), CallEnded(Outcome.ANSWERED, "x", 2.0)
    )
    assert summarize(log, LOST).outcome is Outcome.ANSWERED


def test_json_and_back(whole_call: tuple[Entry, ...]) -> None:
    summary = summarize(whole_call, LOST)
    written = json.dumps(summary.to_json())
    assert Summary.from_json(json.loads(written)) == summary
    assert list(json.loads(written))[:8] == [
        "call_id", "desk", "line", "caller", "started", "seconds", "outcome", "detail",
    ]  # fmt: skip
    assert json.loads(written)["outcome"] == "handed off"


@pytest.mark.parametrize("data", [None, [], {}, {"call_id": 1}])
def test_json_that_is_no_summary(data: object) -> None:
    with pytest.raises(CodecError):
        Summary.from_json(data)


any_event = st.sampled_from([Say, Understood, KeyPressed, Decided, CallEnded, CallStarted, Answered]).flatmap(
    st.from_type
)


@given(st.lists(st.builds(Entry, st.floats(0, 1e5), any_event), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_events_in_any_order_have_a_summary(log: list[Entry]) -> None:
    summary = summarize(log, LOST)
    assert summary.turns >= summary.no_match
    json.dumps(summary.to_json(), allow_nan=False)
