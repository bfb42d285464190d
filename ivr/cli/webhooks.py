"""``ivr queue webhooks``: what other programs did not take, and sending it again."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr.cli.console import err, errors, out, print_json
from ivr.cli.options import ConfigOption, JsonOption, settings
from ivr.records.codec import to_json
from ivr.show import printable
from ivr.stores import WEBHOOKS_FILE
from ivr.webhooks.outbox import Delivery, Outbox


def webhooks(
    resend: Annotated[int | None, typer.Option(metavar="NUMBER", help="Send this one again.", min=1)] = None,
    resend_all: Annotated[bool, typer.Option("--resend-all", help="Send all of them again.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what is still to be told to other programs, and what they did not take in all attempts.

    A running [bold]ivr serve[/bold] sends again within two seconds. docs/queue.md tells how to be told.
    """
    with errors(), Outbox.open(settings(config).state / WEBHOOKS_FILE) as outbox:
        if resend is not None or resend_all:
            count = outbox.revive(None if resend_all else resend)
            err.print(f"{count} will be sent again", highlight=False)
            return
        found = (*outbox.waiting(), *outbox.dead())
        if as_json:
            print_json([to_json(one) for one in found])
            return
        for one in found:
            _show(one)
        if not found:
            err.print("nothing waits, and nothing was refused", highlight=False)


def _show(one: Delivery) -> None:
    """Two lines: what and to whom, and why it was not taken."""
    tries = f"{one.attempts} attempt{'' if one.attempts == 1 else 's'}"
    made = one.made.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    out.one_line(
        f"[bold]{one.id:4}[/bold]  {printable(f'{one.fate}, {one.target}, {one.kind}, {made}, {tries}')}"
    )
    if one.trouble:
        out.one_line(f"      {printable(one.trouble)}")
