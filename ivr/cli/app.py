"""All commands in one application, with help and shell completion."""

from __future__ import annotations

from typing import Annotated

import typer

from ivr import __version__
from ivr.cli import call, check, demo, models, prompts, queue, say
from ivr.cli.console import out

app = typer.Typer(
    name="ivr",
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="A local voice front line for a phone number. Start with [bold]ivr demo[/bold], then try your own "
    "desk with [bold]ivr call DESK --text[/bold].",
    epilog="Exit status: 0 done, 1 failed or findings, 2 bad input. Completion: ivr --install-completion",
)
app.command()(call.call)
app.command()(check.check)
app.command()(say.say)
app.command()(demo.demo)
app.add_typer(prompts.app, name="prompts")
app.add_typer(models.app, name="models")
app.add_typer(queue.app, name="queue")


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"ivr {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A local voice front line for a phone number."""
