"""``ivr queue``: the callers who wait for a person."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ivr.cli.console import errors, out, print_json
from ivr.cli.options import ConfigOption, settings
from ivr.errors import UnknownError
from ivr.handoff.queue import Handoff
from ivr.parts import open_queue
from ivr.records.codec import Json, to_json

app = typer.Typer(no_args_is_help=True, help="List, take and finish the callers who wait for a person.")

JsonOption = Annotated[bool, typer.Option("--json", help="As JSON on standard output.")]


@app.command("list")
def list_waiting(
    queue: Annotated[str | None, typer.Option(help="Only this queue.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show who waits, in the order they are served, and who is being served."""
    with errors(), open_queue(settings(config)) as store:
        now = datetime.now().astimezone()
        waiting, taken = store.waiting(queue, now=now), store.taken(queue)
        if as_json:
            print_json([_json(handoff) for handoff in (*waiting, *taken)])
            return
        if not waiting and not taken:
            out.print("nobody waits")
            return
        table = Table("number", "state", "queue", "priority", "waits", "caller", "wants", "why")
        for handoff in (*waiting, *taken):
            request = handoff.request
            minutes = (now - datetime.fromisoformat(request.entered)).total_seconds() / 60
            state = handoff.state.value + (f" ({handoff.operator})" if handoff.operator else "")
            cells = (str(handoff.id), state, request.queue, str(request.priority), f"{minutes:.0f} min")
            table.add_row(*cells, *map(escape, (request.caller or "unknown", request.want, request.reason)))
        out.print(table)


@app.command()
def take(
    number: Annotated[int | None, typer.Argument(help="Which one; the next in order if left out.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only from this queue.")] = None,
    operator: Annotated[str | None, typer.Option(help="Who takes it; you, if left out.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Take the next caller and show everything that is known. Nobody else gets the same one."""
    with errors(), open_queue(settings(config)) as store:
        now = datetime.now().astimezone()
        handoff = store.take(operator or getpass.getuser(), queue=queue, handoff_id=number, now=now)
        if handoff is None:
            raise UnknownError("nobody waits", place=f"queue {queue}" if queue else "queue")
        if as_json:
            print_json(_json(handoff))
        else:
            _show(handoff)


@app.command()
def done(
    number: Annotated[int, typer.Argument(help="The number that take showed.")],
    disposition: Annotated[str, typer.Option(help="What came of it, in a word or two.")] = "done",
    notes: Annotated[str, typer.Option(help="Anything to remember.")] = "",
    config: ConfigOption = None,
) -> None:
    """Finish a caller that was taken."""
    with errors(), open_queue(settings(config)) as store:
        store.done(number, disposition, notes, now=datetime.now().astimezone())
        out.print(f"{number} is done: {escape(disposition)}", highlight=False)


def _json(handoff: Handoff) -> dict[str, Json]:
    return to_json(handoff)


def _show(handoff: Handoff) -> None:
    request = handoff.request
    out.print(f"[bold]number {handoff.id}[/bold]  {escape(request.want)}", highlight=False)
    lines = [
        ("caller", request.caller or "unknown"),
        ("why", str(request.reason)),
        ("queue", request.queue),
        ("since", request.entered),
        ("on the line", f"{request.waited:.0f} s"),
        *((slot.name, slot.value) for slot in request.slots),
    ]
    for name, value in lines:
        out.print(f"  {name:12} {escape(value)}", highlight=False, soft_wrap=True)
    for turn in request.transcript:
        out.print(
            f"  [dim]{turn.at:6.1f} s  {turn.who:6}[/dim]  {escape(turn.text)}",
            highlight=False,
            soft_wrap=True,
        )
