"""The figures against a day that was counted by hand, and the page that shows them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.events import Outcome
from ivr.handoff.followup import FollowUp, FollowUpState
from ivr.handoff.queue import Handoff, State, Step, StepKind
from ivr.handover import FollowUpKind, FollowUpRequest, HandoffRequest, Reason
from ivr.meaning import SlotValue
from ivr.records.summary import Summary
from ivr.reporting import bars
from ivr.reporting.figures import Matter, figures, period_before, spread
from ivr.reporting.page import page
from ivr.reporting.rows import Row, masked, masked_number, row_of
from ivr.reporting.table import table

DAY = date(2026, 11, 26)


def call(hour: int, result: Outcome, *matters: str, **more: object) -> Row:
    started = datetime(2026, 11, 26, hour, 15, tzinfo=UTC)
    row = Row(
        call=f"{hour}-{result.name}",
        desk="Company",
        started=started,
        seconds=60.0,
        caller="…123",
        need="",
        matters=matters,
        result=result,
        detail="",
        person="",
        disposition="",
        turns=2,
        not_understood=0,
        waits=(),
        queue_wait=None,
        call_back=False,
        kept=False,
    )
    return replace(row, **more)  # type: ignore[arg-type]


# Counted by hand: 9 calls; of the 7 that were not abandoned or failed the desk settled 4 (answered 1,
# routed 2, screened out 1); 18 utterances of which 3 were not understood; two call-backs, one kept.
CALLS = [
    call(8, Outcome.ROUTED, "billing", waits=(0.2, 0.4)),
    call(9, Outcome.ROUTED, "billing", "hours", waits=(0.3,)),
    call(9, Outcome.ANSWERED, "hours"),
    call(9, Outcome.SCREENED_OUT),
    call(10, Outcome.HANDED_OFF, "complaint", queue_wait=12.0, not_understood=2),
    call(10, Outcome.HANDED_OFF, queue_wait=40.0, call_back=True, kept=True),
    call(11, Outcome.CALLED_BACK, "complaint", call_back=True, waits=(0.9,), not_understood=1),
    call(12, Outcome.ABANDONED),
    call(23, Outcome.FAILED),
]
BEFORE = [call(9, Outcome.ROUTED, "billing"), call(9, Outcome.ROUTED, "billing", "fax")]


def test_a_day_counted_by_hand() -> None:
    found = figures(DAY, DAY, CALLS, BEFORE)
    assert (found.calls, found.before, found.seconds) == (9, 2, 540.0)
    assert {hour: count for hour, count in enumerate(found.by_hour) if count} == {
        8: 1,
        9: 3,
        10: 2,
        11: 1,
        12: 1,
        23: 1,
    }
    assert found.by_day == ((DAY, 9),)
    assert dict(found.outcomes) == {
        Outcome.ANSWERED: 1,
        Outcome.ROUTED: 2,
        Outcome.HANDED_OFF: 2,
        Outcome.CALLED_BACK: 1,
        Outcome.ABANDONED: 1,
        Outcome.SCREENED_OUT: 1,
        Outcome.FAILED: 1,
    }
    assert found.matters == (
        Matter("billing", 2, 2),
        Matter("complaint", 2, 0),
        Matter("hours", 2, 0),
        Matter("fax", 0, 1),
    )
    assert [one.growth for one in found.matters] == [0, 2, 2, -1]
    assert found.containment == pytest.approx(4 / 7)
    assert found.not_understood == pytest.approx(3 / 18)
    assert (found.replies.n, found.replies.p50, found.replies.p95) == (4, 0.3, 0.9)
    assert (found.person.n, found.person.p50, found.person.p95) == (2, 12.0, 40.0)
    assert found.call_backs == (2, 1)
    assert found.screened == 1


def test_a_day_without_calls() -> None:
    found = figures(DAY, DAY, [], [])
    assert found.to_json()["containment"] is None
    assert found.to_json()["reply_wait"] == {"n": 0, "p50": None, "p95": None}
    text = page(found, [], "all desks")
    assert "No calls in this period." in text
    assert "<svg" not in text


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200))
def test_percentiles_are_values_that_occurred(values: list[float]) -> None:
    found = spread(values)
    rounded = {round(value, 3) for value in values}
    assert found.p50 in rounded
    assert found.p95 in rounded
    assert found.p50 is not None and found.p95 is not None
    assert sum(round(value, 3) <= found.p95 for value in values) >= 0.95 * len(values)


def test_the_period_before() -> None:
    assert period_before(DAY, DAY) == (DAY - timedelta(days=1), DAY - timedelta(days=1))
    assert period_before(date(2026, 11, 1), date(2026, 11, 7)) == (date(2026, 10, 25), date(2026, 10, 31))


def test_a_row_knows_who_took_the_call_and_when() -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    summary = Summary(
        "c1", "Company", "sip:", "+44 20 7946 0123", noon, 30.0, Outcome.HANDED_OFF, "", handoff_id=1
    )
    wants = "Message: call back 020 7946 0999, card 4111 1111 1111 1111"
    request = HandoffRequest("c1", "company", "billing", "+44", wants, Reason.ASKED, noon.isoformat(), 1.0)
    handoff = Handoff(1, request, noon, State.DONE, "ann", "settled")
    steps = (
        Step(StepKind.ENTERED, noon),
        Step(StepKind.CALL_BACK, noon + timedelta(seconds=5)),
        Step(StepKind.ACCEPTED, noon + timedelta(seconds=70), "ann"),
        Step(StepKind.ACCEPTED, noon + timedelta(seconds=900), "bob"),
    )
    row = row_of(summary, handoff, steps)
    assert (row.person, row.disposition, row.queue_wait) == ("ann", "settled", 70.0)
    assert (row.call_back, row.kept) == (True, True)
    assert row.caller == "…123"
    assert row.need == "Message: call back …999, card …111"
    assert not row_of(summary, replace(handoff, state=State.GIVEN_UP), steps).kept
    assert row_of(summary).queue_wait is None
    answered = replace(handoff.request, slots=(SlotValue("satisfaction", "4", "four", 0.9),))
    assert row_of(summary, replace(handoff, request=answered)).satisfaction == 4  # when called back


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("order 482913", "order 482913"),
        ("born 1970-01-31", "born …131"),
        ("+33 1 42 68 53 00 please", "…300 please"),
        ("no numbers", "no numbers"),
        ("", ""),
    ],
)
def test_long_numbers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_withheld_number() -> None:
    assert (masked_number(""), masked_number("anonymous"), masked_number("12")) == ("", "anonymous", "…12")


def test_a_table_runs_no_formula() -> None:
    rows = [call(9, Outcome.ANSWERED, need='=HYPERLINK("http://x")', detail='a, b\n"c"')]
    text = table(rows)
    assert "'=HYPERLINK" in text
    assert text.count("\r\n") == 2
    assert '"a, b\n""c"""' in text


def test_a_rating_is_in_the_table() -> None:
    header, line, _ = table([call(9, Outcome.ANSWERED, satisfaction=4)]).split("\r\n")
    assert dict(zip(header.split(","), line.split(","), strict=True))["satisfaction"] == "4"


def test_the_page_shows_what_callers_say_as_text() -> None:
    rows = [call(9, Outcome.ANSWERED, "<b>x</b>", need="<script>alert(1)</script>")]
    text = page(figures(DAY, DAY, rows, []), rows, "Company & Sons")
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "<b>x" not in text
    assert "Company &amp; Sons" in text
    assert "#hour%3D9" in text
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", text)


def test_satisfaction_is_the_mean_of_who_answered() -> None:
    rows = [call(9, Outcome.ANSWERED, satisfaction=5), call(10, Outcome.ANSWERED, satisfaction=2)]
    assert figures(DAY, DAY, [*rows, call(11, Outcome.ANSWERED)], []).satisfaction == 3.5
    assert figures(DAY, DAY, [call(11, Outcome.ANSWERED)], []).satisfaction is None


def test_promises_are_counted_with_their_call() -> None:
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)

    def promise(number: int, state: FollowUpState, settled: float | None = None, **more: object) -> FollowUp:
        request = FollowUpRequest("c", "d", "q", FollowUpKind.CALL_BACK, "x", noon.isoformat(), **more)  # type: ignore[arg-type]
        when = None if settled is None else noon + timedelta(hours=settled)
        return FollowUp(number, request, noon, noon + timedelta(hours=1), state, settled=when)

    summary = Summary("c", "d", "text:", "", noon, 60.0, Outcome.HANDED_OFF, "")
    in_time = promise(1, FollowUpState.DONE, 0.5)
    row = row_of(summary, promises=(in_time,), now=noon)
    assert (row.call_back, row.kept, row.follow_ups) == (True, True, (1, 1, 0))
    late = promise(2, FollowUpState.DONE, 2)
    row = row_of(summary, promises=(in_time, late), now=noon)
    assert (row.kept, row.follow_ups) == (False, (2, 1, 1))
    still_open = promise(3, FollowUpState.OPEN)
    assert row_of(summary, promises=(still_open,), now=noon).follow_ups == (1, 0, 0)
    overdue = row_of(summary, promises=(still_open,), now=noon + timedelta(hours=2))
    assert overdue.follow_ups == (1, 0, 1)
    others = (promise(4, FollowUpState.MISSED, 0.5), promise(5, FollowUpState.CANCELLED, 9))
    assert row_of(summary, promises=others, now=noon).follow_ups == (2, 0, 1)
    rows = [row, overdue, replace(row, follow_ups=(0, 0, 0))]
    found = figures(DAY, DAY, rows, [])
    assert found.follow_ups == (3, 1, 2)
    assert found.to_json()["follow_ups"] == {"made": 3, "kept": 1, "broken": 2}
    assert found.call_backs == (3, 0)
    assert figures(DAY, DAY, [], []).follow_ups == (0, 0, 0)
    assert "<b>1 of 3</b><span>follow-ups done in time</span>" in page(found, rows, "all desks")


def behind(text: str, link: str) -> set[str]:
    """The calls of the page's table that a link shows, as its script does."""
    assert f'href="#{quote(link)}"' in text, link
    key, value = link.split("=")
    found = re.findall(r"<tr ([^>]*)>.*?<td>([^<]*)</td></tr>", text.split('id="rows"')[1])
    shown = ((dict(re.findall(r'data-(\w+)="([^"]*)"', data)), name) for data, name in found)
    return {name for data, name in shown if value in data[key].split("|")}


def test_each_figure_leads_to_the_calls_behind_it() -> None:
    rows = [*CALLS, call(13, Outcome.ANSWERED, satisfaction=4, follow_ups=(2, 1, 1))]
    text = page(figures(DAY, DAY, rows, BEFORE), rows, "all desks")
    assert len(behind(text, "about=settled without a person from the queue")) == 5
    assert behind(text, "about=with words not understood") == {"10-HANDED_OFF", "11-CALLED_BACK"}
    assert behind(text, "about=taken by a person") == {"10-HANDED_OFF"}
    assert behind(text, "about=call-back asked for") == {"10-HANDED_OFF", "11-CALLED_BACK"}
    assert behind(text, "about=follow-up missed or late") == {"13-ANSWERED"}
    assert behind(text, "about=with a follow-up") == behind(text, "about=with a rating") == {"13-ANSWERED"}
    assert behind(text, "result=screened out") == {"9-SCREENED_OUT"}
    assert behind(text, "hour=23") == {"23-FAILED"}
    assert behind(text, "matter=complaint") == {"10-HANDED_OFF", "11-CALLED_BACK"}


def test_bars_without_calls_lead_nowhere() -> None:
    text = bars.columns("Calls by hour", [("0", 0, "hour=0"), ("1", 7, "hour=1")])
    assert "#hour%3D0" not in text
    assert 'aria-label="1: 7 calls"' in text
    assert text.count('class="bar"') == 1


@given(st.integers(0, 10**9))
def test_ticks_are_round_and_reach_the_highest_bar(most: int) -> None:
    ticks = bars.round_ticks(most)
    assert ticks[0] == 0
    assert most <= ticks[-1] <= max(1, 2.5 * most)
    assert 2 <= len(ticks) <= 6
    assert {step - before for before, step in pairwise(ticks)} == {ticks[1]}
    assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}


def test_labels_of_many_days_do_not_touch() -> None:
    text = bars.columns("Calls by day", [(f"Mon {day}.11.", 3, f"day={day}") for day in range(10, 31)])
    places = [
        float(x) for x in re.findall(r'<text class="tick" x="([\d.]+)" y="[\d.]+" text-anchor="middle"', text)
    ]
    assert len(places) >= 3
    assert min(one - before for before, one in pairwise(places)) >= len("Mon 10.11.") * 7
