"""The report that people read: one HTML file whose figures and bars lead to the calls behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from string import Template
from urllib.parse import quote

from ivr.events import Outcome
from ivr.reporting import bars
from ivr.reporting.figures import SETTLED_BY_THE_DESK, Figures, Spread
from ivr.reporting.rows import Row

MOST_ROWS = 20_000
"""Calls in the table; the figures count all."""

_EMPTY = '<p class="sub">No calls in this period.</p>'

# What is said of the calls behind a figure.
_DESK = "settled without a person from the queue"
_UNCLEAR = "with words not understood"
_TAKEN = "taken by a person"
_CALL_BACK = "call-back asked for"
_FOLLOW_UP = "with a follow-up"
_BROKEN = "follow-up missed or late"
_RATED = "with a rating"


def page(found: Figures, rows: Sequence[Row], heading: str) -> str:
    """The report as HTML."""
    shown = rows[-MOST_ROWS:]
    days = "day" if found.first == found.last else "days"
    period = f"{found.first}" if found.first == found.last else f"{found.first} to {found.last}"
    left_out = f" · the last {len(shown)} are listed" if len(shown) < len(rows) else ""
    return Template(
        resources.files(__package__ or "ivr.reporting").joinpath("report.html").read_text("utf-8")
    ).substitute(
        title=escape(f"Calls, {period}"),
        subtitle=escape(f"{heading} · {len(found.by_day)} {days} · before: {found.before} calls{left_out}"),
        tiles="".join(_tiles(found)),
        charts="".join(f'<div class="box">{chart}</div>' for chart in _charts(found)) or _EMPTY,
        matters="".join(_matters(found)),
        rows="".join(_row(row) for row in reversed(shown)),
    )


def _tiles(found: Figures) -> Iterable[str]:
    asked, kept = found.call_backs
    promised, done, broken = found.follow_ups
    numbers = (
        ("calls", str(found.calls), "calls"),
        ("minutes", f"{found.seconds / 60:.0f}", ""),
        ("settled without a person from the queue", _percent(found.containment), _about(_DESK)),
        ("utterances not understood", _percent(found.not_understood), _about(_UNCLEAR)),
        ("wait for a reply, s, p50 / p95", _both(found.replies), ""),
        ("wait for a person, s, p50 / p95", _both(found.person), _about(_TAKEN)),
        ("call-backs kept", f"{kept} of {asked}", _about(_CALL_BACK)),
        ("follow-ups done in time", f"{done} of {promised}", _about(_FOLLOW_UP)),
        ("follow-ups missed or late", str(broken), _about(_BROKEN)),
        ("turned away", str(found.screened), f"result={Outcome.SCREENED_OUT.value}"),
        (
            "satisfaction, 1 to 5",
            "–" if found.satisfaction is None else f"{found.satisfaction:.1f}",
            _about(_RATED),
        ),
    )
    for name, value, link in numbers:
        inside = f"<b>{value}</b><span>{name}</span>"
        if link and found.calls:
            yield f'<a class="tile" href="#{quote(link)}">{inside}</a>'
        else:
            yield f'<div class="tile">{inside}</div>'


def _about(what: str) -> str:
    return f"about={what}"


def _abouts(row: Row) -> Iterable[str]:
    """The figures that a call counts in."""
    holds = {
        _DESK: row.result in SETTLED_BY_THE_DESK,
        _UNCLEAR: row.not_understood > 0,
        _TAKEN: row.queue_wait is not None,
        _CALL_BACK: row.call_back,
        _FOLLOW_UP: row.follow_ups[0] > 0,
        _BROKEN: row.follow_ups[2] > 0,
        _RATED: row.satisfaction is not None,
    }
    return (name for name, true in holds.items() if true)


def _charts(found: Figures) -> Iterable[str]:
    if not found.calls:
        return
    yield bars.columns(
        "Calls by hour", [(f"{n}", count, f"hour={n}") for n, count in enumerate(found.by_hour)]
    )
    yield bars.rows("How calls ended", [(one.value, n, f"result={one.value}") for one, n in found.outcomes])
    if len(found.by_day) > 1:
        days = [(f"{day:%a} {day.day}.{day.month}.", count, f"day={day}") for day, count in found.by_day]
        yield bars.columns("Calls by day", days)


def _matters(found: Figures) -> Iterable[str]:
    for one in found.matters:
        more = f"+{one.growth}" if one.growth > 0 else str(one.growth)
        link = quote(f"matter={one.name}")
        yield (
            f'<tr><td><a href="#{link}">{escape(one.name)}</a></td><td class="n">{one.calls}</td>'
            f'<td class="n">{one.before}</td><td class="n">{more}</td></tr>'
        )


def _row(row: Row) -> str:
    when = row.started
    keys = {
        "hour": str(when.hour),
        "day": when.date().isoformat(),
        "result": row.result.value,
        "matter": "|".join(row.matters),
        "about": "|".join(_abouts(row)),
    }
    data = " ".join(f'data-{key}="{escape(value)}"' for key, value in keys.items())
    result = ": ".join(filter(None, (row.result.value, row.detail)))
    person = ": ".join(filter(None, (row.person, row.disposition)))
    cells = (
        f"{when:%Y-%m-%d %H:%M}",
        row.caller or "withheld",
        ", ".join(row.matters),
        row.need,
        result,
        person,
    )
    shown = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr {data}>{shown}<td class="n">{row.seconds:.0f} s</td><td>{escape(row.call)}</td></tr>'


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _both(value: Spread) -> str:
    return "–" if value.p50 is None or value.p95 is None else f"{value.p50:.1f} / {value.p95:.1f}"
