from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ivr.events import (
    Answered,
    CallEnded,
    CallStarted,
    Decided,
    Decision,
    HandedOff,
    Heard,
    KeyPressed,
    Listen,
    NoInput,
    Outcome,
    PromptEnded,
    PromptStarted,
    SlotFilled,
    SpeechEnded,
    SpeechStarted,
    Trouble,
    Understood,
)
from ivr.meaning import Answer, Expect, Hypothesis, Intent, Match, SlotValue
from ivr.records.encode import Entry

WHEN = datetime(2026, 5, 3, 23, 59, 30, tzinfo=timezone(timedelta(hours=2)))


def heard(text: str, at: float, confidence: float = 0.9) -> Heard:
    return Heard((Hypothesis(text, confidence),) if text else (), at, at + 1, "moonshine tiny")


@pytest.fixture
def when() -> datetime:
    """Half a minute before midnight at the desk, two hours east of Greenwich."""
    return WHEN


@pytest.fixture
def started() -> CallStarted:
    return CallStarted("call-1", "company", "wav:a.wav", "en-US", "moonshine tiny", "hibari", WHEN)


@pytest.fixture
def whole_call(started: CallStarted) -> tuple[Entry, ...]:
    """An utterance that fits nothing, a silence, one in doubt, one accepted; digits by key; a handoff."""
    bill = Match(Intent("billing"), 0.95)
    number = SlotValue("bill", "482913", "four eight", 0.7)
    events = (
        (0.0, started),
        (0.0, Answered(WHEN, "+49301234", "100")),
        (0.02, PromptStarted("greeting", "How can I help you?")),
        (1.5, PromptEnded("greeting", 1.48, False)),
        (1.5, Listen(Expect(), 6.0)),
        (2.0, SpeechStarted(2.0)),
        (3.2, SpeechEnded(3.0, 0.2)),
        (3.3, Understood(heard("flub", 2.0, 0.4), ())),
        (3.3, Decided(Decision.REPROMPT, "", 0.0)),
        (3.4, PromptStarted("no_match.1", "Pardon?", 0.4)),
        (9.0, NoInput(6.0)),
        (9.0, Decided(Decision.REPROMPT, "", 0.0)),
        (9.1, PromptStarted("no_input.1", "Are you there?")),
        (11.0, Understood(heard("bell", 10.0), (Match(Intent("billing"), 0.3),))),
        (11.0, Decided(Decision.REPROMPT, "billing", 0.3)),
        (11.2, PromptStarted("no_match.2", "Once more?", 0.2)),
        (13.0, Understood(heard("my bill", 12.0), (bill, Match(Intent("sales"), 0.1)))),
        (13.0, Decided(Decision.ACCEPT, "billing", 0.95)),
        (13.9, PromptStarted("slots.billing.bill.ask.1", "Which number?", 0.9)),
        (15.0, Understood(heard("four eight", 14.0), (Match(Answer("bill"), 0.7, (number,)),))),
        (15.0, Decided(Decision.ACCEPT, "bill", 0.7)),
        (15.0, SlotFilled(number)),
        (16.0, KeyPressed("1")),
        (16.2, KeyPressed("#")),
        (16.3, SlotFilled(SlotValue("bill", "1", "1 #", 1.0))),
        (16.4, Trouble("mouth", "VoiceError: no")),
        (16.5, PromptStarted("handoff", "One moment.", 0.3)),
        (17.0, HandedOff(7, "billing")),
        (18.2, CallEnded(Outcome.HANDED_OFF, "billing", 18.2)),
    )
    return tuple(Entry(t, event) for t, event in events)
