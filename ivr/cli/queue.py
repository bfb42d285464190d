"""``ivr queue``: the callers who wait for a person."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated

import typer

from ivr.cli.console import err, errors, out, print_json
from ivr.cli.options import ConfigOption, JsonOption, settings
from ivr.cli.webhooks import webhooks
from ivr.errors import HandoffError
from ivr.handoff.queue import Handoff, State, waited
from ivr.handoff.store import HandoffStore
from ivr.records.codec import Json, to_json
from ivr.show import printable
from ivr.stores import open_queue

app = typer.Typer(no_args_is_help=True, help="List, take and finish the callers who wait for a person.")

app.command()(webhooks)

USUAL_PRIORITY = 5
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@app.command("list")
def list_waiting(
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Only this queue.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show who waits, in the order they are served, and who is being served."""
    with errors(), open_queue(settings(config)) as store:
        now = datetime.now().astimezone()
        handoffs = (*store.waiting(queue, now=now), *store.taken(queue))
        if as_json:
            print_json([_json(handoff) for handoff in handoffs])
            return
        for handoff in handoffs:
            _show_briefly(handoff, now)
        if not handoffs:
            err.print(f"nobody waits{'' if queue is None else f' in {printable(queue)}'}", highlight=False)


@app.command()
def take(
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="Which one; the next in order if left out.")
    ] = None,
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Only from this queue.")] = None,
    operator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who takes it; you, if left out.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Take the next caller and show everything that is known. Nobody else gets the same one.

    Exit status: 0 it is yours, 1 nobody waits, 2 that number cannot be taken.
    """
    with errors(), open_queue(settings(config)) as store:
        now = datetime.now().astimezone()
        who = operator_name(operator, "take")
        handoff = store.take(who, queue=queue, handoff_id=number, now=now)
        if handoff is None and number is not None:
            raise _why_not(store, number, queue)
        if handoff is None:
            err.print(f"nobody waits{'' if queue is None else f' in {printable(queue)}'}", highlight=False)
            raise typer.Exit(1)
        if as_json:
            print_json(_json(handoff))
        else:
            _show_all(handoff, now)


@app.command()
def done(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The number that take showed.")],
    disposition: Annotated[
        str, typer.Option(metavar="TEXT", help="What came of it, in a word or two.")
    ] = "done",
    notes: Annotated[str, typer.Option(metavar="TEXT", help="Anything to remember.")] = "",
    config: ConfigOption = None,
) -> None:
    """Finish a caller that was taken."""
    with errors(), open_queue(settings(config)) as store:
        store.done(number, disposition, notes, now=datetime.now().astimezone())
        err.print(f"number {number} is done: {printable(disposition)}", highlight=False)


def span(seconds: float) -> str:
    """A time of waiting as people say it: "45 s", "12 min", "3 h 5 min", "2 days"."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
    days = seconds // _DAY
    return f"{days:.0f} day{'' if days == 1 else 's'}"


def _show_briefly(handoff: Handoff, now: datetime) -> None:
    """Two lines: where it stands, and what it is about."""
    request = handoff.request
    since = span(waited(handoff.entered, now))
    taken = handoff.state is State.TAKEN
    facts = [
        f"taken by {handoff.operator}, came {since} ago" if taken else f"waits {since}",
        request.queue,
        request.caller or "number unknown",
        *([f"priority {request.priority}"] if request.priority != USUAL_PRIORITY else []),
        str(request.reason),
    ]
    style = "dim" if taken else "bold"
    out.one_line(f"[{style}]{handoff.id:4}[/{style}]  {printable(', '.join(facts))}")
    out.one_line(f"      {printable(request.want)}")


def _show_all(handoff: Handoff, now: datetime) -> None:
    request = handoff.request
    out.one_line(f"[bold]number {handoff.id}[/bold]  {printable(request.want)}")
    lines = [
        ("caller", request.caller or "unknown"),
        *([("verified", request.identity)] if request.identity else []),
        *([("mood", request.mood)] if request.mood else []),
        ("why", str(request.reason)),
        ("queue", request.queue),
        ("since", f"{request.entered} ({span(waited(handoff.entered, now))})"),
        ("on the line", span(request.waited)),
        *((slot.name, slot.value) for slot in request.slots),
    ]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        out.one_line(f"  {printable(name):{width}}  {printable(value)}")
    for turn in request.transcript:
        out.one_line(f"  [dim]{turn.at:6.1f} s  {printable(turn.who):6}[/dim]  {printable(turn.text)}")


def _why_not(store: HandoffStore, number: int, queue: str | None) -> HandoffError:
    """Why an existing handoff was not given. Raises UnknownError when there is none."""
    handoff = store.get(number)
    place, show = f"handoff {number}", "ivr queue list shows who waits"
    if queue is not None and handoff.request.queue != queue:
        return HandoffError(f"waits in {handoff.request.queue}, not in {queue}", place=place, remedy=show)
    state = "taken" if handoff.state is State.TAKEN else "done"
    return HandoffError(f"is {state} by {handoff.operator}", place=place, remedy=show)


def operator_name(given: str | None, place: str = "operator") -> str:
    """`given`, else who is logged in. Raises HandoffError where the system has no name for them."""
    if given is not None:
        return given
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no variable, and no line in the list of users
        raise HandoffError("your name is not known", place=place, remedy="Give --operator NAME") from None


def _json(handoff: Handoff) -> dict[str, Json]:
    return to_json(handoff)
