from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dialog_helpers import CLOSED, DESK, OPEN, PARIS, Caller, intent, make_desk, value

from ivr.dialog.check import check_structure
from ivr.dialog.promising import due_at, later
from ivr.errors import DeskError
from ivr.events import ActionFailed, FollowUp, HandOff, HangUp, HoldBegun, HoldRefused, Listen, Outcome, Say
from ivr.handover import FollowUpKind, Reason
from ivr.hours import Hours, parse_closed, parse_open

HOURS = Hours(PARIS, (parse_open("mon-fri 09:00-18:00"),), (parse_closed("12-25"),))

PROMISING = """
  complain:
    label: to complain
    say: ["I want to complain"]
    then:
      handoff: {queue: complaints, call_back: 2 h, closed: "We call you on {due_day}, before {due_time}."}
  ticket:
    label: a ticket
    say: ["my {thing} is broken"]
    slots:
      thing: {type: text, ask: What is broken?}
      day: {type: date, optional: true}
    then:
      - follow_up: {kind: ticket, what: "Mend: {thing}", due: "{day}", within: 30 min, queue: repairs, to: C}
      - answer: "It is mended on {due_day}, by {due_time}."
"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2026-11-24", "2026-11-24T18:00"),
        ("2026-11-28", "2026-11-29T00:00"),  # a Saturday: the day is over at midnight
        ("2026-11-24 11:15", "2026-11-24T11:15"),
        ("15:30", "2026-11-23T15:30"),
        ("09:30", "2026-11-24T09:30"),
        ("2026-11-24T11:15:00+01:00", "2026-11-24T11:15"),
    ],
)
def test_when_something_is_due(text: str, due: str) -> None:
    assert due_at(text, OPEN, HOURS) == at(due)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "29:00", "12"])
def test_what_is_no_time(text: str) -> None:
    assert due_at(text, OPEN, HOURS) is None


def test_lengths_are_of_opening_time() -> None:
    assert later(timedelta(hours=4), at("2026-11-23T10:00"), HOURS) == at("2026-11-23T14:00")
    assert later(timedelta(hours=4), at("2026-11-23T16:00"), HOURS) == at("2026-11-24T11:00")
    assert later(timedelta(hours=1), at("2026-11-27T20:00"), HOURS) == at("2026-11-30T10:00")
    assert later(timedelta(minutes=30), at("2026-12-24T17:50:30"), HOURS) == at("2026-12-28T09:25")
    assert later(timedelta(hours=1), datetime(2026, 1, 1, tzinfo=UTC), None) == datetime(
        2026, 1, 1, 1, tzinfo=UTC
    )


def test_an_hour_that_the_clock_leaves_out_is_none_less() -> None:
    always = Hours(PARIS, (parse_open("mon-sun 00:00-24:00"),))
    due = later(timedelta(hours=4), at("2026-03-29T01:00"), always)
    assert due.astimezone(UTC) == datetime(2026, 3, 29, 4, tzinfo=UTC)


def test_nothing_is_ever_open() -> None:
    never = Hours(PARIS, (parse_open("mon 09:00-10:00"),), (parse_closed("2026-01-01/2027-12-31"),))
    assert later(timedelta(hours=1), OPEN, never) > OPEN + timedelta(days=60)


@pytest.fixture
def promising(tmp_path: Path) -> Caller:
    return Caller(make_desk(tmp_path, DESK + PROMISING), CLOSED)


def test_a_call_back_is_promised_where_nobody_is_there(promising: Caller) -> None:
    promising.say(intent("complain"))
    kinds = [type(action) for action in promising.actions]
    assert kinds == [*kinds[:-4], FollowUp, HandOff, Say, HangUp]  # kept before it is promised
    request = promising.did(FollowUp).request
    assert (request.kind, request.queue, request.what) == (
        FollowUpKind.CALL_BACK,
        "complaints",
        "Wants to complain.",
    )
    assert (request.contact, request.due) == ("0612345678", "2026-11-24T11:00:00+01:00")
    assert promising.said.endswith("We call you on Tuesday, November twenty-fourth, before eleven a.m.")


def test_nothing_is_promised_to_who_holds_the_line(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, DESK + PROMISING), OPEN).say(intent("complain"))
    assert not [action for action in caller.all if isinstance(action, FollowUp)]


def test_nobody_can_come_to_the_line(tmp_path: Path) -> None:
    text = DESK.replace("skills: [general]", "skills: [general], call_back: 4 h, closed: 'By {due_time}.'")
    caller = Caller(make_desk(tmp_path, text), OPEN).say(intent("note", 0.95, value("text", "hello")))
    caller.event(HoldBegun()).event(HoldRefused())
    assert caller.did(FollowUp).request.due == "2026-11-23T14:05:00+01:00"
    assert caller.said == "By two oh five p.m."


def test_a_desk_says_what_is_to_be_done(promising: Caller) -> None:
    promising.say(intent("ticket", 0.95, value("thing", "my lamp")))
    request = promising.did(FollowUp).request
    assert (request.kind, request.what, request.queue, request.addressee) == (
        FollowUpKind.TICKET,
        "Mend: my lamp",
        "repairs",
        "C",
    )
    assert request.due == "2026-11-24T09:30:00+01:00"
    assert "by nine thirty a.m." in promising.said
    assert [one.name for one in request.slots] == ["thing"]


def test_a_day_that_was_named_counts(tmp_path: Path) -> None:
    caller = Caller(make_desk(tmp_path, DESK + PROMISING), OPEN)
    caller.say(intent("ticket", 0.95, value("thing", "my lamp"), value("day", "2026-11-26")))
    assert caller.did(FollowUp).request.due == "2026-11-26T18:00:00+01:00"


def test_what_cannot_be_kept_is_not_promised(promising: Caller) -> None:
    promising.say(intent("ticket", 0.95, value("thing", "my lamp")))
    failed = promising.did(FollowUp)
    promising.event(ActionFailed(failed, "no space left"))
    request = promising.did(HandOff).request
    assert (request.reason, request.queue, request.want) == (Reason.TROUBLE, "repairs", "Mend: my lamp")
    assert promising.machine.session.promises == ()
    assert promising.machine.outcome is Outcome.HANDED_OFF


def test_an_emergency_is_no_promise(tmp_path: Path) -> None:
    text = DESK.replace("skills: [general]", "skills: [general], call_back: 4 h")
    fire = "\n  fire:\n    label: a fire\n    say: [my house burns]\n    urgent: yes\n    then: {handoff: {}}"
    caller = Caller(make_desk(tmp_path, text + fire), CLOSED).say(intent("fire"))
    assert not [action for action in caller.all if isinstance(action, FollowUp)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("then: {follow_up: {kind: letter, what: x}}", "kind"),
        ("then: [{follow_up: {kind: ticket, what: x, within: soon}}, {answer: Yes}]", "30 min"),
        ("then: [{follow_up: {kind: ticket, what: x, within: 0 h}}, {answer: Yes}]", "30 min"),
        ("then: [{follow_up: {kind: ticket, what: '{y}'}}, {answer: Yes}]", "no slot 'y'"),
    ],
)
def test_faults_of_a_desk_are_named(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(DeskError, match=told):
        make_desk(tmp_path, DESK + f"\n  bad:\n    say: [bad]\n    {line}\n")


def test_a_time_that_nothing_promises(tmp_path: Path) -> None:
    bad = "\n  bad:\n    label: bad\n    say: [bad]\n    then: {answer: 'By {due_time}.'}\n"
    found = [
        one.text for one in check_structure(make_desk(tmp_path, DESK + bad)) if "nothing promises" in one.text
    ]
    assert len(found) == 1


def test_a_promise_alone_is_a_dead_end(tmp_path: Path) -> None:
    bad = "\n  bad:\n    label: bad\n    say: [bad]\n    then: {follow_up: {kind: ticket, what: x}}\n"
    assert any("dead end" in one.text for one in check_structure(make_desk(tmp_path, DESK + bad)))


def test_the_caller_is_listened_to_after_it(promising: Caller) -> None:
    promising.say(intent("ticket", 0.95, value("thing", "my lamp")))
    assert isinstance(promising.actions[-1], Listen)
