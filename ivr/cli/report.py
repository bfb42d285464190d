"""``ivr report``: what calls came to, over a period."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.console import count_progress, err, errors, json_bytes, out, print_columns, write_out
from ivr.cli.files import refuse_result
from ivr.cli.options import ConfigOption, JsonOption, desk_names, here, settings
from ivr.config import Settings
from ivr.dialog.load import load_desk
from ivr.errors import DeskError, UnknownError
from ivr.handoff.queue import Handoff
from ivr.handoff.search import entered_between
from ivr.media.wav import write_atomic
from ivr.reporting.figures import Figures, figures, period_before
from ivr.reporting.page import page
from ivr.reporting.rows import Found, Row, read_rows
from ivr.reporting.table import table
from ivr.show import printable
from ivr.stores import open_queue

_WEEK = timedelta(days=6)
_COMMAND = "ivr report"


class Format(enum.StrEnum):
    """How a report is written."""

    TEXT = "text"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


def report(
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first day. Default: a week."),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day. Default: today.")
    ] = None,
    desk: Annotated[
        str | None, typer.Option(metavar="DESK", autocompletion=desk_names, help="Only calls of this desk.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="For people or programs.")] = Format.TEXT,
    file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it there, not to standard output."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Report on calls: by hour, how they ended, what callers wanted and what grew, waits, call-backs kept.

    Numbers of callers show their last digits only.

    Examples:

      ivr report

      ivr report --from 2026-11-01 --to 2026-11-30 --desk company --format html --out november.html

      ivr report --format csv > calls.csv

    Exit status: 0 done, 2 bad input.
    """
    with errors():
        end = (last or datetime.now()).date()
        begin = end - _WEEK if first is None else first.date()
        if begin > end:
            remedy = "Give --from before --to"
            raise UnknownError(
                f"the period would begin after its end ({end})", place=str(begin), remedy=remedy
            )
        form = Format.JSON if as_json else form
        if file is not None and form is Format.TEXT:
            remedy = "Add --format html, csv or json"
            raise UnknownError("--out is not for text", place=_COMMAND, remedy=remedy)
        if file is not None:
            refuse_result(file, [], _COMMAND)
        setup = settings(config)
        names = None if desk is None else _names(desk)
        now = _read(setup, begin, end, names, "calls")
        before = _read(setup, *period_before(begin, end), names, "calls before")
        for fault in now.unreadable:
            err.one_line(f"[yellow]passed over:[/yellow] {printable(str(fault))}")
        if desk is not None and names == frozenset({desk}) and not (now.rows or before.rows):
            err.one_line(f"[yellow]no such desk here, and no calls of one:[/yellow] {printable(desk)}")
        found = figures(begin, end, now.rows, before.rows)
        _write(form, found, now.rows, desk or "all desks", file)


def _names(desk: str) -> frozenset[str]:
    """The desk as calls know it, and as it was named: its file may be gone."""
    with suppress(UnknownError, DeskError):
        return frozenset({desk, load_desk(desk, here()).name})
    return frozenset({desk})


def _read(setup: Settings, first: date, last: date, names: frozenset[str] | None, what: str) -> Found:
    # The queue's moments are in UTC, days in the desk's place: a day more on both sides misses nothing.
    since = datetime.combine(first - timedelta(days=1), time(), UTC)
    until = datetime.combine(last + timedelta(days=2), time(), UTC)
    with open_queue(setup) as store, count_progress() as progress:
        handoffs: dict[str, Handoff] = {}
        for handoff in entered_between(store, since, until):
            handoffs[handoff.request.call_id] = handoff

        def shown(folders: Iterable[Path]) -> Iterable[Path]:
            some = list(folders)
            return progress.track(some, description=what) if some else ()

        return read_rows(
            setup.state,
            first,
            last,
            names,
            handoffs,
            store.history,
            shown,
            promises=store.follow_ups.made_between(since, until),
            now=datetime.now(UTC),
        )


def _write(form: Format, found: Figures, rows: tuple[Row, ...], heading: str, file: Path | None) -> None:
    match form:
        case Format.TEXT:
            _show(found)
            return
        case Format.JSON:
            data = json_bytes(found.to_json() | {"rows": [row.to_json() for row in rows]})
        case Format.CSV:
            data = table(rows).encode("utf-8", "replace")
        case Format.HTML:
            data = page(found, rows, heading).encode("utf-8", "replace")
    if file is None:
        write_out(data)
    else:
        write_atomic(file, data)
        err.one_line(f"{printable(str(file))}: {found.calls} calls")


def _show(found: Figures) -> None:
    """A few lines for a terminal."""
    out.one_line(f"[bold]{found.calls} calls[/bold], {found.first} to {found.last} (before: {found.before})")
    asked, kept = found.call_backs
    promised, done, broken = found.follow_ups
    rows = [
        ("settled without a person from the queue", _percent(found.containment)),
        ("utterances not understood", _percent(found.not_understood)),
        ("wait for a reply, median / 95th percentile", f"{_s(found.replies.p50)} / {_s(found.replies.p95)}"),
        ("wait for a person, median / 95th percentile", f"{_s(found.person.p50)} / {_s(found.person.p95)}"),
        ("call-backs kept", f"{kept} of {asked}"),
        ("follow-ups done in time", f"{done} of {promised}, {broken} missed or late"),
    ]
    print_columns(("", ""), rows)
    print_columns(("outcome", "calls"), [(one.value, str(count)) for one, count in found.outcomes if count])
    if found.matters:
        shown = [(one.name, str(one.calls), f"{one.growth:+d}") for one in found.matters[:15]]
        print_columns(("matter", "calls", "more than before"), shown)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _s(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"
