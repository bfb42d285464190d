"""``ivr operator``: who may log in to the console."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ivr.accounts.account import Account, Role
from ivr.accounts.store import AccountStore
from ivr.cli.console import err, errors, out, print_columns, print_json
from ivr.cli.options import ConfigOption, JsonOption, settings
from ivr.errors import UnknownError
from ivr.show import printable
from ivr.stores import ACCOUNTS_FILE

app = typer.Typer(no_args_is_help=True, help="Add, disable and list the people who work at the console.")


_Name = Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with.")]


@app.command()
def add(
    name: _Name,
    role: Annotated[
        Role, typer.Option(help="operator: takes callers; supervisor: sees and moves all; admin: everything.")
    ] = Role.OPERATOR,
    queue: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only callers of this queue; may be repeated.")
    ] = None,
    skill: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only callers who need no other skill; may be repeated."),
    ] = None,
    totp: Annotated[bool, typer.Option("--totp", help="Ask for a second factor from an app.")] = False,
    phone: Annotated[
        str, typer.Option(metavar="NUMBER", help="The telephone that rings: an extension or sip: address.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Add somebody. The password is asked for, or is the first line of standard input.

    Examples:

      ivr operator add ann --queue billing --queue reception

      echo "$PASSWORD" | ivr operator add sam --role supervisor --totp

    Exit status: 0 done, 2 a bad name or password, or the name exists.
    """
    with errors(), _open(config) as store:
        account = Account(name, role, _set(queue), _set(skill), phone=phone)
        store.add(account, _password(name), now=_now(), by=_by())
        err.one_line(f"{printable(name)} may log in as {role}")
        if totp:
            out.one_line(printable(store.ask_totp(name, now=_now(), by=_by())))


@app.command()
def password(name: _Name, config: ConfigOption = None) -> None:
    """Set a new password; whoever is logged in with the account is logged out."""
    with errors(), _open(config) as store:
        store.get(name)
        store.set_password(name, _password(name), now=_now(), by=_by())
        err.one_line(f"the password of {printable(name)} is set")


@app.command()
def disable(name: _Name, config: ConfigOption = None) -> None:
    """Let somebody in no more: their sessions and tokens end, what they did stays in the records."""
    with errors(), _open(config) as store:
        store.disable(name, now=_now(), by=_by())
        err.one_line(f"{printable(name)} is disabled")


@app.command()
def enable(name: _Name, config: ConfigOption = None) -> None:
    """Let somebody in again who was disabled."""
    with errors(), _open(config) as store:
        store.disable(name, disabled=False, now=_now(), by=_by())
        err.one_line(f"{printable(name)} may log in")


@app.command()
def totp(
    name: _Name,
    off: Annotated[bool, typer.Option("--off", help="Ask for it no longer.")] = False,
    config: ConfigOption = None,
) -> None:
    """Ask for a second factor: prints the otpauth: address that an authenticator app takes."""
    with errors(), _open(config) as store:
        if address := store.ask_totp(name, wanted=not off, now=_now(), by=_by()):
            out.one_line(printable(address))


@app.command()
def phone(
    name: _Name,
    number: Annotated[
        str, typer.Argument(metavar="[NUMBER]", help="An extension or sip: address; none: the browser again.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Let a telephone ring for NAME instead of the browser; the SIP line needs dial_via."""
    with errors(), _open(config) as store:
        store.set_phone(name, number, now=_now(), by=_by())
        said = f"{printable(number)} rings for {printable(name)}" if number else "the browser rings"
        err.one_line(f"{said}, from the next opening of the console on")


@app.command()
def token(
    name: _Name,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    config: ConfigOption = None,
) -> None:
    """Make a token with which a program acts as NAME. It is shown once; disabling the account ends it."""
    with errors(), _open(config) as store:
        out.one_line(store.add_token(name, label, now=_now(), by=_by()))


@app.command("list")
def list_accounts(as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show who may log in, with their role, queues and skills."""
    with errors(), _open(config) as store:
        found = store.all()
        if as_json:
            print_json([_json(account) for account in found])
            return
        rows = [
            (
                account.name,
                account.role.value,
                _named(account.queues),
                _named(account.skills),
                "yes" if account.totp else "",
                account.phone,
                "disabled" if account.disabled else "",
            )
            for account in found
        ]
        if rows:
            print_columns(("name", "role", "queues", "skills", "2nd factor", "telephone", ""), rows)
        else:
            err.print("nobody may log in yet; add somebody with: ivr operator add NAME", highlight=False)


def _json(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role.value,
        "queues": None if account.queues is None else sorted(account.queues),
        "skills": None if account.skills is None else sorted(account.skills),
        "totp": account.totp,
        "phone": account.phone,
        "disabled": account.disabled,
        "created": None if account.created is None else account.created.isoformat(timespec="seconds"),
    }


def _open(config: Path | None) -> AccountStore:
    return AccountStore.open(settings(config).state / ACCOUNTS_FILE)


def _password(name: str) -> str:
    """Typed twice on a terminal, else the first line of standard input. Raises UnknownError."""
    if sys.stdin is None:
        raise UnknownError("no password was given", place=f"the password of {name}", remedy="Pipe it in")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("Again: ") != given:
        raise UnknownError("was typed in two ways", place=f"the password of {name}", remedy="Try again")
    return given


def _set(names: list[str] | None) -> frozenset[str] | None:
    return frozenset(names) if names else None


def _named(names: frozenset[str] | None) -> str:
    return "all" if names is None else ", ".join(sorted(names))


def _by() -> str:
    """Who acts on the command line."""
    return f"{getpass.getuser()} (command line)"


def _now() -> datetime:
    return datetime.now().astimezone()
