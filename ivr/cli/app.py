"""All commands in one application, with help and shell completion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from ivr import __version__
from ivr.cli import (
    call,
    check,
    demo,
    doctor,
    evaluate,
    followups,
    identify,
    models,
    operator,
    prompts,
    queue,
    records,
    report,
    say,
    serve,
    simulate,
    suggest,
    test,
)
from ivr.cli.console import complain, out
from ivr.cli.maybe import JsonCommand

app = typer.Typer(
    name="ivr",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="A local voice front line for a phone number. Start with [bold]ivr demo[/bold], then try your own "
    "desk with [bold]ivr call DESK --text[/bold].",
    epilog="Exit status: 0 done, 1 failed or findings, 2 bad input, 130 stopped. "
    "Trouble? [bold]ivr doctor[/bold]. Completion: ivr --install-completion",
)
app.command(cls=call.CallCommand)(call.call)
app.command()(check.check)
app.command()(say.say)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.command(cls=JsonCommand)(test.test)
app.command(cls=JsonCommand)(simulate.simulate)
app.command(cls=JsonCommand)(evaluate.evaluate)
app.command()(suggest.suggest)
app.command()(report.report)
app.command(cls=JsonCommand)(identify.identify)
app.command()(serve.serve)
app.add_typer(prompts.app, name="prompts")
app.add_typer(models.app, name="models")
app.add_typer(queue.app, name="queue")
app.add_typer(followups.app, name="followups")
app.add_typer(operator.app, name="operator")
app.add_typer(records.app, name="records")


def run(args: Sequence[str] | None = None) -> int:
    """One run with the arguments of the process, or `args`; returns the exit status."""
    try:
        status = app(args=args, prog_name="ivr", standalone_mode=False)
    except TyperException as error:
        # What is wrong with the arguments themselves; without a message the help was shown instead.
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "ivr"
        if message := " ".join(error.format_message().split()).rstrip("."):
            complain(f"{message}. Help: {path} --help")
        return error.exit_code
    return status if isinstance(status, int) else 0


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
