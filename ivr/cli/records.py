"""``ivr records``: what is kept of calls, and deleting what is too old."""

from __future__ import annotations

import getpass
import os
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.accounts.account import Deed
from ivr.accounts.store import AccountStore
from ivr.cli.console import complain, err, errors, print_json
from ivr.cli.options import ConfigOption, JsonOption, settings
from ivr.config import Settings
from ivr.errors import UnknownError
from ivr.retention import Keep, Pruned, prune
from ivr.serving.settings import load_retention
from ivr.stores import ACCOUNTS_FILE, WEBHOOKS_FILE, open_queue
from ivr.webhooks.outbox import Outbox

app = typer.Typer(no_args_is_help=True, help="Delete what is kept of calls, cases and follow-ups.")

_MEGABYTE = 1_000_000
_FILE = "ivr.toml"


@app.callback()
def _group() -> None:
    """Without it a single command would be the whole group."""


@app.command("prune")
def prune_records(
    older_than: Annotated[
        int | None, typer.Option(metavar="DAYS", min=0, help="Everything that is older, of every kind.")
    ] = None,
    recordings: Annotated[int | None, typer.Option(metavar="DAYS", min=0, help="Sound.")] = None,
    transcripts: Annotated[
        int | None, typer.Option(metavar="DAYS", min=0, help="What was said; figures of calls stay.")
    ] = None,
    calls: Annotated[int | None, typer.Option(metavar="DAYS", min=0, help="All of a call.")] = None,
    cases: Annotated[int | None, typer.Option(metavar="DAYS", min=0, help="Settled cases.")] = None,
    follow_ups: Annotated[int | None, typer.Option(metavar="DAYS", min=0, help="Settled follow-ups.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Delete what is older than so many days; without any, as \\[retention] of the settings file says.

    Calls that are being held, cases and follow-ups that are not settled always stay. It may be stopped at any
    moment: the next time does the rest. What was deleted is in the audit log.

    Examples:

      ivr records prune --older-than 90 --dry-run

      ivr records prune --recordings 30 --transcripts 90 --calls 400

    Exit status: 0 done, 1 something could not be deleted, 2 bad input.
    """
    with errors():
        setup = settings(config)
        given = Keep(
            *(
                older_than if days is None else days
                for days in (recordings, transcripts, calls, cases, follow_ups)
            )
        )
        keep = given or _of_file(config)
        now = datetime.now().astimezone()
        if not dry_run:
            _remember(setup, f"begins: what is older than {_told(keep)}", now)
        with ExitStack() as stack:
            store = stack.enter_context(open_queue(setup))
            told = setup.state / WEBHOOKS_FILE
            outbox = stack.enter_context(Outbox.open(told)) if told.is_file() else None
            done = prune(setup.state, store, keep, now, outbox=outbox, dry_run=dry_run)
        if not dry_run:
            _remember(setup, str(done), now)
        for failure in done.failures:
            complain(str(failure))
        if as_json:
            print_json(_json(done))
        else:
            size = f", {done.size / _MEGABYTE:.1f} MB of files" if done.size else ""
            err.one_line(f"{'would delete' if dry_run else 'deleted'} {done}{size}")
        if done.failures:
            raise typer.Exit(1)


def _of_file(config: Path | None) -> Keep:
    """What the settings file says. Raises ConfigError, UnknownError when it says nothing."""
    named = config or (Path(found).expanduser() if (found := os.environ.get("IVR_CONFIG")) else None)
    path = named or (Path(_FILE) if Path(_FILE).is_file() else None)
    section = None if path is None else load_retention(path)
    if section is None:
        raise UnknownError(
            "says nowhere how long anything is kept",
            place=str(path) if path is not None else "ivr records prune",
            remedy="Give --older-than DAYS, or add a section [retention]",
        )
    return Keep(**section.model_dump(exclude={"at"}))


def _remember(setup: Settings, about: str, now: datetime) -> None:
    with AccountStore.open(setup.state / ACCOUNTS_FILE) as accounts:
        accounts.remember(f"{getpass.getuser()} (command line)", Deed.DELETED, about, now=now)


def _told(keep: Keep) -> str:
    kinds = ("recordings", "transcripts", "calls", "cases", "follow_ups")
    given = ((name.replace("_", "-"), getattr(keep, name)) for name in kinds)
    return ", ".join(f"{days} days ({name})" for name, days in given if days is not None)


def _json(done: Pruned) -> dict[str, object]:
    return {
        "recordings": done.recordings,
        "transcripts": done.transcripts,
        "calls": done.calls,
        "cases": done.cases,
        "follow_ups": done.follow_ups,
        "webhooks": done.untold,
        "bytes": done.size,
        "failures": [str(failure) for failure in done.failures],
    }
