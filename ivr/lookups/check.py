"""What would go wrong with lookups in calls: files, tables, columns, settings, packages. Nobody is asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, String, cast, column, func, literal, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from ivr.inquiry import Customers, Http, Inquiry, Kept, Named, Python, Sql, TableFile
from ivr.lookups.files import columns
from ivr.lookups.functions import GROUP, find
from ivr.lookups.source import unset
from ivr.lookups.sql import read_only


@dataclass(frozen=True, slots=True)
class Fault:
    """`here` is whether it may be different where the desk takes calls (a setting of the environment)."""

    lookup: str
    what: str
    remedy: str
    here: bool = False


def check_sources(inquiries: Sequence[Inquiry]) -> Iterator[Fault]:
    """The faults of each lookup."""
    for inquiry in inquiries:
        yield from _check(inquiry)


def _check(inquiry: Inquiry) -> Iterator[Fault]:
    name, source = inquiry.name, inquiry.source
    match source:
        case Http(base=base, headers=headers):
            yield from _settings(name, [unset(base), *(unset(value) for _, value in headers)])
        case Sql(file=None, url=url):
            yield from _settings(name, [unset(url)])
        case Sql(file=Path() as file):
            yield from _file(name, file) or _query(name, file, source, inquiry.keep)
        case TableFile(file=file, by=by, table=""):
            yield from _file(name, file) or _csv(name, file, by, inquiry.keep)
        case TableFile(file=file):
            yield from _file(name, file) or _table(name, file, source, inquiry.keep)
        case Customers(file=file):
            by = tuple((column, "") for column in source.columns)
            yield from _file(name, file) or _csv(name, file, by, inquiry.keep)
        case Python(entry=entry):
            if find(entry) is None:
                what = f"no installed package offers {entry!r}"
                yield Fault(name, what, f"Install the package that names it under {GROUP}")


def _settings(name: str, missing: Sequence[str]) -> Iterator[Fault]:
    for variable in filter(None, missing):
        what = f"the environment variable {variable} is not set here"
        yield Fault(name, what, "Set it, or give a `default`", here=True)


def _file(name: str, file: Path) -> list[Fault]:
    return [] if file.is_file() else [Fault(name, f"no file {file.name!r}", "Put it beside the desk")]


def _csv(name: str, file: Path, by: Named, keep: Sequence[Kept]) -> list[Fault]:
    try:
        known = columns(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = f"{file.name!r} cannot be read ({type(error).__name__})"
        return [Fault(name, what, "Save it as CSV in UTF-8")]
    wanted = [*(key for key, _ in by), *(one.path[0] for one in keep)]
    return _lacking(name, file.name, wanted, known)


def _lacking(name: str, what: str, wanted: Sequence[str], known: Sequence[str]) -> list[Fault]:
    remedy = f"Columns here: {', '.join(known)}"
    return [
        Fault(name, f"{what!r} has no column {one!r}", remedy)
        for one in dict.fromkeys(wanted)
        if one not in known
    ]


def _table(name: str, file: Path, source: TableFile, keep: Sequence[Kept]) -> list[Fault]:
    def look(connection: Connection) -> list[Fault]:
        known = [row[1] for row in connection.execute(text(f'PRAGMA table_info("{source.table}")'))]
        if not known:
            return [Fault(name, f"{file.name!r} has no table {source.table!r}", "Correct its name")]
        wanted = [*(key for key, _ in source.by), *(one.path[0] for one in keep)]
        query = select(literal(1)).select_from(table(source.table)).limit(0)
        for key in (key for key, _ in source.by if key in known):
            query = query.where(func.lower(cast(column(key), String)) == "")
        connection.execute(query)
        return _lacking(name, source.table, wanted, known)

    return _ask(name, file, look)


def _query(name: str, file: Path, source: Sql, keep: Sequence[Kept]) -> list[Fault]:
    def look(connection: Connection) -> list[Fault]:
        nothing = {parameter: "" for parameter, _ in source.parameters}
        found = connection.execute(text(f"SELECT * FROM ({source.query}) LIMIT 0"), nothing)  # noqa: S608
        return _lacking(name, "the query", [one.path[0] for one in keep], list(found.keys()))

    return _ask(name, file, look)


def _ask(name: str, file: Path, look: object) -> list[Fault]:
    assert callable(look)
    engine = read_only(file)
    try:
        with engine.connect() as connection:
            found: list[Fault] = look(connection)
            return found
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        return [Fault(name, f"{file.name!r} does not take the question ({reason})", "Correct one of them")]
    finally:
        engine.dispose()
