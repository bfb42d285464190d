"""All commands in one application, with help and shell completion.

What a command needs is imported when it is run: sound, models, web server and database together take over a
second to load, and most commands need only some of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer
from typer.exceptions import TyperException

from ivr import __version__
from ivr.cli.console import complain, out
from ivr.cli.process import stopped_status

COMMANDS = (
    "call", "check", "say", "demo", "doctor", "test", "simulate", "evaluate", "suggest", "report", "identify",
    "serve",
)  # fmt: skip
"""Each a function of its name in the module of its name, of the class `CLASS` there if it has one."""
GROUPS = ("prompts", "models", "queue", "followups", "operator", "records")
"""Each an `app` with commands in the module of its name."""
_COMPLETED = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where the shell puts the line that it completes."""


def application(names: Sequence[str]) -> typer.Typer:
    """The application with the commands and groups of these names."""
    app = typer.Typer(
        name="ivr",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help="A local voice front line for a phone number. Start with [bold]ivr demo[/bold], then try your "
        "own desk with [bold]ivr call DESK --text[/bold].",
        epilog="Exit status: 0 done, 1 failed or findings, 2 bad input, 130 stopped. "
        "Trouble? [bold]ivr doctor[/bold]. Completion: ivr --install-completion",
    )
    app.callback()(main)
    for name in names:
        module = import_module(f"ivr.cli.{name}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(cls=getattr(module, "CLASS", None))(getattr(module, name))
    return app


def run(args: Sequence[str] | None = None) -> int:
    """One run with the arguments of the process, or `args`; returns the exit status."""
    given = sys.argv[1:] if args is None else list(args)
    try:
        status = application(_named(given))(args=given, prog_name="ivr", standalone_mode=False)
    except TyperException as error:
        # What is wrong with the arguments themselves; without a message the help was shown instead.
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "ivr"
        if message := " ".join(error.format_message().split()).rstrip("."):
            complain(f"{message}. Help: {path} --help")
        return error.exit_code
    except KeyboardInterrupt:  # before the command had begun
        return stopped_status()
    return status if isinstance(status, int) else 0


def _named(args: Sequence[str]) -> tuple[str, ...]:
    """The command that a line begins with; all where its help, or its completion, is about all of them."""
    line = next((os.environ[name].split()[1:] for name in _COMPLETED if name in os.environ), list(args))
    if line == ["--version"]:
        return ()
    known = (*COMMANDS, *GROUPS)
    return (line[0],) if line and line[0] in known else known


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"ivr {__version__}", highlight=False)
        raise typer.Exit


def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A local voice front line for a phone number."""
