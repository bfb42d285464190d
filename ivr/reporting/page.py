"""The report that people read: one HTML file with charts whose bars lead to the calls behind them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from string import Template
from urllib.parse import quote

from ivr.reporting.figures import Figures, Spread
from ivr.reporting.rows import Row

MOST_ROWS = 20_000
"""Calls in the table; the figures count all."""


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
        charts="".join(f'<div class="box">{chart}</div>' for chart in _charts(found)),
        matters="".join(_matters(found)),
        rows="".join(_row(row) for row in reversed(shown)),
    )


def _tiles(found: Figures) -> Iterable[str]:
    asked, kept = found.call_backs
    promised, done, broken = found.follow_ups
    numbers = {
        "calls": str(found.calls),
        "minutes": f"{found.seconds / 60:.0f}",
        "settled without a person from the queue": _percent(found.containment),
        "utterances not understood": _percent(found.not_understood),
        "wait for a reply, s, p50 / p95": _both(found.replies),
        "wait for a person, s, p50 / p95": _both(found.person),
        "call-backs kept": f"{kept} of {asked}",
        "follow-ups done in time": f"{done} of {promised}",
        "follow-ups missed or late": str(broken),
        "turned away": str(found.screened),
        "satisfaction, 1 to 5": "–" if found.satisfaction is None else f"{found.satisfaction:.1f}",
    }
    for name, value in numbers.items():
        yield f'<div class="tile"><b>{value}</b><span>{name}</span></div>'


def _charts(found: Figures) -> Iterable[str]:
    yield _bars("Calls by hour", [(f"{n}", count, f"hour={n}") for n, count in enumerate(found.by_hour)])
    outcomes = [(one.value, count, f"result={one.value}") for one, count in found.outcomes]
    yield _bars("How calls ended", outcomes, flat=True)
    if len(found.by_day) > 1:
        days = [(f"{day:%d.%m.}", count, f"day={day}") for day, count in found.by_day]
        yield _bars("Calls by day", days)


def _bars(title: str, values: Sequence[tuple[str, int, str]], *, flat: bool = False) -> str:
    """A bar chart as SVG inside the page; each bar is a link to "#key=value"."""
    # Here: it takes as long to load as all the rest of a command.
    import pygal  # noqa: PLC0415
    from pygal.style import Style  # noqa: PLC0415

    # Its hook for map plugins has no find_spec: every import that fails later would warn because of it.
    sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--soft)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--edge)",
        colors=("#2f8f6b",),
        font_family="inherit",
        label_font_size=15,
        major_label_font_size=15,
        title_font_size=18,
    )
    kind = pygal.HorizontalBar if flat else pygal.Bar
    chart = kind(
        style=style,
        js=[],
        show_legend=False,
        width=560,
        height=340,
        title=title,
        disable_xml_declaration=True,
        margin=8,
        value_formatter=lambda value: f"{value:.0f}",
    )
    chart.x_labels = [label for label, _, _ in values]
    chart.y_labels = _ticks(max((count for _, count, _ in values), default=0))
    bars = [{"value": n, "xlink": {"href": f"#{quote(link)}", "target": "_self"}} for _, n, link in values]
    chart.add("calls", bars)
    return str(chart.render(is_unicode=True))


def _ticks(most: int) -> list[int]:
    """Whole numbers from 0 to at least `most`, about five of them."""
    step = max(1, -(-most // 5))
    return list(range(0, max(most, 1) + step, step))


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
    }
    data = " ".join(f'data-{key}="{escape(value)}"' for key, value in keys.items())
    result = " ".join(filter(None, (row.result.value, row.detail)))
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
