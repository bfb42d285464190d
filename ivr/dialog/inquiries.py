"""`lookups` of a desk as they are used, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ivr.dialog.prompts import ROUTE, Writer
from ivr.dialog.schema import DeskText
from ivr.dialog.schema_lookups import EnvironmentText, HttpText, LookupText
from ivr.inquiry import (
    CALL,
    CALLER,
    TODAY,
    Customers,
    Http,
    Inquiry,
    Json,
    Kept,
    Python,
    Setting,
    Source,
    Sql,
    TableFile,
    Variable,
    names_in,
)

BUILT_IN = frozenset({CALLER, CALL, TODAY})
"""Values that every lookup may be asked with."""


def inquiry(name: str, text: LookupText, folder: Path) -> Inquiry:
    """A lookup; its files are beside the desk, in `folder`."""
    keep = (
        Kept(key, kept.type, tuple((kept.source or key).split(".")), kept.sensitive)
        for key, kept in text.keep.items()
    )
    source, texts = _source(text, folder)
    reads = not isinstance(source, Python) and not (isinstance(source, Http) and source.method != "GET")
    return Inquiry(
        name,
        source,
        tuple(keep),
        tuple(dict.fromkeys(needed for one in texts for needed in names_in(one))),
        text.rows,
        text.timeout,
        int(reads) if text.retries is None else text.retries,
        text.cache,
    )


def _source(text: LookupText, folder: Path) -> tuple[Source, Iterable[str]]:
    """The source and its texts."""
    if text.http is not None:
        return _http(text.http), (text.http.url, *_texts(text.http.json_))
    if text.sql is not None:
        sql = text.sql
        file = None if sql.file is None else folder / sql.file
        return Sql(sql.query, tuple(sql.with_.items()), _setting(sql.url or ""), file), sql.with_.values()
    if text.table is not None:
        by = text.table.by
        return TableFile(folder / text.table.file, tuple(by.items()), text.table.table or ""), by.values()
    if (one := text.identify) is not None:
        columns = (one.postcode or "", one.name or "", one.dob or "")
        return Customers(folder / one.file, one.key, *columns, one.attempts), ()
    assert text.python is not None  # the model has seen that there is one
    return Python(text.python.entry, tuple(text.python.with_.items())), text.python.with_.values()


def _http(text: HttpText) -> Http:
    return Http(
        text.method,
        _setting(text.base),
        text.url,
        tuple((name, _setting(value)) for name, value in text.headers.items()),
        text.json_,
        tuple(text.rows.split(".")) if text.rows else (),
    )


def _setting(text: str | EnvironmentText) -> Setting:
    return text if isinstance(text, str) else Variable(text.env, text.default)


def _texts(body: Json) -> Iterator[str]:
    """The texts in a body, however deep."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from _texts(value)
    elif isinstance(body, list):
        for value in body:
            yield from _texts(value)


def check_lookups(text: DeskText, writer: Writer) -> None:
    """Note names that cannot be told from others, and lookups that nothing asks."""
    for name in text.lookups:
        if name in text.data or name == ROUTE or name in BUILT_IN:
            writer.problem(
                ("lookups", name), f"{name!r} already has a meaning in texts", "Choose another name"
            )
