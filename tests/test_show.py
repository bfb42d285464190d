"""A call as people read it: on a terminal, in a pipe, and from callers who mean harm."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from ivr.events import (
    ActionFailed,
    Answered,
    BridgeEnded,
    CallEnded,
    CallStarted,
    Decided,
    Decision,
    Event,
    HandedOff,
    HandOff,
    Heard,
    KeyPressed,
    NoInput,
    Outcome,
    PromptEnded,
    PromptStarted,
    Say,
    SlotFilled,
    Transfer,
    Trouble,
    Understood,
)
from ivr.handover import HandoffRequest, Reason, Route
from ivr.meaning import Hypothesis, SlotValue
from ivr.show import Shown, printable

WHEN = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
LONG = "a question about the bill of the month before last " * 3


def shown(*events: Event, terminal: bool = False, typed: bool = False, echo: bool = True) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=60, color_system=None, legacy_windows=False)
    show = Shown(console, typed=typed, echo=echo)
    for event in events:
        show(12.34, event)
    return file.getvalue()


def heard(text: str, confidence: float = 0.87) -> Understood:
    return Understood(Heard((Hypothesis(text, confidence),), 1.0, 2.0, "moonshine tiny"), ())


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (CallStarted("1", "Desk", "wav:a", "en", "ears", "voice", WHEN), "Desk  wav:a  ears  voice"),
        (PromptStarted("greeting", "Hello."), "  12.3 s  desk    Hello."),
        (PromptStarted("greeting", "Hello.", 0.5), "  12.3 s  desk    Hello.  (caller waited 0.50 s)"),
        (heard("my bill"), "  12.3 s  caller  my bill  (heard, 87% sure)"),
        (heard(""), "  12.3 s  caller  nothing recognizable  (heard, 87% sure)"),
        (KeyPressed("#"), "  12.3 s  caller  presses #"),
        (NoInput(3.0), "  12.3 s  caller  says nothing for 3.0 s"),
        (PromptEnded("greeting", 0.6, True), "  12.3 s          the caller spoke over it after 0.6 s"),
        (Decided(Decision.CONFIRM, "billing", 0.5), "  12.3 s          decided: confirm billing (0.50)"),
        (SlotFilled(SlotValue("number", "12", "twelve", 0.9)), "  12.3 s          number = 12 (0.90)"),
        (
            BridgeEnded("billing", 61.25, by_caller=False),
            "  12.3 s          joined with billing for 61.2 s, then the other side hung up",
        ),
        (Transfer(Route("b", "press", extension="2")), "  12.3 s          transfer to press, extension 2"),
        (HandedOff(7, "press"), "  12.3 s          handed to a person: queue press, number 7"),
        (Trouble("mouth", "no voice"), "  12.3 s  fault   mouth: no voice"),
        (
            ActionFailed(Transfer(Route("a", "A")), "busy"),
            "  12.3 s  fault   the transfer was refused: busy",
        ),
        (CallEnded(Outcome.ROUTED, "billing", 9.5), "  12.3 s          the call lasted 9.5 s"),
    ],
)  # fmt: skip
def test_one_line_an_event(event: Event, line: str) -> None:
    assert shown(event) == f"{line}\n"


def test_what_is_for_the_log_alone_is_not_shown() -> None:
    request = HandoffRequest("1", "d", "q", "", "", Reason.ASKED, "2026-11-24T10:15:00+00:00", 1.0)
    # what a queue that fails says is in the Trouble before it
    quiet = (
        Answered(WHEN),
        Say("greeting", "Hello."),
        PromptEnded("greeting", 2.0, False),
        HandOff(request),
        ActionFailed(HandOff(request), "the disk is full"),
    )
    assert shown(*quiet) == ""


def test_a_typed_call_shows_what_is_said_and_not_how_sure_it_heard() -> None:
    events = (Say("greeting", "Hello."), PromptStarted("greeting", "Hello."), heard("my bill", 1.0))
    assert shown(*events, typed=True) == "  12.3 s  desk    Hello.\n  12.3 s  caller  my bill\n"


def test_what_is_seen_already_is_not_shown_again() -> None:
    events = (heard("my bill"), KeyPressed("1"), NoInput(3.0))
    assert shown(*events, typed=True, echo=False) == "  12.3 s  caller  says nothing for 3.0 s\n"


def test_in_a_pipe_a_line_is_one_line_however_long() -> None:
    assert shown(heard(LONG)).count("\n") == 1
    assert LONG.strip() in shown(heard(LONG))


def test_on_a_terminal_who_speaks_stands_free() -> None:
    lines = shown(heard(LONG), terminal=True).splitlines()
    assert len(lines) > 2
    assert lines[0].startswith("  12.3 s  caller  a question")
    assert all(line.startswith(" " * 18) and len(line) <= 60 for line in lines[1:])


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2J", r"\x1b\[2J"),
        ("a\rb\nc\x00", r"a\rb\nc\x00"),
        ("\x9b31m", r"\x9b31m"),
        ("\udcff", r"\udcff"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("[red]x[/red]", r"\[red]x\[/red]"),
        ("한국어 été नमस्ते 👩‍👧", "한국어 été नमस्ते 👩‍👧"),
    ],
)
def test_text_from_outside_cannot_drive_the_terminal(text: str, safe: str) -> None:
    assert Text.from_markup(printable(text)).plain == Text.from_markup(safe).plain


def test_no_event_lets_text_from_outside_through() -> None:
    evil = "[red]\x1b[2J"
    events = (
        CallStarted("1", evil, evil, "en", evil, evil, WHEN),
        PromptStarted("p", evil),
        heard(evil),
        KeyPressed(evil),
        Decided(Decision.ACCEPT, evil, 1.0),
        SlotFilled(SlotValue(evil, evil, evil, 1.0)),
        Transfer(Route(evil, evil, extension=evil)),
        HandedOff(1, evil),
        Trouble(evil, evil),
        ActionFailed(Transfer(Route("a", "A")), evil),
    )
    text = shown(*events)
    assert "\x1b" not in text
    assert text.count("[red]\\x1b[2J") >= len(events)


@given(st.text())
def test_any_text_prints_as_itself_or_spelled(text: str) -> None:
    plain = Text.from_markup(f"[dim]{printable(text)}[/dim]").plain
    spelled = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    assert len(plain.splitlines()) <= 1 or "\u2028" in text or "\u2029" in text
    if text.isprintable():
        assert plain == spelled
