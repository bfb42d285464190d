"""``ivr followups``: what is to be done for callers after their calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from ivr.cli.console import err, errors, out, print_json
from ivr.cli.options import ConfigOption, JsonOption, settings
from ivr.cli.queue import operator_name, span
from ivr.handoff.followup import FollowUp, FollowUpStep, FollowUpStepKind, is_overdue
from ivr.handoff.followups import FollowUps
from ivr.handover import FollowUpKind
from ivr.records.codec import to_json
from ivr.show import printable
from ivr.stores import open_queue

app = typer.Typer(
    no_args_is_help=True,
    help="Messages, tickets, appointments and promised call-backs: list them, and say what came of them.",
)

_Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number that list shows.")]
_Operator = Annotated[
    str | None, typer.Option("--operator", metavar="NAME", help="Who does it; you, if left out.")
]
_Outcome = Annotated[str, typer.Option("--outcome", metavar="TEXT", help="What came of it.")]


@app.command("list")
def list_follow_ups(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]", help="Only those that hold all of them.")
    ] = None,
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this queue.")] = None,
    kind: Annotated[FollowUpKind | None, typer.Option(help="Only of this kind.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Only what is theirs.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue; then status 1.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what is settled.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what is to be done, overdue ones first.

    Examples:

      ivr followups list

      ivr followups list --overdue || mail -s "overdue promises" office@example.com

    Exit status: 0 done, 1 something is overdue and --overdue was given, 2 bad input.
    """
    with errors(), open_queue(settings(config)) as store:
        now = datetime.now(UTC)
        found = store.follow_ups.find(
            " ".join(words or ()),
            settled=None if everything else False,
            kind=kind,
            queues=None if queue is None else frozenset({queue}),
            owner=owner,
            overdue_at=now if overdue else None,
        )
        if overdue:
            found = tuple(one for one in found if is_overdue(one, now))
        if as_json:
            print_json([to_json(one) for one in found])
        else:
            for one in found:
                _show_briefly(one, now)
            if not found:
                err.print(f"nothing is {'overdue' if overdue else 'to be done'}", highlight=False)
        if overdue and found:
            raise typer.Exit(1)


@app.command()
def show(number: _Number, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show all that is known of one, and what happened to it."""
    with errors(), open_queue(settings(config)) as store:
        one, steps = store.follow_ups.get(number), store.follow_ups.history(number)
        if as_json:
            print_json({"follow_up": to_json(one), "steps": [to_json(step) for step in steps]})
        else:
            _show_all(one, steps, datetime.now(UTC))


@app.command()
def take(number: _Number, operator: _Operator = None, config: ConfigOption = None) -> None:
    """Do one yourself; nobody else takes it then."""
    _changed(config, number, operator, lambda kept, who, now: kept.take(number, who, now=now))


@app.command()
def note(
    number: _Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be remembered.")],
    operator: _Operator = None,
    config: ConfigOption = None,
) -> None:
    """Write something down about one."""
    _changed(config, number, operator, lambda kept, who, now: kept.note(number, text, by=who, now=now))


@app.command()
def reassign(
    number: _Number,
    owner: Annotated[str, typer.Argument(metavar="NAME", help="Who does it from now on.")],
    operator: _Operator = None,
    config: ConfigOption = None,
) -> None:
    """Give one to somebody else."""
    _changed(config, number, operator, lambda kept, who, now: kept.reassign(number, owner, by=who, now=now))


@app.command()
def postpone(
    number: _Number,
    due: Annotated[
        datetime,
        typer.Argument(metavar="WHEN", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="2026-05-03T15:30"),
    ],
    operator: _Operator = None,
    config: ConfigOption = None,
) -> None:
    """Agree on another time, of this machine's zone; when that has come, it alarms again."""
    _changed(
        config,
        number,
        operator,
        lambda kept, who, now: kept.postpone(number, due.astimezone(), by=who, now=now),
    )


@app.command()
def done(
    number: _Number, outcome: _Outcome = "", operator: _Operator = None, config: ConfigOption = None
) -> None:
    """Finish one."""
    _settle(config, number, FollowUpStepKind.DONE, outcome, operator)


@app.command()
def missed(
    number: _Number, outcome: _Outcome = "", operator: _Operator = None, config: ConfigOption = None
) -> None:
    """Say that one cannot be kept any more."""
    _settle(config, number, FollowUpStepKind.MISSED, outcome, operator)


@app.command()
def cancel(
    number: _Number, outcome: _Outcome = "", operator: _Operator = None, config: ConfigOption = None
) -> None:
    """Say that the caller wants it no longer."""
    _settle(config, number, FollowUpStepKind.CANCELLED, outcome, operator)


@app.command()
def reopen(number: _Number, operator: _Operator = None, config: ConfigOption = None) -> None:
    """Take back that one is settled."""
    _changed(config, number, operator, lambda kept, who, now: kept.reopen(number, by=who, now=now))


def _settle(
    config: ConfigOption, number: int, kind: FollowUpStepKind, outcome: str, operator: str | None
) -> None:
    _changed(
        config, number, operator, lambda kept, who, now: kept.settle(number, kind, outcome, by=who, now=now)
    )


def _changed(
    config: ConfigOption,
    number: int,
    operator: str | None,
    work: Callable[[FollowUps, str, datetime], FollowUp],
) -> None:
    with errors(), open_queue(settings(config)) as store:
        one = work(store.follow_ups, operator_name(operator), datetime.now(UTC))
        told = [one.state.value, *([one.owner] if one.owner else []), _due(one, datetime.now(UTC))]
        err.print(f"follow-up {number}: {printable(', '.join(told))}", highlight=False)


def _due(one: FollowUp, now: datetime) -> str:
    if one.due is None:
        return "no time promised"
    local = f"{one.due.astimezone():%Y-%m-%d %H:%M}"
    if is_overdue(one, now):
        return f"OVERDUE by {span((now - one.due).total_seconds())} (was due {local})"
    return f"due {local}"


def _show_briefly(one: FollowUp, now: datetime) -> None:
    """Two lines: where it stands, and what it is about."""
    request = one.request
    facts = [
        request.kind.value,
        _due(one, now),
        request.queue,
        *([f"for {request.addressee}"] if request.addressee else []),
        request.contact or request.caller or "number unknown",
        f"{one.state.value}{f', {one.owner}' if one.owner else ''}",
    ]
    style = "bold red" if is_overdue(one, now) else "bold"
    out.one_line(f"[{style}]{one.id:4}[/{style}]  {printable(', '.join(facts))}")
    out.one_line(f"      {printable(request.what)}")


def _show_all(one: FollowUp, steps: tuple[FollowUpStep, ...], now: datetime) -> None:
    request = one.request
    out.one_line(f"[bold]follow-up {one.id}[/bold]  {printable(request.what)}")
    lines = [
        ("kind", request.kind.value),
        ("due", _due(one, now)),
        ("state", one.state.value),
        *([("owner", one.owner)] if one.owner else []),
        *([("outcome", one.outcome)] if one.outcome else []),
        *([("for", request.addressee)] if request.addressee else []),
        ("reach at", request.contact or request.caller or "unknown"),
        ("queue", request.queue),
        ("desk", request.desk),
        ("call", request.call_id),
        *((slot.name, slot.value) for slot in request.slots),
    ]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        out.one_line(f"  {printable(name):{width}}  {printable(value)}")
    for step in steps:
        by, about = f" {step.who}" if step.who else "", f": {step.note}" if step.note else ""
        told = printable(f"{step.kind.value}{by}{about}")
        out.one_line(f"  [dim]{step.at.astimezone():%Y-%m-%d %H:%M}[/dim]  {told}")
