"""When reports are due, and what [reports] may say."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ConfigError
from ivr.serving.schedule import DueReport, Every, Moment, due, latest, parse_moment
from ivr.serving.settings import load_serving

DAILY = Moment(Every.DAILY, time(6))
WEEKLY = Moment(Every.WEEKLY, time(6), weekday=0)
FRIDAY = Moment(Every.WEEKLY, time(18), weekday=4)
LINES = '[[lines]]\nkind = "audiosocket"\nlisten = "127.0.0.1:0"\ndefault_desk = "company"\n'


@pytest.mark.parametrize(
    ("now", "name"),
    [
        (datetime(2026, 11, 28, 6, 0), "daily-2026-11-27"),
        (datetime(2026, 11, 28, 5, 59), "daily-2026-11-26"),
        (datetime(2026, 11, 28, 23, 59), "daily-2026-11-27"),
        (datetime(2026, 3, 1, 6, 0), "daily-2026-02-28"),
    ],
)
def test_a_daily_report_is_of_the_day_before(now: datetime, name: str) -> None:
    assert latest(DAILY, now).name == name


@pytest.mark.parametrize(
    ("moment", "now", "first", "name"),
    [
        (WEEKLY, datetime(2026, 11, 30, 6, 0), date(2026, 11, 23), "weekly-2026-W48"),
        (WEEKLY, datetime(2026, 11, 30, 5, 59), date(2026, 11, 16), "weekly-2026-W47"),
        (WEEKLY, datetime(2026, 12, 6, 12, 0), date(2026, 11, 23), "weekly-2026-W48"),
        (
            Moment(Every.WEEKLY, time(18), 4),
            datetime(2026, 11, 27, 18, 0),
            date(2026, 11, 16),
            "weekly-2026-W47",
        ),
        (WEEKLY, datetime(2027, 1, 4, 7, 0), date(2026, 12, 28), "weekly-2026-W53"),
    ],
)
def test_a_weekly_report_is_of_the_last_whole_week(
    moment: Moment, now: datetime, first: date, name: str
) -> None:
    report = latest(moment, now)
    assert (report.first, report.last, report.name) == (first, first + timedelta(days=6), name)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.times(), st.integers(0, 6))
def test_a_report_is_never_of_days_that_are_not_over(now: datetime, at: time, weekday: int) -> None:
    for moment in (Moment(Every.DAILY, at), Moment(Every.WEEKLY, at, weekday)):
        report = latest(moment, now)
        assert report.last < now.date() and report.last - report.first in (timedelta(0), timedelta(days=6))
        assert latest(moment, now + timedelta(days=8)).name > report.name


def test_what_is_made_is_not_due_again() -> None:
    now = datetime(2026, 11, 30, 7, 0)
    both = list(due((DAILY, WEEKLY), now, frozenset()))
    assert [report.name for report in both] == ["daily-2026-11-29", "weekly-2026-W48"]
    assert list(due((DAILY, WEEKLY), now, frozenset({"daily-2026-11-29"}))) == [both[1]]
    assert both[0] == DueReport(Every.DAILY, date(2026, 11, 29), date(2026, 11, 29))


@pytest.mark.parametrize("text", ["", "6", "25:00", "06:60", "mon 06:00", "06:00 mon"])
def test_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of day"):
        parse_moment(Every.DAILY, text)


def test_the_section(tmp_path: Path) -> None:
    file = tmp_path / "ivr.toml"
    file.write_text(LINES + '[reports]\nfolder = "reports"\ndaily = "06:00"\nweekly = "fri 18:00"\n', "utf-8")
    reports = load_serving(file).reports
    assert reports is not None and reports.folder == tmp_path / "reports"
    assert reports.moments() == (DAILY, Moment(Every.WEEKLY, time(18), 4))


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ('folder = "r"', "no report is ever made. Add daily"),
        ('folder = "r"\ndaily = "6 o\'clock"', "is no time of day. Write it as"),
        ('folder = "r"\nweekly = "06:00"', "is no day and time. Write it as"),
        ('folder = "r"\ndaily = "06:00"\nformats = ["pdf"]', "reports.formats"),
        ('folder = "r"\ndaily = "06:00"\nmonthly = "1"', "unknown setting"),
        ('daily = "06:00"', "reports.folder: is missing"),
    ],
)
def test_a_wrong_section_names_the_key(tmp_path: Path, section: str, wrong: str) -> None:
    file = tmp_path / "ivr.toml"
    file.write_text(f"{LINES}[reports]\n{section}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_serving(file)
    assert wrong in str(caught.value)
