"""``ivr queue``: two lines a caller, one caller an operator."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_helpers import Run

from ivr.cli.queue import span
from ivr.handoff.store import HandoffStore
from ivr.handover import HandoffRequest, Reason, Turn
from ivr.meaning import SlotValue
from ivr.stores import QUEUE_FILE, WEBHOOKS_FILE
from ivr.webhooks.outbox import Message, Outbox

Ivr = Callable[..., Run]


def request(minutes: float = 12.0, **changes: object) -> HandoffRequest:
    entered = datetime.now(UTC) - timedelta(minutes=minutes)
    values: dict[str, object] = {
        "call_id": f"call-{minutes}",
        "desk": "small",
        "queue": "billing",
        "caller": "+44 20",
        "want": "Asks about a bill of last month.",
        "reason": Reason.ASKED,
        "entered": entered.isoformat(timespec="seconds"),
        "waited": 83.0,
        "transcript": (Turn("desk", "Hello.", 0.0), Turn("caller", "my bill is [red]wrong", 4.2, 0.9)),
        "slots": (SlotValue("invoice_number", "4711", "four seven", 0.9),),
    }
    return HandoffRequest(**values | changes)  # type: ignore[arg-type]


@pytest.fixture
def enter(state: Path) -> Callable[..., int]:
    def one(*args: float, **changes: object) -> int:
        with HandoffStore.open(state / QUEUE_FILE) as store:
            return store.enqueue(request(*args, **changes))

    return one


def test_nobody_waits(ivr: Ivr) -> None:
    assert ivr("queue", "list") == Run(0, "", "nobody waits\n")
    assert ivr("queue", "list", "--queue", "press") == Run(0, "", "nobody waits in press\n")
    assert ivr("queue", "list", "--json") == Run(0, "[]\n", "")
    assert ivr("queue", "take") == Run(1, "", "nobody waits\n")


def test_two_lines_a_caller_fit_a_terminal(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter(12.5)
    assert ivr("queue", "list").out == (
        "   1  waits 12 min, billing, +44 20, caller asked for a person\n"
        "      Asks about a bill of last month.\n"
    )


def test_the_most_urgent_comes_first_and_those_taken_last(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter(70, caller="")
    enter(60, reason=Reason.EMERGENCY, priority=0)
    enter(50)
    ivr("queue", "take", "3", "--operator", "Grace")
    assert [line for line in ivr("queue", "list").out.splitlines() if line[3] != " "] == [
        "   2  waits 1 h 0 min, billing, +44 20, priority 0, emergency",
        "   1  waits 1 h 10 min, billing, number unknown, caller asked for a person",
        "   3  taken by Grace, came 50 min ago, billing, +44 20, caller asked for a person",
    ]


def test_a_caller_from_a_later_time_does_not_wait_less_than_nothing(
    ivr: Ivr, enter: Callable[..., int]
) -> None:
    enter(-600)
    assert "waits 0 s" in ivr("queue", "list").out


def test_what_callers_said_cannot_drive_the_terminal(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter(caller="\x1b[2J", want="[bold]a\x07", slots=(SlotValue("\x1b", "\x1b]0;x", "", 1.0),))
    for run in (ivr("queue", "list"), ivr("queue", "take")):
        assert "\x1b" not in run.out and "\x07" not in run.out
        assert "[bold]a\\x07" in run.out


def test_taking_shows_all_that_is_known(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter()
    lines = ivr("queue", "take", "--operator", "Grace").out.splitlines()
    assert lines[0] == "number 1  Asks about a bill of last month."
    assert "  caller          +44 20" in lines
    assert "  invoice_number  4711" in lines
    assert "  on the line     1 min" in lines
    assert lines[-2:] == ["     0.0 s  desk    Hello.", "     4.2 s  caller  my bill is [red]wrong"]


def test_taking_takes_the_next_of_the_queue_named(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter(30)
    enter(20, queue="press")
    assert ivr("queue", "take", "--queue", "press").out.startswith("number 2")
    taken = json.loads(ivr("queue", "take", "--json").out)
    assert (taken["id"], taken["state"], taken["request"]["slots"][0]["value"]) == (1, "taken", "4711")
    assert ivr("queue", "take") == Run(1, "", "nobody waits\n")


def test_finishing(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter()
    assert ivr("queue", "done", "1").error == "handoff 1: nobody has taken it. ivr queue take 1"
    ivr("queue", "take", "--operator", "Grace")
    done = ("queue", "done", "1", "--disposition", "refunded")
    assert ivr(*done) == Run(0, "", "number 1 is done: refunded\n")
    assert ivr(*done) == Run(0, "", "number 1 is done: refunded\n")
    assert ivr("queue", "done", "1").error == "handoff 1: is already done by Grace: refunded"
    assert ivr("queue", "list").out == ""


@pytest.mark.parametrize("number", ["0", "99", "9" * 30])
@pytest.mark.parametrize("step", ["take", "done"])
def test_a_number_that_does_not_exist(ivr: Ivr, enter: Callable[..., int], step: str, number: str) -> None:
    enter()
    error = ivr("queue", step, number).error
    assert error == f"handoff {number}: there is no such handoff. ivr queue list shows them"


def test_a_number_that_cannot_be_taken_says_why(ivr: Ivr, enter: Callable[..., int]) -> None:
    enter()
    assert ivr("queue", "take", "1", "--queue", "press").error == (
        "handoff 1: waits in billing, not in press. ivr queue list shows who waits"
    )
    ivr("queue", "take", "--operator", "Grace")
    assert "handoff 1: is taken by Grace" in ivr("queue", "take", "1").error
    ivr("queue", "done", "1")
    assert "handoff 1: is done by Grace" in ivr("queue", "take", "1").error


def test_somebody_takes_it(ivr: Ivr, enter: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    enter()
    assert ivr("queue", "take", "--operator", " ").error == "take: no operator is named. Say who takes it"

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("ivr.cli.queue.getpass.getuser", nobody)
    assert ivr("queue", "take").error == "take: your name is not known. Give --operator NAME"
    assert "waits" in ivr("queue", "list").out


@pytest.mark.parametrize("args", [("take", "one"), ("done",), ("take", "-1"), ("done", "1.5")])
def test_a_number_is_a_number(ivr: Ivr, args: tuple[str, ...]) -> None:
    assert "Help: ivr queue " in ivr("queue", *args).error


def test_a_damaged_queue_is_told_and_left_as_it_is(ivr: Ivr, state: Path) -> None:
    state.mkdir()
    (state / QUEUE_FILE).write_bytes(b"no database" * 1000)
    assert "the database is damaged. Move the file away" in ivr("queue", "list").error
    assert (state / QUEUE_FILE).read_bytes() == b"no database" * 1000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 day"),
        (200_000, "2 days"),
    ],
)
def test_a_time_of_waiting_as_people_say_it(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_webhooks_that_nobody_took(ivr: Ivr, state: Path) -> None:
    assert ivr("queue", "webhooks") == Run(0, "", "nothing waits, and nothing was refused\n")
    with Outbox.open(state / WEBHOOKS_FILE) as outbox:
        made = datetime(2026, 5, 3, 12, tzinfo=UTC)
        first, second = outbox.put(
            [Message("crm", kind, made, {}) for kind in ("queue.entered", "queue.ended")]
        )
        outbox.failed(first, "HTTP 500 [red]")
        outbox.bury(first, "HTTP 500 [red]")
        shown = ivr("queue", "webhooks").out.splitlines()
        assert "waiting, crm, queue.ended, 2026-05-03" in shown[0]
        assert "dead, crm, queue.entered" in shown[1] and "1 attempt" in shown[1]
        assert shown[2].strip() == "HTTP 500 [red]"
        rows = json.loads(ivr("queue", "webhooks", "--json").out)
        assert [(row["id"], row["fate"]) for row in rows] == [(second, "waiting"), (first, "dead")]
        refused = ivr("queue", "webhooks", "--resend", str(second))
        assert refused.status == 2 and "is not in the list of what nobody took" in refused.err
        assert ivr("queue", "webhooks", "--resend", str(first)) == Run(0, "", "1 will be sent again\n")
        assert outbox.dead() == ()
